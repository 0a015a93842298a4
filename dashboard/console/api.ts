/** Requests to the API. Every outcome is a value: what was answered, what was refused, or that no answer came. */
import { signal } from '@preact/signals'
import type { ProblemSlug } from '../../shared/errors.ts'
import { completed } from './absent.ts'
import type { PublicConfig } from './answers.ts'
import { credential, signOut } from './session.ts'

export interface ProblemView {
  readonly slug: ProblemSlug | 'lost' | 'strange'
  readonly status: number
  readonly detail: string | null
  readonly requestId: string | null
  readonly errors: readonly { readonly path: string; readonly message: string }[]
  readonly retryAfterMs: number | null
  /** Whatever else the body says: the recall in the way, the new plan. */
  readonly members: { readonly [name: string]: unknown }
}

export type Answer<T> =
  | {
      readonly kind: 'ok'
      readonly status: number
      readonly body: T
      readonly text: string
      readonly etag: string | null
      readonly link: string | null
    }
  | { readonly kind: 'same' }
  | { readonly kind: 'problem'; readonly problem: ProblemView }

export interface CallOptions {
  readonly body?: unknown
  readonly headers?: { readonly [name: string]: string }
  readonly signal?: AbortSignal
}

export const config = signal<PublicConfig | null>(null)
export const base = typeof document === 'undefined' ? '' : (document.documentElement.dataset['base'] ?? '')
/** Requests of the last minute, so that a tab stays below sixty. */
export const sentAt: number[] = []

const timeoutMs = 30_000

function addressOf(path: string): string {
  // of the local gateway itself, which has no path before it
  if (path.startsWith('/_local/')) return path
  const bases = Object.entries(config.peek()?.apiBases ?? {})
  const own = bases
    .filter(([prefix]) => path === prefix || path.startsWith(`${prefix}/`) || path.startsWith(`${prefix}?`))
    .sort(([a], [b]) => b.length - a.length)[0]
  return own === undefined ? base + path : own[1] + path
}

export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
  const sent = credential.peek()
  note()
  let reply: Response
  let text: string
  try {
    const ended = AbortSignal.timeout === undefined ? undefined : AbortSignal.timeout(timeoutMs)
    const abort = options.signal ?? ended
    reply = await fetch(addressOf(path), {
      method,
      headers: {
        accept: 'application/json',
        ...(sent === null ? {} : { authorization: `Bearer ${sent.secret}` }),
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(abort === undefined ? {} : { signal: abort }),
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    })
    text = await reply.text()
  } catch {
    return { kind: 'problem', problem: lost }
  }
  if (reply.status === 304) return { kind: 'same' }
  // not ready is an answer, too: what it is that fails stands in it
  if (reply.ok || (path === '/readyz' && reply.status === 503 && text.includes('"checks"'))) {
    const body = parsed(text)
    const lines = (options.headers?.['accept'] ?? '').includes('ndjson')
    if (body === undefined && !lines && reply.status !== 204) return { kind: 'problem', problem: strange(reply) }
    return {
      kind: 'ok',
      status: reply.status,
      body: completed(path, body) as T,
      text,
      etag: reply.headers.get('etag'),
      link: reply.headers.get('link'),
    }
  }
  const problem = problemOf(reply, text)
  // only of the credential that is still in use: an answer may come after somebody else signed in
  if (reply.status === 401 && sent !== null && credential.peek() === sent) signOut('expired')
  return { kind: 'problem', problem }
}

function note(): void {
  const now = Date.now()
  sentAt.push(now)
  while ((sentAt[0] ?? now) < now - 60_000) sentAt.shift()
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const lost: ProblemView = {
  slug: 'lost',
  status: 0,
  detail: null,
  requestId: null,
  errors: [],
  retryAfterMs: null,
  members: {},
}

function strange(reply: Response): ProblemView {
  return { ...lost, slug: 'strange', status: reply.status, requestId: reply.headers.get('x-request-id') }
}

function problemOf(reply: Response, text: string): ProblemView {
  const body = parsed(text)
  const about = typeof body === 'object' && body !== null ? (body as { readonly [name: string]: unknown }) : {}
  const type = typeof about['type'] === 'string' ? about['type'] : ''
  const slug = type.startsWith('https://unpush.dev/problems/') ? type.slice(type.lastIndexOf('/') + 1) : null
  const wait = retryAfter(reply.headers.get('retry-after'))
  return {
    // a gateway in between answers for itself
    slug: (slug ??
      (reply.status >= 500
        ? 'unavailable'
        : reply.status === 429
          ? 'too-many-requests'
          : 'strange')) as ProblemView['slug'],
    status: reply.status,
    detail: typeof about['detail'] === 'string' ? about['detail'] : null,
    requestId: typeof about['requestId'] === 'string' ? about['requestId'] : reply.headers.get('x-request-id'),
    errors: Array.isArray(about['errors']) ? about['errors'].flatMap(inputError) : [],
    retryAfterMs: wait,
    members: about,
  }
}

/** None where it is not one: a gateway in between may write what it likes. */
function inputError(one: unknown): ProblemView['errors'] {
  const { path, message } = (one ?? {}) as { readonly path?: unknown; readonly message?: unknown }
  return typeof message === 'string' ? [{ path: typeof path === 'string' ? path : '', message }] : []
}

/** Seconds or a date; null: not said. */
export function retryAfter(header: string | null, now = Date.now()): number | null {
  if (header === null) return null
  if (/^\d{1,7}$/.test(header.trim())) return Number(header.trim()) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}

export async function readConfig(): Promise<void> {
  const answer = await call<PublicConfig>('GET', '/config.json')
  if (answer.kind === 'ok') config.value = answer.body
}

/** The call is not there: an API that is older than this console. */
export function isMissing({ status, slug }: ProblemView): boolean {
  return slug === 'method-not-allowed' || (status === 404 && slug !== 'strange')
}

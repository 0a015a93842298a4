/** Calls of the API: five tries, the same `Idempotency-Key` in each, and every refusal as words, an exit code and its own document. */
import { type Exit, exitOfProblem, exits } from './exit-codes.ts'
import { CommandFailed, type Problem, slugOf } from './failure.ts'
import type { Say } from './output/language.ts'
import { plain } from './output/text.ts'
import type { Connection } from './profiles.ts'
import type { Terminal } from './terminal.ts'
import { withoutTrailing } from '../shared/text.ts'

export interface Call {
  readonly query?: { readonly [name: string]: string | number | null | undefined }
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is, with its type. */
  readonly raw?: { readonly type: string; readonly text: string }
  readonly idempotencyKey?: string
  /** `Prefer: wait`, in seconds. */
  readonly wait?: number
  readonly accept?: string
  /** Default 5. */
  readonly tries?: number
  readonly timeoutMs?: number
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Null: no JSON. */
  readonly body: unknown
  /** How many requests it took. */
  readonly tries: number
}

export interface Api {
  readonly connection: Connection
  /** Throws `CommandFailed` for whatever is not 2xx. */
  ask(method: 'GET' | 'POST', path: string, call?: Call): Promise<Answer>
  /** As `ask`; an answer that is no 2xx comes back, too. Throws where none came. */
  try(method: 'GET' | 'POST', path: string, call?: Call): Promise<Answer>
  /** The refusal in an answer. */
  refusal(answer: Answer): CommandFailed
  /** What the service says of itself to anybody; null: it does not say. Asked once. */
  config(): Promise<ServiceConfig | null>
}

export interface ServiceConfig {
  readonly environment?: string
  readonly version?: string
  readonly apiBases?: { readonly [prefix: string]: string }
}

const mostTries = 5
/** Beyond it a person is told to come back. */
const longestWaitMs = 30_000
/** A function may work for 30 s, and one that was asked to wait may wait for 20. */
const answerMs = 40_000

export function openApi(connection: Connection, terminal: Terminal, say: Say): Api {
  let known: Promise<ServiceConfig | null> | null = null
  const config = () => (known ??= readServiceConfig(connection, terminal))
  const attempt = async (method: string, path: string, call: Call, attempts: number): Promise<Answer> => {
    if (connection.key === null && path !== '/readyz')
      throw new CommandFailed(exits.notAllowed, say('noKey'), { next: ['export UNPUSH_KEY=…', 'unpush login'] })
    const url = new URL(`${baseOf(connection.url, (await config())?.apiBases, path)}${path}`)
    for (const [name, value] of Object.entries(call.query ?? {}))
      if (value !== null && value !== undefined) url.searchParams.set(name, String(value))
    const reply = await fetch(url, {
      method,
      // a key must not follow to wherever somebody points
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(call.timeoutMs ?? answerMs), terminal.interrupted]),
      headers: {
        ...(connection.key === null ? {} : { authorization: `Bearer ${connection.key}` }),
        accept: call.accept ?? 'application/json',
        ...(call.raw === undefined ? {} : { 'content-type': call.raw.type }),
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(call.idempotencyKey === undefined ? {} : { 'idempotency-key': call.idempotencyKey }),
        ...(call.wait === undefined ? {} : { prefer: `wait=${call.wait}` }),
      },
      ...(call.raw === undefined ? {} : { body: call.raw.text }),
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    })
    const text = await reply.text()
    return { status: reply.status, headers: reply.headers, text, body: jsonOf(text), tries: attempts }
  }
  const repeated = async (method: 'GET' | 'POST', path: string, call: Call = {}): Promise<Answer> => {
    const tries = call.tries ?? mostTries
    for (let number = 1; ; number++) {
      const answer = await attempt(method, path, call, number).catch((error: unknown) => {
        if (error instanceof CommandFailed) throw error
        if (terminal.interrupted.aborted) throw new CommandFailed(exits.interrupted, say('interrupted'))
        if (number >= tries) throw unreachable(connection, error, number, say)
        return null
      })
      if (answer !== null && (number >= tries || !isWorthRepeating(answer))) return answer
      const waitMs = Math.max(retryAfterMs(answer, terminal.now()), guessMs(number))
      if (answer !== null && waitMs > longestWaitMs) return answer
      await terminal.sleep(waitMs)
      if (terminal.interrupted.aborted) throw new CommandFailed(exits.interrupted, say('interrupted'))
    }
  }
  const refusal = (answer: Answer) => refusalOf(answer, say, terminal.now())
  return {
    connection,
    try: repeated,
    ask: async (method, path, call) => {
      const answer = await repeated(method, path, call)
      if (
        answer.status >= 200 &&
        answer.status < 300 &&
        (answer.body !== null || answer.text === '' || call?.accept !== undefined)
      )
        return answer
      throw refusal(answer)
    },
    refusal,
    config,
  }
}

/** One try: a service that does not tell can be used all the same. */
async function readServiceConfig({ url }: Connection, { interrupted }: Terminal): Promise<ServiceConfig | null> {
  try {
    const reply = await fetch(`${url}/config.json`, {
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(10_000), interrupted]),
    })
    const body = jsonOf(await reply.text())
    return reply.ok && typeof body === 'object' && body !== null ? body : null
  } catch {
    return null
  }
}

/** Functions without a common domain have an origin each. The longest beginning of the path counts. */
export function baseOf(url: string, bases: ServiceConfig['apiBases'], path: string): string {
  const [best] = Object.entries(bases ?? {})
    .filter(([prefix, base]) => isBelow(path, prefix) && typeof base === 'string' && isSafe(base, url))
    .sort(([a], [b]) => b.length - a.length)
  return best === undefined ? url : withoutTrailing(best[1], '/')
}

function isBelow(path: string, prefix: string): boolean {
  const end = withoutTrailing(prefix, '/')
  return path === end || path.startsWith(`${end}/`)
}

/** A service that is reached safely does not send its callers' keys along an open wire. */
function isSafe(base: string, url: string): boolean {
  return URL.canParse(base) && (base.startsWith('https:') || !url.startsWith('https:'))
}

function isWorthRepeating({ status, body }: Answer): boolean {
  if (status === 409) return slugOfBody(body) === 'request-in-progress'
  return status === 429 || status === 502 || status === 503 || status === 504
}

function slugOfBody(body: unknown): string | null {
  return isProblem(body) ? slugOf(body) : null
}

function isProblem(body: unknown): body is Problem {
  const { type, title, detail } = (body ?? {}) as { readonly [member in keyof Problem]?: unknown }
  return typeof type === 'string' && typeof title === 'string' && (detail === undefined || typeof detail === 'string')
}

/** RFC 9110: seconds, or a date. 0: nothing was said. */
function retryAfterMs(answer: Answer | null, now: number): number {
  const said = answer?.headers.get('retry-after') ?? ''
  if (/^\d{1,9}$/.test(said)) return Number(said) * 1000
  const at = Date.parse(said)
  return Number.isNaN(at) ? 0 : Math.max(0, at - now)
}

/** Full jitter over 0.25, 0.5, 1, 2 s, never less than a tenth of it. */
function guessMs(number: number): number {
  return 250 * 2 ** (number - 1) * (0.1 + 0.9 * Math.random())
}

function unreachable({ url, profile }: Connection, error: unknown, tries: number, say: Say): CommandFailed {
  const { cause, name } = (error ?? {}) as { cause?: { code?: unknown }; name?: string }
  const code = typeof cause?.code === 'string' ? cause.code : name === 'TimeoutError' ? 'ETIMEDOUT' : ''
  const why = code === '' ? plain(String(error)) : code
  return new CommandFailed(exits.outOfReach, say('noAnswer', { host: new URL(url).host, why, tries }), {
    next: [say('checkAddress', { where: profile === null ? 'UNPUSH_URL' : `unpush profiles (${profile})` })],
  })
}

function refusalOf(answer: Answer, say: Say, now: number): CommandFailed {
  const { status, body, headers } = answer
  if (status >= 300 && status < 400)
    return new CommandFailed(exits.outOfReach, say('redirected', { status, to: plain(headers.get('location') ?? '–') }))
  if (!isProblem(body)) return notOurs(answer, say)
  const slug = slugOf(body)
  const waitMs = retryAfterMs(answer, now)
  return new CommandFailed(exitOfProblem(status, slug), plain(body.detail || body.title), {
    problem: body,
    next: isUnknownCall(body, slug) ? [say('olderService')] : nextSteps(slug, waitMs, say),
  })
}

/** A path, a method or a member that came with a later version; or an address without its base path. */
function isUnknownCall({ detail, errors }: Problem, slug: string | null): boolean {
  if (slug === 'method-not-allowed' || detail === 'There is nothing at this path.') return true
  return Array.isArray(errors) && errors.some(({ message }) => message === 'is not a member known here')
}

/** A proxy's page, or another service altogether. */
function notOurs({ status }: Answer, say: Say): CommandFailed {
  const exit: Exit = status >= 200 && status < 300 ? exits.outOfReach : exitOfProblem(status, null)
  return new CommandFailed(exit, say('notOurs', { status }), { members: { status } })
}

function nextSteps(slug: string | null, waitMs: number, say: Say): string[] {
  switch (slug) {
    case 'unauthorized':
      return ['unpush login', 'unpush whoami']
    case 'forbidden':
      return ['unpush whoami', 'unpush profiles']
    case 'too-many-requests':
    case 'unavailable':
      return waitMs > 0 ? [say('againIn', { seconds: Math.ceil(waitMs / 1000) })] : ['unpush doctor']
    case 'internal':
      return ['unpush doctor']
    default:
      return []
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

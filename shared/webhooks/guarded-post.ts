/**
 * Requests to subscribers: https to a checked address, one connection each, no redirects, capped in time and size.
 *
 * The name is resolved once, every address it has is checked, and the connection goes to exactly those: a name that
 * resolves to something else a moment later (DNS rebinding) changes nothing.
 */
import type { LookupAddress } from 'node:dns'
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import type { LookupFunction } from 'node:net'
import { defaultPorts, type Destination, readDestination, refusalOfAddress } from './address.ts'

export interface Posting {
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  /** These bytes were signed, these bytes are sent. */
  readonly body: string
  /** For everything: name, connection, reply. */
  readonly timeoutMs: number
}

export type Posted =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly retryAfter: string | null
      /** At most 64 KiB, cut off without a word: for machines to read, never to be shown. */
      readonly text: string
    }
  /** Nothing was sent, and nothing was connected to: the URL or an address is not allowed. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** No status came. Whether the receiver acted is not known. */
  | { readonly kind: 'unanswered'; readonly detail: string }

/** Never rejects. `detail` is for people, and repeats nothing of the URL but its host. */
export type Post = (posting: Posting) => Promise<Posted>

export interface GuardOptions {
  /** For tests and demonstrations on one machine; never in what is deployed. */
  readonly allowLoopback?: boolean
  readonly ports?: readonly number[]
  /** All addresses of a name. Rejects where there is none. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>
  /** PEM, in place of Node's own list. */
  readonly authorities?: string
}

const maxReplyBytes = 64 * 1024

export function createGuardedPost(options: GuardOptions = {}): Post {
  const { allowLoopback = false, ports = defaultPorts, resolve = resolveAll, authorities } = options
  const isAllowed = (address: string) => {
    const kind = refusalOfAddress(address)
    return kind === null || (allowLoopback && kind === 'loopback')
  }
  return posting => {
    const destination = readDestination(posting.url, { allowLoopback, ports })
    if ('refusal' in destination) {
      return Promise.resolve({ kind: 'refused', detail: `The URL ${destination.refusal}.` })
    }
    return withinTime(posting.timeoutMs, async (finish, onTimeout) => {
      const found = await addressesOf(destination, resolve)
      if (found === null) return finish({ kind: 'unanswered', detail: `${destination.host} cannot be resolved.` })
      const wrong = found.find(({ address }) => !isAllowed(address))
      if (wrong !== undefined) {
        const kind = refusalOfAddress(wrong.address)
        return finish({ kind: 'refused', detail: `${destination.host} resolves to an address that is ${kind}.` })
      }
      const request = await open(destination, posting, found, authorities, reply => collect(reply, finish, onTimeout))
      onTimeout(() => request.destroy())
      request.on('error', (error: NodeJS.ErrnoException) =>
        finish({ kind: 'unanswered', detail: `The connection failed (${error.code ?? 'no code'}).` }),
      )
      request.end(posting.body)
    })
  }
}

/** Resolves with the first result that `work` finishes with; when the time is over, after undoing the last thing begun. */
function withinTime(
  timeoutMs: number,
  work: (finish: (posted: Posted) => void, onTimeout: (undo: () => void) => void) => Promise<void>,
): Promise<Posted> {
  return new Promise(resolve => {
    let undo = () => {}
    let isOver = false
    const finish = (posted: Posted) => {
      isOver = true
      clearTimeout(timer)
      resolve(posted)
    }
    const giveUp = () => {
      if (isOver) return
      // a reply under way makes an answer of what has come
      undo()
      if (!isOver) finish({ kind: 'unanswered', detail: `No reply within ${timeoutMs} ms.` })
    }
    // what arrived while this process was frozen is read first
    const timer = setTimeout(() => setImmediate(giveUp), timeoutMs)
    const onTimeout = (next: () => void) => {
      undo = next
      // what was awaited took longer than the whole had
      if (isOver) next()
    }
    work(finish, onTimeout).catch((error: unknown) => {
      const code = (error as NodeJS.ErrnoException | null)?.code ?? 'no code'
      finish({ kind: 'unanswered', detail: `The request could not be made (${code}).` })
    })
  })
}

async function addressesOf(
  { host, isAddress }: Destination,
  resolve: NonNullable<GuardOptions['resolve']>,
): Promise<readonly LookupAddress[] | null> {
  // checked with the URL, and no name that could resolve to anything
  if (isAddress) return [{ address: host, family: host.includes(':') ? 6 : 4 }]
  const found = await resolve(host).catch(() => [])
  return found.length === 0 ? null : found
}

async function resolveAll(host: string): Promise<LookupAddress[]> {
  const { lookup } = await import('node:dns/promises')
  return lookup(host, { all: true })
}

async function open(
  { url }: Destination,
  { headers, body }: Posting,
  addresses: readonly LookupAddress[],
  authorities: string | undefined,
  onReply: (reply: IncomingMessage) => void,
): Promise<ClientRequest> {
  const [first = { address: '', family: 4 }] = addresses
  const lookup: LookupFunction = (_host, { all }, done) => {
    if (all === true) done(null, [...addresses])
    else done(null, first.address, first.family)
  }
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': Buffer.byteLength(body), 'accept-encoding': 'identity' },
    lookup,
    // a connection of its own, checked just now
    agent: false,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(authorities === undefined ? {} : { ca: authorities }),
  }
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http')
  return request(url, options, onReply)
}

/** A status is an answer, however the rest of the reply goes. */
function collect(
  reply: IncomingMessage,
  finish: (posted: Posted) => void,
  onTimeout: (undo: () => void) => void,
): void {
  const chunks: Buffer[] = []
  let size = 0
  const end = () => {
    const text = Buffer.concat(chunks).subarray(0, maxReplyBytes).toString('utf8')
    const retryAfter = reply.headers['retry-after'] ?? null
    finish({ kind: 'answered', status: reply.statusCode ?? 0, retryAfter, text })
    reply.destroy()
  }
  onTimeout(end)
  reply.on('data', (chunk: Buffer) => {
    size += chunk.length
    chunks.push(chunk)
    if (size > maxReplyBytes) end()
  })
  reply.on('end', end)
  reply.on('error', end)
  reply.on('close', end)
}

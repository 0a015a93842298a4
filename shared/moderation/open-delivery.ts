/** From bytes that anybody can send to verdicts that somebody vouches for. Pure. */
import { exactly } from '../text.ts'
import type { Endpoint } from './endpoint.ts'
import type { Delivery, Genuine, Reading, Verdict } from './source.ts'
import { readStrictJson } from './strict-json.ts'

/** A video with thousands of frames is described in megabytes; what is not read of them is passed over. */
export const maxDeliveryBytes = 4 * 1024 * 1024
const windowMs = 300_000
const maxContentLength = 256
/** In one delivery; more than anybody sends together. */
const mostVerdicts = 1000

export interface Opened {
  readonly key: string
  /** Contents are as messages carry them: with the endpoint's prefix, and null where none can carry it. */
  readonly said: Reading
  /** The source's own API can be asked about it; null: it names none. */
  readonly job: Job | null
}

export interface Job {
  readonly job: string
  /** As the verdicts' are. */
  readonly content: string | null
}

/** Not genuine. `refused` is for the log: the sender is not told. */
export interface Refused {
  readonly refused: 'signature' | 'url key or signature' | 'time' | 'not one JSON text'
}

export function openDelivery(endpoint: Endpoint, delivery: Delivery, nowMs: number): Opened | Refused {
  const { source, secrets, contentPrefix } = endpoint
  let genuine: Genuine | null = null
  // no early end: how long it takes must not tell which of two secrets signed
  for (const secret of secrets) genuine = source.verify(delivery, secret) ?? genuine
  if (genuine === null) return { refused: source.tier === 'C' ? 'url key or signature' : 'signature' }
  const { key, timestamp } = genuine
  if (!isNear(timestamp, nowMs)) return { refused: 'time' }
  const json = readStrictJson(genuine.json, source.members)
  if (json === null) return { refused: 'not one JSON text' }
  if (json.tooMuch) return { key, said: [{ unreadable: 'it holds too many members to be a verdict' }], job: null }
  const said = source
    .read(json.value, { timestamp, arrivedAt: new Date(nowMs) })
    .map(one => ('unreadable' in one ? one : prefixed(one, contentPrefix)))
  if (said.length > mostVerdicts) return { key, said: [{ unreadable: 'it holds too many verdicts' }], job: null }
  return { key, said, job: jobOf(endpoint, json.value) }
}

function isNear(timestamp: string | null, nowMs: number): boolean {
  if (timestamp === null) return true
  return /^\d{10}$/.test(timestamp) && Math.abs(Number(timestamp) * 1000 - nowMs) <= windowMs
}

/** The verdict on the content as messages carry it. */
export function prefixed(verdict: Verdict, prefix: string): Verdict {
  return { ...verdict, content: contentOf(verdict.content, prefix) }
}

/** What does not look like a job of the source never reaches a URL. */
function jobOf({ source: { jobs }, contentPrefix }: Endpoint, document: unknown): Opened['job'] {
  const named = jobs?.named(document) ?? null
  if (jobs === undefined || named === null || !new RegExp(jobs.pattern).test(named.job)) return null
  return { job: named.job, content: contentOf(named.content, contentPrefix) }
}

/** What cannot be stored as it is, no message carries. */
function contentOf(id: string | null, prefix: string): string | null {
  return id === null || id === '' ? null : exactly(`${prefix}${id}`, maxContentLength)
}

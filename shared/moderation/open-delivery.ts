/** From bytes that anybody can send to verdicts that somebody vouches for. Pure. */
import type { Endpoint } from './endpoint.ts'
import type { Delivery, Genuine, Verdict } from './source.ts'
import { readStrictJson } from './strict-json.ts'

/** What holds one verdict is a few kilobytes. */
export const maxDeliveryBytes = 256 * 1024
const windowMs = 300_000
const maxContentLength = 256

export interface Opened {
  readonly key: string
  /** Their contents are as messages carry them: with the endpoint's prefix, and null where none can carry it. */
  readonly verdicts: readonly Verdict[]
  /** The source's own API can be asked about it; null: it names none. `content` as the verdicts' are. */
  readonly job: { readonly job: string; readonly content: string | null } | null
}

/** Null: not genuine. Nothing tells which check it failed. */
export function openDelivery(endpoint: Endpoint, delivery: Delivery, nowMs: number): Opened | null {
  const { source, secrets, contentPrefix } = endpoint
  let genuine: Genuine | null = null
  // no early end: how long it takes must not tell which of two secrets signed
  for (const secret of secrets) genuine = source.verify(delivery, secret) ?? genuine
  if (genuine === null || !isNear(genuine.timestamp, nowMs)) return null
  const document = readStrictJson(genuine.json)
  if (document === undefined) return null
  const verdicts = source.read(document, genuine).map(verdict => prefixed(verdict, contentPrefix))
  return { key: genuine.key, verdicts, job: jobOf(endpoint, document) }
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

function contentOf(id: string | null, prefix: string): string | null {
  if (id === null || id === '') return null
  const content = `${prefix}${id}`
  return content.length <= maxContentLength ? content : null
}

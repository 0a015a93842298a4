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
  const verdicts = source.read(document, genuine).map(verdict => ({
    ...verdict,
    content: contentOf(verdict.content, contentPrefix),
  }))
  return { key: genuine.key, verdicts }
}

function isNear(timestamp: string | null, nowMs: number): boolean {
  if (timestamp === null) return true
  return /^\d{10}$/.test(timestamp) && Math.abs(Number(timestamp) * 1000 - nowMs) <= windowMs
}

function contentOf(id: string | null, prefix: string): string | null {
  if (id === null || id === '') return null
  const content = `${prefix}${id}`
  return content.length <= maxContentLength ? content : null
}

/** OneSignal's record of a message, of which counts are kept, never a text. */
import type { VendorRecord } from '../provider.ts'
import type { JsonObject } from '../wire/reply.ts'

/** Null: it is no record of this message, or not one that can be read. */
export function readOneSignalRecord(reply: JsonObject, messageId: string, nowMs: number): VendorRecord | null {
  const { id, canceled } = reply
  if (typeof id !== 'string' || id.toLowerCase() !== messageId || typeof canceled !== 'boolean') return null
  const [sendAfter, completedAt] = [reply['send_after'], reply['completed_at']]
  if (!isTime(sendAfter) || !isTime(completedAt)) return null
  const status = statusOf(canceled, sendAfter, completedAt, nowMs)
  const counts = ['remaining', 'successful', 'failed', 'errored'].map(name => [name, countOf(reply[name])])
  return { status, scheduled: status === 'SCHEDULED', detail: Object.fromEntries(counts) }
}

/** It has no word for what a message is: these are made of what it says. */
function statusOf(canceled: boolean, sendAfter: Time, completedAt: Time, nowMs: number): string {
  if (canceled) return 'CANCELED'
  if (typeof completedAt === 'number') return 'COMPLETED'
  return typeof sendAfter === 'number' && sendAfter * 1000 > nowMs ? 'SCHEDULED' : 'SENDING'
}

/** Epoch seconds; absent and null: not yet. */
type Time = number | null | undefined

function isTime(value: unknown): value is Time {
  return value === null || value === undefined || (typeof value === 'number' && value > 0)
}

/** Null: still being counted. */
function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

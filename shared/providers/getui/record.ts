/** The record of a scheduled push: https://docs.getui.com/getui/server/rest_v2/push. Of any other push there is none. */
import type { VendorRecord } from '../provider.ts'
import { isObject, type JsonObject } from '../wire/reply.ts'

/** Before SDK 1.0.7.0 the member and its words were other ones. */
const older: { readonly [word: string]: string } = { success: 'send_success', failed: 'send_failed' }
export const waits = 'do_not_send'
const known = new Set([waits, 'send_success', 'send_failed', 'has_delete'])

/** "A task that is due within a minute cannot be deleted: stop it." The request takes its time, too. */
const tooLateMs = 62_000

/** Null: it is no record of this push, or not one that can be read. `clockMs`: the time there, in epoch milliseconds. */
export function readGetuiRecord({ data }: JsonObject, taskId: string, clockMs: number): VendorRecord | null {
  const entry = isObject(data) && Object.hasOwn(data, taskId) ? data[taskId] : null
  if (!isObject(entry)) return null
  const { send_result: result, status } = entry
  if (result !== undefined && status !== undefined && result !== status) return null
  const word = result ?? status
  if (typeof word !== 'string') return null
  const written = Object.hasOwn(older, word) ? String(older[word]) : word
  if (!known.has(written)) return null
  return { status: written, scheduled: written === waits && !isDue(entry['push_time'], clockMs), detail: {} }
}

/** Where its time cannot be read, its deletion is tried. */
function isDue(time: unknown, clockMs: number): boolean {
  return /^\d{1,15}$/.test(String(time)) && Number(time) - clockMs < tooLateMs
}

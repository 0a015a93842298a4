/** The record of a scheduled push: https://docs.getui.com/getui/server/rest_v2/push. Of any other push there is none. */
import type { VendorRecord } from '../provider.ts'
import { isObject, type JsonObject } from '../wire/reply.ts'

/** Before SDK 1.0.7.0 the member and its words were other ones. */
const older: { readonly [word: string]: string } = { success: 'send_success', failed: 'send_failed' }
const known = new Set(['do_not_send', 'send_success', 'send_failed', 'has_delete'])

/** Null: it is no record of this push, or not one that can be read. */
export function readGetuiRecord({ data }: JsonObject, taskId: string): VendorRecord | null {
  const entry = isObject(data) && Object.hasOwn(data, taskId) ? data[taskId] : null
  if (!isObject(entry)) return null
  const { send_result: result, status } = entry
  if (result !== undefined && status !== undefined && result !== status) return null
  const word = result ?? status
  if (typeof word !== 'string') return null
  const written = Object.hasOwn(older, word) ? String(older[word]) : word
  return known.has(written) ? { status: written, scheduled: written === 'do_not_send', detail: {} } : null
}

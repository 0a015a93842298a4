/** TPNS's list of what was pushed in a span of days. A row that cannot be read is left out and hides no other. */
import type { ListedPush } from '../provider.ts'
import { isObject, type JsonObject, memberOf } from '../wire/reply.ts'
import { detailOf, digitsOf, wordOf } from './record.ts'

const zoneMs = 8 * 3_600_000

/** YYYY-MM-DD. Days and times of the service have no zone in its documents: it is China's. */
export function dayInChina(atMs: number): string {
  return new Date(atMs + zoneMs).toISOString().slice(0, 10)
}

/** Null: the reply holds no list. `rows` counts also what could not be read, so that the next page begins behind it. */
export function readTpnsList(
  reply: JsonObject,
): { readonly pushes: ListedPush[]; readonly rows: number; readonly count: number | null } | null {
  const data = memberOf(reply, 'pushRecordData')
  const count = Number(digitsOf(memberOf(reply, 'count')) ?? Number.NaN)
  // nothing was pushed
  if (data === null) return { pushes: [], rows: 0, count: 0 }
  if (!Array.isArray(data)) return null
  const pushes = data.flatMap((row: unknown) => (isObject(row) ? (pushOf(row) ?? []) : []))
  return { pushes, rows: data.length, count: Number.isSafeInteger(count) ? count : null }
}

function pushOf(row: JsonObject): ListedPush | null {
  const handle = digitsOf(memberOf(row, 'pushId'))
  const status = wordOf(memberOf(row, 'status'))
  if (handle === null || handle.startsWith('0') || status === null) return null
  return {
    handle,
    title: textOf(memberOf(row, 'title')),
    body: textOf(memberOf(row, 'content')),
    sentAt: timeOf(memberOf(row, 'date')),
    audience: wordOf(memberOf(row, 'pushType')),
    record: { status, scheduled: status === 'PUSH_WAIT', detail: { ...detailOf(row) } },
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** Null for any other form: `Date` would read a time into many a text. */
function timeOf(value: unknown): Date | null {
  const said = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/.exec(String(value))
  const at = new Date(said === null ? Number.NaN : `${said[1]}T${said[2]}+08:00`)
  return Number.isNaN(at.getTime()) ? null : at
}

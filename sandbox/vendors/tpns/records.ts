/**
 * /v3/statistics/get_push_record: one task (548/39076), or all of a span of days (特定时间段所有推送信息查询.md). The body alone
 * tells the two apart.
 */
import { isWhole, type JsonObject } from '../judgement.ts'
import { Refusal } from './refusal.ts'
import type { TpnsAppName, TpnsTask } from './state.ts'
import { tagSetOf } from './tags.ts'

const hourMs = 3_600_000
const zoneHours = 8
const lookBackDays = 92
const listedAtMost = 200

/** The id is a bare number here, as in the document's sample: exact only for those who read it exactly. */
export function oneRecord(task: TpnsTask): string {
  return `{"retCode":0,"errMsg":"NO_ERROR","pushRecordData":[{${datePart(task)},"pushId":${task.pushId},${JSON.stringify(membersOf(task)).slice(1)}]}`
}

/** The id is text here, again as in the document's sample. Throws Refusal. */
export function listRecords(app: TpnsAppName, request: JsonObject, tasks: readonly TpnsTask[], nowMs: number): string {
  const from = dayOf(request['startDate'])
  const until = dayOf(request['endDate']) + 24 * hourMs
  if (until <= from || from < nowMs - lookBackDays * 24 * hourMs) throw new Refusal(1_008_016)
  const { msgType, pushType, offset = 0, limit = listedAtMost } = request
  if (!isWhole(offset, 0, Number.MAX_SAFE_INTEGER) || !isWhole(limit, 1, listedAtMost)) throw new Refusal(1_008_007)
  const found = tasks
    .filter(task => task.app === app && task.sendAtMs >= from && task.sendAtMs < until)
    .filter(task => msgType === undefined || task.messageType === msgType)
    // the filter's words are all, tag, token and account
    .filter(task => pushType === undefined || (typeof pushType === 'string' && task.audience.type.startsWith(pushType)))
    .toReversed()
  const records = found
    .slice(offset, offset + limit)
    .map(task => ({ ...dateOf(task), pushId: task.pushId, ...membersOf(task), groupId: '', source: 'api' }))
  return JSON.stringify({ retCode: 0, errMsg: 'NO_ERROR', count: found.length, pushRecordData: records })
}

/** The members of the document's sample, in its order. */
function membersOf(task: TpnsTask): object {
  const { audience, app } = task
  const android = { ring: 1, vibrate: 0, lights: 1, clearable: 1, action: { action_type: 1 }, custom_content: '{}' }
  return {
    title: task.title,
    content: task.content,
    status: task.status,
    pushType: audience.type,
    targetList: audience.names.length > 0 ? audience.names : null,
    tagSet: audience.type === 'tag' ? tagSetOf(audience.rules) : null,
    uploadId: audience.uploadId,
    expireTime: task.expireSeconds,
    messageType: task.messageType,
    xgMediaResources: '',
    environment: task.environment,
    collapseID: task.collapseId,
    pushConfig: app === 'news-android' ? { android, ios: null } : { android: null, ios: { aps: {} } },
    multiPkg: false,
  }
}

function datePart(task: TpnsTask): string {
  return JSON.stringify(dateOf(task)).slice(1, -1)
}

function dateOf({ sendAtMs }: TpnsTask): { date: string } {
  return { date: new Date(sendAtMs + zoneHours * hourMs).toISOString().slice(0, 19).replace('T', ' ') }
}

/** Start of a day YYYY-MM-DD. */
function dayOf(text: unknown): number {
  if (text === undefined) throw new Refusal(1_008_002)
  const atMs =
    typeof text === 'string' && /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00+08:00`) : Number.NaN
  if (Number.isNaN(atMs)) throw new Refusal(1_008_016)
  return atMs
}

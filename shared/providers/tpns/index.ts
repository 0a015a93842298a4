/**
 * Tencent TPNS. A push is a task, named by its push id; every operation acts on the whole of it.
 *
 * Addresses: https://cloud.tencent.com/document/product/548/49157 · stop, revoke, overlay: 548/50784 · cancel:
 * https://www.tencentcloud.com/document/product/1024/39003 · record: 548/39076 · figures: 548/39077
 */
import { createHmac } from 'node:crypto'
import type { Hidden } from '../wire/masking.ts'
import type {
  Call,
  Fare,
  FiguresReading,
  Listing,
  Names,
  OverlayContent,
  Outcome,
  Provider,
  StatusReading,
  Step,
  VendorReply,
  VendorRequest,
} from '../provider.ts'
import type { Operation } from '../../operation.ts'
import { type JsonObject, readObject, withoutFault } from '../wire/reply.ts'
import { assessTpns } from './assess.ts'
import { pushesPerSecond, queryWindow, tpnsCapabilities } from './capabilities.ts'
import { tpnsOutcome } from './replies.ts'
import { type TpnsCredentials, tpnsCredentials, tpnsTarget } from './credentials.ts'
import { composeTpnsPush } from './overlay.ts'
import { readTpnsFigures } from './figures.ts'
import { dayInChina, readTpnsList } from './list.ts'
import { readTpnsDetail, readTpnsRecord } from './record.ts'
import { tpnsChannels, tpnsHandles, tpnsSentences, tpnsStatuses, tpnsTitle } from './texts.ts'

export type { TpnsCredentials } from './credentials.ts'

const addresses: { readonly [R in TpnsCredentials['region']]: string } = {
  guangzhou: 'https://api.tpns.tencent.com',
  shanghai: 'https://api.tpns.sh.tencent.com',
  hongkong: 'https://api.tpns.hk.tencent.com',
  singapore: 'https://api.tpns.sgp.tencent.com',
}

export const tpns: Provider<TpnsCredentials> = {
  name: 'tpns',
  title: tpnsTitle,
  channels: tpnsChannels,
  statuses: tpnsStatuses,
  sentences: tpnsSentences,
  capabilities: tpnsCapabilities,
  openMembers: ['region', 'platform', 'environment', 'pushIdField', 'accessId'],
  handles: tpnsHandles,
  get credentials() {
    return tpnsCredentials()
  },
  get target() {
    return tpnsTarget()
  },
  platform: ({ platform }) => platform,
  describe: record => {
    const { pushType, source } = readTpnsDetail(record)
    return { audience: pushType, source }
  },
  budget: ({ accessId }) => `tpns:${accessId}`,
  fare,
  assess: assessTpns,
  stop: (request, call) => control('stop', '/v3/push/stop_push_msg', request, call),
  revoke: (request, call) => control('revoke', '/v3/push/revoke_push_msg', request, call),
  overlay,
  status,
  list,
  figures: { after: ['PUSH_FINISHED', 'PUSH_REVOKED', 'PUSH_COLLAPSED', 'PUSH_DELETED_PUSH_MSG'], ask: figuresOf },
  // the record of a push that nobody made
  check: {
    step: 'status',
    ask: async call => withoutFault((await statusOf('1', call)).outcome, ({ code }) => code === '1008007'),
  },
}

/**
 * The `Sign` header: https://github.com/tencentyun/qcloud-documents 腾讯移动推送/API 文档/调用方式/签名认证（推荐）.md.
 *
 * The page's formula leaves it out, its samples show it: the MAC is written as hex first, and that text is put into
 * Base64. The key is text although it looks like hex.
 */
export function signTpns(secretKey: string, timeStamp: string, accessId: string, body: string): string {
  const hex = createHmac('sha256', secretKey).update(`${timeStamp}${accessId}${body}`).digest('hex')
  return Buffer.from(hex).toString('base64')
}

/** A push that still waits for its time has shown nothing: taking it back in any way is to cancel it. */
async function control(
  operation: 'stop' | 'revoke',
  path: string,
  { names, record }: VendorRequest,
  call: Call<TpnsCredentials>,
): Promise<Outcome> {
  const body = JSON.stringify(pushIdMembers(pushIdOf(names), call.credentials))
  const { outcome } = await post(
    operation,
    record?.scheduled === true ? '/v3/push/cancel_timing_task' : path,
    body,
    call,
  )
  return outcome
}

function pushIdOf({ pushId }: Names): string {
  return String(pushId)
}

/** Sends both spellings: the tables of its pages say `pushId`, their examples `pushid`. */
function pushIdMembers(pushId: string, { pushIdField = 'both' }: TpnsCredentials): object {
  if (pushIdField === 'both') return { pushId, pushid: pushId }
  return { [pushIdField]: pushId }
}

async function overlay(
  { record }: VendorRequest,
  content: OverlayContent,
  call: Call<TpnsCredentials>,
): Promise<Outcome> {
  const push = composeTpnsPush(record, call.credentials, content)
  if (push === null) {
    return { kind: 'unsupported', vendor: { code: null, message: null, requestId: null, httpStatus: null } }
  }
  const { title, body, url } = content
  const { outcome } = await post('overlay', '/v3/push/app', push, call, [title, body, ...(url === null ? [] : [url])])
  return outcome
}

async function status({ names }: VendorRequest, call: Call<TpnsCredentials>): Promise<StatusReading> {
  return statusOf(pushIdOf(names), call)
}

async function statusOf(pushId: string, call: Call<TpnsCredentials>): Promise<StatusReading> {
  const { outcome, reply } = await post('status', '/v3/statistics/get_push_record', JSON.stringify({ pushId }), call)
  if (outcome.kind !== 'accepted') return { outcome, record: null }
  const { vendor } = outcome
  const reading = readTpnsRecord(reply, pushId)
  if ('record' in reading) return { outcome, record: reading.record }
  if (reading.fault === 'absent') return { outcome: { kind: 'not_found', vendor }, record: null }
  return { outcome: unreadable(vendor), record: null }
}

function unreadable(vendor: VendorReply): Outcome {
  return { kind: 'unknown', reason: 'the reply holds no record of this push', vendor }
}

const listedAtMost = 200

/**
 * 腾讯移动推送/API 文档/统计相关接口/特定时间段所有推送信息查询.md: the path of a single record, with days in place of the id. Its order is not
 * documented; a page is an offset.
 */
async function list(since: Date, page: string | null, call: Call<TpnsCredentials>): Promise<Listing> {
  const offset = page === null ? 0 : Number(page)
  const [startDate, endDate] = [since.getTime(), call.now()].map(dayInChina)
  const body = JSON.stringify({ startDate, endDate, offset, limit: listedAtMost })
  const { outcome, reply } = await post('status', '/v3/statistics/get_push_record', body, call)
  if (outcome.kind !== 'accepted') return { outcome, pushes: [], next: null }
  const listed = readTpnsList(reply)
  if (listed === null) return { outcome: unreadable(outcome.vendor), pushes: [], next: null }
  const { pushes, rows, count } = listed
  // A page may be shorter than was asked for, and the count may be missing: only an empty page is certainly the end.
  const more = rows > 0 && (count === null ? rows >= listedAtMost : offset + rows < count)
  return { outcome, pushes, next: more ? String(offset + rows) : null }
}

/** Statistics of one task: https://cloud.tencent.com/document/product/548/39077. */
async function figuresOf({ names }: VendorRequest, call: Call<TpnsCredentials>): Promise<FiguresReading> {
  const body = JSON.stringify({ pushId: pushIdOf(names) })
  const { outcome, reply } = await post('status', '/v3/statistics/get_push_task_stat_channel', body, call)
  if (outcome.kind !== 'accepted') return { outcome, figures: null }
  const figures = readTpnsFigures(reply)
  if (figures !== null) return { outcome, figures }
  const { vendor } = outcome
  return { outcome: { kind: 'unknown', reason: 'the reply holds no figures of this push', vendor }, figures: null }
}

interface Exchange {
  readonly outcome: Outcome
  readonly reply: JsonObject
}

async function post(
  step: Operation | 'status',
  path: string,
  body: string,
  { credentials, send, timeoutMs, now }: Call<TpnsCredentials>,
  texts: readonly string[] = [],
): Promise<Exchange> {
  const { accessId, secretKey, region, endpoint = addresses[region] } = credentials
  const timeStamp = String(Math.floor(now() / 1000))
  const sign = signTpns(secretKey, timeStamp, accessId, body)
  const received = await send({
    method: 'POST',
    url: `${endpoint}${path}`,
    headers: { 'Content-Type': 'application/json', AccessId: accessId, TimeStamp: timeStamp, Sign: sign },
    body,
    timeoutMs,
  })
  const reply = readObject(received) ?? {}
  const hidden: Hidden = { secrets: [secretKey, sign], texts }
  return { outcome: tpnsOutcome(step, received, reply, hidden, now()), reply }
}

/** The documents limit pushes and queries; control requests only where the app's own `ratePerSecond` does. */
function fare(step: Step, _tokens: number, { ratePerSecond }: TpnsCredentials): readonly Fare[] {
  if (step === 'status' || step === 'list' || step === 'figures')
    return [{ lane: { name: 'query', kind: 'window', ...queryWindow }, cost: 1 }]
  const name = step === 'overlay' ? 'push' : 'control'
  const perSecond = ratePerSecond ?? (step === 'overlay' ? pushesPerSecond : null)
  if (perSecond === null) return []
  return [{ lane: { name, kind: 'rate', perSecond, burst: Math.max(1, perSecond) }, cost: 1 }]
}

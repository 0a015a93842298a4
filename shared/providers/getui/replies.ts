/** Getui's replies: always `{"code","msg","data"}`, whose code decides: https://docs.getui.com/getui/server/rest_v2/code. */
import type { NotReceived, Received } from '../../http.ts'
import type { Outcome, Rejection, VendorReply } from '../provider.ts'
import { type Hidden, masked, nameOrNull } from '../wire/masking.ts'
import {
  codeOf,
  httpStatusOf,
  isObject,
  isTelling,
  type JsonObject,
  outcomeByStatus,
  readObject,
  textOf,
  throttled,
} from '../wire/reply.ts'
import type { GetuiCredentials } from './credentials.ts'

export const jsonType = { 'Content-Type': 'application/json;charset=utf-8' } as const

export function baseOf({ appId, endpoint }: Pick<GetuiCredentials, 'appId' | 'endpoint'>): string {
  return `${endpoint ?? 'https://restapi.getui.com'}/v2/${appId}`
}

type Meaning = 'auth' | 'rate' | 'quota' | 'refused' | 'unsupported' | 'too_late' | 'not_found' | 'host'

/** 20001 says in words what it is about: see `judgeParameter`. */
export const getuiCodes: { readonly [code: string]: Meaning } = {
  1: 'refused',
  // it is starting
  2: 'rate',
  301: 'host',
  404: 'refused',
  405: 'refused',
  10001: 'auth',
  10002: 'auth',
  10003: 'rate',
  10004: 'unsupported',
  10005: 'rate',
  20001: 'refused',
  21001: 'refused',
  22001: 'too_late',
  22002: 'not_found',
  23001: 'refused',
  30000: 'unsupported',
  30001: 'unsupported',
  30002: 'unsupported',
  30003: 'unsupported',
  30004: 'quota',
  30005: 'refused',
  30006: 'quota',
  30007: 'quota',
  30008: 'quota',
  30009: 'quota',
  30010: 'quota',
  30011: 'quota',
  30012: 'rate',
  30013: 'rate',
  30014: 'rate',
  30015: 'rate',
  30016: 'refused',
  30017: 'unsupported',
  30018: 'rate',
  30019: 'rate',
}

/** Which one, the console of Getui tells. */
export const anotherHost = 'Another host of Getui serves this app: set it as the endpoint in the secret of the app.'
const packageCode = /^30\d{3}$/
const words = {
  task: /task_?id/i,
  permission: /permission required/i,
  user: /target user/i,
  repeated: /request_?id[^.]{0,20}cannot be repeat/i,
}

export function readGetui(
  received: Received | NotReceived,
  hidden: Hidden,
): { readonly reply: JsonObject; readonly vendor: VendorReply } {
  const reply = readObject(received) ?? {}
  const vendor: VendorReply = {
    code: codeOf(reply['code']),
    message: masked(textOf(reply['msg']), hidden),
    requestId: null,
    httpStatus: httpStatusOf(received),
  }
  return { reply, vendor }
}

export function saysYes(received: Received, { code }: JsonObject): boolean {
  return received.status === 200 && code === 0
}

/** `tokens`: the devices that the request names, each of which its yes must name; null: it names none. */
export interface Asked {
  readonly tokens: readonly string[] | null
  /** What a yes must hold beside its code. */
  readonly wants: 'nothing' | 'devices' | 'task' | 'alias'
  readonly hidden: Hidden
}

export function getuiOutcome(
  received: Received | NotReceived,
  { tokens, wants, hidden }: Asked,
  nowMs: number,
): { readonly outcome: Outcome; readonly reply: JsonObject } {
  const { reply, vendor } = readGetui(received, { ...hidden, tokens: [...(tokens ?? []), ...(hidden.tokens ?? [])] })
  if ('failure' in received) return { outcome: outcomeByStatus(received, vendor, nowMs), reply }
  if (saysYes(received, reply)) {
    const { data } = reply
    if (wants === 'devices') return { outcome: devicesOf(data, tokens ?? [], vendor), reply }
    const states = wants === 'alias' ? statesIn(data).map(([, state]) => state) : []
    if (states.length > 0 && states.every(state => state === ignored))
      return { outcome: ofNobody(states.length, vendor), reply }
    const isWhole =
      wants === 'nothing' ||
      (wants === 'task' && isObject(data) && isTaskId(data['taskid'])) ||
      states.some(state => taken.has(state))
    const requestId = isObject(data) ? nameOrNull(textOf(data['taskid']), hidden) : null
    if (isWhole) return { outcome: { kind: 'accepted', vendor: { ...vendor, requestId } }, reply }
    return { outcome: { kind: 'unknown', reason: 'the yes does not say what was done', vendor }, reply }
  }
  return { outcome: judge(received, vendor, textOf(reply['msg']) ?? '', tokens, nowMs), reply }
}

function isTaskId(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{8,64}$/.test(value)
}

function judge(
  received: Received,
  vendor: VendorReply,
  said: string,
  tokens: readonly string[] | null,
  nowMs: number,
): Outcome {
  const { code } = vendor
  if (code === null || code === '0') return outcomeByStatus(received, vendor, nowMs)
  if (code === '20001') return judgeParameter(vendor, said, tokens)
  const meaning = Object.hasOwn(getuiCodes, code) ? getuiCodes[code] : undefined
  switch (meaning) {
    case undefined:
      // of the package: 403 goes with all of them, and is no word on the credential
      if (isTelling(received.status) && !packageCode.test(code)) return outcomeByStatus(received, vendor, nowMs)
      return { kind: 'refused', reason: `Getui says ${code}`, vendor }
    case 'rate':
    case 'quota':
      return throttled(received, vendor, nowMs, meaning === 'quota')
    case 'host':
      // what it names is not followed: the token would go wherever a reply says
      return { kind: 'refused', reason: anotherHost, vendor, advice: anotherHost }
    case 'refused':
      return { kind: 'refused', reason: vendor.message ?? `Getui says ${code}`, vendor }
    default:
      return { kind: meaning, vendor }
  }
}

function judgeParameter(vendor: VendorReply, said: string, tokens: readonly string[] | null): Outcome {
  if (words.permission.test(said)) return { kind: 'unsupported', vendor }
  // the first one was taken on
  if (words.repeated.test(said)) return { kind: 'already_done', vendor }
  if (words.task.test(said)) return { kind: 'not_found', vendor }
  if (words.user.test(said) && tokens?.length === 1)
    return { kind: 'partial', rejected: [{ reason: 'target user is invalid', count: 1 }], unknown: 0, vendor }
  const reason = vendor.message ?? 'a parameter is not taken'
  // of a batch nobody is named: its devices are asked for apart
  const apart = words.user.test(said) && tokens !== null
  return { kind: 'refused', reason, vendor, ...(apart && { apart: true }) }
}

const taken: ReadonlySet<unknown> = new Set(['successed_online', 'successed_offline'])
/** For 90 days nobody has seen the device: nothing is sent. */
const ignored = 'successed_ignore'

/** None of them was sent anything. */
function ofNobody(count: number, vendor: VendorReply): Outcome {
  return { kind: 'partial', rejected: [{ reason: ignored, count }], unknown: 0, vendor }
}

/** `{"<taskid>":{"<cid>":"successed_online"}}`: each entry of each task. */
function statesIn(data: unknown): [string, unknown][] {
  return isObject(data)
    ? Object.values(data).flatMap(devices => (isObject(devices) ? Object.entries(devices) : []))
    : []
}

/** A device that the reply does not name, or names in two ways, is unknown. */
function devicesOf(data: unknown, tokens: readonly string[], vendor: VendorReply): Outcome {
  const said = new Map<string, unknown>()
  for (const [cid, state] of statesIn(data)) said.set(cid, said.has(cid) && said.get(cid) !== state ? null : state)
  const inactive = tokens.filter(cid => said.get(cid) === ignored).length
  const unknown = tokens.filter(cid => !taken.has(said.get(cid)) && said.get(cid) !== ignored).length
  if (inactive === 0 && unknown === 0) return { kind: 'accepted', vendor }
  const rejected: Rejection[] = inactive === 0 ? [] : [{ reason: ignored, count: inactive }]
  return { kind: 'partial', rejected, unknown, vendor }
}

/** An event as people in a group chat read it, in Chinese: a heading, and lines of label and text. */
import { clip } from '../text.ts'
import type { EventData, EventType, LagData, UnhealthyData } from './events.ts'

export interface Card {
  readonly title: string
  /** good: as it should be · bad: somebody has to look · plain: to be known. */
  readonly tone: 'good' | 'bad' | 'plain'
  readonly lines: readonly (readonly [label: string, text: string])[]
  /** What must not be misunderstood; null: nothing. */
  readonly note: string | null
  /** Where people look at it, and decide; null: no address is known. */
  readonly link: { readonly label: string; readonly url: string } | null
}

/** WeCom takes 4096 bytes in all, and a character is three. */
const maxTextLength = 160

/** Nobody confirms that a notification has left a screen. */
const accepted = '“厂商已受理”不等于通知已从用户屏幕上消失。'

const headings: { readonly [T in EventType]: Omit<Card, 'lines' | 'link'> } = {
  'recall.accepted': { title: '回撤已开始', tone: 'plain', note: null },
  'recall.approval_required': {
    title: '有回撤待复核',
    tone: 'bad',
    note: '复核通过前不会执行，逾期自动失效；厂商支持时，可先终止尚未下发的部分。',
  },
  'recall.approval_reminder': { title: '回撤仍在等待复核', tone: 'bad', note: '复核通过前不会执行，逾期自动失效。' },
  'recall.break_glass': {
    title: '紧急放行：回撤未经复核已开始',
    tone: 'bad',
    note: '须由另一人事后复查。',
  },
  'recall.blocked': { title: '回撤受阻', tone: 'bad', note: '会自动重试；涉及凭据的，请检查密钥管理。' },
  'recall.completed': { title: '回撤完成，厂商已全部受理', tone: 'good', note: accepted },
  'recall.partially_failed': { title: '回撤仅部分受理', tone: 'bad', note: accepted },
  'recall.failed': { title: '回撤未获受理', tone: 'bad', note: '通知可能仍在用户设备上，请尽快处理。' },
  'recall.expired': { title: '回撤超时未完成，已停止重试', tone: 'bad', note: '通知可能仍在用户设备上，请尽快处理。' },
  'recall.cancelled': { title: '回撤已取消', tone: 'plain', note: '取消前已向厂商发出的请求不受影响。' },
  'recall.declined': { title: '回撤未通过复核', tone: 'plain', note: null },
  'recall.overturned': {
    title: '该内容经复审判定无违规，但此前已被回撤',
    tone: 'bad',
    note: '已回撤的通知无法恢复，如有必要请重新推送。',
  },
  'audit.lagging': {
    title: '回撤审计记录滞后，超过五分钟未封存',
    tone: 'bad',
    note: '封存可能被人拖住，请检查数据库会话与定时任务 sweep。',
  },
  'app.unhealthy': {
    title: '厂商拒绝应用凭据，回撤将等待',
    tone: 'bad',
    note: '凭据恢复后自动继续，请检查密钥管理中的凭据。',
  },
}

const operations = { stop: '终止', revoke: '撤回', overlay: '覆盖', correct: '更正' } as const

export function cardOf(type: EventType, data: EventData | LagData | UnhealthyData): Card {
  const lines = 'oldestAt' in data ? linesOfLag(data) : 'app' in data ? linesOfApp(data) : linesOfRecall(data)
  const shown = lines.flatMap(([label, text]): [string, string][] =>
    text === null || text === '' ? [] : [[label, clip(asWords(text), maxTextLength)]],
  )
  return { ...headings[type], lines: shown, link: linkOf(data.links) }
}

/** Of our own making, so that a chat may make a link of it; a path alone leads nowhere from there. */
function linkOf({ decide, page }: Partial<EventData['links']>): Card['link'] {
  const url = decide ?? page
  if (url === undefined || url.startsWith('/')) return null
  return { label: decide === undefined ? '查看' : '查看并处理', url }
}

const obstacles: { readonly [by: string]: string } = {
  credential: '厂商凭据',
  rate: '厂商频率限制',
  quota: '厂商配额',
  vendor: '厂商无有效回应',
}

type Line = readonly [label: string, text: string | null]

function linesOfLag({ seconds, oldestAt }: LagData): Line[] {
  return [
    ['最早一条', `${inBeijing(oldestAt)}（北京时间）`],
    ['已等待', `${Math.floor(seconds / 60)} 分钟`],
  ]
}

function linesOfApp({ app, code, since }: UnhealthyData): Line[] {
  return [
    ['应用', app],
    ['返回码', code],
    ['时间', `${inBeijing(since)}（北京时间）`],
  ]
}

function linesOfRecall(data: EventData): Line[] {
  const {
    operation,
    apps,
    reason,
    ticket,
    requestedBy,
    person,
    devices,
    settledAt,
    createdAt,
    id,
    verdict,
    approval,
    blocked = null,
  } = data
  return [
    ['操作', operations[operation]],
    ['对象', subjectOf(data.subject)],
    ['应用', apps.join('、')],
    ['原因', reason],
    ['工单', ticket],
    ['发起人', person ?? requestedBy],
    ['受阻于', blocked === null ? null : `${obstacles[blocked.by] ?? blocked.by}，自 ${inBeijing(blocked.since)} 起`],
    ['涉及设备', approval?.reach ? reachOf(approval.reach) : null],
    ['设备', devices === null ? null : devicesOf(devices)],
    ['复审内容', verdict?.content ?? null],
    ['时间', `${inBeijing(settledAt ?? createdAt)}（北京时间）`],
    ['回撤编号', id],
  ]
}

/**
 * Text that others wrote (ids, reasons, names), as words on one line: no control characters, nothing that turns the
 * direction of what follows, and no address that a chat would make a link of.
 */
function asWords(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/\p{Bidi_Control}/gu, '')
    .replaceAll('://', '：//')
}

function subjectOf({ message, messages, content, target }: EventData['subject']): string | null {
  if (message !== undefined) return `消息 ${message}`
  if (messages !== undefined)
    return messages.length === 1 ? `消息 ${messages[0]}` : `消息 ${messages[0]} 等 ${messages.length} 条`
  if (content !== undefined) return `内容 ${content}`
  if (target === undefined) return null
  // of a recall of before it is the vendor's own member
  const { app: _, handle, ...native } = target
  return `推送 ${handle ?? Object.values(native).join(' ')}`
}

function reachOf({ devices, basis }: NonNullable<NonNullable<EventData['approval']>['reach']>): string {
  return basis === 'exact' ? `${devices} 台` : `约 ${devices} 台`
}

function devicesOf({ total, accepted, rejected, unknown, pending }: NonNullable<EventData['devices']>): string {
  const parts: [number, string][] = [
    [accepted, '厂商已受理'],
    [rejected, '被拒绝'],
    [unknown, '结果未知'],
    [pending, '处理中'],
  ]
  const told = parts.filter(([count]) => count > 0).map(([count, words]) => `${words} ${count}`)
  return [`共 ${total} 台`, ...told].join('，')
}

function inBeijing(instant: string): string {
  const at = new Date(Date.parse(instant) + 8 * 3_600_000).toISOString()
  return `${at.slice(0, 10)} ${at.slice(11, 19)}`
}

/** What is sent to a subscriber, and what its reply means: one entry for each format. */
import { createHmac } from 'node:crypto'
import { linkTo, pageAt } from '../base-path.ts'
import type { ClaimedDelivery } from '../ledger/claim-deliveries.ts'
import { type Card, cardOf } from './card.ts'
import type { EventData, EventType, LagData, UnhealthyData } from './events.ts'
import type { Posted, Posting } from './guarded-post.ts'
import { signatureHeaders } from './signature.ts'
import type { Format, Subscriber } from './subscribers.ts'

/** What one try needs of a delivery. */
export type Told = Pick<ClaimedDelivery, 'id' | 'type' | 'data' | 'createdAt' | 'tries'>
export type Message = Pick<Posting, 'url' | 'headers' | 'body'>
type Answered = Extract<Posted, { kind: 'answered' }>

export interface Refusal {
  /** For people; holds nothing of the reply but its code. */
  readonly detail: string
  /** Nothing more is to be sent for so long; 0: it did not ask for that. */
  readonly holdMs: number
}

/** `nowMs`: the time of this try, which signatures carry. */
export function messageFor(subscriber: Subscriber, told: Told, nowMs: number): Message {
  switch (subscriber.format) {
    case 'standard':
      return standardMessage(subscriber, told, nowMs)
    case 'feishu':
      return feishuMessage(subscriber, told, nowMs)
    case 'dingtalk':
      return dingtalkMessage(subscriber, told, nowMs)
    case 'wecom':
      return jsonMessage(subscriber.url, { msgtype: 'markdown', markdown: { content: wecomMarkdown(cardFor(told)) } })
    default:
      return subscriber satisfies never
  }
}

/** Of a reply whose status says success: group robots answer 200 to what they refuse. Null: it was taken. */
export function refusalOf(format: Format, { text }: Answered): Refusal | null {
  if (format === 'standard') return null
  const { member, floods, floodMs } = robots[format]
  const code = codeIn(text, member)
  if (code === 0) return null
  if (code === null) return { detail: 'The robot answered with something that is no reply of one.', holdMs: 0 }
  return { detail: `The robot refused it (${member} ${code}).`, holdMs: floods.includes(code) ? floodMs : 0 }
}

interface Robot {
  /** Of its reply: 0 is success. */
  readonly member: string
  /** Codes of too many messages, and how long to be silent then. */
  readonly floods: readonly number[]
  readonly floodMs: number
}

/**
 * https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (100 a minute) ·
 * https://open.dingtalk.com/document/orgapp/custom-robot-access (20 a minute, then none for ten minutes) ·
 * https://developer.work.weixin.qq.com/document/path/90313 (20 a minute)
 */
const robots: { readonly [F in Exclude<Format, 'standard'>]: Robot } = {
  feishu: { member: 'code', floods: [11232], floodMs: 60_000 },
  dingtalk: { member: 'errcode', floods: [130101, 410100], floodMs: 600_000 },
  wecom: { member: 'errcode', floods: [45009], floodMs: 60_000 },
}

function codeIn(text: string, member: string): number | null {
  try {
    const reply: unknown = JSON.parse(text)
    if (typeof reply !== 'object' || reply === null) return null
    const code: unknown = Object.entries(reply).find(([name]) => name === member)?.[1]
    return typeof code === 'number' ? code : null
  } catch {
    return null
  }
}

function standardMessage({ url, secret }: Extract<Subscriber, { format: 'standard' }>, told: Told, nowMs: number) {
  // the timestamp of the body is the event's, that of the headers this try's
  const body = JSON.stringify({ type: told.type, timestamp: told.createdAt.toISOString(), data: linked(told.data) })
  const signed = signatureHeaders({ id: told.id, sentAtMs: nowMs, body }, secret)
  return { url, headers: { 'content-type': 'application/json', 'user-agent': 'Unpush', ...signed }, body }
}

/** The ledger wrote its links without the base path. */
function linked(data: Told['data']): Told['data'] {
  // oxlint-disable-next-line no-unsafe-type-assertion -- the ledger wrote both
  const { links } = data as { links: EventData['links'] }
  const { self, page, decide, origin = null } = links
  const shown = {
    self: linkTo(self),
    ...(page === undefined ? {} : { page: pageAt(page, origin) }),
    ...(decide === undefined ? {} : { decide: pageAt(decide, origin) }),
  }
  return { ...data, links: shown }
}

/**
 * https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot: the text to sign is the key, and nothing is signed
 * with it.
 */
function feishuMessage({ url, secret }: Extract<Subscriber, { format: 'feishu' }>, told: Told, nowMs: number): Message {
  const { title, tone, lines, note, link } = cardFor(told)
  const timestamp = String(Math.floor(nowMs / 1000))
  const sign = createHmac('sha256', `${timestamp}\n${inTurn(secret, told)}`).digest('base64')
  // plain text, in which no mention and no link is read
  const plain = (content: string) => ({ tag: 'plain_text', content })
  const noted = note === null ? [] : [{ tag: 'note', elements: [plain(note)] }]
  const buttons =
    link === null
      ? []
      : [{ tag: 'action', actions: [{ tag: 'button', type: 'primary', text: plain(link.label), url: link.url }] }]
  const card = {
    config: { wide_screen_mode: true },
    header: { template: { good: 'green', bad: 'red', plain: 'blue' }[tone], title: plain(title) },
    elements: [
      ...lines.map(([label, text]) => ({ tag: 'div', text: plain(`${label}：${text}`) })),
      ...buttons,
      ...noted,
    ],
  }
  return jsonMessage(url, { timestamp, sign, msg_type: 'interactive', card })
}

/** https://open.dingtalk.com/document/orgapp/customize-robot-security-settings */
function dingtalkMessage({ url, secret }: Extract<Subscriber, { format: 'dingtalk' }>, told: Told, nowMs: number) {
  const card = cardFor(told)
  const key = inTurn(secret, told)
  const sign = createHmac('sha256', key).update(`${nowMs}\n${key}`).digest('base64')
  const signed = `${url}${url.includes('?') ? '&' : '?'}timestamp=${nowMs}&sign=${encodeURIComponent(sign)}`
  const { title, lines, note, link } = card
  const text = [
    `### ${title}`,
    ...lines.map(([label, words]) => `**${label}**：${withoutMarkup(words)}`),
    ...(link === null ? [] : [`[${link.label}](${link.url})`]),
    ...(note === null ? [] : [`> ${note}`]),
  ].join('\n\n')
  return jsonMessage(signed, { msgtype: 'markdown', markdown: { title, text } })
}

/** https://developer.work.weixin.qq.com/document/path/91770 */
function wecomMarkdown({ title, tone, lines, note, link }: Card): string {
  const color = { good: 'info', bad: 'warning', plain: 'comment' }[tone]
  return [
    `### <font color="${color}">${title}</font>`,
    ...lines.map(([label, words]) => `>**${label}**：${withoutMarkup(words)}`),
    ...(link === null ? [] : ['', `[${link.label}](${link.url})`]),
    ...(note === null ? [] : ['', `<font color="comment">${note}</font>`]),
  ].join('\n')
}

function cardFor({ type, data }: Told): Card {
  // oxlint-disable-next-line no-unsafe-type-assertion -- the ledger wrote both
  return cardOf(type as EventType, linked(data) as EventData | LagData | UnhealthyData)
}

/** A robot knows one secret: during rotation each try takes the next. */
function inTurn(secrets: readonly string[], { tries }: Told): string {
  return secrets[(tries - 1) % secrets.length] ?? ''
}

/** What a person typed is text: characters that markup begins with become their full-width likeness. */
function withoutMarkup(text: string): string {
  return text.replace(/[<>[\]*`#~|!]/g, character => String.fromCodePoint((character.codePointAt(0) ?? 0) + 0xfee0))
}

function jsonMessage(url: string, body: object): Message {
  return { url, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) }
}

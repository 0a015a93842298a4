import type { CommonSwitches } from '../../faults.ts'
import { check, choiceOrNone, type ValuesOf, whole, wholeOrNone } from '../../switch.ts'
import { reasons } from './refusal.ts'

const statuses = Object.keys(reasons) as (keyof typeof reasons)[]

export const switches = {
  /** Every push is refused so, whatever it is. */
  refuses: choiceOrNone(statuses, { en: 'Refuses pushes with', zh: '拒绝推送，原因' }),
  /** So many of them; null: no end. */
  refusals: wholeOrNone({ en: 'Refusals left', zh: '还会拒绝几次' }),
  /** Streams at once, after the first provider token was taken: before, one. */
  streams: whole(100, { en: 'Streams at once', zh: '并发流上限' }, 10_000),
  /** GOAWAY after so many requests of a session. */
  goawayAfter: wholeOrNone({ en: 'GOAWAY after requests', zh: '多少个请求后 GOAWAY' }, 1),
  /** A refused push lets one stream at once alone, until one is taken. */
  oneStreamAfterRefusal: check(false, { en: 'One stream after a refusal', zh: '拒绝后只留一个流' }),
  /** Provider tokens of the same time count as several where their bytes differ. */
  countsTokenBytes: check(false, { en: 'Counts tokens by their bytes', zh: '按字节区分 provider token' }),
}

export type ApnsSwitches = CommonSwitches & ValuesOf<typeof switches>

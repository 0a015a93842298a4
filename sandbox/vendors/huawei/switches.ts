import { type CommonSwitches, rejectTokens } from '../../faults.ts'
import { check, type ValuesOf, wholeOrNone } from '../../switch.ts'

export const switches = {
  /** So many tokens of a call are called illegal. */
  rejectTokens,
  /** Devices a second; over it 503. Null: no limit. */
  tokensPerSecond: wholeOrNone({ en: 'Tokens a second', zh: '每秒 token 上限' }, 1),
  /** Refusals too, as a client in production has seen; off: 4xx and 5xx by code. Flow control is a 503 either way. */
  everythingHttp200: check(true, { en: 'Every answer is HTTP 200', zh: '一律返回 HTTP 200' }),
  numericCodes: check(false, { en: 'Codes are numbers', zh: '返回码用数字' }),
}

export type PushKitSwitches = CommonSwitches & ValuesOf<typeof switches>

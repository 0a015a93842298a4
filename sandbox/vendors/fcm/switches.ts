import type { CommonSwitches } from '../../faults.ts'
import { check, type ValuesOf, whole, wholeOrNone } from '../../switch.ts'

export const switches = {
  /** An access token is taken so many times, and then refused as one that has ended. Null: no limit. */
  callsPerAccessToken: wholeOrNone({ en: 'Calls for one access token', zh: '单个 access token 可用次数' }, 1),
  /** The service account may log in and not send. */
  mayNotSend: check(false, { en: 'Account may not send', zh: '账号无发送权限' }),
  /** The key for Apple that the project holds is bad. */
  appleKeyBad: check(false, { en: 'Project’s Apple key is bad', zh: '项目的 Apple 密钥失效' }),
  /** So many seconds an access token lives. */
  accessTokenSeconds: whole(3599, { en: 'Access token lives, seconds', zh: 'access token 有效期（秒）' }, 3600),
  /** A device gets so many messages a minute; more are 429. Zero: no limit. */
  perDeviceMinute: whole(240, { en: 'Messages to one device a minute', zh: '单台设备每分钟消息上限' }),
}

export type FcmSwitches = CommonSwitches & ValuesOf<typeof switches>

import { type CommonSwitches, rejectTokens } from '../../faults.ts'
import { check, choice, type ValuesOf } from '../../switch.ts'

export const switches = {
  rejectTokens,
  /** With `acceptedButNothing`: the record of a message says that it was cancelled. */
  recordLies: check(false, { en: 'Its record says cancelled, too', zh: '消息记录也谎称已取消' }),
  /** The two forms of `errors` that are documented. */
  errorsAs: choice(['texts', 'objects'], { en: 'Errors come as', zh: '错误的格式' }),
  /** A refused cancel does not say why: only the record tells. */
  vague: check(false, { en: 'Refuses cancels without a reason', zh: '拒绝取消但不说明原因' }),
  /** A wrong key gets 400, as one document says, in place of 401 and 403. */
  badKeyIs400: check(false, { en: 'A wrong key gets 400', zh: '密钥错误返回 400' }),
  /** 429 that lasts: the app has sent too much. */
  appDisabled: check(false, { en: 'App disabled for sending too much', zh: '发送过量，应用被停用' }),
}

export type OneSignalSwitches = CommonSwitches & ValuesOf<typeof switches>

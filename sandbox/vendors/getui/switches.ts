import type { CommonSwitches } from '../../faults.ts'
import { check, choice, type ValuesOf, whole, wholeOrNone } from '../../switch.ts'

export const switches = {
  /** With `acceptedButNothing`: the record of a scheduled push says that it was deleted. */
  recordLies: check(false, { en: 'Its record says deleted, too', zh: '定时任务记录也谎称已删除' }),
  /** The package of the app has no recall. */
  noRevoke: check(false, { en: 'Recall is not in the package', zh: '套餐不含撤回' }),
  /** How a client id that is not known shows in a batch: the documents do not say. */
  strangers: choice(['left-out', 'whole-batch'], {
    en: 'An unknown device is left out, or fails the batch',
    zh: '未知设备：不返回，或整批失败',
  }),
  /** Devices of a request that nobody has seen for 90 days. */
  inactive: whole(0, { en: 'Devices called inactive', zh: '判为长期不活跃的设备数' }),
  /** A token is taken for so many calls. */
  callsPerToken: wholeOrNone({ en: 'Calls a token is good for', zh: 'token 可用次数' }, 1),
  /** What a repeated request id gets. */
  repeats: choice(['success', 'refused'], { en: 'A repeated request id gets', zh: '重复 request_id 的应答' }),
  /** Another host serves the app: code 301. */
  otherHost: check(false, { en: 'Another host serves the app', zh: '应用归属其他域名' }),
  /** The pushes of a day are used up: code 30010. */
  quotaUsedUp: check(false, { en: 'No pushes left today', zh: '当日推送额度已用尽' }),
  /** The member that tells of a scheduled push: newer and older servers differ. */
  olderRecord: check(false, { en: 'Records in the older form', zh: '旧版定时任务记录' }),
}

export type GetuiSwitches = CommonSwitches & ValuesOf<typeof switches>

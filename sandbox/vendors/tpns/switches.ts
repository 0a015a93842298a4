import type { CommonSwitches } from '../../faults.ts'
import { check, choice, type ValuesOf, whole } from '../../switch.ts'

export const switches = {
  /** With `acceptedButNothing`: the task's status says that it was done. */
  statusLies: check(false, { en: 'Its status says done, too', zh: '任务状态也谎称已完成' }),
  /** revoke_push_msg is refused, as the document of 2025-03-25 says. */
  revokeRetired: check(false, { en: 'Revoke taken offline', zh: '撤回接口已下线' }),
  /** The member that the three control requests read. */
  pushIdField: choice(['either', 'pushId', 'pushid'], { en: 'Push id is read from', zh: '只认哪个字段' }),
  /** How the three control requests answer: not documented. */
  controlAnswers: choice(['camelCase', 'snake_case'], { en: 'Control answers in', zh: '控制接口应答风格' }),
  /** The 200 queries of this hour are used up. */
  queriesUsedUp: check(false, { en: 'Queries of the hour used up', zh: '本小时查询额度已用完' }),
  /** Statistics by channel: what they are, none yet, a hundredth, a thousand times as much, or nothing that can be read. */
  figures: choice(['true', 'none', 'small', 'large', 'garbled'], { en: 'Figures by channel', zh: '分通道统计' }),
  /** What phone makers were handed is delivered all the same: the push API's page hints at it. */
  makersKeepQueue: check(false, { en: 'Phone makers keep their queues', zh: '手机厂商不放弃离线队列' }),
  /** How far TimeStamp may be off: not documented. */
  skewSeconds: whole(300, { en: 'Clock may be off by, seconds', zh: '允许时钟偏差（秒）' }),
}

export type TpnsSwitches = CommonSwitches & ValuesOf<typeof switches>

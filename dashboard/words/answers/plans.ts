/** What a dry run or a plan says that a recall does not. */
import type { WordTable } from '../../../shared/words.ts'

export const planWords: WordTable = {
  'DryRun.operation': ['The operation that would be done; null: none can be.', '将执行的操作；null 表示均不可行。'],
  'DryRun.approval': ['What it would wait for; null: for nobody.', '执行前需要的复核；不需要则为 null。'],
  approvalNeeded: [
    'Whether it would wait for another person, as things stand now.',
    '按当前情况，是否需要另一人复核后才执行。',
  ],
  'DryRun.meanwhile': [
    'What may go ahead while it waits; null: nothing.',
    '等待复核期间可先行执行的操作；没有则为 null。',
  ],
  'DryRun.devices': ['How many devices are known to be meant; null: not known.', '已知涉及的设备数；未知则为 null。'],
  'DryRun.dryRun': ['Always true: nothing was done.', '恒为 true：什么都没有做。'],
  ladder: ['The operations that would be tried, strongest first.', '将依次尝试的操作，由强到弱。'],
  running: ['The recall that has this push in hand already; null: none.', '已在处理该推送的回撤；没有则为 null。'],
  'running.id': ['The id of that recall.', '该回撤的 ID。'],
  'running.operation': ['The operation of that recall.', '该回撤的操作。'],
  plans: ['By operation.', '按操作。'],
  stop: ['What stop would do.', '终止的方案。'],
  revoke: ['What revoke would do.', '撤回的方案。'],
  'plans.overlay': ['What an overlay would do.', '覆盖的方案。'],
  needs: ['Members that the request has to have, by JSON pointer.', '请求必须包含的成员，以 JSON 指针指明。'],
  'needs.message': ['What it must be.', '应当如何填写。'],
  assumedDevices: [
    'How many devices the policy assumes (assumeAudience), where nobody said; else null.',
    '无人说明设备数时，按策略 assumeAudience 假定的数量；否则为 null。',
  ],
  'DryRun.digest': [
    'Of operation, targets and new text, with the reach: what expect takes.',
    '操作、目标、新文案与设备数的摘要，供 expect 使用。',
  ],
}

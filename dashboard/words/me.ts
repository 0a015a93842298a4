import type { Words } from '../../shared/words.ts'

export const meWords: { readonly [name: string]: Words } = {
  'Me.id': ['key:<id> or oidc:<sub>.', 'key:<id> 或 oidc:<sub>。'],
  'Me.person': [
    'The human behind it; null: none is named, so that nothing can be decided with it.',
    '背后的人；未注明则为 null，此时不能参与复核。',
  ],
  roles: ['The roles that it holds, in some app at least.', '所持角色（至少在某个应用内）。'],
  rights: [
    'What it may do, in some app at least: self (read this), send, read, operate, decide, audit, pause.',
    '可做之事（至少在某个应用内）：self（读取本信息）、send 登记、read 查看、operate 回撤、decide 复核、audit 审计、pause 暂停。',
  ],
  'apps.rights': ['What it may do in this app.', '在该应用内可做之事。'],
  'Me.apps': ['The apps that it reaches.', '可及的应用。'],
  'apps.id': ['The app.', '应用。'],
  'apps.provider': ['The vendor; null: its credentials cannot be read now.', '厂商；凭据暂时无法读取则为 null。'],
  platform: ['What its phones run.', '手机平台。'],
  allApps: ['It reaches every app, those to come as well.', '可及全部应用，包括以后新增的。'],
  'Me.expiresAt': ['When it ends; null: it does not.', '失效时间；不失效则为 null。'],
  'Me.policy': [
    'The lines of unpush/policy; null: it cannot be read now.',
    'unpush/policy 中的相关限额；暂时无法读取则为 null。',
  ],
  approvalAbove: [
    'From more devices than this on, an operation waits for another person; null: never.',
    '涉及设备数超过此值时，该操作须由他人复核；null 表示从不。',
  ],
  'approvalAbove.stop': ['The line of stop.', '终止的限额。'],
  'approvalAbove.revoke': ['The line of revoke.', '撤回的限额。'],
  'approvalAbove.overlay': ['The line of overlay.', '覆盖的限额。'],
  approvalTtlMinutes: ['How long a recall waits for approval.', '等待复核的时长（分钟）。'],
  minExpiryMinutes: ['How far ahead expiresAt has to be.', 'expiresAt 至少须在多少分钟之后。'],
  confirmAbove: [
    'From so many devices on, console and command line ask for the check number; null: never.',
    '涉及设备数达到此值时，控制台与命令行要求输入核对数；null 表示从不。',
  ],
  assumeAudience: [
    'Devices that a push is taken to reach of which nobody said how many.',
    '无人说明受众规模的推送按此设备数估计。',
  ],
  'policy.breakGlass': [
    'Who may begin without approval: off: nobody; operator; approver: an operator who is approver, too.',
    '谁可以紧急放行：off：不允许；operator：操作员；approver：兼任复核人的操作员。',
  ],
  'Summary.asOf': ['When it was counted.', '统计时间。'],
  'Summary.waiting': ['Recalls that wait for approval.', '等待复核的回撤数。'],
  waitingForMe: ['Those of them that this caller may decide.', '其中当前调用方可以复核的数量。'],
  'Summary.running': ['Recalls on their way.', '进行中的回撤数。'],
  'Summary.blocked': ['Recalls on their way of which something cannot move now.', '进行中但部分受阻的回撤数。'],
  failed24h: ['Recalls that failed within the last 24 hours.', '最近 24 小时内结束、厂商均未受理的回撤数。'],
  heldVerdicts: ['Verdicts that wait for another recall to end.', '须先等另一回撤结束的审核结论数。'],
  disabledSubscribers: ['Subscribers that are told nothing now.', '已停用的订阅方数。'],
  badCredentials: [
    'Apps whose vendor did not take their credential when last asked.',
    '最近一次检验时凭据被厂商拒绝的应用数。',
  ],
}

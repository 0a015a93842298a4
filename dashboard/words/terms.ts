/**
 * The words for what people meet everywhere: console, command line, group cards and documents say the same for the same thing.
 * By what the API calls it; a value of the API without its words does not compile.
 *
 * 审核 is moderation, 复核 is four eyes: never one for the other. No word here claims that a notification left a screen.
 */
import type { deliveryStates, recallStates, verdictStates } from '../../shared/api-schemas.ts'
import type { AskedOperation } from '../../shared/asked-operation.ts'
import type { ProblemSlug } from '../../shared/errors.ts'
import type { Role } from '../../shared/functions.ts'
import type { Effect } from '../../shared/providers/provider.ts'
import type { Words } from '../../shared/words.ts'

export type RecallState = (typeof recallStates)[number]
export type BlockedBy = 'credential' | 'rate' | 'quota' | 'vendor' | 'approval'

/** As a verb on a button or in a table; Chinese verbs and nouns are the same. */
export const operationWords: { readonly [O in AskedOperation]: Words } = {
  stop: ['stop', '终止'],
  revoke: ['revoke', '撤回'],
  overlay: ['overlay', '覆盖'],
  correct: ['correct', '更正'],
}

/** At the head of a button, a column or a title. */
export const operationTitles: { readonly [O in AskedOperation]: Words } = {
  stop: ['Stop', '终止'],
  revoke: ['Revoke', '撤回'],
  overlay: ['Overlay', '覆盖'],
  correct: ['Correct', '更正'],
}

export const stateWords: { readonly [S in RecallState]: Words } = {
  pending_approval: ['Waiting for approval', '待复核'],
  running: ['Running', '进行中'],
  done: ['Accepted', '厂商已受理'],
  partial: ['Partly accepted', '部分受理'],
  failed: ['Not accepted', '未获受理'],
  cancelled: ['Cancelled', '已取消'],
  declined: ['Declined', '未通过复核'],
  expired: ['Gave up', '已超时停止'],
}

/** `expired` where nobody approved in time. */
export const approvalExpired: Words = ['Nobody approved in time', '逾期未复核']

/** What people see if the vendor keeps its word. */
export const effectWords: { readonly [E in Effect]: Words } = {
  removed: ['disappears', '将消失'],
  replaced: ['is replaced', '将被覆盖'],
  stopped: ['not sent on', '不再下发'],
  none: ['stays on screen', '仍会展示'],
}
export const ifKept: Words = ['if the vendor keeps its word', '以厂商执行为准']

export const deviceWords = {
  total: ['devices', '设备'],
  accepted: ['accepted by the vendor', '厂商已受理'],
  rejected: ['rejected', '被拒绝'],
  unknown: ['outcome unknown', '结果未知'],
  pending: ['in progress', '处理中'],
} as const satisfies { readonly [name: string]: Words }

/** Where a reach comes from. */
export const basisWords = {
  exact: ['counted', '已计数'],
  vendor: ['counted by the vendor', '厂商统计'],
  stated: ['stated by the sender', '发送方填报'],
  assumed: ['assumed', '按策略估计'],
} as const satisfies { readonly [name: string]: Words }

/** What a recall is blocked by, as the cause. */
export const blockedWords: { readonly [B in BlockedBy]: Words } = {
  credential: ['the credential is refused', '凭据被厂商拒绝'],
  rate: ['the vendor’s rate', '触及厂商频率限制'],
  quota: ['the hourly budget is used up', '本小时额度已用完'],
  vendor: ['the vendor does not answer', '厂商无应答'],
  approval: ['approval', '等待复核'],
}

/** What helps. */
export const blockedHelp: { readonly [B in BlockedBy]: Words } = {
  credential: [
    'Mend the credential in the secrets manager; it goes on alone then.',
    '请在密钥管理中更正凭据，更正后自动继续。',
  ],
  rate: ['Nothing to do: it goes on alone.', '无需处理，将自动继续。'],
  quota: [
    'Nothing to do: it goes on alone when the vendor opens the next hour.',
    '无需处理，厂商进入下一小时后自动继续。',
  ],
  vendor: ['Nothing to do here: it is tried again until it gives up.', '无需处理，放弃之前会一直重试。'],
  approval: ['Another person must approve what was added.', '新增部分须由另一人复核。'],
}

export const reasonChips = {
  link: ['wrong link', '链接有误'],
  rumour: ['rumour', '不实信息'],
  audience: ['wrong audience', '受众有误'],
  test: ['test', '测试误发'],
} as const satisfies { readonly [name: string]: Words }

/** Once a screen, wherever accepted devices are shown. */
export const acceptedIsNotGone: Words = [
  'Accepted is not gone from the screen: no vendor tells.',
  '已受理不等于已从屏幕消失：没有厂商会告知后者。',
]
/** In the place of device counts of a vendor that has none. */
const countsTasks: Words = ['the vendor counts tasks, not devices', '厂商按任务统计，不按设备统计']
/** In the place of device counts of what no vendor was asked. */
const notBegun: Words = ['nothing of it has begun', '未开始执行']

/** In the place of device counts that a recall does not have. */
export function withoutCounts({ state, targets, approval }: CountlessRecall): Words {
  const unapproved = leftUndone.has(state) && leftUndone.has(approval?.state ?? '') && approval?.because !== 'growth'
  return state === 'pending_approval' || unapproved || targets.length === 0 ? notBegun : countsTasks
}

/** Of a recall, and of the approval that kept it from beginning. */
const leftUndone: ReadonlySet<string> = new Set(['cancelled', 'declined', 'expired'])

interface CountlessRecall {
  readonly state: string
  readonly targets: readonly unknown[]
  readonly approval: { readonly state?: string | undefined; readonly because: string } | null
}

export const places = {
  messages: ['Messages', '消息'],
  recalls: ['Recalls', '回撤'],
  approvals: ['Approvals', '复核'],
  moderation: ['Moderation & webhooks', '审核与投递'],
  capabilities: ['Capabilities', '能力'],
  audit: ['Audit', '审计'],
  health: ['Health', '健康'],
} as const satisfies { readonly [name: string]: Words }

export const decisionWords = {
  approve: ['Approve', '通过'],
  decline: ['Decline', '不通过'],
  review: ['Review', '事后复查'],
  breakGlass: ['Break-glass', '紧急放行'],
} as const satisfies { readonly [name: string]: Words }

export const thingWords = {
  recall: ['recall', '回撤'],
  plan: ['plan', '方案'],
  target: ['target', '目标'],
  reach: ['reach', '涉及设备'],
  reason: ['reason', '原因'],
  ticket: ['ticket', '工单'],
  checkNumber: ['check number', '核对数'],
  sendAgain: ['Send again', '再次发送'],
  askForApproval: ['Ask for approval', '申请复核'],
  stopMeanwhile: ['Stop meanwhile', '等待期间先终止'],
  back: ['Back', '返回'],
  blocked: ['Blocked', '受阻'],
  audience: ['Audience', '受众'],
  warnings: ['Warnings', '注意事项'],
  timeLeft: ['Time left', '剩余'],
  breakerOpen: ['open', '已熔断'],
  breakerClosed: ['closed', '正常'],
  checkNow: ['Check now', '立即检查'],
} as const satisfies { readonly [name: string]: Words }

export const verdictStateWords: { readonly [S in (typeof verdictStates)[number]]: Words } = {
  recorded: ['recorded', '仅记录'],
  waiting: ['waits for a message', '等待消息'],
  held: ['held', '暂缓'],
  recalled: ['recalled', '已引发回撤'],
  refused: ['refused', '无法执行'],
  outranked: ['outranked', '已有更高结论'],
  unmatched: ['no message came', '未匹配到消息'],
  overturned: ['overturned', '复审改判'],
  unreadable: ['cannot be read', '无法解读'],
}

export const verdictWords = {
  block: ['block', '违规'],
  review: ['review', '疑似'],
  pass: ['pass', '合规'],
} as const satisfies { readonly [name: string]: Words }

export const deliveryStateWords: { readonly [S in (typeof deliveryStates)[number]]: Words } = {
  pending: ['to be tried', '待投递'],
  delivered: ['delivered', '已送达'],
  failed: ['given up', '已放弃'],
  held: ['held', '暂存'],
}

export const roleWords: { readonly [R in Role]: Words } = {
  sender: ['sender', '发送方'],
  viewer: ['viewer', '查看者'],
  operator: ['operator', '操作员'],
  approver: ['approver', '复核人'],
  admin: ['admin', '管理员'],
}

/** What a refusal of the API says first; its `detail` stands behind. */
export const problemWords: { readonly [S in ProblemSlug]: Words } = {
  'invalid-request': ['Something must be changed first', '内容有误，请修改'],
  unauthorized: ['Sign in again', '请重新登录'],
  forbidden: ['This role cannot', '当前角色无权执行'],
  'not-found': ['Not here, or not yours', '不存在或无权查看'],
  'method-not-allowed': ['This service does not know the call', '此服务不支持此调用'],
  conflict: ['Another recall has it', '已有其他回撤在处理'],
  'request-in-progress': ['Being taken in, a moment', '正在受理，请稍候'],
  'payload-too-large': ['Too much at once', '内容过大'],
  'unsupported-media-type': ['Not a form that is taken here', '格式不受支持'],
  unsupported: ['None of it can be done', '没有目标能执行'],
  'idempotency-key-reused': ['The key was used for something else', '此幂等键已用于其他请求'],
  'too-many-requests': ['Too many requests', '请求过多'],
  internal: ['A defect of Unpush', 'Unpush 内部故障'],
  unavailable: ['Out of reach, trying again', '暂不可用，正在重试'],
}

/** What came of a call to a vendor. */
export const outcomeWords: { readonly [outcome: string]: Words } = {
  accepted: ['accepted', '已受理'],
  already_done: ['done before', '此前已执行'],
  partial: ['partly accepted', '部分受理'],
  too_late: ['too late', '已无法执行'],
  not_found: ['not known there', '厂商无此推送'],
  unsupported: ['cannot be done', '不支持'],
  throttled: ['too fast', '触及频率限制'],
  auth: ['credential refused', '凭据被拒'],
  refused: ['refused', '被拒绝'],
  unknown: ['no telling', '结果未知'],
}

/** What a vendor counts, by the name of its lane. Others are shown as they are called. */
export const laneWords: { readonly [lane: string]: Words } = {
  query: ['queries', '查询'],
  push: ['pushes', '推送'],
  tokens: ['tokens', 'token'],
  messages: ['messages', '消息'],
  requests: ['requests', '请求'],
  broadcasts: ['pushes to many', '群推'],
  'broadcasts-minute': ['pushes to many in a minute', '每分钟群推'],
}

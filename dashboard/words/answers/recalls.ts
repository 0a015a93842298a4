/** A recall as it is, and its targets. */
import type { WordTable } from '../../../shared/words.ts'

export const recallAnswerWords: WordTable = {
  operation: ['The operation that is done.', '实际执行的操作。'],
  'Recall.operation': ['The operation that was asked for.', '请求的操作。'],
  'AppCapabilities.operation': ['The operation.', '操作。'],
  requested: [
    'The operation that was asked for; of a correction, the one that was chosen for this target.',
    '请求的操作；更正则为该目标所选的操作。',
  ],
  state: [
    'done: the vendor accepted all of it, and where it keeps a record, that shows it; partial: some of it, a weaker operation, or nothing confirms it (notice unconfirmed); failed: none; expired: given up at giveUpAt.',
    'done：厂商已受理全部，有任务记录的以记录为证；partial：部分受理、采用了较弱的操作，或无法证实（notices 中有 unconfirmed）；failed：均未受理；expired：到 giveUpAt 放弃。',
  ],
  requestedBy: ['Who asked for it: key:<id>.', '请求者：key:<id>。'],
  person: ['The human behind the key; null: the key names none.', '密钥背后的人；密钥未注明则为 null。'],
  subject: [
    'What the recall was asked for: a message, a content or a vendor handle.',
    '回撤的对象：消息、内容或厂商标识。',
  ],
  origin: [
    'Who wanted it: request (a person or a program), verdict (a moderation system), expiry (the message was over).',
    '由谁引起：request 人或程序请求；verdict 审核结论；expiry 消息到期。',
  ],
  'Recall.verdict': ['The verdict that it came of; null: of none.', '引起它的审核结论；没有则为 null。'],
  'causedBy.verdict': ['Of a verdict: its id.', '审核结论的 ID。'],
  'subject.title': [
    'The title of what it takes back; null: nobody registered that, the texts have left, or it is outside the key’s grant.',
    '被回撤消息的标题；未登记、文本已删除或不在密钥权限范围内则为 null。',
  ],
  'Recall.fallback': ['Where the operation cannot be done, a weaker one is.', '操作不可行时，改用较弱的操作。'],
  'RecallTarget.message': [
    'The message that the push belongs to; null: none is registered, or it is outside the key’s grant.',
    '该推送所属的消息；未登记或不在密钥权限范围内则为 null。',
  ],
  reach: ['How many devices are meant, and how that is known.', '涉及的设备数及其依据。'],
  'Reach.devices': [
    'Devices; refused targets and those of other recalls are not counted.',
    '设备数；不含无法操作及由其他回撤处理的目标。',
  ],
  basis: [
    'exact: counted; vendor: told by the vendor; stated: by the sender (audienceSize); assumed: by the policy (assumeAudience). Of several targets the weakest.',
    'exact：已逐一计数；vendor：厂商给出；stated：发送方所填（audienceSize）；assumed：按策略假定（assumeAudience）。多个目标取最弱的依据。',
  ],
  'Recall.meanwhile': [
    'What goes ahead of it, or may (recall null) while it waits; null: nothing.',
    '等待复核期间先行执行、或可以先行执行（recall 为 null）的操作；没有则为 null。',
  ],
  'meanwhile.operation': ['The operation.', '操作。'],
  'meanwhile.recall': ['The recall that does it; null: nobody has asked for it.', '执行它的回撤；尚未请求则为 null。'],
  aheadOf: [
    'The recall that this stop goes ahead of while that waits; null: it is a recall of its own.',
    '本次终止是为哪个等待复核的回撤先行执行的；独立回撤则为 null。',
  ],
  outside: [
    'Targets of what was named that the key’s apps do not reach: they are left as they are.',
    '所指内容中不在该密钥应用范围内的目标数；这些目标保持原样。',
  ],
  moreTargets: [
    'How many targets are not shown one by one: a recall shows the first 1,000, in a list the first 100. devices, etaSeconds and blocked are about all of them.',
    '未逐项列出的目标数：单条回撤列出前 1,000 个目标，列表中列出前 100 个；devices、etaSeconds、blocked 涵盖全部目标。',
  ],
  causedBy: [
    'Who made it start or grow without asking for it: whoever attached the content, sent a late target or token, or set the end of the message; or the verdict’s endpoint.',
    '未直接请求、却使该回撤启动或扩大者：关联内容、补充目标或 token、设定过期时间的发送方，或给出审核结论的端点。',
  ],
  'causedBy.actor': ['Who: key:<id> or endpoint:<id>.', '行为方：key:<id> 或 endpoint:<id>。'],
  'causedBy.by': ['By what.', '方式。'],
  'causedBy.at': ['When it was noted.', '记录时间。'],
  settledAt: ['When every target had its outcome; null: not yet.', '全部目标有结果的时间；未完成则为 null。'],
  giveUpAt: ['Until when it is tried.', '重试的截止时间。'],
  devices: [
    'Device counts; null where the vendor tells none (some address whole pushes).',
    '设备计数；厂商不提供时为 null（部分厂商以整次推送为单位）。',
  ],
  'Message.devices': ['Distinct tokens; null until repeats are removed.', '去重后的 token 数；去重前为 null。'],
  total: ['All devices, each counted once.', '设备总数，每台只计一次。'],
  accepted: ['Accepted by the vendor. Not: gone from the screen.', '厂商已受理；不等于已从屏幕消失。'],
  rejected: ['Why the vendor rejected devices, and how many.', '被厂商拒绝的原因与数量。'],
  'Devices.rejected': ['Refused by the vendor for good.', '被厂商最终拒绝。'],
  unknown: ['Trying has ended without an outcome.', '结果未知：尝试已结束但没有结果。'],
  pending: ['Work without a final outcome yet.', '尚无最终结果。'],
  etaSeconds: [
    'Seconds until it is through if nothing else goes wrong; null: no telling.',
    '顺利时预计剩余秒数；无法估计则为 null。',
  ],
  blocked: [
    'Why a running recall cannot move just now; null: it can.',
    '进行中的回撤暂时受阻的原因；未受阻则为 null。',
  ],
  by: ['What is in the way.', '受阻于何处。'],
  since: ['Since when.', '自何时起。'],
  nextAttemptAt: ['When it is tried again.', '下次尝试时间。'],
  detail: ['A sentence for people.', '给人看的说明。'],
  deduplicated: [
    'True: this very recall was there already, and nothing new was started.',
    'true 表示相同的回撤已存在，未新建。',
  ],
  links: ['Paths of this API.', '本 API 内的路径。'],
  self: ['The path of the recall.', '该回撤的路径。'],
  provider: ['The vendor, by its name in secrets.', '厂商，即密钥文档中的 provider。'],
  effects: [
    'What people see on each channel if the vendor keeps its word.',
    '若厂商如实执行，各通道上用户所见的效果。',
  ],
  channel: ["The vendor's word for a way to the phone.", '厂商对下发通道的称呼。'],
  effect: [
    'removed, replaced, stopped (not shown any more where it was not shown yet), or none.',
    'removed 消失；replaced 被替换；stopped 未展示的不再展示；none 无变化。',
  ],
  count: ['How many devices.', '设备数。'],
  vendor: ["The vendor's last answer; null: none yet.", '厂商最近一次的回应；尚无则为 null。'],
  code: ["The vendor's own code.", '厂商返回码。'],
  'vendor.message': ["The vendor's own words, without push tokens.", '厂商原话（不含 push token）。'],
  'vendor.requestId': ["The vendor's request id, for its support.", '厂商请求 ID，供其客服查询。'],
  'vendor.status': [
    'The status of the task as read after acting: PUSH_REVOKED, …',
    '操作后读取的任务状态：PUSH_REVOKED 等。',
  ],
  warnings: ['Plain sentences: what the vendor will not do.', '文字说明：厂商做不到的部分。'],
  notices: [
    'What the sentences beside it say, in their order: a code and what differs, so that any language can be made of them.',
    '与旁边文字逐句对应的代码及变量，按先后排列，可据此生成任意语言的文案。',
  ],
  'notices.code': [
    'What the sentence says; dashboard/words/notices.ts has all of them. other: a sentence without a code, whole in params.text. unconfirmed: accepted, and the record never showed that it was done.',
    '文案代码，全部见 dashboard/words/notices.ts；other 表示没有代码，原文在 params.text；unconfirmed 表示厂商已受理，但任务记录始终未能证实。',
  ],
  'blocked.code': ['What detail says.', 'detail 对应的代码。'],
  params: ['What the sentence says besides its code.', '文案中除代码以外的变量。'],
  superseded: [
    'Another message was registered later under the same key (a notify id): screens show what was pushed for that one. Absent: none was.',
    '此后又有消息以同一标识登记，屏幕上显示的是后者的推送。没有则不出现。',
  ],
  'superseded.message': [
    'The next message under that key; null: it is outside the key’s grant.',
    '以同一标识登记的下一条消息；不在密钥权限范围内则为 null。',
  ],
  'superseded.shown': [
    'The last message under that key, which is the one to take back; null: it is outside the key’s grant.',
    '该标识下最新的消息，即应当回撤的那条；不在密钥权限范围内则为 null。',
  ],
  'RecallTarget.recall': ['The other recall that does the work for this target.', '为该目标执行操作的另一次回撤。'],
  'recall.id': ['The id of the recall (rcl_…).', '回撤的 ID（rcl_…）。'],
}

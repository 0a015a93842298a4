import type { Words } from '../../shared/words.ts'

export const moderationWords: { readonly [name: string]: Words } = {
  // the generic form of a verdict
  'receiveVerdict.type': ['Always moderation.verdict.', '恒为 moderation.verdict。'],
  timestamp: [
    'When it was decided; without it the header webhook-timestamp counts.',
    '作出结论的时间；不给则以请求头 webhook-timestamp 为准。',
  ],
  data: ['The verdict.', '审核结论。'],
  'data.content': [
    "The content id; the endpoint's contentPrefix is put before it, and messages carry the result in contents.",
    '内容 ID；加上该端点的 contentPrefix 后，与消息的 contents 匹配。',
  ],
  verdict: ['What was decided.', '审核结论。'],
  'Verdict.verdict': [
    'What was decided; null: the source delivers an action.',
    '审核结论；来源只给出处置动作时为 null。',
  ],
  labels: ['Why, in words of the moderation system.', '审核系统给出的标签。'],
  'data.reason': ['Why, in a sentence: part of the reason of the recall.', '一句话原因，会写入回撤的原因。'],
  'data.by': [
    'Whose word it is; machine by default. An appeal stands above a human, a human above a machine.',
    '由谁作出，默认 machine；申诉高于人工，人工高于机器。',
  ],
  round: [
    'Counts repeated reviews by the same: the later round stands above the earlier.',
    '同级复审的轮次：后一轮高于前一轮。',
  ],
  'Acknowledged.received': ['Always true: it need not be sent again.', '恒为 true：无需再次投递。'],
  'Acknowledged.code': ['Always 200, for sources that want it so.', '恒为 200，仅用于要求如此应答的来源。'],
  // a verdict as it was recorded
  'Verdict.id': ['The id of the verdict (vrd_…).', '审核结论的 ID（vrd_…）。'],
  endpoint: ['The endpoint it came to.', '接收它的端点。'],
  'Verdict.source': ['The moderation system.', '审核系统。'],
  tier: [
    'A: body and time are signed; B: the body is; C: the verdict is not, and never acts.',
    'A：正文与时间均已签名；B：仅正文已签名；C：结论未签名，不会自行生效。',
  ],
  'Verdict.content': [
    'The content id as messages carry it; null: it names none that a message can carry.',
    '内容 ID（与消息 contents 中一致）；未指明可用内容则为 null。',
  ],
  action: ['The action that the source delivers; null: a verdict.', '来源给出的处置动作；给出的是结论时为 null。'],
  'Verdict.by': ['Whose word it is.', '由谁作出。'],
  'Verdict.reason': ['Why, in a sentence; null: not told.', '一句话原因；未说明则为 null。'],
  occurredAt: ['When it was decided; null: not told.', '作出结论的时间；未说明则为 null。'],
  receivedAt: ['When it came first.', '首次收到的时间。'],
  'Verdict.operation': [
    "What the endpoint's policy made of it; null: nothing.",
    '按端点策略应执行的操作；null 表示不处理。',
  ],
  'Verdict.state': [
    'recorded: nothing is to be done; waiting: for a message with this content, for 24 h; unmatched: none came; held: another recall must end first; recalled; refused: it cannot be done, and detail says why; outranked: another verdict stands above it; overturned: recalled, and a person or an appeal said later that it was wrong; unreadable: genuine, and no verdict could be made of it.',
    'recorded 无需处理；waiting 等待含该内容的消息（24 小时）；unmatched 未等到；held 须先等另一回撤结束；recalled 已引发回撤；refused 无法执行，原因见 detail；outranked 有更高的结论；overturned 已回撤，但其后人工或申诉判定有误；unreadable 验签通过，但无法解读为结论。',
  ],
  'listVerdicts.state': [
    'Only verdicts in one of these states, with commas between.',
    '仅列出处于这些状态之一的结论，以逗号分隔。',
  ],
  'Verdict.detail': [
    'Why it is held, refused (one that is dated is refused as stale after a day), unreadable, or does not count; null: none of these.',
    'held、refused（自带时间的一天后按过期处理）、unreadable 或不计入的原因；否则为 null。',
  ],
  messages: ['How many messages it did something about.', '它涉及的消息数。'],
  recalls: ['The recalls that these messages are in.', '这些消息所在的回撤。'],
  overturns: [
    'Recalls of other verdicts that this one says were wrong; they cannot be undone.',
    '被本结论判定有误的其他回撤；已无法恢复。',
  ],
}

import type { Words } from '../../shared/words.ts'

export const requestWords: { readonly [name: string]: Words } = {
  // what a request is about
  app: ['The app id, as in the secret unpush/apps/<app>.', '应用 ID，即密钥 unpush/apps/<app> 中的名字。'],
  handle: [
    'The name of the push, whatever its vendor calls it: the id that the vendor made, else the key that the sender chose.',
    '推送的名字，不论厂商如何称呼：厂商生成的 ID；没有则为发送方自选的标识。',
  ],
  tokens: [
    'Push tokens of the devices. Repeats are removed before anything is sent; no answer holds one.',
    '设备的 push token。发送前自动去重；任何返回都不含 token。',
  ],
  topic: ['The topic that the message was sent to, in place of push tokens.', '发送消息时的主题，代替 push token。'],
  audience: ['Whom the push went to, as the caller states it.', '推送的受众类型，由调用方说明。'],
  audienceSize: ['How many devices that is, as the caller states it.', '受众设备数，由调用方说明。'],
  target: [
    "The vendor's own handle, of a push that need not be registered. Its members depend on the app's vendor.",
    '厂商侧的推送标识，无需登记即可使用；成员取决于应用所属厂商。',
  ],
  targets: [
    'One push at one vendor each; unique by app and handle.',
    '每项为一个厂商处的一次推送；按应用加 handle 唯一。',
  ],
  message: ['The id of a registered message.', '已登记消息的 ID。'],
  messages: [
    'Ids of registered messages, at most 200: one recall over all of them, with one plan and one approval. An id given twice counts once.',
    '已登记消息的 ID，最多 200 个：合为一次回撤、一个方案、一次审批。重复的 ID 只算一次。',
  ],
  'Problem.messages': ['Ids under which there is no message.', '没有对应消息的 ID。'],
  content: ['A content id: every message that carries it is meant.', '内容 ID：所有带有它的消息。'],
  contents: ["The caller's own content ids: what a moderation verdict names.", '调用方的内容 ID，审核结论据此指认。'],
  // a recall as it is asked for
  reason: ['Why; required unless dryRun is true.', '原因；除 dryRun 为 true 外必填。'],
  ticket: ['The ticket or incident it belongs to.', '关联的工单或事故编号。'],
  fallback: [
    'Default true: where the operation cannot be done, the strongest weaker one is, and the answer says so (revoke → overlay, if given → stop). False: that target fails.',
    '默认 true：做不到时退而采用次强的操作并如实说明（撤回 → 覆盖（若给出）→ 终止）；false 则该目标失败。',
  ],
  dryRun: ['Answers with the plan and calls no vendor.', '只返回方案，不调用任何厂商。'],
  supersede: [
    'Where another operation is running for the same push, end that one and go on.',
    '同一推送正有其他操作进行时，结束它并继续本次操作。',
  ],
  again: [
    'Do it again, also where the same recall finished within the last 10 minutes.',
    '即使 10 分钟内已完成相同的回撤，也再做一次。',
  ],
  breakGlass: [
    'Begins at once, over any line, where the policy lets the caller (breakGlass); needs a ticket, alarms, and waits for a review.',
    '即使超过复核线也立即开始（须策略 breakGlass 允许调用方）；必须填写 ticket，会告警，并须由另一人事后复查。',
  ],
  meanwhile: [
    'stop: while the recall waits for another person, what is not delivered yet is stopped at once, where the vendor lets the asked operation follow and the stop is under its own line. The same request again adds it to a recall that waits already.',
    'stop：等待复核期间，立即终止尚未下发的部分（须厂商允许之后再执行所请求的操作，且终止本身未超过其复核线）。对已在等待的回撤，带此项重发同一请求即可补上。',
  ],
  expect: [
    'The digest of the plan that was shown. Another plan by now is 409, with the new one under plan; up to 1.25 times its reach passes.',
    '所见方案的 digest。方案已变则返回 409，新方案见 plan；设备数不超过所示的 1.25 倍仍视为同一方案。',
  ],
  'approveRecall.digest': [
    'The digest that was shown; another one by now is 409.',
    '所见内容的 digest；已变化则返回 409。',
  ],
  'declineRecall.digest': [
    'The digest that was shown; another one by now is 409.',
    '所见内容的 digest；已变化则返回 409。',
  ],
  'reviewRecall.digest': ['Not looked at: a review is of what was done.', '不参与判断：复查针对已完成的操作。'],
  'approveRecall.reason': ['Why; it stands in the record.', '理由；写入记录。'],
  'declineRecall.reason': ['Why; it stands in the record.', '理由；写入记录。'],
  'reviewRecall.reason': ['Why; it stands in the record.', '理由；写入记录。'],
  exceptTokens: [
    'Push tokens that are left alone and counted nowhere, up to 1,000: everyone but these. Beside message, messages or content; a vendor that takes back whole pushes only cannot leave a device out, and such targets fail.',
    '不予处理、也不计数的 push token，最多 1,000 个，即“除这些以外的所有人”。与 message、messages 或 content 同用；只能整体处理推送的厂商无法排除设备，相应目标会失败。',
  ],
  'subject.exceptTokens': ['How many push tokens are left alone.', '不予处理的 push token 数量。'],
  hold: [
    'With message or content, known or not: what is registered under it within the caller’s apps until giveUpAt is taken in as well. 202 and running, also where nothing is there yet; cancel ends it.',
    '与 message 或 content 同用，对应内容是否已登记均可：在 giveUpAt 之前，凡在其名下登记、且属于调用方应用的，一并收回。即使尚无任何内容也返回 202、状态 running；取消即结束。',
  ],
  holdsUntil: [
    'Until when it takes in what is registered under its content or message, unless it is cancelled before; null: it does not, or no more.',
    '在此之前，凡在其内容或消息 ID 名下登记的都会并入（取消则提前结束）；null 表示不扣留或已结束。',
  ],
  overlay: ['The notification that replaces the old one.', '用来替换旧通知的新通知。'],
  'Recall.overlay': [
    'The notification that replaces the old one; null where none was given.',
    '用来替换旧通知的新通知；未给出则为 null。',
  ],
  title: ['The title of the notification.', '通知标题。'],
  body: ['The text of the notification.', '通知正文。'],
  url: ['The link that the notification opens, with its scheme.', '通知打开的链接，含协议。'],
  forceCollapse: [
    'Where its vendor leaves the choice, on devices that cannot overlay: true delivers the new message beside the old, false (the default) not at all.',
    '厂商允许选择时，对不支持覆盖的设备：true 则新旧并存，false（默认）则不下发新消息。',
  ],
  options: [
    "By vendor name, the vendor's own presentation members, as its guide has them. Unknown members are refused.",
    '按厂商名给出其展示参数，见各厂商说明。未知成员会被拒绝。',
  ],
  // a message
  'registerMessage.id': [
    "The caller's own id of the message; without it Unpush makes one (msg_…).",
    '调用方自定的消息 ID；不给则由 Unpush 生成（msg_…）。',
  ],
  'Message.id': ["The caller's id, or one that Unpush made (msg_…).", '调用方自定，或由 Unpush 生成（msg_…）。'],
  'Recall.id': ['The id of the recall (rcl_…).', '回撤的 ID（rcl_…）。'],
  expiresAt: [
    'When the message is taken back by itself (expireAction of the policy: revoke or stop); at least minExpiryMinutes (10) ahead.',
    '消息到期时间，到期自动回撤（按策略 expireAction：撤回或终止）；至少在 minExpiryMinutes（10 分钟）之后。',
  ],
  'changeMessage.expiresAt': ['Moves the expiry; null clears it.', '修改过期时间；null 为清除。'],
  'Message.expiresAt': ['When the message expires; null: never.', '消息过期时间；null 表示不过期。'],
  registeredBy: ['Who registered it: key:<id>.', '登记者：key:<id>。'],
  createdAt: ['When it was recorded.', '记录时间。'],
  'Message.source': [
    'registered by whoever sent it, or discovered: its vendor listed it, and nobody has registered it.',
    'registered：由发送方登记；discovered：由厂商列表发现，尚无人登记。',
  ],
  sentAt: ['When it was sent, where its vendor said so; else null.', '厂商给出的发送时间；未知则为 null。'],
  received: ['How many lines or items were taken, repeats included.', '收到的条数（含重复）。'],
  'Message.recall': ['The recall that holds this message back; null: none.', '该消息所属的回撤；没有则为 null。'],
  'Received.recall': [
    'The recall that the tokens joined: the message is recalled, so a sender in mid-flight should stop.',
    'token 已并入的回撤：消息已被回撤，仍在发送的一方应停止发送。',
  ],
  'Message.warnings': [
    'What could not be recalled, and why; only on register and change.',
    '无法回撤的部分及原因；仅在登记与修改时返回。',
  ],
  // before it is sent
  ask: [
    'True: registers nothing, and answers which recalls and verdicts would take this message back.',
    '为 true 时不登记，只回答这条消息会被哪些回撤或审核结论收回。',
  ],
  'getHolds.content': ['The content id that is to be sent.', '准备发送的内容 ID。'],
  'getHolds.message': [
    'The id of the message that is to be sent, or to be added to.',
    '准备发送或准备追加目标的消息 ID。',
  ],
  held: ['True: do not send, it would be taken back.', 'true：不要发送，发出即会被收回。'],
  holds: ['What would take it back, each once.', '会将其收回的回撤或结论，每项一条。'],
  'holds.recall': [
    'The recall. Of a verdict, the last one that it led to and that the caller may see, else null: what is registered now gets a recall of its own.',
    '对应的回撤。若由审核结论扣留，则为该结论引发、且调用方可见的最近一次回撤，没有则为 null：新登记的消息会另起一次回撤。',
  ],
  'holds.verdict': ['The moderation verdict that stands, where one does.', '起作用的审核结论（如由结论扣留）。'],
  // lists
  items: ['This page, newest first.', '本页内容，最新在前。'],
  'Capabilities.items': ['One for each app that the key reaches.', '密钥可及的每个应用一项。'],
  nextCursor: [
    'Give it as cursor for the next page; null: this was the last.',
    '作为 cursor 取下一页；null 表示已是最后一页。',
  ],
  limit: [
    'How many at most: 1 to 200, default 50. A page also ends at 1 MiB, with nextCursor.',
    '每页最多条数：1 到 200，默认 50；一页达到 1 MiB 时也会提前结束，并给出 nextCursor。',
  ],
  cursor: ['nextCursor of the page before.', '上一页的 nextCursor。'],
  q: [
    'Text to be found in id, reason, ticket (recalls), content, reason (verdicts) or id, recall, type (deliveries).',
    '在 ID、原因、工单（回撤）、内容、原因（审核结论）或 ID、回撤、类型（投递）中查找的文字。',
  ],
  'listAudit.q': ['Text to be found in actor, person, action or object.', '在操作者、人、操作或对象中查找的文字。'],
  'listAudit.app': ['Only records that name this app.', '仅列出涉及该应用的记录。'],
  from: ['Created at or after.', '创建时间不早于。'],
  to: ['Created before.', '创建时间早于。'],
  'listMessages.q': [
    'Text to be found in id, title and body; or a content, or the vendor’s id of a push, in full. What is such a content or id, has five characters or more and a digit among them finds that alone.',
    '在 ID、标题、正文中查找的文字；也可填完整的内容 ID 或厂商推送 ID。五个字符以上、含数字的完整内容 ID 或推送 ID 只列出对应的消息。',
  ],
  'listMessages.state': [
    'live: not recalled; recalled: in or after a recall.',
    'live：未回撤；recalled：已回撤或正在回撤。',
  ],
  'listRecalls.message': [
    'Only recalls that named this message, or took back a push of it.',
    '仅列出指定该消息、或回撤了其推送的回撤。',
  ],
  'listRecalls.handle': ['Only recalls of this push, by its handle.', '仅列出该推送的回撤，填其 handle。'],
  'listRecalls.person': ['Only what this person asked for.', '仅列出此人请求的回撤。'],
  'listRecalls.operation': ['Only recalls for which this was asked.', '仅列出请求该操作的回撤。'],
  'listRecalls.ticket': ['Only recalls of this ticket.', '仅列出该工单的回撤。'],
  'listRecalls.state': [
    'Only recalls in one of these states, with commas between: failed,expired.',
    '仅列出处于这些状态之一的回撤，以逗号分隔，如 failed,expired。',
  ],
}

/**
 * What a refused request is told (`detail` and `errors` of a problem), in Chinese. Programs read the slug; people read the
 * English sentence that the API carries, or these. What is not here is shown as it came.
 */
import { inEnglish, readerOf } from '../../shared/notice-forms.ts'
import { sentences } from '../../shared/notice-codes.ts'
import { serviceSentences } from '../../shared/service-codes.ts'
import type { WordTable } from '../../shared/words.ts'
import { chineseOf, phraseOf } from './notice-params.ts'
import { noticeText } from './notices.ts'
import { vendorSentences } from './vendors/sentences.ts'

export const refusalWords: WordTable = {
  // who asks
  send_key: [
    'Send the API key or the access token as "Authorization: Bearer <it>".',
    '请以 "Authorization: Bearer <密钥>" 发送 API 密钥或 access token。',
  ],
  unknown_key: ['The API key is not known here, or has expired.', '此 API 密钥不存在或已过期。'],
  token_size: ['The access token is longer than any that is taken.', '此 access token 过长。'],
  token_form: [
    'The access token is not one signed JWT whose members each stand there once.',
    '此 access token 不是一个签名的、字段不重复的 JWT。',
  ],
  token_header: [
    'The access token has a key, the address of one or an extension in its header.',
    '此 access token 的头部带有密钥、密钥地址或扩展。',
  ],
  token_type: ['The access token is of another type than at+jwt or JWT.', '此 access token 的类型不是 at+jwt 或 JWT。'],
  token_alg: [
    'The access token is not signed with ES256, RS256 or PS256.',
    '此 access token 未以 ES256、RS256 或 PS256 签名。',
  ],
  token_key: [
    'The access token is signed with a key that its issuer does not publish.',
    '签署此 access token 的密钥未由其签发方公布。',
  ],
  token_signature: [
    'The access token has a signature that is not of its issuer.',
    '此 access token 的签名不是其签发方所签。',
  ],
  token_issuer: ['The access token is of another issuer.', '此 access token 来自另一签发方。'],
  token_audience: ['The access token is for another audience.', '此 access token 不是给此服务的（audience 不符）。'],
  token_expired: [
    'The access token has expired, or does not say when it does.',
    '此 access token 已过期，或未写明何时过期。',
  ],
  token_early: [
    'The access token does not hold yet: its nbf is ahead of the clock here.',
    '此 access token 尚未生效：其 nbf 晚于此处的时钟。',
  ],
  token_issued: [
    'The access token does not say when it was issued, or names a time ahead of the clock here.',
    '此 access token 未写明签发时间，或签发时间晚于此处的时钟。',
  ],
  token_subject: ['The access token does not say whose it is.', '此 access token 未写明属于谁。'],
  token_id: [
    'The access token is an ID token, or another that no API takes: send the access token.',
    '所发的是 ID token 或其他 API 不接受的 token：请发送 access token。',
  ],
  issuer_away: [
    'The keys of the issuer of access tokens cannot be had now. API keys work.',
    '暂时取不到 access token 签发方的密钥；API 密钥仍可使用。',
  ],
  role_not: ['The role of this caller ({roles}) does not allow {call}.', '当前角色（{roles}）无权调用 {call}。'],
  app_not: ['This key does not reach the app {app}.', '此密钥不能操作应用 {app}。'],
  all_apps_only: [
    'A {paused} may reach every app: only a key of all apps ("*") pauses it.',
    '暂停{paused}会影响所有应用：只有可操作全部应用（"*"）的密钥才能执行。',
  ],

  // what is not there
  nothing_here: ['There is nothing at this path.', '此路径不存在。'],
  method_not: ['This path takes {names}.', '此路径只接受 {names}。'],
  no_requests: ['This function takes no requests.', '此函数不接受请求。'],
  no_such: ['There is no such {thing}.', '没有此{thing}。'],
  no_app: ['There is no app {app}.', '没有应用 {app}。'],
  no_app_in: ['In target: there is no app {app}.', 'target：没有应用 {app}。'],
  no_app_at: ['{path}/app: there is no app {app}.', '{path}/app：没有应用 {app}。'],
  no_message: ['There is no message {id}.', '没有消息 {id}。'],
  no_messages_more: ['There is no message {names} and {count} more.', '没有消息 {names} 等（另有 {count} 条）。'],
  no_messages: ['There is no message {names}.', '没有消息 {names}。'],
  no_content: ['No message carries the content {content}.', '没有消息关联内容 {content}。'],
  no_token_target: [
    'The message has no target of {app} that takes tokens.',
    '此消息在 {app} 中没有可接收 token 的目标。',
  ],
  no_token_target_with: [
    'The message has no target of {app} with {named} that takes tokens.',
    '此消息在 {app} 中没有符合 {named}、可接收 token 的目标。',
  ],
  no_subscriber: ['There is no subscriber {id} any more.', '订阅方 {id} 已不存在。'],
  no_push: ['{provider} has no record of {handle}.', '{provider} 没有 {handle} 的记录。'],
  no_status: ['{provider} tells no status of a push.', '{provider} 不提供推送状态。'],
  no_status_without: [
    '{provider} tells no status of a push without {member}.',
    '{provider} 查询推送状态需要 {member}。',
  ],
  nothing_known: ['Nothing is known.', '一无所知。'],
  nothing_read: ['Nothing was read before.', '此前也未读到过。'],

  // of one recall
  dead_waits: ['The recall waits for approval: nothing of it has been tried.', '此回撤等待复核，尚未执行任何请求。'],
  dead_running: ['The recall is running: it tries again by itself.', '此回撤正在进行，会自行重试。'],
  dead_over: ['The recall is {state} already: nothing is left to cancel.', '此回撤{state}，没有可取消的部分。'],
  dead: ['Nothing of this recall can be tried again: {because}.', '此回撤没有可重试的部分：{because}。'],
  on_its_way: ['Another recall is on its way for the same push.', '同一推送已有另一回撤在处理。'],
  being_admitted: ['Another request for the same push is being admitted.', '同一推送的另一请求正在受理。'],
  being_registered: ['Other messages are being registered under the same key.', '同一标识的其他消息正在登记。'],
  plan_changed: [
    'The plan is another one by now than the one that was shown: look at the new one first.',
    '方案已不是所显示的：请先查看新方案。',
  ],
  nothing_waits: ['Nothing of this recall waits for approval: it is {state}.', '此回撤没有待复核的部分：{state}。'],
  approved_late: ['Nobody approved in time: ask for the recall again.', '逾期未复核：请重新申请回撤。'],
  shown_changed: [
    'What waits is no longer what was shown: look at it again, and decide on its digest.',
    '待复核的内容已不是所显示的：请重新查看后再决定。',
  ],
  no_review: [
    'There is nothing to review: no break-glass recall, or somebody has reviewed it.',
    '没有可复查的：不是紧急放行的回撤，或已有人复查。',
  ],
  no_person: ['This key names no person: it cannot stand for a second one.', '此密钥未写明人员，不能作为第二人复核。'],
  same_person: ['Another person must decide: this is who asked for the recall.', '须由他人复核：此人即申请者。'],
  may_no_more: [
    'Who asked for this recall may not ask for it any more: decline it.',
    '申请者现已无权申请此回撤：请不予通过。',
  ],
  no_break_glass: [
    'The policy does not allow breakGlass to this key (breakGlass: {value}).',
    '策略不允许此密钥紧急放行（breakGlass：{value}）。',
  ],
  in_a_recall_but: [
    'This push is in another recall {id} ({operation}, {difference}) already. Wait for it, cancel it, or send "supersede": true.',
    '此推送已在另一回撤 {id}（{operation}，{difference}）中。可等其结束、将其取消，或带上 "supersede": true。',
  ],
  in_another_recall_but: [
    'This push is in another recall ({operation}, {difference}) already. Wait for it, cancel it, or send "supersede": true.',
    '此推送已在另一回撤（{operation}，{difference}）中。可等其结束、将其取消，或带上 "supersede": true。',
  ],

  // of messages
  id_taken: ['This id is taken: choose another one, or leave it out.', '此 ID 已被占用：请换一个，或不填。'],
  other_body: [
    'The message {id} is registered with another body. Change it with PATCH {path}.',
    '消息 {id} 已以不同内容登记。请用 PATCH {path} 修改。',
  ],
  partly_out: [
    'This message also went out through apps that this key does not reach: contents and expiresAt, which hold for all of it, are not changed with it.',
    '此消息还经由此密钥不能操作的应用发出：contents 和 expiresAt 对整条消息有效，不能由此密钥修改。',
  ],
  not_yours: [
    'This message was registered by somebody else: a sender changes what its own keys registered, an operator what lies in his apps.',
    '此消息由他人登记：发送方只能修改自己密钥登记的消息，操作员只能修改其应用内的消息。',
  ],
  went_before: [
    'The message {id} went out under {handle} of {app} before another message did: what is pushed under it now is a message of its own.',
    '消息 {id} 以 {app} 的 {handle} 发出后，另有消息使用了同一标识：此后的推送属于另一条消息。',
  ],
  push_taken: [
    'The push {handle} of {app} belongs to the message {id} already.',
    '{app} 的推送 {handle} 已属于消息 {id}。',
  ],
  push_taken_other: [
    'The push {handle} of {app} belongs to another message already.',
    '{app} 的推送 {handle} 已属于另一条消息。',
  ],

  // what was sent
  many_wrong: ['{count} members of the input are not valid; `errors` lists them.', '有 {count} 个字段无效，已列出。'],
  many_more_wrong: [
    '{count} or more members of the input are not valid; `errors` lists them.',
    '至少有 {count} 个字段无效，已列出。',
  ],
  exactly_one: ['Give exactly one of {names}.', '请只给出其中一个：{names}。'],
  exactly_one_none: [
    'Give exactly one of message, messages, content and target; none were given.',
    'message、messages、content、target 须给出且只给出一个；一个都没有给出。',
  ],
  exactly_one_many: [
    'Give exactly one of message, messages, content and target; {count} were given.',
    'message、messages、content、target 只能给出一个；给出了 {count} 个。',
  ],
  except_target: [
    'exceptTokens does not go with target: leave them out of its tokens.',
    'exceptTokens 不能与 target 同用：请直接从其 tokens 中去掉。',
  ],
  hold_alone: [
    'hold goes with message or content alone, not with {member}.',
    'hold 只能与 message 或 content 同用，不能与 {member} 同用。',
  ],
  reason_required: ['A reason is required, unless dryRun is true.', '除 dryRun 外，原因为必填。'],
  ticket_required: ['A ticket is required with breakGlass.', '紧急放行（breakGlass）须填写工单。'],
  options_vendor: ['overlay.options names a vendor that is not here.', 'overlay.options 指定了此处没有的厂商。'],
  repeats: ['{path} repeats another target.', '{path} 与另一目标重复。'],
  no_tokens: ['/target/tokens must hold at least one push token.', '/target/tokens 须至少有一个 push token。'],
  not_a_cursor: ['The cursor is not one that this list gave.', '此游标不是此列表给出的。'],
  send_json: [
    'Send the body as JSON, with Content-Type: application/json.',
    '请以 JSON 发送正文，Content-Type 为 application/json。',
  ],
  send_plain: ['Send the body uncompressed, without Content-Encoding.', '请不压缩正文，不带 Content-Encoding。'],
  key_reused: [
    'This Idempotency-Key was used with another body. Use a new key for a new request.',
    '此 Idempotency-Key 已用于另一请求正文。新请求请用新的键。',
  ],
  key_others: [
    'This Idempotency-Key was used for a recall of apps that this API key does not reach.',
    '此 Idempotency-Key 已用于此 API 密钥不能操作的应用。',
  ],

  // too much
  body_over: ['The body is over {bytes} bytes.', '正文超过 {bytes} 字节。'],
  body_bytes: ['The body has {bytes} bytes; at most {most} are taken.', '正文有 {bytes} 字节，至多接受 {most} 字节。'],
  body_values: ['The body has more than {count} values.', '正文中的值多于 {count} 个。'],
  body_lines: ['The body has more than {count} lines.', '正文多于 {count} 行。'],
  tokens_together: [
    'The targets have more push tokens together than one request may bring.',
    '各目标的 push token 合计超过一次请求的上限。',
  ],
  at_most_kept: [
    'At most {count} {bounded} are kept ({what}), and these would be more.',
    '最多保留 {count} {bounded}，此次将超出。',
  ],
  contents_over: ['The message would have {count} contents.', '此消息将有 {count} 个内容 ID。'],
  targets_over: ['The message would have {count} targets.', '此消息将有 {count} 个目标。'],
  targets_content: [
    'More than {count} targets would carry one of these contents.',
    '其中一个内容将关联多于 {count} 个目标。',
  ],
  delivery_over: ['A delivery may have {bytes} bytes.', '一次回调至多 {bytes} 字节。'],
  advice_split: ['Split it into several requests.', '请分成几次请求。'],
  advice_options: [
    'Leave out what is not about the look of the notification: no vendor takes a message over 4 KB.',
    '请去掉与通知外观无关的内容：没有厂商接受超过 4 KB 的消息。',
  ],
  advice_token: [
    'Send the push token as the vendor gave it: none of them makes longer ones.',
    '请按厂商所给原样发送 push token：没有厂商的 token 有这么长。',
  ],
  advice_tokens: ['Split them over several requests to POST {address}.', '请分成几次 POST {address} 发送。'],
  advice_later: [
    'Send the same request again after Retry-After: they are being worked on.',
    '正在处理，请在 Retry-After 之后重发同一请求。',
  ],
  advice_larger: [
    'Send the same request again after Retry-After, and more push tokens in each.',
    '请在 Retry-After 之后重发同一请求，每次多带一些 push token。',
  ],
  advice_message: [
    'Register another message for the rest: a recall by content finds both.',
    '其余请登记为另一条消息：按内容回撤可同时找到两者。',
  ],
  advice_message_targets: [
    'Register another message with the same contents for the rest: a recall by content finds both.',
    '其余请以相同内容登记为另一条消息：按内容回撤可同时找到两者。',
  ],
  advice_content: ['Give each piece of content an id of its own.', '请为每个内容使用各自的 ID。'],

  // what is not there now
  questions_wait: ['Too many questions wait at this endpoint. Send it again.', '此端点待查询的任务过多，请重发。'],
  endpoint_unusable: ['This endpoint cannot be used now.', '此端点暂不可用。'],
  ledger_away: [
    'The ledger cannot be reached now. Send the request again, with the same Idempotency-Key if it had one: it takes effect at most once.',
    '暂时连不上账本。请重发请求；若有 Idempotency-Key，请用同一个：至多生效一次。',
  ],
  secret_unusable: [
    'A secret that Unpush needs cannot be used now. The log says which.',
    '所需的一项密钥暂不可用，具体见日志。',
  ],
  defect: [
    'A defect of Unpush: it is in the log under this request id.',
    'Unpush 内部故障：日志中可按此请求编号查到。',
  ],
}

/** Before their codes: notices have some of the same. */
const refused = 'refusal '

const read = readerOf(() => ({
  ...inEnglish(vendorSentences),
  ...sentences,
  ...serviceSentences,
  ...Object.fromEntries(Object.entries(refusalWords).map(([code, [english]]) => [`${refused}${code}`, english])),
}))

export interface Refusal {
  readonly detail: string
  readonly errors: readonly { readonly path: string; readonly message: string }[]
}

/** Of `errors`: what is wrong with the member. */
export function faultInChinese(message: string): string {
  return phraseOf(message) ?? message
}

/** `detail`: the first of `errors` in a sentence, or sentences of the table above. Null: it is none of ours, and stays as it came. */
export function refusalInChinese({ detail, errors }: Refusal): string | null {
  const [first] = errors
  const at = first === undefined ? -1 : detail.indexOf(` ${first.message}.`)
  if (first !== undefined && at > 0 && at < 160) {
    const rest = sentencesInChinese(detail.slice(at + first.message.length + 2).trim())
    return rest === null ? null : `${subjectOf(detail.slice(0, at))} ${faultInChinese(first.message)}。${rest}`
  }
  return sentencesInChinese(detail)
}

function sentencesInChinese(text: string): string | null {
  const found = read(text)
  if (found.some(({ code }) => code === 'other')) return null
  return found
    .map(notice => {
      const words = refusalWords[notice.code.slice(refused.length)]
      if (!notice.code.startsWith(refused) || words === undefined) return noticeText(notice, true)
      return words[1].replace(/\{(\w+)\}/g, (whole, name: string) =>
        name in notice.params ? chineseOf(name, notice.params[name] ?? '') : whole,
      )
    })
    .join('')
}

const subjects: { readonly [subject: string]: string } = {
  'The body': '正文',
  'The input': '输入',
  'A query parameter': '查询参数',
  'The header Idempotency-Key': '请求头 Idempotency-Key',
}

function subjectOf(subject: string): string {
  const line = /^Line (\d+)$/.exec(subject)?.[1]
  return subjects[subject] ?? (line === undefined ? subject : `第 ${line} 行`)
}

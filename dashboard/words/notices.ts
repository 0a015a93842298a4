/**
 * What plans, recalls and refusals say, by code: the English is the very sentence that the API carries, the Chinese is made of the
 * same parts. A code without its words does not compile.
 */
import { type NoticeCode, noticesIn, sentences, type ShownNotice } from '../../shared/notice-codes.ts'
import { type ServiceCode, serviceSentences } from '../../shared/service-codes.ts'
import { chineseOf, keptSentence } from './notice-params.ts'
import { serviceChinese } from './service-notices.ts'
import { vendorSentences } from './vendors/sentences.ts'
import type { Words, WordTable } from '../../shared/words.ts'

const chinese: { readonly [C in NoticeCode]: string } = {
  offers_none: '{provider} 不提供{operation}。',
  needs_name: '{provider} 的{operation}需要 {members}：此目标登记时未提供。',
  done_instead_of: '改为{instead}，代替{operation}。',
  exceptions_whole: '{provider} 只能整体处理此次推送，无法排除个别设备（exceptTokens）。',
  nothing_possible: '此处无法{operation}。',
  overlay_member: 'overlay{path} 有误：{message}。',
  credentials_unread: '{app} 的凭据暂时无法读取，稍后重新读取。',
  tokens_deleted_all: '全部 {devices} 台设备的 push token 已到期删除（tokenRetentionDays），无法再告知厂商是哪些设备。',
  tokens_deleted_some:
    '{devices} 台设备中有 {gone} 台的 push token 已到期删除（tokenRetentionDays），这些设备无法撤回。',
  audience_deleted: '此推送的接收者信息已到期删除（tokenRetentionDays），无法再告知厂商发给了谁。',
  identical_overlay: '厂商拒绝在 {span} 内向全员重复推送相同内容。',
  identical_overlay_perhaps: '{span} 内已发出过相同的覆盖：若此推送是发给全员的，厂商会拒绝。',
  superseded: '此后又有消息以同一标识登记，屏幕上显示的已是后者的推送；若撤回，撤回的将是后者。',
  superseded_by: '后来的消息是 {id}。',
  superseded_shown: '此标识当前显示的是 {id}。',
  tokens_counted_later: '此目标的 push token 仍在去重整理，设备数稍后可知。',
  tokens_counted_joining: '此目标的 push token 仍在去重整理，将陆续并入，届时计数。',
  tokens_to_come: '此目标尚无 push token；之后到达的随到随撤。',
  exceptions_alone: '此目标目前只有被排除的 push token；之后到达的其他 token 会随到随撤。',
  vendor_unknown: '未知的厂商。',
  no_target: '没有目标能完成所请求的操作。',
  app_gone: '应用 {app} 已不在 unpush/apps 中。',
  not_possible_code: '无法{operation}：{code}。',
  done_instead: '改为{instead}。',
  nothing_left: '厂商记录已是 {status}，无需再做。',
  overlaid_before: '厂商已受理覆盖，但其记录此前已因另一次覆盖显示 {status}，无法分辨本次。',
  unconfirmed: '厂商已受理{operation}，但无法证实已执行：{why}。',
  unrecorded: '厂商已受理{operation}；厂商没有此推送的记录可供证实。',
  sent_meanwhile: '暂时无法得知{operation}是否已执行，已另发{instead}。',
  not_sent_again: '连续两次未能记录发送结果，厂商处也无迹象，不再发送第三次。',
  not_sent_tokens: '询问厂商之前 push token 已到期删除（tokenRetentionDays），未发出任何请求。',
  not_sent_text: '询问厂商之前覆盖文本已到期删除（textRetentionDays），未发出任何请求。',
  maybe_sent: '厂商没有应答，没有可查的记录，重复发送又会被看到：是否已发出不得而知。',
  set_aside: '连续十次未能记录结果，已搁置。',
  answer_unkept: '厂商的回应无法保存。',
  dead_letters_kept: '{count} 个请求结束时未知触达任何设备（{how}）；重试（{whose}）只会重发这些请求。',
  dead_letters_gone:
    '{count} 个请求结束时未知触达任何设备（{how}）；此目标的 push token 此后已删除（tokenRetentionDays），重试不含这些设备。',
  dead_letters_audience:
    '{count} 个请求结束时未知触达任何设备（{how}）；此推送的接收者信息此后已删除（tokenRetentionDays），重试只做无需指明接收者的操作。',
  approval: '等待他人复核。',
  breaker_vendor: '厂商失败多于应答：暂停调用，逐个试探。',
  breaker_credential: '凭据被厂商拒绝：暂停调用，直至凭据可用。',
  clock_differs: '本机时钟与厂商相差 {seconds} 秒（{direction}）。',
  budget_used_up: '额度“{budget}”暂时用完。',
  asked_for_less: '厂商要求降低频率。',
  asked_for_less_code: '厂商要求降低频率（{code}）。',
  credential_refused: '凭据被厂商拒绝。',
  credential_refused_code: '凭据被厂商拒绝（{code}）。',
  credential_refused_clock: '凭据被厂商拒绝，且本机时钟与厂商相差 {seconds} 秒（{direction}）。',
  credential_refused_code_clock: '凭据被厂商拒绝（{code}），且本机时钟与厂商相差 {seconds} 秒（{direction}）。',
  no_answer: '没有可用的应答：{reason}。',
  no_answer_code: '没有可用的应答（{code}）：{reason}。',
  credentials_unusable: '{app} 的凭据暂不可用，原因见日志。',
  credentials_unreadable: '凭据无法读取，原因见日志。',
}

const others: { readonly [code: string]: Words } = {
  not_possible: ['{operation} was not possible:', '无法{operation}：'],
  other: ['{text}', '{text}'],
}

/** `zh`: in Chinese. `ofVendors`: sentences that only a vendor says. A code of a later version has its own words where it brings them, else none. */
export function noticeText(notice: ShownNotice, zh: boolean, ofVendors: WordTable = vendorSentences): string {
  const { code, params } = spelled(notice)
  const own = (text: string) =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = params[name] ?? ''
      return zh ? chineseOf(name, value) : String(value)
    })
  if (Object.hasOwn(sentences, code)) {
    const known = code as NoticeCode
    return own(zh ? chinese[known] : sentences[known])
  }
  if (Object.hasOwn(serviceSentences, code)) {
    const known = code as ServiceCode
    return own(zh ? serviceChinese[known] : serviceSentences[known])
  }
  const words = Object.hasOwn(ofVendors, code) ? ofVendors[code] : others[code]
  return words === undefined ? String(params['text'] ?? code) : own(words[zh ? 1 : 0])
}

/**
 * What was `said`, in Chinese, by the codes beside it. `said` itself where there are none, or where one is of a later version: its
 * name would tell nobody anything.
 */
export function saidInChinese(said: readonly string[], notices: unknown): readonly string[] {
  if (!Array.isArray(notices) || notices.length === 0 || !notices.every(isSayable)) return said
  return notices.map(notice => noticeText(notice, true)).filter(text => text !== '')
}

function isSayable(notice: unknown): notice is ShownNotice {
  const { code, params } = (notice ?? {}) as { readonly code?: unknown; readonly params?: unknown }
  if (typeof code !== 'string' || typeof params !== 'object' || params === null) return false
  return (
    'text' in params || [sentences, serviceSentences, vendorSentences, others].some(table => Object.hasOwn(table, code))
  )
}

/** With the parts that its sentence names. */
function spelled(notice: ShownNotice): ShownNotice {
  const kept = keptSentence(notice)
  return kept === null ? notice : (noticesIn(kept)[0] ?? notice)
}

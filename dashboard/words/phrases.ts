/**
 * Phrases of our own that stand inside sentences: what is wrong with a member of the input, why an address is not used, why a
 * delivery cannot be read, what became of a reply. The service says them in English; here they are in Chinese.
 */
import type { WordTable } from '../../shared/words.ts'

export const phrases: WordTable = {
  // what a member of the input must be
  required: ['is required', '为必填'],
  required_why: ['is required: say in a few words why (1 to 500 characters)', '为必填：请简述原因（1 到 500 个字符）'],
  required_break_glass: ['is required with breakGlass', '在紧急放行（breakGlass）时为必填'],
  required_record: ['is required: the vendor keeps its record under that name', '为必填：厂商以此名保存记录'],
  required_category: [
    'is required: {vendor} sends nothing without a category, and the app has no overlayCategory',
    '为必填：{vendor} 不接受没有 category 的消息，而此应用未设 overlayCategory',
  ],
  needed_several: ['is needed: this message has several targets of the app', '为必填：此消息在该应用中有多个目标'],
  must_time: [
    'must be a time as in RFC 3339, like 2026-11-24T08:00:00+08:00',
    '须为 RFC 3339 格式的时间，如 2026-11-24T08:00:00+08:00',
  ],
  must_years: ['must lie in the years 0001 to 9999, in UTC', '须在公元 0001 至 9999 年之间（UTC）'],
  must_ahead: ['must be at least {count} minutes ahead', '须至少在 {count} 分钟之后'],
  must_url: ['must be a URL', '须为 URL'],
  must_url_scheme: ['must be a URL with its scheme, like https://…', '须为带协议的 URL，如 https://…'],
  must_form: ['does not have the form it must have', '格式不符'],
  must_multiple: ['must be a multiple of {count}', '须为 {count} 的倍数'],
  must_not_be_empty: ['must not be empty', '不能为空'],
  must_have_least: ['must have at least {count} {counted}', '须至少有 {count} {counted}'],
  must_have_most: ['must have at most {count} {counted}', '至多可有 {count} {counted}'],
  must_have_exactly: ['must have exactly {count} {counted}', '须正好有 {count} {counted}'],
  must_have_long: [
    'must have at least 22 characters, like openssl rand -hex 16 gives',
    '须至少 22 个字符，如 openssl rand -hex 16 所生成',
  ],
  must_be_least: ['must be at least {count}', '不能小于 {count}'],
  must_be_most: ['must be at most {count}', '不能大于 {count}'],
  must_be_exactly: ['must be exactly {count}', '须为 {count}'],
  must_be_more: ['must be more than {count}', '须大于 {count}'],
  must_be_less: ['must be less than {count}', '须小于 {count}'],
  must_be_whole: ['must be a whole number from {least} to {most}', '须为 {least} 到 {most} 的整数'],
  must_be_one_of: ['must be one of {wanted}', '须为其中之一：{wanted}'],
  must_be_none: ['must be left out', '不应填写'],
  must_be: ['must be {wanted}', '须为{wanted}'],
  must_id: ['must be 1 to 128 of the characters A-Z a-z 0-9 . _ : -', '须为 1 到 128 个字符，仅限 A-Z a-z 0-9 . _ : -'],
  must_app_id: [
    'must be an app id: a-z 0-9 _ -, at most 63, beginning with a letter or digit',
    '须为应用 ID：a-z 0-9 _ -，至多 63 个，以字母或数字开头',
  ],
  must_key_id: [
    'must be the id of an API key, or oidc: and the sub of somebody who signs in',
    '须为 API 密钥的 ID，或 oidc: 加登录者的 sub',
  ],
  must_plain: [
    'must have no control characters, nor any that turn the direction of text',
    '不能含控制字符或改变文字方向的字符',
  ],
  must_digits: ['must be written in digits alone, as a string or as a number', '须只用数字书写，字符串或数值均可'],
  must_no_controls: ['must hold no control characters', '不能含控制字符'],
  must_token: ['must hold at least one push token', '须至少有一个 push token'],
  must_token_unregistered: [
    'must hold at least one push token: this handle was never registered',
    '须至少有一个 push token：此标识从未登记',
  ],
  must_token_line: ['must be one JSON string, not empty', '须为一个非空的 JSON 字符串'],
  must_header: ['must be one value of 1 to 255 visible ASCII characters', '须为一个 1 到 255 个可见 ASCII 字符的值'],
  must_texts: ['must hold nothing but texts', '只能含文本'],
  must_seconds: ['must be seconds, like 3600s, up to {span}', '须为秒数，如 3600s，至多 {span}'],
  must_milliseconds: [
    'must be milliseconds, a whole number from {least} to {most}',
    '须为毫秒数，{least} 到 {most} 的整数',
  ],
  must_category: ['must be a category of {system}, like {example}', '须为 {system} 的类别，如 {example}'],
  must_category_name: ['must be the name of a category, like {example}', '须为类别名，如 {example}'],
  must_languages: ['must be texts by language', '须为按语言列出的文本'],
  must_languages_other: [
    'must be texts by language, without en, which is what the overlay itself says',
    '须为按语言列出的文本，不含 en（en 即覆盖本身的文本）',
  ],
  not_valid: ['is not valid', '无效'],
  no_form: ['has none of the forms allowed here', '不符合此处允许的任何形式'],
  no_name: ['has a name that is not allowed here', '名称不被允许'],
  unknown_member: ['is not a member known here', '不是此处已知的字段'],
  unknown_member_long: [
    'has a member that is not known here, its name {count} characters long',
    '含有此处未知的字段（名称长 {count} 个字符）',
  ],
  unknown_member_listed: ['is not taken here; known are {names}', '此处不接受；可用的有 {names}'],
  unknown_vendor: ['is not a vendor here: {names}', '不是此处的厂商：{names}'],
  not_callers: ["holds {member}, which is not the caller's to set", '含 {member}，此字段不能由调用方设置'],
  bytes_over: ['has {bytes} bytes, and may have {most}', '有 {bytes} 字节，至多 {most} 字节'],
  characters_over: [
    'has {count} characters, and {vendor} takes at most {most}',
    '有 {count} 个字符，{vendor} 至多接受 {most} 个',
  ],
  message_over: [
    'makes a message of {bytes} bytes, and {vendor} takes at most {most}',
    '形成的消息有 {bytes} 字节，{vendor} 至多接受 {most} 字节',
  ],
  payload_over: [
    'makes a payload of {bytes} bytes, and {vendor} takes at most {most}',
    '形成的负载有 {bytes} 字节，{vendor} 至多接受 {most} 字节',
  ],
  exactly_one: ['give exactly one of {names}', '请只给出其中一个：{names}'],
  goes_alone: ['goes with message or content alone', '只能与 message 或 content 同用'],
  goes_not_with_target: [
    'goes with message, messages or content, not with target',
    '只能与 message、messages 或 content 同用，不能与 target 同用',
  ],
  no_app: ['there is no app {app}', '没有应用 {app}'],
  no_message: ['there is no message {id}', '没有消息 {id}'],
  another_target: [
    'names an app and handle that another target of this request names',
    '与此请求的另一目标应用和标识相同',
  ],
  not_a_cursor: ['is not one that this list gave', '不是此列表给出的'],
  more_than_once: ['is given more than once', '重复给出'],
  holds_null: ['holds U+0000, which cannot be stored', '含 U+0000，无法保存'],
  holds_unstorable: [
    'holds U+0000 or half of a surrogate pair, which cannot be stored',
    '含 U+0000 或不成对的代理码元，无法保存',
  ],
  holds_unstorable_name: [
    'has a member whose name holds U+0000 or half of a surrogate pair, which cannot be stored',
    '有字段名含 U+0000 或不成对的代理码元，无法保存',
  ],
  number_range: ['is a number out of range', '数值超出范围'],
  proto: ['has a member named __proto__, which is not taken', '含名为 __proto__ 的字段，不予接受'],
  many_members: ['has more than {count} members', '字段多于 {count} 个'],
  nested: ['is nested more than {count} levels deep', '嵌套多于 {count} 层'],
  body_empty: ['is empty, and must be JSON', '为空，须为 JSON'],
  body_utf8: ['is not valid UTF-8 at byte {count} (counted from 0)', '在第 {count} 字节处不是有效的 UTF-8（从 0 起）'],
  body_syntax: [
    'is not valid JSON: line {line}, column {column}: {fault}',
    '不是有效的 JSON：第 {line} 行第 {column} 列：{fault}',
  ],
  syntax_ends: ['the text ends where {awaited} is expected', '文本在应有{awaited}之处结束'],
  syntax_expected: ['expected {awaited}', '此处应为{awaited}'],
  syntax_control: ['a control character inside a string must be written as an escape', '字符串中的控制字符须写成转义'],
  syntax_escape: ['a backslash begins an escape that JSON does not know', '反斜杠后不是 JSON 的转义'],
  syntax_string: ['the text ends inside a string', '文本在字符串中结束'],
  header_named: ['Idempotency-Key {fault}', 'Idempotency-Key {fault}'],

  // where a request to a subscriber may go
  url_none: ['is not a URL', '不是 URL'],
  url_https: ['must be https', '须为 https'],
  url_user: ['must name no user', '不能带用户名'],
  url_spelled: ['must spell its host plainly', '主机名须用通常写法'],
  url_ascii: ['must be plain ASCII without spaces and backslashes', '须为不含空格和反斜杠的 ASCII'],
  url_points: ['must not point to {host} ({addressKind})', '不能指向 {host}（{addressKind}）'],
  url_domain: ['must name a host with its domain', '主机名须带域名'],
  url_port: ['must use port {ports}', '须使用端口 {ports}'],

  // of one recall: why nothing of it is tried again, what it does otherwise
  dead_tokens: ['its push tokens were deleted (tokenRetentionDays)', '其 push token 已到期删除（tokenRetentionDays）'],
  dead_taken: ['the vendor took all of it', '厂商已全部受理'],
  dead_none: [
    'no request of it ended without reaching anybody; ask for a new one, with "again": true',
    '没有未触达任何人的请求，请重新发起并带上 "again": true',
  ],
  dead_partly: [
    'devices with an unknown outcome shared their requests with others that were answered, and cannot be told from them any more; a new one, with "again": true, asks for all of them once more',
    '结果未知的设备与已有应答的设备同在一个请求中，现已无法区分；请重新发起并带上 "again": true，将对全部设备再次请求',
  ],
  other_except: ['with other exceptTokens', '排除的 token 不同'],
  other_text: ['with another new text', '新文案不同'],

  // why a genuine delivery cannot be read
  part_missing: ['{member} is missing', '缺少 {member}'],
  part_no_id: ['{member} is not an id', '{member} 不是 ID'],
  part_no_object: ['{member} is not an object', '{member} 不是对象'],
  part_empty: ['{member} is an empty list', '{member} 是空列表'],
  part_not: ['{member} is not {wanted}', '{member} 不是 {wanted}'],
  part_pass: ['riskLevel is PASS, and code is not 1100', 'riskLevel 为 PASS，而 code 不是 1100'],
  it_no_object: ['it is not an object', '内容不是对象'],
  it_many_members: ['it holds too many members to be a verdict', '字段过多，不会是一份结论'],
  it_many_verdicts: ['it holds too many verdicts', '结论过多'],
  it_none: [
    'it holds none of scanResult, auditResult, humanAuditResult and Data',
    'scanResult、auditResult、humanAuditResult、Data 一个都没有',
  ],
  it_neither: ['it holds neither JobsDetail nor data', '既没有 JobsDetail，也没有 data'],
  it_no_job: ['it names no job that could be asked about', '未指明可供查询的任务'],
  it_recommends: ['it recommends an action, and its type is another', '它建议一项动作，而其类型不符'],
  it_tells: ['it tells of an action, and its type is another', '它说的是一项动作，而其类型不符'],
  it_verdict: ['it holds a verdict, and its type is another', '它含有结论，而其类型不符'],
  scan_failed: ['scanResult.code says that the scan failed', 'scanResult.code 表明扫描失败'],
  scan_silent: ['scanResult.results have no suggestion', 'scanResult.results 没有 suggestion'],
  review_odd: [
    'the suggestion of a review is not block, review or pass',
    '人工审核的 suggestion 不是 block、review 或 pass',
  ],
  result_no_object: ['a result is not an object', '有一项结果不是对象'],
  result_odd: ['the result is not 0, 1 or 2', '结果不是 0、1 或 2'],
  status_odd: ['Status is not one of a task', 'Status 不是任务的状态'],
  answer_no_json: ['the vendor’s answer is not a JSON object', '厂商的应答不是 JSON 对象'],
  answer_no_xml: ['the vendor’s answer is not XML with JobsDetail', '厂商的应答不是含 JobsDetail 的 XML'],
  answer_other_job: ['the vendor’s answer is about another job', '厂商的应答说的是另一个任务'],
  answer_lacks: ['the vendor’s answer has no {member} or no {other}', '厂商的应答没有 {member} 或 {other}'],

  // what became of a call
  call_failed: ['the call failed inside ({type})', '调用在本服务内部出错（{type}）'],
  login_failed: ['the login failed inside', '登录在本服务内部出错'],
  login_elsewhere: ['another instance logs in, and is not done', '另一实例正在登录，尚未完成'],
  reply_no_code: ['the reply carries no code', '应答中没有返回码'],
  reply_no_token: ['the reply carries no token', '应答中没有 token'],
  reply_no_access_token: ['the reply carries no access token', '应答中没有 access token'],
  reply_no_record: ['the reply holds no record of this {thing}', '应答中没有此{thing}的记录'],
  reply_no_figures: ['the reply holds no figures of this push', '应答中没有此推送的统计'],
  reply_no_name: ['the reply names no message', '应答未指明消息'],
  reply_unknown_id: ['an unknown id is refused', '未知的 ID 被拒绝'],
  reply_neither: ['the reply says neither yes nor no', '应答不置可否'],
  reply_yes_to_what: ['the yes does not say what was done', '应答称已受理，但未说明做了什么'],
  no_count: ['no count', '没有计数'],
  code_with_status: ['code {code} with HTTP {status}', '返回码 {code}，HTTP {status}'],
  code_unknown: ['code {code} is not in the documents', '返回码 {code} 不在文档中'],
  reason_unknown: ['reason {code} is not in the documents', '原因 {code} 不在文档中'],
  failed_how: ['{failure} ({cause})', '{failure}（{cause}）'],
  no_reply_in: ['no reply within {milliseconds} ms', '{milliseconds} 毫秒内没有应答'],
  reply_over: ['reply over {bytes} bytes', '应答超过 {bytes} 字节'],
  closed_early: ['connection closed before the reply was complete', '应答未收完，连接已断开'],
  cut_early: ['{code}, before the reply was complete', '{code}，应答未收完'],
}

/** What a name stands for; any text where it is not here. */
const kinds: { readonly [name: string]: RegExp } = {
  count: /^-?[\d,.]+$/,
  least: /^-?\d+$/,
  most: /^-?\d+$/,
  bytes: /^\d+$/,
  milliseconds: /^\d+$/,
  line: /^\d+$/,
  column: /^\d+$/,
  member: /^[\w.]+$/,
  other: /^\w+$/,
  code: /^[\w ./:-]+$/,
  type: /^\w+$/,
  counted: /^(characters?|items?|members?|bytes)$/,
  failure: /^(unreached|unprocessed|timeout|reset|too_large)$/,
}

interface Form {
  /** What stands before, between and after the names. */
  readonly parts: readonly string[]
  readonly names: readonly string[]
  readonly chinese: string
}

let forms: readonly Form[] | null = null

/** The most particular first: what is fixed of it is longest. */
function formsOf(): readonly Form[] {
  return Object.values(phrases)
    .map(([english, chinese]) => ({
      parts: english.split(/\{\w+\}/g),
      names: [...english.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
      chinese,
    }))
    .sort((a, b) => b.parts.join('').length - a.parts.join('').length)
}

/** Null: it is none of ours. `ofName`: the Chinese of what differs in it. */
export function phraseInChinese(text: string, ofName: (name: string, value: string) => string): string | null {
  for (const form of (forms ??= formsOf())) {
    const values = valuesIn(text, form)
    if (values !== null)
      return form.chinese.replace(/\{(\w+)\}/g, (_, name: string) =>
        ofName(name, values[form.names.indexOf(name)] ?? ''),
      )
  }
  return null
}

/** What stands in the text where the form has its names; null: it has another form. */
function valuesIn(text: string, { parts, names }: Form): string[] | null {
  const [head = '', ...later] = parts
  if (!text.startsWith(head)) return null
  const values: string[] = []
  let at = head.length
  for (const [place, part] of later.entries()) {
    const end = place === later.length - 1 ? text.length - part.length : text.indexOf(part, at)
    if (end <= at || !text.startsWith(part, end)) return null
    const value = text.slice(at, end)
    if (kinds[names[place] ?? '']?.test(value) === false) return null
    values.push(value)
    at = end + part.length
  }
  return at === text.length ? values : null
}

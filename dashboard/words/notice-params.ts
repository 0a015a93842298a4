/** What differs in a sentence, in Chinese: parts that are words, and what notices kept in another form than their sentence says. */
import { sentenceOf, type Notice } from '../../shared/sentences.ts'
import type { ShownNotice } from '../../shared/notice-forms.ts'
import type { Words } from '../../shared/words.ts'
import { phraseInChinese } from './phrases.ts'
import { providerWords } from './vendors/names.ts'
import { laneWords, operationWords, outcomeWords, stateWords } from './terms.ts'

type Value = string | number | boolean | null

const chineseIn = (words: { readonly [name: string]: Words }) =>
  Object.fromEntries(Object.entries(words).map(([name, [, chinese]]) => [name, chinese]))

/** Parts that are always the same words. */
const fixed: { readonly [name: string]: { readonly [english: string]: string } } = {
  direction: { 'ahead of': '偏快', behind: '偏慢' },
  paused: { key: '密钥', person: '人员', app: '应用', endpoint: '审核端点' },
  span: { 'an hour': '一小时' },
  whose: { 'of this recall': '此回撤', 'of the recall that does it': '代为执行的回撤' },
  what: {
    'was cancelled before it went out': '在下发前已取消',
    'was stopped already': '已终止',
    'was revoked already': '已撤回',
    'was overlaid already, and no document says whether it can be once more': '已覆盖，文档未说明能否再次覆盖',
    'was deleted': '已删除',
    failed: '下发失败',
  },
  why: {
    'the budget for reading its record stayed used up': '查询记录的额度一直用完',
    'its record could not be read in time': '未能及时读到其记录',
  },
  audience: {
    all: '全量',
    tag: '标签',
    package: '号码包',
    account: '单个账号',
    account_list: '账号列表',
    token: '单个设备',
    token_list: '设备列表',
    'an audience it does not tell': '未说明的受众',
  },
  budget: chineseIn(laneWords),
  state: chineseIn(stateWords),
  // of a call to a vendor
  outcome: chineseIn(outcomeWords),
  failure: {
    unreached: '未能送达',
    unprocessed: '厂商未处理',
    timeout: '超时',
    reset: '连接中断',
    too_large: '应答过大',
  },
  code: { 'no code': '没有错误码' },
  cause: {
    'the connection fell silent': '连接没有动静',
    'the connection was closed': '连接已断开',
    'the server does not speak HTTP/2': '对方不支持 HTTP/2',
  },
  bound: { 'the limit of deliveries in a second': '每秒回调数的限额' },
  addressKind: {
    loopback: '本机地址',
    private: '内网地址',
    'link-local': '链路本地地址',
    'site-local': '站点本地地址',
    'this network': '本网络地址',
    'carrier-grade NAT': '运营商级 NAT 地址',
    metadata: '云元数据地址',
    multicast: '组播地址',
    reserved: '保留地址',
    documentation: '文档示例地址',
    benchmarking: '测试专用地址',
    'protocol assignments': '协议专用地址',
    'protocol assignments, Teredo': '协议专用地址（Teredo）',
    '6to4 relay': '6to4 中继地址',
    '6to4': '6to4 地址',
    '6bone': '6bone 地址',
    'IPv4-mapped': 'IPv4 映射地址',
    'IPv4-compatible': 'IPv4 兼容地址',
    NAT64: 'NAT64 地址',
    'not global unicast': '非公网单播地址',
    'not an address': '不是地址',
  },
  thing: {
    recall: '回撤',
    message: '消息',
    push: '推送',
    verdict: '结论',
    delivery: '投递',
    endpoint: '审核端点',
    pause: '暂停',
    record: '记录',
    file: '文件',
  },
  counted: {
    character: '个字符',
    characters: '个字符',
    item: '项',
    items: '项',
    member: '个字段',
    members: '个字段',
    bytes: '字节',
  },
  bounded: {
    tokens: '个 push token',
    bytes: '字节',
    pieces: '份',
    values: '个值',
    contents: '个内容',
    targets: '个目标',
  },
  awaited: {
    'a value': '值',
    'a value or ]': '值或 ]',
    'a member name in double quotes': '双引号中的字段名',
    'a member name in double quotes or }': '双引号中的字段名或 }',
    'a colon': '冒号',
    'a comma or ]': '逗号或 ]',
    'a comma or }': '逗号或 }',
    'nothing more after the value': '结尾',
  },
  devicesNamed: {
    'Phone, Tablet and PC/2in1; Wearable from 5.1.0(18), TV from 5.1.1(19)':
      '手机、平板和 PC/2in1；穿戴设备须 5.1.0(18) 及以上，智慧屏须 5.1.1(19) 及以上',
  },
}

/** Parts that hold a number or a name. */
const parts: { readonly [name: string]: readonly (readonly [english: RegExp, chinese: string])[] } = {
  span: [[/^(\d+) seconds?$/, '$1 秒']],
  whose: [[/^of recall (\S+)$/, '回撤 $1']],
  why: [[/^its record still says (\w+)$/, '其记录仍显示 $1']],
  how: [
    [/^(\d+) refused$/, '$1 个被拒绝'],
    [/^(\d+) given up$/, '$1 个已超时停止'],
    [/^(\d+) with an unknown outcome$/, '$1 个结果未知'],
  ],
}

/** Parts that are phrases of our own, or what somebody else said. */
const phrased = new Set(['because', 'reason', 'message', 'fault', 'cause', 'difference'])

const wantedWords: { readonly [wanted: string]: string } = {
  'a string': '文本',
  'a text': '文本',
  'a number': '数字',
  'a whole number': '整数',
  'a list': '列表',
  'an object': '对象',
}

/** `a string or null`, `"a", "b" or "c"` */
function wantedInChinese(wanted: string): string {
  const each = (list: string) =>
    list
      .split(', ')
      .map(one => wantedWords[one] ?? one)
      .join('、')
  return wanted.split(' or ').map(each).join('或')
}

/** A phrase of ours in Chinese, several after `; ` among them; null: it is none. */
export function phraseOf(text: string): string | null {
  const known = phraseInChinese(text, chineseOf)
  if (known !== null) return known
  const several = text.split('; ')
  if (several.length < 2) return null
  return several
    .map(one => {
      const [, path = '', said = one] = /^(?:overlay)?(\/\S*) (.+)$/.exec(one) ?? []
      return `${path === '' ? '' : `${path} `}${phraseInChinese(said, chineseOf) ?? said}`
    })
    .join('；')
}

export function chineseOf(name: string, value: Value): string {
  const word = String(value)
  if (Object.hasOwn(operationWords, word)) return operationWords[word as keyof typeof operationWords][1]
  const known = fixed[name]
  if (known !== undefined && Object.hasOwn(known, word)) return known[word] ?? word
  if (name === 'vendor') return Object.values(providerWords).find(([english]) => english === word)?.[1] ?? word
  if (name === 'wanted') return wantedInChinese(word)
  if (phrased.has(name)) return phraseOf(word) ?? word
  const forms = parts[name]
  if (forms === undefined) return word
  const inChinese = (part: string) => forms.reduce((text, [english, chinese]) => text.replace(english, chinese), part)
  return word.split(', ').map(inChinese).join('，')
}

/** A notice that was kept says more than its sentence, under other names. Null: this one says what its sentence says. */
export function keptSentence({ code, params }: ShownNotice): string | null {
  const kept =
    (code === 'unconfirmed' && 'because' in params) ||
    (code === 'sent_meanwhile' && 'sent' in params) ||
    (code === 'identical_overlay' && 'windowSeconds' in params)
  return kept ? sentenceOf({ code, params } as unknown as Notice) : null
}

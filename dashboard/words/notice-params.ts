/** What differs in a sentence, in Chinese: parts that are words, and what notices kept in another form than their sentence says. */
import { sentenceOf, type Notice } from '../../shared/sentences.ts'
import type { ShownNotice } from '../../shared/notice-forms.ts'
import { operationWords } from './terms.ts'

type Value = string | number | boolean | null

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

export function chineseOf(name: string, value: Value): string {
  const word = String(value)
  if (Object.hasOwn(operationWords, word)) return operationWords[word as keyof typeof operationWords][1]
  const known = fixed[name]
  if (known !== undefined && Object.hasOwn(known, word)) return known[word] ?? word
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

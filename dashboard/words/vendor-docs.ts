/** Words of the page on vendors, docs/vendors.md. */
import type { Effect } from '../../shared/providers/provider.ts'
import type { Words } from '../../shared/words.ts'

/** What becomes of a shown notification; a stop ends what was not delivered. */
export const vendorDocEffects: { readonly [E in Effect]: Words } = {
  removed: ['disappears', '消失'],
  replaced: ['replaced', '被替换'],
  stopped: ['delivery ends', '不再下发'],
  none: ['no change', '无变化'],
}

export const vendorDocWords = {
  title: ['Vendors', '厂商'],
  otherLanguage: ['[简体中文](vendors.zh-CN.md)', '[English](vendors.md)'],
  made: [
    'Made by `npm run vendor-docs` from the dated tables that plans, `GET /v1/capabilities` and the console read, too. It says what people see **if the vendor keeps its word**: no vendor confirms that a notification has left a screen.',
    '由 `npm run vendor-docs` 生成；执行方案、`GET /v1/capabilities` 与控制台读的是同一份带日期的数据。以下均**以厂商执行为准**：没有厂商会确认通知已从屏幕上消失。',
  ],
  newVendor: [
    'How a vendor is added: [a new vendor](new-vendor.md).',
    '如何新增厂商：[new-vendor](new-vendor.md)（英文）。',
  ],
  vendor: ['vendor', '厂商'],
  knownBy: ['a push is known by', '推送标识'],
  means: ['how devices are named', '设备的指定方式'],
  proof: ['proof', '证明'],
  isProof: ['its record', '厂商记录'],
  isProofOf: [
    'its record for {operations}; else its yes is all there is',
    '{operations}：厂商记录；其余仅有厂商的受理答复',
  ],
  whileWaiting: ['{operation} of a push that waits for its time', '定时推送的{operation}'],
  noProof: ['its yes is all there is', '仅有厂商的受理答复'],
  secret: ['Members of the secret of an app', '应用密钥的字段'],
  target: ['Members of a target beside `app`', '目标的字段（`app` 除外）'],
  eitherName: ['{names} (one or both)', '{names}（至少其一）'],
  optional: ['optional {members}', '可选 {members}'],
  comma: [', ', '、'],
  channel: ['channel', '通道'],
  effect: ['what people see', '效果'],
  note: ['note', '说明'],
  source: ['source', '出处'],
  since: ['since {day}', '自 {day} 起'],
  until: ['until {day}', '截至 {day}'],
  madeByVendor: ['made by the vendor', '由厂商生成'],
  madeBySender: ['a key of the sender’s, which may be used again', '由发送方自定，可重复使用'],
  byTask: ['the whole push', '整个推送任务'],
  byAudience: ['the audience that it went to', '原推送的受众'],
  byTokens: ['up to {most} devices a request', '每次请求至多 {most} 台设备'],
  byToken: ['one device a request', '每次请求一台设备'],
  limits: ['Limits', '限制'],
  limit: ['limit', '限制'],
  value: ['value', '数值'],
  inferred: ['inferred: no page of the vendor states it', '推断所得，厂商文档未载明'],
  refusesTwice: [
    'The same text to everybody twice within {seconds} s is refused by the vendor.',
    '{seconds} 秒内向全员重复推送相同内容会被厂商拒绝。',
  ],
  labelled: ['{label}: {text}', '{label}：{text}'],
  remarked: ['{text} ({remark})', '{text}（{remark}）'],
  semicolon: ['; ', '；'],
} as const satisfies { readonly [name: string]: Words }

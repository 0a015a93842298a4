/**
 * Codes of https://developer.huawei.com/consumer/cn/doc/harmonyos-references/push-msg-revoke and
 * …/push-scenariozed-api-response that the stand-in gives, with their texts.
 */
const texts = {
  80100001: 'Check Parameter Error.',
  80100003: 'Illegal payload',
  80100004: 'Illegal expire time.',
  80200001: 'Authentication Error.',
  80200005: 'Jwt token expired.',
  80300002: 'No permission to send message to these tmIDs.',
  80300007: 'All the tokens are invalid.',
  80300008: 'Push message size is too long.',
  80300010: 'token count should within 1 and 1000.',
  80300017: 'Token app count should not exceed 1.',
  80300028: 'Token app mismatch with specify app.',
  80300030: 'When send test message, token count exceed limit.',
  80300036: 'JWT expire period over threshold.',
} as const

export type RefusalCode = keyof typeof texts

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: RefusalCode

  constructor(code: RefusalCode, text?: string) {
    super(text ?? texts[code])
    this.code = code
  }
}

/** `Illegal payload, {errorTips}` */
export function illegal(tips: string): Refusal {
  return new Refusal(80100003, `${texts[80100003]}, ${tips}`)
}

/** Where not all is 200: which HTTP status goes with which code is not documented, this is the likeliest reading of the tables. */
export function httpStatusOf(code: string): number {
  if (code === '80000000' || code === '80100000' || code === '80100020') return 200
  if (code.startsWith('802')) return 401
  return code === '80000001' || code === '81000001' ? 500 : 400
}

/** Return codes of https://cloud.tencent.com/document/product/548/39080 that the stand-in gives, with their texts. */
const texts = {
  1_008_001: 'parameter parse error',
  1_008_002: 'missing parameter',
  1_008_003: 'auth failure',
  1_008_007: 'invalid parameter',
  1_008_015: 'push id not exist',
  1_008_016: 'date param format error',
  1_008_028: 'request too fast',
  1_008_029: 'token is not valid',
  1_008_035: 'accessId is not correct or domain not correct',
  10_010_005: 'internal error',
  10_010_012: 'illegal push time',
  10_010_018: 'Push repeat',
} as const

export type RefusalCode = keyof typeof texts

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: RefusalCode
  readonly httpStatus: number

  constructor(code: RefusalCode, { httpStatus = 200, text }: { httpStatus?: number; text?: string } = {}) {
    super(text ?? texts[code])
    this.code = code
    this.httpStatus = httpStatus
  }
}

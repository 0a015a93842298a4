/** A no of Getui: a code and a sentence; the HTTP status says of which class it is. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: number

  constructor(code: number, text: string) {
    super(text)
    this.code = code
  }
}

/** By the first digits of five; where they name no class, the code alone tells. */
const classes: { readonly [digits: string]: number } = { 10: 401, 20: 400, 30: 403 }

export function statusOf(code: number): number {
  if (code === 404 || code === 405) return code
  return code < 10_000 ? 200 : (classes[String(code).slice(0, 2)] ?? 200)
}

export function replyText(code: number, msg: string, data?: object): string {
  return JSON.stringify({ code, msg, ...(data !== undefined && { data }) })
}

export function parameter(text: string): Refusal {
  return new Refusal(20001, text)
}

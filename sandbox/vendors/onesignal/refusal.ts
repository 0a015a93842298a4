/** A no of OneSignal: `errors` is a list of sentences, or of objects with a code and a title. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly httpStatus: number
  readonly headers: { readonly [name: string]: string }

  constructor(httpStatus: number, text: string, headers: { readonly [name: string]: string } = {}) {
    super(text)
    this.httpStatus = httpStatus
    this.headers = headers
  }
}

export function refusalBody({ message, httpStatus }: Refusal, as: 'texts' | 'objects'): string {
  return JSON.stringify({ errors: [as === 'texts' ? message : { code: `error-${httpStatus}`, title: message }] })
}

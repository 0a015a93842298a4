/** What the stand-ins have in common: a request is judged first, and what it changes is done apart from that. */
export interface VendorRequest {
  readonly method: string
  /** Below the vendor's own mount, without its query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: { readonly [name: string]: string | string[] | undefined }
  readonly body: Buffer
}

export interface Judgement {
  readonly httpStatus: number
  /** The vendor's own code, or the HTTP status where only a gateway answers. */
  readonly code: string
  /** Whether the vendor has done it: for those who watch. */
  readonly said: 'yes' | 'partly' | 'no'
  /** Of the vendor's JSON, or of the page of a gateway in front of it; null: there is no body. */
  readonly contentType: string | null
  readonly text: string
  readonly headers: { readonly [name: string]: string }
  /** Push tokens that the request names; null: it names none by its nature. */
  readonly tokens: number | null
  /** Changes tasks and phones. */
  readonly act: () => void
  /** Changes what the vendor says of itself, and no phone. */
  readonly pretend: () => void
}

const nothing = (): void => {}

/** A yes, but where `rest` or its HTTP status says otherwise. `code`: the vendor's, digits or a word. */
export function answer(code: string, text: string, rest: Partial<Omit<Judgement, 'code' | 'text'>> = {}): Judgement {
  return {
    httpStatus: 200,
    code,
    said: (rest.httpStatus ?? 200) < 300 ? 'yes' : 'no',
    contentType: text === '' ? null : 'application/json',
    text,
    headers: {},
    tokens: null,
    act: nothing,
    pretend: nothing,
    ...rest,
  }
}

export function gatewayPage(httpStatus: number, says: string): Judgement {
  const text = `<html><body><center><h1>${httpStatus} ${says}</h1></center></body></html>\n`
  return { ...answer(String(httpStatus), text, { httpStatus }), contentType: 'text/html' }
}

export interface JsonObject {
  readonly [name: string]: unknown
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(item => typeof item === 'string')
}

export function isWhole(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Undefined where it is no UTF-8, no JSON or no object. */
export function readJsonObject(body: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(body))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Empty where it is missing or repeated. */
export function headerOf(headers: VendorRequest['headers'], name: string): string {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}

/** application/json, with parameters or without. */
export function isJsonType(headers: VendorRequest['headers']): boolean {
  return /^application\/json\s*(;|$)/i.test(headerOf(headers, 'content-type'))
}

/**
 * Reading events defensively: documented shapes differ from real ones, and what is missing is simply not there.
 */
export interface EventObject {
  [member: string]: unknown
}

export function objectOf(value: unknown): EventObject | null {
  return isObject(value) ? value : null
}

function isObject(value: unknown): value is EventObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

export function pathOf(value: unknown): string {
  const path = textOf(value) ?? '/'
  return path.startsWith('/') ? path : `/${path}`
}

/** Headers as objects of texts or lists; a later source wins over an earlier one name by name. */
export function headersOf(...sources: readonly unknown[]): { [lowerName: string]: string | undefined } {
  const headers: { [lowerName: string]: string | undefined } = Object.create(null)
  for (const source of sources) {
    const own: { [lowerName: string]: string | undefined } = Object.create(null)
    for (const [name, value] of Object.entries(objectOf(source) ?? {})) {
      const lowerName = name.toLowerCase()
      const separator = lowerName === 'cookie' ? '; ' : ', '
      const text = valuesOf(value).join(separator)
      // One name in two spellings is one header sent twice.
      if (valuesOf(value).length > 0) own[lowerName] = lowerName in own ? `${own[lowerName]}${separator}${text}` : text
    }
    Object.assign(headers, own)
  }
  return headers
}

/** A query as text, or as an object of decoded texts or lists. The first source that has anything is taken. */
export function queryOf(...sources: readonly unknown[]): URLSearchParams {
  for (const source of sources) {
    const query = typeof source === 'string' ? new URLSearchParams(source) : new URLSearchParams()
    for (const [name, value] of Object.entries(objectOf(source) ?? {})) {
      for (const item of valuesOf(value)) query.append(name, item)
    }
    if (query.size > 0) return query
  }
  return new URLSearchParams()
}

/** The bytes of a body. A body that some gateway has already read as JSON is written out again. */
export function bodyOf(event: EventObject): Buffer {
  const { body, isBase64Encoded } = event
  if (body === undefined || body === null) return Buffer.alloc(0)
  if (typeof body !== 'string') return Buffer.from(JSON.stringify(body))
  return Buffer.from(body, isBase64Encoded === true || isBase64Encoded === 'true' ? 'base64' : 'utf8')
}

function valuesOf(value: unknown): string[] {
  const values = Array.isArray(value) ? value : [value]
  return values.filter(item => item !== undefined && item !== null).map(String)
}

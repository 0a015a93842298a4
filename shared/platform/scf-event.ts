/**
 * HTTP → Function URL event, for the local gateway: what runs at home is what SCF would hand to the function.
 */
import { isUtf8 } from 'node:buffer'

export interface HttpRequest {
  readonly method: string
  /** Path and query, as sent. */
  readonly url: string
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined }
  readonly body: Buffer
  readonly sourceIp?: string
}

/** The event of https://cloud.tencent.com/document/product/583/96099, with the members that only some events carry. */
export interface ScfUrlEvent {
  readonly httpMethod: string
  readonly path: string
  readonly queryString: { readonly [name: string]: string | readonly string[] }
  readonly headers: { readonly [name: string]: string }
  readonly body: string
  readonly isBase64Encoded?: true
  readonly requestContext?: { readonly sourceIp: string }
}

/** Bytes that are not UTF-8 go as base64; whether SCF does so is not documented, and losing them would help nobody. */
export function encodeScfEvent({ method, url, headers, body, sourceIp }: HttpRequest): ScfUrlEvent {
  const [path = '/', ...query] = url.split('?')
  const text = isUtf8(body)
  return {
    httpMethod: method,
    path,
    queryString: queryObject(new URLSearchParams(query.join('?'))),
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name.toLowerCase(), typeof value === 'string' ? value : value.join(', ')]],
      ),
    ),
    body: body.toString(text ? 'utf8' : 'base64'),
    ...(!text && { isBase64Encoded: true }),
    ...(sourceIp !== undefined && { requestContext: { sourceIp } }),
  }
}

function queryObject(query: URLSearchParams): { [name: string]: string | string[] } {
  const names = [...new Set(query.keys())]
  return Object.fromEntries(
    names.map(name => {
      const values = query.getAll(name)
      return [name, values.length === 1 ? values.join('') : values]
    }),
  )
}

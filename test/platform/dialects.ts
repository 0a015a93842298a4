/** One HTTP request as an event of every dialect, the way its platform would write it. */
import { isUtf8 } from 'node:buffer'
import { encodeScfEvent, type HttpRequest } from '../../shared/platform/scf-event.ts'

type Encode = (request: HttpRequest) => unknown

export const dialects: { readonly [name: string]: Encode } = {
  'SCF Function URL': encodeScfEvent,
  'SCF Function URL, query as text': request => ({ ...encodeScfEvent(request), queryString: parts(request).query }),
  'SCF API gateway': request => {
    const { path, query } = parts(request)
    const event = encodeScfEvent(request)
    return {
      ...event,
      requestContext: { path, httpMethod: request.method, sourceIp: request.sourceIp, stage: 'release' },
      queryStringParameters: {},
      pathParameters: {},
      queryString: multi(query),
    }
  },
  'AWS REST API': request => {
    const { path, query } = parts(request)
    const headers = Object.entries(request.headers).map(([name, value]) => [name, [value ?? []].flat()] as const)
    return {
      ...bodyOf(request.body),
      httpMethod: request.method,
      path,
      resource: '/{proxy+}',
      headers: Object.fromEntries(headers.map(([name, values]) => [name, values.at(-1)])),
      multiValueHeaders: Object.fromEntries(headers),
      queryStringParameters: Object.fromEntries(new URLSearchParams(query)),
      multiValueQueryStringParameters: query === '' ? null : multi(query),
      requestContext: { path: `/prod${path}`, stage: 'prod', identity: { sourceIp: request.sourceIp } },
    }
  },
  'AWS HTTP API': request => {
    const { path, query } = parts(request)
    return {
      ...bodyOf(request.body),
      version: '2.0',
      rawPath: path,
      rawQueryString: query,
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, [value ?? []].flat().join(', ')]),
      ),
      requestContext: { stage: '$default', http: { method: request.method, path, sourceIp: request.sourceIp } },
    }
  },
}

function parts({ url }: HttpRequest): { path: string; query: string } {
  const cut = url.indexOf('?')
  return cut < 0 ? { path: url, query: '' } : { path: url.slice(0, cut), query: url.slice(cut + 1) }
}

function multi(query: string): { [name: string]: string[] } {
  const parameters = new URLSearchParams(query)
  return Object.fromEntries([...new Set(parameters.keys())].map(name => [name, parameters.getAll(name)]))
}

function bodyOf(body: Buffer): { body: string | null; isBase64Encoded: boolean } {
  const text = isUtf8(body)
  return { body: body.length === 0 ? null : body.toString(text ? 'utf8' : 'base64'), isBase64Encoded: !text }
}

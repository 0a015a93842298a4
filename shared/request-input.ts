/** What a request brings beside its path: its body and its query, read with the schema of the route. */
import type { ZodMiniType } from 'zod/mini'
import { bounds, overBound } from './bounds.ts'
import { pointer, Problem } from './errors.ts'
import { parseInput, readJson } from './json.ts'
import type { ApiRequest } from './platform/request.ts'

export function readBody<T>(request: ApiRequest, schema: ZodMiniType<T>): T {
  const body = bytesOf(request)
  if (mediaTypeOf(request) !== 'application/json') {
    throw new Problem('unsupported-media-type', 'Send the body as JSON, with Content-Type: application/json.')
  }
  return parseInput(schema, readJson(body, bounds.bodyBytes.value))
}

/** Lower case, without parameters; empty where none was sent. */
export function mediaTypeOf({ headers }: ApiRequest): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** The bytes of a body, as they are. Throws 413 over the limit, 415 where they are compressed. */
export function bytesOf({ headers, body }: ApiRequest): Buffer {
  if (body.length > bounds.bodyBytes.value) {
    throw overBound('bodyBytes', `The body is over ${bounds.bodyBytes.value} bytes.`)
  }
  const encoding = (headers['content-encoding'] ?? '').trim().toLowerCase()
  if (encoding !== '' && encoding !== 'identity') {
    throw new Problem('unsupported-media-type', 'Send the body uncompressed, without Content-Encoding.')
  }
  return body
}

/** A name that comes twice, a value that cannot be stored and a name that the schema does not know are problems. */
export function readQuery<T>(query: URLSearchParams, schema: ZodMiniType<T>): T {
  const values: { [name: string]: string } = {}
  for (const [name, value] of query) {
    if (Object.hasOwn(values, name)) throw wrongParameter(name, 'is given more than once')
    // URLSearchParams has no half of a surrogate pair: U+FFFD stands in its place
    if (value.includes('\0')) throw wrongParameter(name, 'holds U+0000, which cannot be stored')
    Object.defineProperty(values, name, { value, enumerable: true })
  }
  return parseInput(schema, values)
}

function wrongParameter(name: string, message: string): Problem {
  const path = pointer([name])
  return new Problem('invalid-request', `${path || 'A query parameter'} ${message}.`, { errors: [{ path, message }] })
}

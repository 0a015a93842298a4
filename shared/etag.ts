/** Answers that a caller has already are not sent again (RFC 9110 §8.8.3, §13.1.2). */
import { createHash } from 'node:crypto'
import type { ApiRequest, ApiResponse } from './platform/request.ts'

/** Of what is answered; weak, since a platform may compress it or write it otherwise. */
export function etagOf(body: string | Buffer): string {
  return `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
}

/** The answer with its tag, of which it may have one already; 304 without a body where the caller has it. */
export function unlessKnown({ headers }: Pick<ApiRequest, 'headers'>, answer: ApiResponse): ApiResponse {
  const etag = answer.headers['etag'] ?? etagOf(answer.body)
  const known = (headers['if-none-match'] ?? '').split(',').map(tag => tag.trim())
  const has = known.some(tag => tag === '*' || withoutWeakness(tag) === withoutWeakness(etag))
  if (!has) return 'etag' in answer.headers ? answer : { ...answer, headers: { ...answer.headers, etag } }
  const { 'content-type': _, ...rest } = answer.headers
  return { status: 304, headers: { ...rest, etag }, body: '' }
}

function withoutWeakness(tag: string): string {
  return tag.replace(/^W\//, '')
}

import { reasonBody } from '../api-schemas.ts'
import type { Context } from '../serve.ts'

/** These routes take no body, or a reason. */
export function readReason(context: Pick<Context, 'request' | 'body'>): string | null {
  return context.request.body.length > 0 ? (context.body(reasonBody()).reason ?? null) : null
}

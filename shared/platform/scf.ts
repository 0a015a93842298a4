/**
 * Tencent SCF: Function URL events (https://cloud.tencent.com/document/product/583/96099), the events of the closed API
 * gateway, of which they are a subset and which gateways and tests still send, and timers (…/583/9708).
 */
import { isIP } from 'node:net'
import type { ApiRequest, TimerFiring } from './request.ts'
import { bodyOf, type EventObject, headersOf, objectOf, pathOf, queryOf, textOf } from './fields.ts'

/** Null: not a request. Documented without isBase64Encoded and requestContext; real ones carry them at times. */
export function readScfRequest(event: EventObject): ApiRequest | null {
  const context = objectOf(event['requestContext']) ?? {}
  const method = textOf(event['httpMethod']) ?? textOf(context['httpMethod'])
  if (method === null) return null
  const headers = headersOf(event['headers'])
  return {
    method,
    path: pathOf(event['path'] ?? context['path']),
    // The gateway's queryStringParameters hold the declared parameters only.
    query: queryOf(event['queryString'], event['queryStringParameters']),
    headers,
    body: bodyOf(event),
    sourceIp: addressOf(textOf(context['sourceIp']) ?? headers['x-scf-remote-addr'] ?? ''),
  }
}

export function readScfTimer(event: EventObject): TimerFiring | null {
  if (event['Type'] !== 'Timer') return null
  const at = new Date(textOf(event['Time']) ?? '')
  return {
    name: textOf(event['TriggerName']) ?? 'timer',
    at: Number.isNaN(at.getTime()) ? null : at,
    message: textOf(event['Message']),
  }
}

/** `ip`, `ip:port` or `[ip]:port` → the address; null where it is none. */
function addressOf(written: string): string | null {
  const address = /^\[([^\]]+)\](?::\d+)?$/.exec(written)?.[1] ?? (/^([\d.]+):\d+$/.exec(written)?.[1] || written)
  return isIP(address) ? address : null
}

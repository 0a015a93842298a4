/** What the log says of credentials that were refused: from where and why, never the credential. */
import { isIP } from 'node:net'
import type { ApiRequest } from '../platform/request.ts'
import type { Tally } from '../tally.ts'

/** Why, for the log alone: whoever was refused is told less. */
export type RefusalReason = 'missing' | 'unknown' | 'expired' | 'token' | 'signature' | 'no-endpoint'

const mostForwarded = 4

/**
 * `source_ip` is what the platform saw. `forwarded_for`: what a proxy in between says, and what whoever sends the request can
 * say as well; the last address is the nearest.
 */
export function senderOf({ sourceIp, headers }: ApiRequest): { source_ip: string | null; forwarded_for?: string[] } {
  const forwarded = (headers['x-forwarded-for'] ?? '')
    .slice(-200)
    .split(',')
    .map(text => text.trim())
    .filter(text => isIP(text) !== 0)
    .slice(-mostForwarded)
  return { source_ip: sourceIp, ...(forwarded.length > 0 && { forwarded_for: forwarded }) }
}

/**
 * `more`: names that are no secret. All but the route tell one kind from another: what is wrong at one endpoint, or with one
 * key, is not hidden behind what strangers send to another from the same address.
 */
export function noteRefusal(
  tally: Tally,
  request: ApiRequest,
  why: RefusalReason,
  more: { readonly [name: string]: string } = {},
): void {
  const sender = senderOf(request)
  const { route: _, ...apart } = more
  const kind = [why, sender.source_ip, ...Object.values(apart)].join(' ')
  tally.note(kind, 'credential refused', { why, ...sender, ...more })
}

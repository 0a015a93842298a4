/** Who may use what only this machine has: `/_local` and `/_sandbox`. */
import type { IncomingMessage } from 'node:http'
import { Problem } from '../shared/errors.ts'

/** A page of another site must not reach local paths through a name that it made point here: the Host header tells. */
export function isLoopback(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host ?? '')
}

/** What a form of any page may send without asking first. */
const formTypes = new Set(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'])

/**
 * Throws Problem where a page of another origin may be behind the request: it can send forms, and a browser then says whose
 * they are. `forms`: of the vendors' stand-ins, whose own API may take some.
 */
export function admitLocal({ method, headers }: IncomingMessage, { forms = false } = {}): void {
  const { host, origin } = headers
  if (!isLoopback(host)) throw new Problem('forbidden', 'Only for loopback hosts.')
  const site = headers['sec-fetch-site']
  const foreign = (origin !== undefined && origin !== `http://${host}`) || site === 'cross-site' || site === 'same-site'
  // a link from elsewhere is followed, and changes nothing
  const follows = origin === undefined && method === 'GET' && headers['sec-fetch-mode'] === 'navigate'
  if (foreign && !follows) throw new Problem('forbidden', 'Not for pages of another origin.')
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (!forms && formTypes.has(type)) {
    throw new Problem('unsupported-media-type', 'Send JSON, with Content-Type: application/json, or nothing at all.')
  }
}

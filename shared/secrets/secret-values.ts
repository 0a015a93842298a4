/**
 * What of a secret's document is secret: every text in it, but for the names and addresses that a log is read for.
 */

import { parsePastedText } from '../pasted-json.ts'

/** These say which apps, endpoints and subscribers there are, and what the rules are: nothing in them is secret. */
const open = new Set(['unpush/apps', 'unpush/webhooks', 'unpush/subscribers', 'unpush/policy'])

/** Without these a log would say `[redacted]` for every app, region and person. Vendors have further ones. */
const plainMembers = new Set(
  (
    'provider region platform environment endpoint clientId ca ' +
    'id role apps person owner expiresAt issuer audience scope jwksUri roleClaim personClaim ' +
    'source policy contentPrefix overlay approvalAbove authority appealOf types ' +
    'algorithm signatureMethod uid secretId businessId bucket projectId kinds events format ' +
    'type'
  ).split(' '),
)

/** The secret texts of a document; of a URL also the password alone. `openMembers`: those that are no secret at its vendor. */
export function secretValues(secret: string, document: unknown, openMembers: readonly string[]): string[] {
  return open.has(secret) ? [] : textsIn(document, new Set(openMembers))
}

function textsIn(value: unknown, opens: ReadonlySet<string>): string[] {
  if (typeof value === 'string') {
    // a key file as text is a document of its own
    const held = parsePastedText(value)
    return held === value
      ? [value, ...passwordsOf(value)].filter(text => text !== '')
      : [value, ...textsIn(held, opens)]
  }
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap(part => textsIn(part, opens))
  return Object.entries(value).flatMap(([name, member]) =>
    plainMembers.has(name) || opens.has(name) ? [] : textsIn(member, opens),
  )
}

/** Wherever the password of a URL may end: one that was not percent-encoded may hold an `@`. */
function passwordsOf(text: string): string[] {
  const rest = /^[a-z][a-z0-9+.-]*:\/\/[^:]*:(.*)$/is.exec(text)?.[1] ?? ''
  const ends = [...rest.matchAll(/@/g)].slice(0, 8).map(({ index }) => rest.slice(0, index))
  return ends.flatMap(written => {
    try {
      return [written, decodeURIComponent(written)]
    } catch {
      return [written]
    }
  })
}

/**
 * What of a secret's document is secret: every text in it, but for the names and addresses that a log is read for.
 */

import { parsePastedText } from '../pasted-json.ts'

/** These say which apps, endpoints and subscribers there are, and what the rules are: nothing in them is secret. */
const open = new Set(['unpush/apps', 'unpush/webhooks', 'unpush/subscribers', 'unpush/policy'])

/** Without these a log would say `[redacted]` for every app, region and person. */
const plainMembers = new Set(
  (
    'provider region platform environment endpoint pushIdField overlayCategory accessId clientId ca ' +
    'id role apps person owner expiresAt issuer audience scope jwksUri roleClaim personClaim ' +
    'source policy contentPrefix overlay approvalAbove authority appealOf types ' +
    'algorithm signatureMethod uid secretId businessId bucket projectId kinds events format ' +
    'type project_id key_id sub_account auth_uri token_uri auth_provider_cert_uri client_cert_uri'
  ).split(' '),
)

/** The secret texts of a document; of a URL also the password alone. */
export function secretValues(secret: string, document: unknown): string[] {
  return open.has(secret) ? [] : textsIn(document)
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') {
    // a key file as text is a document of its own
    const held = parsePastedText(value)
    return held === value ? [value, ...passwordsOf(value)].filter(text => text !== '') : [value, ...textsIn(held)]
  }
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap(textsIn)
  return Object.entries(value).flatMap(([name, member]) => (plainMembers.has(name) ? [] : textsIn(member)))
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

/**
 * What of a secret's document is secret: every text in it, but for the names and addresses that a log is read for.
 */
const minLength = 8

/** Without these a log would say `[redacted]` for every app, region and person. */
const plainMembers = new Set(
  (
    'provider region platform environment endpoint pushIdField overlayCategory accessId clientId ' +
    'id role apps webhooks subscribers person owner expiresAt issuer audience scope jwksUri roleClaim personClaim ' +
    'expireAction breakGlass source policy types authority appealOf contentPrefix overlay algorithm signatureMethod uid secretId businessId events format ' +
    'type project_id key_id sub_account auth_uri token_uri auth_provider_cert_uri client_cert_uri'
  ).split(' '),
)

/** The secret texts of a document, at least eight characters each; of a URL also the password alone. */
export function secretValues(document: unknown): string[] {
  if (typeof document === 'string') return [document, ...passwordsOf(document)].filter(text => text.length >= minLength)
  if (typeof document !== 'object' || document === null) return []
  if (Array.isArray(document)) return document.flatMap(secretValues)
  return Object.entries(document).flatMap(([name, value]) => (plainMembers.has(name) ? [] : secretValues(value)))
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

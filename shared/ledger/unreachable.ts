/** Why a ledger cannot be had: one line for people, with nothing in it of the URL, of the password or of the server's own words. */

/** A ledger's URL that cannot be read. The message names the part: whoever read it says where it stood. */
export class AddressError extends Error {
  override readonly name = 'AddressError'
}

/** The server was not reached, or does not let this process in. */
export class LedgerUnreachable extends Error {
  override readonly name = 'LedgerUnreachable'
  /** PostgreSQL's, Node's or the system's: `28P01`, `CERT_HAS_EXPIRED`, `ECONNREFUSED`. */
  readonly code: string

  constructor(code: string) {
    super(`The ledger ${wordsFor(code)} (${code}).`)
    this.code = code
  }
}

/** Codes of what one line for people is enough for; the first that fits counts. */
const words: readonly (readonly [RegExp, string])[] = [
  [/^28P01$/, 'does not take the password: look at its URL, and at pg_hba.conf'],
  [/^28/, 'does not let its user in: look at its URL, and at pg_hba.conf'],
  [/^3D000$/, 'has no such database: look at its URL'],
  [/^53300$/, 'has no connection left'],
  [/^57P/, 'is starting or shutting down'],
  [/^25006$/, 'is read-only: a standby, or default_transaction_read_only'],
  [/^42501$/, 'lets its user do too little: is this the owner’s URL?'],
  [/^TLS_REFUSED$/, 'offers no TLS, and is on another machine: without TLS no password is sent there'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'has a certificate for another name than that of its URL'],
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/, 'has a certificate whose time is over, or yet to come'],
  [
    /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|CERT_|ERR_TLS_)/,
    'has a certificate that nobody here trusts: give who signed it as ca in its secret, or as sslrootcert',
  ],
  [/^CA_/, 'needs certificates that cannot be read: look at ca in its secret, or at sslrootcert'],
  [/^(ERR_SSL|EPROTO)/, 'does not speak TLS as it should'],
  [/^NOT_UTF8$/, 'is in another encoding than UTF8: make its database anew with encoding UTF8'],
  [/^DATESTYLE$/, 'is behind a pooler that changes DateStyle: have it pass DateStyle on'],
  [/^(08|ECONN|EHOST|ENET|ENOT|EPIPE|ETIMEDOUT|EAI_|ENOENT|EACCES|CONNECT)/, 'cannot be reached'],
]

function wordsFor(code: string): string {
  return words.find(([pattern]) => pattern.test(code))?.[1] ?? 'cannot be opened'
}

/** Of whatever a statement was rejected with: the line for people, where a look at the ledger's settings is what helps. */
export function whyUnreachable(error: unknown): LedgerUnreachable | null {
  if (error instanceof LedgerUnreachable) return error
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' && words.some(([pattern]) => pattern.test(code)) ? new LedgerUnreachable(code) : null
}

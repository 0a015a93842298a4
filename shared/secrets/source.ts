/**
 * Where secrets come from: one vendor of secrets, one file.
 */
export interface SecretSource {
  /** As in `SECRETS`: `sandbox`, `file`, … */
  readonly name: string
  /**
   * The JSON text of one secret, by its logical name (`unpush/apps/news-android`). Null: there is no such secret.
   * Rejects with SecretError; the caller caches, bridges and repeats.
   */
  fetch(secret: string): Promise<string | null>
  /** The names there are, where the source can tell. */
  list?(): Promise<readonly string[]>
}

/** malformed: it is there and wrong · missing: it is needed and not there · unavailable: the source does not answer. */
export type SecretErrorKind = 'malformed' | 'missing' | 'unavailable'

/** One line that names the secret and the member, and never holds a value. */
export class SecretError extends Error {
  override readonly name = 'SecretError'
  readonly kind: SecretErrorKind
  readonly secret: string
  /** `serviceAccount.private_key`; null: the whole secret. */
  readonly member: string | null

  constructor(kind: SecretErrorKind, secret: string, member: string | null, message: string, cause?: unknown) {
    super(`secret ${secret}: ${member === null ? '' : `member ${member} `}${message}`, { cause })
    this.kind = kind
    this.secret = secret
    this.member = member
  }
}

/** Ids of apps, subscribers and endpoints. */
const id = '[a-z0-9][a-z0-9_-]{0,62}'
export const idPattern = new RegExp(`^${id}$`)
const namePattern = new RegExp(
  `^unpush/(?:apps|access|ledger(?:-public|-workers|-owner)?|policy|subscribers|webhooks|audit-key|audit-mac|(?:apps|webhooks|subscribers)/${id})$`,
)

/** Names come from URLs too (`/v1/webhooks/{endpoint}`): what cannot be one never reaches a secrets manager. */
export function isSecretName(name: string): boolean {
  return namePattern.test(name)
}

const appsName = 'unpush/apps'
/** Each with the member that holds the ids of those below it. */
const lists: { readonly [name: string]: string } = {
  [appsName]: 'apps',
  'unpush/subscribers': 'subscribers',
  'unpush/webhooks': 'webhooks',
}

/**
 * A source over documents that are all at hand; `unpush/apps` and `unpush/subscribers` are derived where they are not
 * given. `read` is told which secret was asked for, so that its errors can name it.
 */
export function sourceOfDocuments(
  name: string,
  read: (secret: string) => Promise<ReadonlyMap<string, unknown>>,
): SecretSource {
  return {
    name,
    async fetch(secret) {
      const documents = await read(secret)
      if (documents.has(secret)) return JSON.stringify(documents.get(secret))
      const member = lists[secret]
      if (member === undefined) return null
      const below = [...documents.keys()].filter(key => key.startsWith(`${secret}/`))
      return JSON.stringify({ [member]: below.map(key => key.slice(secret.length + 1)) })
    },
    list: async () => [...new Set([appsName, ...(await read(appsName)).keys()])],
  }
}

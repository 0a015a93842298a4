/**
 * The keys of the issuer, fetched seldom and kept long: anybody can send a token with the id of a key that does not exist, and
 * while the issuer is away those who hold valid tokens go on.
 *
 * Of one process: at most one look into the ledger and one fetch in 30 s, whatever comes. Keys are fetched again when a token
 * names an unknown one, and when they are ten minutes old, so that a key that was taken back opens nothing for long; where
 * that fails the known ones hold for a day.
 */
import { createRemoteJWKSet, customFetch, errors, jwksCache, type JWKSCacheInput, type JWTVerifyGetKey } from 'jose'
import type { Send } from '../http.ts'
import { keepIssuerKeys, lookForIssuerKeys } from '../ledger/issuer-keys.ts'
import type { Sql } from '../ledger/sql.ts'
import type { Log } from '../log.ts'
import type { Oidc } from '../secrets/access-document.ts'
import { fetchKeySet } from './fetch-key-set.ts'
import { IssuerUnavailable } from './issuer-unavailable.ts'
import { TokenRefused } from './token-refused.ts'

/** Rejects with TokenRefused where the issuer publishes no such key, with IssuerUnavailable where none of its keys is known. */
export type IssuerKeys = JWTVerifyGetKey

/** What fetching and keeping the keys needs from outside. */
export interface IssuerParts {
  readonly sql: Sql
  readonly send: Send
  readonly log: Log
}

const leastIntervalMs = 30_000
const freshMs = 10 * 60_000
const longestMs = 24 * 60 * 60_000

type KeySet = ReturnType<typeof createRemoteJWKSet>

export function openIssuerKeys({ sql, send, log }: IssuerParts, oidc: Oidc): IssuerKeys {
  const source = `${oidc.issuer} ${oidc.jwksUri ?? ''}`.trim()
  const fetchKeys = fetchKeySet(send, oidc)
  let lookedAt = -Infinity
  let triedAt = -Infinity
  let fetchedAt = -Infinity
  let opening: Promise<KeySet> | null = null

  /** Null: too early for another, or the ledger does not answer. */
  const look = async (oldMs: number) => {
    if (isWithin(lookedAt, leastIntervalMs)) return null
    lookedAt = Date.now()
    return lookForIssuerKeys(sql, source, { sinceMs: leastIntervalMs, oldMs }).catch((error: unknown) => {
      log.warn('the keys of the issuer cannot be looked up in the ledger', { error })
      return null
    })
  }

  /** What jose fetches with: at most once in 30 s, and from the ledger where another instance has newer keys. */
  const load = async (isKnown: () => boolean): Promise<unknown> => {
    if (isWithin(triedAt, leastIntervalMs)) throw new Error('fetched too lately')
    triedAt = Date.now()
    const kept = await look(0)
    const keptAt = Date.now() - (kept?.ageMs ?? Infinity)
    // what this instance fetched itself comes back a moment older or younger
    const newer = keptAt > fetchedAt + 1000 ? (kept?.keys ?? null) : null
    const takeNewer = (keys: string): unknown => {
      fetchedAt = keptAt
      return JSON.parse(keys)
    }
    if (kept !== null && !kept.claimed) {
      if (newer !== null) return takeNewer(newer)
      if (isKnown()) throw new Error('another instance is fetching them')
    }
    const fetched = await fetchKeys()
    if ('fault' in fetched) {
      log.warn('the keys of the issuer cannot be fetched', { issuer: oidc.issuer, fault: fetched.fault })
      if (newer !== null) return takeNewer(newer)
      throw new Error(fetched.fault)
    }
    fetchedAt = Date.now()
    await keepIssuerKeys(sql, source, JSON.stringify(fetched.keySet)).catch((error: unknown) =>
      log.warn('the keys of the issuer cannot be kept in the ledger', { error }),
    )
    return fetched.keySet
  }

  const open = async (): Promise<KeySet> => {
    const kept = await look(freshMs)
    const cache: JWKSCacheInput = {}
    if (kept !== null && kept.keys !== null && kept.ageMs !== null) {
      fetchedAt = Date.now() - Math.max(0, kept.ageMs)
      Object.assign(cache, { jwks: JSON.parse(kept.keys), uat: fetchedAt })
    }
    const keySet: KeySet = createRemoteJWKSet(new URL(oidc.jwksUri ?? oidc.issuer), {
      [jwksCache]: cache,
      [customFetch]: async () => replyOf(await load(() => keySet.jwks() !== undefined)),
      cooldownDuration: leastIntervalMs,
      cacheMaxAge: longestMs,
      // its own timer ends what `send` ends anyway
      timeoutDuration: 60_000,
    })
    return keySet
  }

  return async (header, token) => {
    opening ??= open()
    const keySet = await opening
    if (keySet.jwks() !== undefined && !isWithin(fetchedAt, freshMs)) await keySet.reload().catch(() => {})
    try {
      return await keySet(header, token)
    } catch (error) {
      if (keySet.jwks() === undefined || !keySet.fresh) {
        throw new IssuerUnavailable('no key of the issuer of access tokens can be had now', { cause: error })
      }
      if (error instanceof errors.JOSENotSupported) throw error
      throw new TokenRefused('key')
    }
  }
}

/** False also after the clock was set back: nothing is kept for longer than it says. */
function isWithin(at: number, ms: number): boolean {
  const since = Date.now() - at
  return since >= 0 && since < ms
}

/** All that jose reads of a reply; a real one would load the whole of fetch. */
function replyOf(keySet: unknown): Response {
  // oxlint-disable-next-line no-unsafe-type-assertion -- `status` and `json` are read, and nothing else
  return { status: 200, json: async () => keySet } as Response
}

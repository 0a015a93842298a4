/**
 * What a vendor's login gave, for all instances: kept in memory, and in the ledger sealed with a key that is made of the secret
 * which the login is made of. Whoever may read the ledger alone reads nothing of it.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { compareClocks } from '../clock-skew.ts'
import type { Send } from '../http.ts'
import { failLogin, keepLogin, lookForLogin } from '../ledger/logins.ts'
import type { Sql } from '../ledger/sql.ts'
import { onceEach } from '../once.ts'
import type { Credentials, Outcome, Provider, Session } from '../providers/provider.ts'
import { singleFlight } from '../single-flight.ts'

/** `session` null: the vendor has no login. An outcome says why there is none. */
export type Had = { readonly session: Session | null } | { readonly outcome: Outcome }

export interface SessionCall {
  readonly send: Send
  readonly timeoutMs: number
  readonly now: () => number
}

/** `refused`: what the vendor does not take; it is renewed once by all together. Rejects only where the ledger is away. */
export type OpenSession = (
  app: { readonly provider: Provider; readonly credentials: Credentials },
  call: SessionCall,
  refused: Session | null,
) => Promise<Had>

const lookAgainMs = 100
/** A new login that is allowed so soon is waited for. */
const shortWaitMs = 1000
const noReply = { code: null, message: null, requestId: null, httpStatus: null } as const

interface Held {
  readonly session: Session
  readonly version: number
}

/** Of a process: those that work on one ledger share what is in memory. */
export const sessionsOf = onceEach((sql: Sql) => createSessions(sql))

export function createSessions(sql: Sql): OpenSession {
  const held = new Map<string, Held>()
  /** Why the last login here failed. */
  const failed = new Map<string, Outcome>()
  const together = singleFlight<Had>()
  const keysOf = onceEachFor()
  return async ({ provider, credentials }, call, refused) => {
    const { login } = provider
    if (login === undefined) return { session: null }
    const keys = keysOf(provider, credentials)
    const known = held.get(keys.row)
    if (known !== undefined && known.session.value !== refused?.value && call.now() < known.session.freshUntilMs)
      return { session: known.session }
    let refusedVersion = known !== undefined && known.session.value === refused?.value ? known.version : 0
    return together(`${keys.row} ${refusedVersion}`, async () => {
      const untilMs = call.now() + call.timeoutMs
      const leaseMs = call.timeoutMs + 5000
      for (;;) {
        const look = await lookForLogin(sql, keys.row, {
          leastIntervalMs: login.leastIntervalMs,
          leaseMs,
          refusedVersion,
        })
        const there = look.sealed === null ? null : unseal(look.sealed, keys)
        // one that cannot be read, or was refused, is as good as none
        if (look.sealed !== null && (there === null || there === refused?.value))
          refusedVersion = Math.max(refusedVersion, look.version)
        const keep = (value: string, freshUntilMs: number, version: number): Had => {
          failed.delete(keys.row)
          const session = { value, freshUntilMs }
          held.set(keys.row, { session, version })
          return { session }
        }
        if (look.claimed) {
          const clocks = compareClocks(call.send, call.now)
          const opened = await login
            .open({ credentials, send: clocks.send, timeoutMs: call.timeoutMs, now: call.now })
            .catch((): { outcome: Outcome } => ({
              outcome: { kind: 'unknown', reason: 'the login failed inside', vendor: noReply },
            }))
          if ('outcome' in opened) {
            await failLogin(sql, keys.row)
            const outcome = withoutLogin(opened.outcome, clocks.aheadMs())
            failed.set(keys.row, outcome)
            return { outcome }
          }
          const { value, freshUntilMs } = opened.session
          const version = await keepLogin(sql, keys.row, seal(value, keys), Math.max(0, freshUntilMs - call.now()))
          return keep(value, freshUntilMs, version)
        }
        const isNew = look.version > refusedVersion
        if (there !== null && isNew && look.freshMs > 0) return keep(there, call.now() + look.freshMs, look.version)
        // what there is was refused, and the next one is allowed in a moment
        if (!isNew && look.waitMs > 0 && look.waitMs <= shortWaitMs && call.now() + look.waitMs < untilMs) {
          await new Promise(resolve => setTimeout(resolve, look.waitMs))
          continue
        }
        // the vendor allows no other yet: what there is may still be taken
        if (there !== null && look.waitMs > 0) return { session: { value: there, freshUntilMs: call.now() } }
        const why = failed.get(keys.row)
        if (look.waitMs > 0 && why !== undefined) return { outcome: why }
        if (look.waitMs > 0)
          return { outcome: { kind: 'throttled', retryAfterMs: look.waitMs, quota: false, vendor: noReply } }
        if (call.now() >= untilMs)
          return { outcome: { kind: 'unknown', reason: 'another instance logs in, and is not done', vendor: noReply } }
        await new Promise(resolve => setTimeout(resolve, lookAgainMs))
      }
    })
  }
}

/**
 * A login that is refused is a word on the account, whatever the vendor calls it: it rejects no device and ends no recall, and a
 * clock that is wrong is refused like a wrong key.
 */
function withoutLogin(outcome: Outcome, clockAheadMs: number): Outcome {
  if (outcome.kind === 'throttled' || outcome.kind === 'unknown') return outcome
  return outcome.kind === 'auth' ? { ...outcome, clockAheadMs } : { kind: 'auth', vendor: outcome.vendor, clockAheadMs }
}

interface Keys {
  /** Which account, by which secret: a new secret has a row of its own. */
  readonly row: string
  readonly key: Buffer
}

/** Made once for the credentials of an app, as long as those are kept. */
function onceEachFor(): (provider: Provider, credentials: Credentials) => Keys {
  const made = new WeakMap<Credentials, Keys>()
  return ({ login }, credentials) => {
    const known = made.get(credentials)
    if (known !== undefined) return known
    const id = login?.id(credentials) ?? ''
    const secret = login?.secret(credentials) ?? ''
    const derive = (what: string, bytes: number) => Buffer.from(hkdfSync('sha256', secret, id, what, bytes))
    const keys = {
      row: `${id} ${derive('unpush login row', 9).toString('base64url')}`,
      key: derive('unpush login', 32),
    }
    made.set(credentials, keys)
    return keys
  }
}

/** AES-256-GCM: nonce, tag and text as base64. */
function seal(value: string, { row, key }: Keys): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(row))
  const text = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64')
}

/** Null: it was sealed with something else, or changed since; then it is as if there were none. */
function unseal(sealed: string, { row, key }: Keys): string | null {
  try {
    const bytes = Buffer.from(sealed, 'base64')
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
      .setAAD(Buffer.from(row))
      .setAuthTag(bytes.subarray(12, 28))
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
  } catch {
    return null
  }
}

/**
 * Entries of the audit trail as a process makes them: each with an id of its own, the digest of what was asked, and a MAC
 * that only who has the key can make. Whoever has the ledger's password alone can add entries, and none that hold.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import * as z from 'zod/mini'
import { canonicalJson } from '../canonical-json.ts'
import { newId } from '../ids.ts'
import type { AskedEntry, SignedEntry } from '../ledger/audit.ts'
import type { Log } from '../log.ts'
import { once } from '../once.ts'
import type { Secrets } from '../secrets/secrets.ts'

export type SignEntry = (asked: AskedEntry) => Promise<SignedEntry>

/** `unpush/audit-mac` */
export const auditMacSchema = once(() =>
  z.pipe(
    z.strictObject({ key: z.string().check(z.regex(/^[0-9a-f]{64}$/i, 'must be 64 hex digits')) }),
    z.transform(({ key }) => Buffer.from(key, 'hex')),
  ),
)

/**
 * Signs entries with `unpush/audit-mac`, which is read once and then cached; waits for no database. Where the deployment
 * has no such secret, entries have no MAC; where it cannot be read now, neither, and the log says so: a recall does not
 * wait for its proof, and `verify-audit` names the entry.
 */
export function createSigner(secrets: Pick<Secrets, 'read'>, log: Log): SignEntry {
  return async asked => {
    const key = await secrets.read('unpush/audit-mac', auditMacSchema()).catch((error: unknown) => {
      log.error('an audit entry goes without its MAC', { action: asked.action, object: asked.object, error })
      return null
    })
    return makeEntry(asked, key)
  }
}

/** `key` null: without a MAC. */
export function makeEntry({ by, action, object, request }: AskedEntry, key: Buffer | null): SignedEntry {
  const entry = {
    entry: newId('aud'),
    actor: by.id,
    person: by.person,
    action,
    object,
    request: digestOf(request),
  }
  return { ...entry, mac: key === null ? null : macOf(entry, key) }
}

/** SHA-256 of the canonical JSON, as hex. */
export function digestOf(request: object): string {
  return createHash('sha256').update(canonicalJson(request)).digest('hex')
}

type Macced = Omit<SignedEntry, 'mac'>

/** HMAC-SHA-256 over the entry's parts, each with its length in bytes before it: 64 hex digits. */
export function macOf({ entry, actor, person, action, object, request }: Macced, key: Buffer): string {
  const text = ['unpush audit entry', entry, actor, person, action, object, request].map(lengthFirst).join('')
  return createHmac('sha256', key).update(text).digest('hex')
}

/** True where the MAC was made with this key. */
export function holdsMac(entry: Macced & { readonly mac: string }, key: Buffer): boolean {
  const [given, own] = [Buffer.from(entry.mac), Buffer.from(macOf(entry, key))]
  return given.length === own.length && timingSafeEqual(given, own)
}

/** So that no two rows of parts read alike; `-` for null. */
export function lengthFirst(part: string | null): string {
  return part === null ? '-' : `${Buffer.byteLength(part)}:${part}`
}

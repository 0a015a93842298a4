/**
 * Signed digests of the audit trail. A chain tells every change but its own shortening, and whoever owns the database can
 * compute a new one: a digest that left the database, signed with a key that was never in it, tells both.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import * as z from 'zod/mini'
import type { AuditHead } from '../ledger/audit.ts'
import { once } from '../once.ts'
import { type ReadKey, readPrivateKey } from '../pem.ts'

export interface AuditDigest extends AuditHead {
  /** Which key signed: the first 12 hex digits of the SHA-256 of its public half. */
  readonly key: string
  /** Ed25519, base64url. */
  readonly signature: string
}

/** The message of the log lines that carry digests. */
export const digestMessage = 'audit digest'

/** `unpush/audit-key`: an Ed25519 private key, as PEM (with or without quotes around it) or as JWK. */
export const auditKeySchema = once(() =>
  z.pipe(
    z
      .union([z.string(), z.looseObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), d: z.string() })])
      .check(z.refine(written => keyIn(written) !== null, 'must be an Ed25519 private key, as PEM or JWK')),
    z.transform(written => keyIn(written)),
  ),
)

type Written = string | { readonly [member: string]: unknown }

/** Null where it is no Ed25519 private key. */
function keyIn(written: Written): KeyObject | null {
  const read = typeof written === 'string' ? readPrivateKey(written) : readJwk(written)
  return 'key' in read && read.key.asymmetricKeyType === 'ed25519' ? read.key : null
}

function readJwk(key: Exclude<Written, string>): ReadKey {
  try {
    return { key: createPrivateKey({ key, format: 'jwk' }) }
  } catch {
    return { fault: 'is no JWK' }
  }
}

/** The public half of `unpush/audit-key`, or a public key given as PEM. Throws where it is not Ed25519. */
export function publicKeyOf(key: KeyObject | string): KeyObject {
  const found = createPublicKey(key)
  if (found.asymmetricKeyType !== 'ed25519') throw new Error('it is not an Ed25519 key')
  return found
}

export function keyIdOf(publicKey: KeyObject): string {
  const bytes = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12)
}

export function signDigest(head: AuditHead, key: KeyObject): AuditDigest {
  const { seq, hash, at } = head
  return {
    seq,
    hash,
    at,
    key: keyIdOf(publicKeyOf(key)),
    signature: sign(null, signedText(head), key).toString('base64url'),
  }
}

export function isSigned(digest: AuditDigest, publicKey: KeyObject): boolean {
  return verify(null, signedText(digest), publicKey, Buffer.from(digest.signature, 'base64url'))
}

function signedText({ seq, hash, at }: AuditHead): Buffer {
  return Buffer.from(`unpush audit digest\n${seq}\n${hash}\n${at}\n`)
}

const digestLine = once(() =>
  z.looseObject({
    msg: z.literal(digestMessage),
    seq: z.int().check(z.minimum(0)),
    hash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
    at: z.string(),
    key: z.string(),
    signature: z.string(),
  }),
)

/** The digests in lines of a log, by seq; whatever a platform wrote before the JSON, and every other line, is passed over. */
export function readDigests(log: string): AuditDigest[] {
  const digests = log.split('\n').flatMap(line => {
    if (!line.includes(digestMessage)) return []
    const read = digestLine().safeParse(jsonOf(line.slice(line.indexOf('{'))))
    if (!read.success) return []
    const { seq, hash, at, key, signature } = read.data
    return [{ seq, hash, at, key, signature }]
  })
  return digests.sort((a, b) => a.seq - b.seq)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/**
 * API keys: 256 random bits behind a prefix that secret scanners can be taught. Only the hash is ever stored.
 */
import { createHash, randomBytes } from 'node:crypto'

export interface ApiKey {
  /** Shown once, to the person it is for. */
  readonly key: string
  /** Hex; goes into the secret `unpush/access`. */
  readonly sha256: string
}

export function createApiKey(): ApiKey {
  const key = `unpush_${randomBytes(32).toString('base64url')}`
  return { key, sha256: hashApiKey(key).toString('hex') }
}

/** False: a key of another form, which may be a word that somebody guesses. */
export function isGenerated(key: string): boolean {
  return /^unpush_[A-Za-z0-9_-]{43}$/.test(key)
}

/** A fast hash is enough: there is nothing to guess in 256 random bits. */
export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

/** Digests and how they are compared: in constant time, and in the one spelling that senders use. */
import { createHash, timingSafeEqual } from 'node:crypto'

/** Lower-case hex only: an accepted second spelling of a digest would be an accepted second request. */
export function matchesHex(given: string | undefined, digest: Buffer): boolean {
  return matchesText(given, digest.toString('hex'))
}

export function matchesText(given: string | undefined, wanted: string): boolean {
  const ours = Buffer.from(wanted)
  const theirs = Buffer.from(given ?? '')
  return theirs.length === ours.length && timingSafeEqual(theirs, ours)
}

/** In a time that tells not even how long the secret is. */
export function matchesSecret(given: string | null, wanted: string | undefined): boolean {
  const same = timingSafeEqual(sha256Of(given ?? ''), sha256Of(wanted ?? ''))
  return same && given !== null && wanted !== undefined
}

export function sha256Of(...parts: readonly (string | Buffer)[]): Buffer {
  return hashOf('sha256', ...parts)
}

export function hashOf(algorithm: string, ...parts: readonly (string | Buffer)[]): Buffer {
  const hash = createHash(algorithm)
  for (const part of parts) hash.update(part)
  return hash.digest()
}

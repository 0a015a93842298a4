/**
 * Keys of RSA, each made once a process and used by one test file after the other: making one takes a tenth of a second of a core.
 */
import { makeRsaKey, type RsaKey } from '../../sandbox/rsa-key.ts'

const processWide: { unpushTestKeys?: Map<string, RsaKey[]> } = globalThis as object
const made = (processWide.unpushTestKeys ??= new Map())

/** The keys of `whose`, always the same ones in the same order, and nobody else's. */
export function keysOf(whose: string): () => RsaKey {
  const keys = made.get(whose) ?? []
  made.set(whose, keys)
  let next = 0
  return () => (keys[next++] ??= makeRsaKey())
}

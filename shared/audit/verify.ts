/** The check of the whole audit trail: the chain from its first record, and digests that were kept elsewhere. */
import type { KeyObject } from 'node:crypto'
import { auditAfter, strayAudit } from '../ledger/audit.ts'
import type { Sql } from '../ledger/sql.ts'
import { type ChainBreak, type ChainEnd, chainStart, followChain } from './chain.ts'
import { type AuditDigest, isSigned, keyIdOf } from './digest.ts'

export type TrailCheck = { readonly kind: 'whole'; readonly end: ChainEnd } | ({ readonly kind: 'broken' } & ChainBreak)

const pageSize = 2000

/** Reads all of it, a page at a time; `progress` hears how far it is. The digests must be in the order of their seq. */
export async function verifyTrail(
  sql: Sql,
  digests: readonly AuditDigest[] = [],
  progress: (seq: number) => void = () => {},
): Promise<TrailCheck> {
  const check = await verifyChain(sql, digests, progress)
  const seq = check.kind === 'whole' ? check.end.seq : check.seq
  const stray = await strayAudit(sql, seq)
  return stray === null
    ? check
    : { kind: 'broken', seq: stray, why: 'has no place in the chain, or stands there twice' }
}

async function verifyChain(
  sql: Sql,
  digests: readonly AuditDigest[],
  progress: (seq: number) => void,
): Promise<TrailCheck> {
  const meet = againstDigests(digests)
  let end: ChainEnd = chainStart
  const unmet = meet(end)
  if (unmet !== null) return { kind: 'broken', ...unmet }
  for (let more = true; more; ) {
    const records = await auditAfter(sql, end.seq, pageSize)
    const reached = followChain(end, records, meet)
    if ('why' in reached) return { kind: 'broken', ...reached }
    end = reached
    more = records.length === pageSize
    progress(end.seq)
  }
  const last = digests.at(-1)
  if (last !== undefined && last.seq > end.seq) {
    const why = `is missing: the digest of ${last.at} signed records up to ${last.seq}`
    return { kind: 'broken', seq: end.seq + 1, why }
  }
  return { kind: 'whole', end }
}

/** A chain that was computed anew holds in itself: what tells is the first digest that it does not meet. */
function againstDigests(digests: readonly AuditDigest[]): (end: ChainEnd) => ChainBreak | null {
  let next = 0
  let metSeq = 0
  return ({ seq, hash }) => {
    for (let digest = digests[next]; digest !== undefined && digest.seq <= seq; digest = digests[++next]) {
      if (digest.hash !== hash) {
        const why =
          metSeq + 1 === seq
            ? `is not the one that the digest of ${digest.at} signed`
            : `or one up to ${seq} was changed and the chain computed anew: the digest of ${digest.at} signed another`
        return { seq: metSeq + 1, why }
      }
      metSeq = seq
    }
    return null
  }
}

/** What is wrong with the digests themselves; null: each is signed with one of these keys. */
export function faultOfDigests(digests: readonly AuditDigest[], publicKeys: readonly KeyObject[]): string | null {
  const keys = new Map(publicKeys.map(key => [keyIdOf(key), key]))
  for (const digest of digests) {
    const key = keys.get(digest.key)
    if (key === undefined)
      return `The digest of ${digest.at} is signed with the key ${digest.key}, which was not given.`
    if (!isSigned(digest, key))
      return `The digest of ${digest.at} (record ${digest.seq}) has a signature that does not hold.`
  }
  return null
}

/**
 * The check of the whole audit trail: the chain from its first record, who made each entry, digests that were kept
 * elsewhere, and whether every recall was admitted and every admission became a recall.
 */
import type { KeyObject } from 'node:crypto'
import { type AuditRecord, longestUnsealedSeconds, readUnsealed } from '../ledger/audit.ts'
import {
  admittedRecalls,
  auditAfter,
  repeatedEntry,
  strayAudit,
  strayRecall,
  type StrayRecall,
  type WaitingEntry,
  waitingEntries,
} from '../ledger/audit-check.ts'
import type { Sql } from '../ledger/sql.ts'
import { type ChainBreak, type ChainEnd, chainStart, followChain } from './chain.ts'
import { type AuditDigest, isSigned, keyIdOf } from './digest.ts'
import { faultOfAdmission, faultOfEntry } from './entry-faults.ts'

export type TrailCheck =
  /** `waiting`: entries not sealed yet · `macs`: records that carry one. */
  | { readonly kind: 'whole'; readonly end: ChainEnd; readonly waiting: number; readonly macs: number }
  /** The first record that is wrong. */
  | ({ readonly kind: 'broken' } & ChainBreak)
  /** An entry that is not sealed yet. */
  | { readonly kind: 'waiting'; readonly entry: string; readonly why: string }
  | ({ readonly kind: 'recall' } & StrayRecall)
  | { readonly kind: 'lagging'; readonly seconds: number }

/** What there is to check against. */
export interface TrailProofs {
  /** In the order of their seq. */
  readonly digests?: readonly AuditDigest[]
  /** Of `unpush/audit-mac`, now and before; none: no MAC is looked at. */
  readonly macKeys?: readonly Buffer[]
  /** The first record that must carry a MAC, where the key was introduced later than the trail. */
  readonly macsSince?: number
}

const pageSize = 2000

/** Reads all of it, a page at a time; `progress` hears how far it is. */
export async function verifyTrail(
  sql: Sql,
  proofs: TrailProofs = {},
  progress: (seq: number) => void = () => {},
): Promise<TrailCheck> {
  let macs = 0
  const reached = await verifyRecords(sql, proofs, progress, ({ mac }) => {
    if (mac !== null) macs += 1
  })
  const broken = 'why' in reached ? [reached] : []
  const stray = await strayAudit(sql, reached.seq)
  if (stray !== null) broken.push({ seq: stray, why: 'has no place in the chain, or stands there twice' })
  const repeated = await repeatedEntry(sql)
  const again =
    repeated?.what === 'entry' ? `repeats the entry ${repeated.entry}` : `admits the recall ${repeated?.object} again`
  if (repeated !== null && repeated.seq !== null) broken.push({ seq: repeated.seq, why: again })
  const [first] = broken.sort((a, b) => a.seq - b.seq)
  if (first !== undefined) return { kind: 'broken', ...first }
  if (repeated !== null) return { kind: 'waiting', entry: repeated.entry ?? 'without an id', why: again }
  const { count, seconds } = await readUnsealed(sql)
  const waits = await verifyWaiting(sql, proofs)
  if (waits !== null) return waits
  const recall = await strayRecall(sql)
  if (recall !== null) return { kind: 'recall', ...recall }
  if (seconds > longestUnsealedSeconds) return { kind: 'lagging', seconds }
  return 'why' in reached ? { kind: 'broken', ...reached } : { kind: 'whole', end: reached, waiting: count, macs }
}

async function verifyRecords(
  sql: Sql,
  { digests = [], macKeys = [], macsSince = 1 }: TrailProofs,
  progress: (seq: number) => void,
  seen: (record: AuditRecord) => void,
): Promise<ChainEnd | ChainBreak> {
  const meet = againstDigests(digests)
  let end: ChainEnd = chainStart
  const unmet = meet(end)
  if (unmet !== null) return unmet
  for (let more = true; more; ) {
    const records = await auditAfter(sql, end.seq, pageSize)
    const recalls = await admittedRecalls(sql, admissionsIn(records))
    const reached = followChain(end, records, (at, record) => {
      seen(record)
      const why =
        faultOfEntry(record, at.seq < macsSince ? [] : macKeys) ??
        (record.action === 'recall.admitted' ? faultOfAdmission(record, recalls.get(record.object)) : null)
      return why === null ? meet(at) : { seq: at.seq, why }
    })
    if ('why' in reached) return reached
    end = reached
    more = records.length === pageSize
    progress(end.seq)
  }
  const last = digests.at(-1)
  if (last === undefined || last.seq <= end.seq) return end
  return { seq: end.seq + 1, why: `is missing: the digest of ${last.at} signed records up to ${last.seq}` }
}

/** Entries are looked at before they are sealed, too: what was invented must not have to wait for that to be found. */
async function verifyWaiting(sql: Sql, { macKeys = [] }: TrailProofs): Promise<TrailCheck | null> {
  const entries = await waitingEntries(sql, pageSize)
  const recalls = await admittedRecalls(sql, admissionsIn(entries))
  for (const entry of entries) {
    const why =
      faultOfEntry(entry, macKeys) ??
      (entry.action === 'recall.admitted' ? faultOfAdmission(entry, recalls.get(entry.object)) : null)
    if (why !== null) return { kind: 'waiting', entry: entry.entry ?? 'without an id', why }
  }
  return null
}

function admissionsIn(records: readonly (AuditRecord | WaitingEntry)[]): string[] {
  return records.filter(({ action }) => action === 'recall.admitted').map(({ object }) => object)
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

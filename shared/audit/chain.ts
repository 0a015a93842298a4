/** The chain of the audit trail, computed again by other code than wrote it. */
import { createHash } from 'node:crypto'
import type { AuditRecord } from '../ledger/audit.ts'
import { lengthFirst } from './entries.ts'

/** The hash before the first record. */
export const noHash = '0'.repeat(64)

/** Where a chain stands: the last record that was checked. */
export interface ChainEnd {
  readonly seq: number
  readonly hash: string
}

export const chainStart: ChainEnd = { seq: 0, hash: noHash }

/** The first record that is not as it was sealed. */
export interface ChainBreak {
  readonly seq: number
  readonly why: string
}

/** SHA-256 of the hash before and the record's fields, each with its length in bytes before it: 64 hex digits. */
export function hashRecord(before: string, record: Omit<AuditRecord, 'hash'>): string {
  const { seq, at, entry, actor, person, action, object, detail, request, mac } = record
  const parts = [String(seq), at, entry, actor, person, action, object, detail, request, mac]
  const text = parts.map(lengthFirst).join('')
  return createHash('sha256').update(before, 'hex').update(text).digest('hex')
}

/** Follows the chain from `end` over the records that come next; `each` is told every record that holds, and may object. */
export function followChain(
  end: ChainEnd,
  records: readonly AuditRecord[],
  each: (end: ChainEnd, record: AuditRecord) => ChainBreak | null = () => null,
): ChainEnd | ChainBreak {
  let at = end
  for (const record of records) {
    const seq = at.seq + 1
    if (record.seq !== seq) return { seq, why: 'is missing' }
    const hash = hashRecord(at.hash, record)
    if (hash !== record.hash) return { seq, why: 'does not follow from the record before it' }
    at = { seq, hash }
    const broken = each(at, record)
    if (broken !== null) return broken
  }
  return at
}

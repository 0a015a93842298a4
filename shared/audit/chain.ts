/** The chain of the audit trail, computed again by other code than wrote it. */
import { createHash, type Hash } from 'node:crypto'
import type { AuditRecord } from '../ledger/audit.ts'

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

/** SHA-256 of the hash before and the record's fields, each with its length before it: 64 hex digits. */
export function hashRecord(before: string, record: Omit<AuditRecord, 'hash'>): string {
  const hash = createHash('sha256').update(before, 'hex')
  for (const part of [
    String(record.seq),
    record.at,
    record.actor,
    record.person,
    record.action,
    record.object,
    record.detail,
  ])
    addPart(hash, part)
  return hash.digest('hex')
}

function addPart(hash: Hash, part: string | null): void {
  const length = Buffer.alloc(4)
  length.writeInt32BE(part === null ? -1 : Buffer.byteLength(part))
  hash.update(length)
  if (part !== null) hash.update(part)
}

/** Follows the chain from `end` over the records that come next; `each` is told every record that holds. */
export function followChain(
  end: ChainEnd,
  records: readonly AuditRecord[],
  each: (end: ChainEnd) => ChainBreak | null = () => null,
): ChainEnd | ChainBreak {
  let at = end
  for (const record of records) {
    const seq = at.seq + 1
    if (record.seq !== seq) return { seq, why: 'is missing' }
    const hash = hashRecord(at.hash, record)
    if (hash !== record.hash) return { seq, why: 'does not follow from the record before it' }
    at = { seq, hash }
    const broken = each(at)
    if (broken !== null) return broken
  }
  return at
}

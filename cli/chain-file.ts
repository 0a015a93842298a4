/** The chain of an audit trail in a file, checked record by record, whichever end comes first. No service is asked. */
import { hashRecord, noHash } from '../shared/audit/chain.ts'
import type { AuditRecord } from '../shared/ledger/audit.ts'

export interface BadRecord {
  readonly seq: number
  /** `leftOut`: the trail has it, and the record of its recall does not tell of it. */
  readonly why: 'missing' | 'changed' | 'repeated' | 'leftOut'
}

export interface ChainFile {
  readonly records: number
  readonly first: number | null
  readonly last: number | null
  /** Of the last record. */
  readonly hash: string | null
  /** False: records before the first are not in the file, so that its own hash proves nothing. */
  readonly fromTheBeginning: boolean
  /** The first bad one in the order of the trail. */
  readonly bad: BadRecord | null
}

export interface ChainReader {
  add(record: AuditRecord): void
  end(): ChainFile
}

/** Takes records as they follow each other, oldest or newest first. */
export function createChainReader(): ChainReader {
  let records = 0
  let previous: AuditRecord | null = null
  let lowest: AuditRecord | null = null
  let highest: AuditRecord | null = null
  let bad: BadRecord | null = null
  const blame = (seq: number, why: BadRecord['why']) => {
    if (bad === null || seq < bad.seq) bad = { seq, why }
  }
  const follows = (before: AuditRecord, after: AuditRecord) => {
    if (after.seq === before.seq) blame(after.seq, 'repeated')
    else if (after.seq > before.seq + 1) blame(before.seq + 1, 'missing')
    else if (hashRecord(before.hash, after) !== after.hash) blame(after.seq, 'changed')
  }
  return {
    add: record => {
      records += 1
      if (previous !== null) {
        if (record.seq >= previous.seq) follows(previous, record)
        else follows(record, previous)
      }
      previous = record
      if (lowest === null || record.seq < lowest.seq) lowest = record
      if (highest === null || record.seq > highest.seq) highest = record
    },
    end: () => {
      if (lowest !== null && lowest.seq === 1 && hashRecord(noHash, lowest) !== lowest.hash) blame(1, 'changed')
      return {
        records,
        first: lowest?.seq ?? null,
        last: highest?.seq ?? null,
        hash: highest?.hash ?? null,
        fromTheBeginning: lowest?.seq === 1,
        bad,
      }
    },
  }
}

/** A line of NDJSON as `GET /v1/audit` gives it, with the exact text of `detail`; null: it is none. */
export function recordIn(line: string): AuditRecord | null {
  try {
    return recordOf(JSON.parse(line))
  } catch {
    return null
  }
}

export function recordOf(value: unknown): AuditRecord | null {
  if (typeof value !== 'object' || value === null) return null
  const {
    seq,
    at,
    entry = null,
    actor,
    person = null,
    action,
    object,
    detail,
    request = null,
    mac = null,
    hash,
  } = value as {
    readonly [member: string]: unknown
  }
  const texts = [at, actor, action, object, detail]
  const maybe = [entry, person, request, mac]
  const whole =
    Number.isSafeInteger(seq) &&
    Number(seq) >= 1 &&
    texts.every(text => typeof text === 'string') &&
    maybe.every(text => text === null || typeof text === 'string') &&
    typeof hash === 'string' &&
    /^[0-9a-f]{64}$/.test(hash)
  return whole ? ({ seq, at, entry, actor, person, action, object, detail, request, mac, hash } as AuditRecord) : null
}

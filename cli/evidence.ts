/** The record of one recall as a file: its marks in the audit trail, met with the records they name. */
import type { BadRecord } from './chain-file.ts'
import type { AuditRecord } from '../shared/ledger/audit.ts'

export interface Evidence {
  readonly recall: string
  /** Where each event stands in the trail. */
  readonly marks: readonly { readonly seq: number; readonly hash: string }[]
}

/** What the console saves, or the answer of `GET /v1/recalls/{id}/events` beside its recall; null: it is neither. */
export function evidenceIn(document: unknown): Evidence | null {
  const { recall, events, items } = (document ?? {}) as { readonly [member: string]: unknown }
  const { id } = (recall ?? {}) as { readonly id?: unknown }
  const list = events ?? items
  if (typeof id !== 'string' || !Array.isArray(list)) return null
  const marks = list.flatMap((event: unknown) => {
    const { seq, hash } =
      ((event ?? {}) as { readonly audit?: { readonly seq?: unknown; readonly hash?: unknown } }).audit ?? {}
    return Number.isSafeInteger(seq) && typeof hash === 'string' ? [{ seq: Number(seq), hash }] : []
  })
  return marks.length === 0 ? null : { recall: id, marks }
}

export interface EvidenceCheck {
  add(record: AuditRecord): void
  /** The first record of the trail that the file does not tell truly; null: it tells all of them. */
  end(): BadRecord | null
}

/** Takes records of the trail in any order. What came after the newest mark came after the file. */
export function checkEvidence({ recall, marks }: Evidence): EvidenceCheck {
  const wanted = new Map(marks.map(({ seq, hash }) => [seq, hash]))
  const newest = Math.max(...wanted.keys())
  const bad: BadRecord[] = []
  return {
    add: ({ seq, hash, object, action }) => {
      const told = wanted.get(seq)
      wanted.delete(seq)
      if (told !== undefined && (told !== hash || object !== recall)) bad.push({ seq, why: 'changed' })
      if (told === undefined && object === recall && seq < newest && action.startsWith('recall.'))
        bad.push({ seq, why: 'leftOut' })
    },
    end: () => {
      for (const seq of wanted.keys()) bad.push({ seq, why: 'missing' })
      return bad.sort((a, b) => a.seq - b.seq)[0] ?? null
    },
  }
}

/** The record of one recall as a file: its marks in the audit trail, met with the records they name. */
import { isDeepStrictEqual } from 'node:util'
import type { BadRecord } from './chain-file.ts'
import type { AuditRecord } from '../shared/ledger/audit.ts'

export interface Evidence {
  readonly recall: string
  /** What the file says of who asked for it, and why. */
  readonly asked: Told
  /** Where each event stands in the trail, and what the file says of it. */
  readonly marks: readonly { readonly seq: number; readonly hash: string; readonly told: Told }[]
}

interface Told {
  readonly [member: string]: unknown
}

/** What the console saves, or the answer of `GET /v1/recalls/{id}/events` beside its recall; null: it is neither. */
export function evidenceIn(document: unknown): Evidence | null {
  const { recall, events, items } = (document ?? {}) as { readonly [member: string]: unknown }
  const { id, ...said } = (recall ?? {}) as Told
  const list = events ?? items
  if (typeof id !== 'string' || !Array.isArray(list)) return null
  const marks = list.flatMap((event: unknown) => {
    const { audit, ...told } = (event ?? {}) as Told
    const { seq, hash } = (audit ?? {}) as { readonly seq?: unknown; readonly hash?: unknown }
    return Number.isSafeInteger(seq) && typeof hash === 'string' ? [{ seq: Number(seq), hash, told }] : []
  })
  const { operation, reason, ticket, person, requestedBy: actor } = said
  const asked = { operation, reason, ticket, person, actor }
  return marks.length === 0 ? null : { recall: id, asked, marks }
}

export interface EvidenceCheck {
  add(record: AuditRecord): void
  /** The first record of the trail that the file does not tell truly; null: it tells all of them. */
  end(): BadRecord | null
}

/** Takes records of the trail in any order. What came after the newest mark came after the file. */
export function checkEvidence({ recall, asked, marks }: Evidence): EvidenceCheck {
  const wanted = new Map(marks.map(mark => [mark.seq, mark]))
  const newest = Math.max(...wanted.keys())
  const bad: BadRecord[] = []
  return {
    add: record => {
      const { seq, hash, object, action } = record
      const mark = wanted.get(seq)
      wanted.delete(seq)
      const own = object === recall
      if (mark === undefined && own && seq < newest && action.startsWith('recall.')) bad.push({ seq, why: 'leftOut' })
      if (mark === undefined) return
      const holds = own && mark.hash === hash && isTold(mark.told, record)
      if (!holds || (action === 'recall.admitted' && !isTold(asked, record))) bad.push({ seq, why: 'changed' })
    },
    end: () => {
      for (const seq of wanted.keys()) bad.push({ seq, why: 'missing' })
      return bad.sort((a, b) => a.seq - b.seq)[0] ?? null
    },
  }
}

/** What both tell is the same. */
function isTold(told: Told, { at, actor, person, action, detail }: AuditRecord): boolean {
  const known: Told = { ...detailIn(detail), at, actor, person }
  const decided = typeof told['decision'] !== 'string' || action === `recall.${told['decision']}`
  return (
    decided && Object.entries(told).every(([name, value]) => !(name in known) || isDeepStrictEqual(value, known[name]))
  )
}

function detailIn(text: string | null): Told {
  try {
    const detail: unknown = JSON.parse(text ?? 'null')
    return typeof detail === 'object' && detail !== null ? { ...detail } : {}
  } catch {
    return {}
  }
}

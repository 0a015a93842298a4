/** What is wrong with one entry of the trail, whatever the chain says of it: who made it, and whether the ledger bears it out. */
import { createHash } from 'node:crypto'
import { canonicalJson } from '../canonical-json.ts'
import type { AuditRecord } from '../ledger/audit.ts'
import type { AdmittedRecall } from '../ledger/audit-check.ts'
import { digestOf, holdsMac } from './entries.ts'

/** What statements of the ledger record by themselves. Everything else is done by somebody, and signed by a process. */
export const ledgerActions: ReadonlySet<string> = new Set(['recall.settled'])

type Entry = Omit<AuditRecord, 'seq' | 'at' | 'hash'>

/** Null: it is what a process, or a statement of the ledger, makes. Without `macKeys` no MAC is looked at. */
export function faultOfEntry(entry: Entry, macKeys: readonly Buffer[]): string | null {
  const { entry: id, request, mac, action } = entry
  if (id === null) {
    const own = ledgerActions.has(action) && entry.actor === 'unpush' && entry.person === null
    return own && request === null && mac === null
      ? null
      : `(${action} of ${entry.object}) is neither signed by a process nor the ledger's own: it was invented`
  }
  if (request === null) return `(${action} of ${entry.object}) has no digest of what was asked`
  if (macKeys.length > 0) {
    if (mac === null) return `(${action} of ${entry.object}) carries no MAC`
    const signed = { entry: id, actor: entry.actor, person: entry.person, action, object: entry.object, request, mac }
    if (!macKeys.some(key => holdsMac(signed, key)))
      return `(${action} of ${entry.object}) carries a MAC that does not hold: no process of Unpush wrote this`
  }
  if (action === 'recall.admitted' && digestOf(JSON.parse(entry.detail)) !== request)
    return `(${action} of ${entry.object}) tells of another request than was signed`
  return null
}

/** What an admission says that its recall's row does not. Null: they agree. `recall` undefined: there is no such row. */
export function faultOfAdmission(admission: Entry, recall: AdmittedRecall | undefined): string | null {
  if (recall === undefined) return `admits the recall ${admission.object}, which is not in the ledger`
  const detail: { readonly [member: string]: unknown } = JSON.parse(admission.detail)
  const apps = Array.isArray(detail['apps']) ? detail['apps'] : []
  const overlay =
    recall.overlay === null ? null : createHash('sha256').update(canonicalJson(recall.overlay)).digest('hex')
  const pairs: readonly (readonly [what: string, told: unknown, found: unknown])[] = [
    ['requestedBy', admission.actor, recall.actor],
    ['person', admission.person, recall.person],
    ['operation', detail['operation'], recall.operation],
    ['subject', detail['subject'], recall.subject],
    ['reason', detail['reason'], recall.reason],
    ['ticket', detail['ticket'] ?? null, recall.ticket],
    ['fallback', detail['fallback'], recall.fallback],
    // what joins later brings its apps along; a text may have been deleted, none is added
    ['apps', apps.every(app => recall.apps.includes(app)), true],
    ['overlay', overlay === null || detail['overlay'] === overlay, true],
  ]
  const wrong = pairs.filter(([, told, found]) => canonicalJson(told ?? null) !== canonicalJson(found ?? null))
  if (wrong.length === 0) return null
  return `admits another recall than the ledger's ${recall.id}: ${wrong.map(([what]) => what).join(', ')} differ`
}

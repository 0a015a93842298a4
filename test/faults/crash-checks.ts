/** What must hold after a death, as a client, the vendor and the ledger's tables see it, whatever code made it. */
import type { Ledger } from '../../shared/ledger/sql.ts'
import { type Recall, tokensEach } from './crash-recall.ts'
import type { Answer } from './function-process.ts'
import type { Act } from './vendor.ts'

/** A client that was answered before gets that answer again, when all was still to be done. */
export function answerFaults(answers: readonly Answer[], unanswered: boolean): string[] {
  const last = answers.at(-1)
  const got = last === undefined ? 'none' : `${last.status} ${JSON.parse(last.body).state}`
  const due = unanswered ? '202 done' : '202 running'
  return got === due ? [] : [`the client's retry got ${got} instead of ${due}`]
}

interface Settled {
  readonly recalls: number
  readonly state: string
  readonly settled: boolean
  readonly works: number
  readonly open: number
  readonly yes: number
  readonly devices: number
  readonly accepted: number
}

export async function ledgerFaults(ledger: Ledger, { number, units }: Recall, cancels: boolean): Promise<string[]> {
  const [row] = await ledger.query<Settled>(
    `select count(distinct r.id) as recalls, min(r.state) as state, bool_and(r.settled_at is not null) as settled,
       count(w.id) as works, count(*) filter (where w.state <> 'done' or w.result is null) as open,
       count(*) filter (where w.result = 'accepted') as yes,
       coalesce(sum(w.devices), 0) as devices, coalesce(sum(w.accepted), 0) as accepted
     from recall r join work w on w.recall_id = r.id
     where r.id in (select recall_id from recall_target where handle = $1::text)`,
    [number],
  )
  if (row === undefined) return ['the ledger gave nothing']
  const faults: string[] = []
  if (row.recalls !== 1) faults.push(`${row.recalls} recalls`)
  if (row.works !== units.length) faults.push(`${row.works} units of work where ${units.length} were planned`)
  if (row.open > 0) faults.push(`${row.open} units are not settled`)
  if (!row.settled) faults.push('the recall has no end')
  if (row.devices !== tokensEach) faults.push(`${row.devices} devices`)
  if (cancels) {
    if (row.state !== 'cancelled' && row.yes < units.length) faults.push(`cancelled, and ${row.state}`)
  } else {
    if (row.state !== 'done') faults.push(`the recall is ${row.state}`)
    if (row.yes !== units.length || row.accepted !== tokensEach) faults.push(`${row.accepted} devices accepted`)
  }
  return [...faults, ...(await auditFaults(ledger, number, row.state))]
}

/** The audit trail tells of exactly what happened: one admission, and an end that is the recall's own. */
async function auditFaults(ledger: Ledger, handle: number, state: string): Promise<string[]> {
  const entries = await ledger.query<{ action: string; state: string | null }>(
    `select e.action, e.detail ->> 'state' as state from (
       select at, action, object, detail from audit union all select at, action, object, detail from audit_unsealed) e
     where e.object in (select recall_id from recall_target where handle = $1::text) order by e.at`,
    [handle],
  )
  const told = (action: string) => entries.filter(entry => entry.action === action)
  const faults: string[] = []
  if (told('recall.admitted').length !== 1)
    faults.push(`${told('recall.admitted').length} admissions in the audit trail`)
  const last = told('recall.settled').at(-1)?.state
  if (last !== state) faults.push(`the audit trail ends with ${last}, the recall is ${state}`)
  return faults
}

/** Ends without the vendor's word are a cancel's alone; such a unit must never have been asked for. */
export async function cancelledUnits(ledger: Ledger, { number }: Recall): Promise<Set<string>> {
  const rows = await ledger.query<{ unit: string }>(
    `select case when w.seq is null then 'tpns:' || t.handle else 'huawei:' || t.handle || ':' || (b.tokens::json ->> 0) end as unit
     from work w join recall_target t on t.id = w.recall_target_id
     left join token_batch b on b.target_id = w.target_id and b.seq = w.seq
     where t.handle = $1::text and w.result = 'cancelled'`,
    [number],
  )
  return new Set(rows.map(({ unit }) => unit))
}

export function vendorFaults(acts: readonly Act[], { units }: Recall, kills: number, cancelled: Set<string>): string[] {
  const faults = acts.filter(({ unit }) => !units.includes(unit)).map(({ unit }) => `${unit} was never planned`)
  for (const unit of units) {
    const mine = acts.filter(act => act.unit === unit)
    if (cancelled.has(unit)) {
      if (mine.length > 0) faults.push(`${unit} was cancelled, and asked for ${mine.length} times`)
      continue
    }
    if (!mine.some(({ said }) => said === 'yes')) faults.push(`${unit} has no yes of the vendor`)
    if (mine.length > kills + 1) faults.push(`${unit} was asked for ${mine.length} times with ${kills} kills`)
    if (new Set(mine.map(({ digest }) => digest)).size > 1) faults.push(`${unit} was repeated with other bytes`)
  }
  return faults
}

import { isSetAside } from './due-work.ts'
import { exceptionsOf, type KeptExceptions } from './exceptions.ts'
import type { Operation } from '../operation.ts'
import type { Names, OverlayContent, TokenBatch, VendorRecord } from '../providers/provider.ts'
import type { Sql } from './sql.ts'
import type { SealedBatch } from './tokens.ts'

/**
 * read: the vendor's record is wanted first · act · sent: an overlay may be out, ask before repeating · confirm: the vendor
 * said yes, its record is to show it · meanwhile: that has to wait, something weaker and harmless goes out first · prove: as
 * confirm, after that · look: the vendor said no, its record is to show which no it is
 */
export type WorkStep = 'read' | 'act' | 'sent' | 'confirm' | 'meanwhile' | 'prove' | 'look'

/** A leased unit of work: what one worker needs to make the next vendor request. */
export interface ClaimedWork {
  readonly id: number
  readonly fence: number
  readonly recallId: string
  /** The push, within the recall. */
  readonly recallTargetId: number
  readonly app: string
  readonly provider: string
  readonly handle: string
  /** Null: the handle tells them. */
  readonly names: Names | null
  /** As `keptAudience` wrote it. */
  readonly audience: string | null
  /** A message was registered under its key since: screens show that one's push now. */
  readonly superseded: boolean
  /**
   * Its recall was cancelled, or its handle taken over, while whoever had it put it back or made it: neither saw the other. No
   * vendor is asked.
   */
  readonly calledOff: boolean
  readonly operation: Operation
  /** `operation` and the weaker ones that may be tried after it, strongest first. */
  readonly ladder: readonly Operation[]
  readonly step: WorkStep
  readonly confirmations: number
  readonly failures: number
  /** Leases in a row that ran out without a settlement before this one. */
  readonly unsettled: number
  /** Those that were not answered yet. Null where one request is for the whole push. */
  readonly devices: number | null
  readonly tokens: TokenBatch | null
  readonly overlay:
    | (Omit<OverlayContent, 'options'> & { options: { [provider: string]: OverlayContent['options'] } })
    | null
  readonly record: VendorRecord | null
  /** Age of `record` in milliseconds. */
  readonly recordAgeMs: number | null
  /** Until `giveUpAt`, by the database's clock. */
  readonly remainingMs: number
}

export interface Claim {
  readonly owner: string
  readonly limit: number
  readonly leaseMs: number
  /** Null: any recall's work. */
  readonly recallIds: readonly string[] | null
  /** Batches that need not be read, by recall: the first ones of its only push. */
  readonly inHand?: ReadonlyMap<string, readonly SealedBatch[]>
}

const isDue = `result is null and run_at <= now() and (state = 'ready' or lease_until < now()) and not held and not ${isSetAside}
    and (give_up_at <= now() or app <> all (array(select app from breaker where probe_at > now())))`

// Apps take turns, so that none waits behind the million of another. They are looked up one by one: there is no reading of
// all open work to find them.
const dueAnywhere = `
  with recursive apps as (
    (select app from work where result is null order by app limit 1)
    union all
    select (select w.app from work w where w.result is null and w.app > a.app order by w.app limit 1)
    from apps a where a.app is not null
  )
  select w.id from apps a, lateral (
    select d.*, row_number() over (order by d.priority, d.run_at, d.id) as turn from (
      select id, priority, run_at from work
      where app = a.app and ${isDue}
      order by priority, run_at, id
      limit $2::text::int
      for update skip locked) d) w
  order by w.priority, w.turn, w.run_at, w.id
  limit $2::text::int`

// each recall's own first: all of a large one need not be sorted to find them
const dueWithin = `
  select w.id from json_array_elements_text($5::text::json) as asked(id), lateral (
    select id, priority, run_at from work
    where recall_id = asked.id and ${isDue}
    order by priority, run_at, id
    limit $2::text::int
    for update skip locked) w
  order by w.priority, w.run_at, w.id
  limit $2::text::int`

const claimOf = (due: string) => `
with due as (${due}
), claimed as (
  update work w
  set state = 'running', owner = $1::text, fence = w.fence + 1, attempts = w.attempts + 1,
      unsettled = case when w.state = 'running' then w.unsettled + 1 else w.unsettled end,
      lease_until = clock_timestamp() + make_interval(secs => $3::text::float8 / 1000)
  from due where w.id = any (array[due.id])
  returning w.*
)
select w.id, w.fence, w.recall_id as "recallId", w.recall_target_id as "recallTargetId", w.app, t.provider, t.handle,
  t.names, t.audience, t.superseded_by is not null as superseded, called_off(w.recall_target_id) as "calledOff", w.operation, w.ladder, w.step, w.confirmations, w.failures, w.unsettled, w.devices - w.accepted - w.rejected - w.unknown as devices, w.seq,
  case when w.tokens_left is not null then w.tokens_left when w.seq < (($4::text::json) ->> w.recall_id)::int then null else b.tokens end as tokens, case when w.tokens_left is null then b.count end as sealed, w.tokens_left is not null as narrowed, r.overlay, v.record,
  extract(epoch from clock_timestamp() - v.as_of)::float8 * 1000 as "recordAgeMs",
  extract(epoch from w.give_up_at - clock_timestamp())::float8 * 1000 as "remainingMs"
from claimed w
join target t on t.id = any (array[w.target_id])
join recall r on r.id = any (array[w.recall_id])
left join token_batch b on b.target_id = any (array[w.target_id]) and b.seq = any (array[w.seq])
left join vendor_record v on v.app = any (array[w.app]) and v.handle = any (array[t.handle])
order by w.priority, w.run_at, w.id`

const claimAny = claimOf(dueAnywhere)
const claimScoped = claimOf(dueWithin)

/**
 * Leases due work, most urgent first. Work whose lease ran out is due again; that of an app whose breaker is open is not,
 * until a call may be tried or the work's time is over.
 */
export async function claimWork(sql: Sql, claim: Claim): Promise<ClaimedWork[]> {
  type Row = Omit<ClaimedWork, 'ladder' | 'tokens'> & {
    ladder: string
    seq: number | null
    tokens: Buffer | null
    sealed: number | null
    narrowed: boolean
  }
  const { inHand = new Map<string, readonly SealedBatch[]>() } = claim
  const unread = Object.fromEntries([...inHand].map(([recallId, batches]) => [recallId, batches.length]))
  const parameters = [claim.owner, claim.limit, claim.leaseMs, JSON.stringify(unread)]
  const rows =
    claim.recallIds === null
      ? await sql.query<Row>(claimAny, parameters, 'tokens')
      : await sql.query<Row>(claimScoped, [...parameters, JSON.stringify(claim.recallIds)], 'tokens')
  // it was made without tokens that its recall leaves alone
  const cut = rows.filter(({ devices, sealed }) => (devices ?? 0) < (sealed ?? 0))
  const exceptions =
    cut.length === 0
      ? null
      : await exceptionsOf(
          sql,
          cut.map(({ recallId }) => recallId),
        )
  return rows.map(({ seq, sealed, narrowed, ...row }) => {
    const held = seq === null || narrowed ? undefined : inHand.get(row.recallId)?.[seq]
    const whole = held === undefined ? row.tokens : Buffer.from(held.tokens)
    const json =
      (row.devices ?? 0) < (sealed ?? 0)
        ? without(whole, exceptedOf(exceptions?.get(row.recallId), row.provider), row.devices)
        : whole
    return {
      ...row,
      ladder: readLadder(row.ladder),
      tokens: json === null ? null : { json, count: row.devices ?? 0 },
    }
  })
}

function exceptedOf(kept: KeptExceptions | undefined, provider: string): ReadonlySet<string> | undefined {
  return kept?.spellings.get(provider) ?? kept?.tokens
}

/** Null where they cannot be told from the others any more: then none of them may be sent. */
function without(batch: Buffer | null, excepted: ReadonlySet<string> | undefined, left: number | null): Buffer | null {
  if (batch === null || excepted === undefined) return null
  const tokens: readonly string[] = JSON.parse(batch.toString())
  const others = tokens.filter(token => !excepted.has(JSON.stringify(token)))
  return others.length === left ? Buffer.from(JSON.stringify(others)) : null
}

export function readLadder(text: string): Operation[] {
  return text === '' ? [] : (text.split(',') as Operation[])
}

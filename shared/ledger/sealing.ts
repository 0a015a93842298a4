/** Sealing: what waits for a target becomes batches, slice by slice, in requests and timers that have time for it. */
import { batchBounds, bounds } from '../bounds.ts'
import { growRecall } from './grow-recall.ts'
import { type Growing, latestRecallOf, lockLatestRecall } from './latest-recall.ts'
import type { Pieces } from './token-intake.ts'
import { type Ledger, only, type Sql, untilSeen } from './sql.ts'

/** With more waiting than this, `sweep` helps those who bring them. */
const manyWaiting = bounds.unsealedTokensPerTarget.value / 4
/** About as many tokens a slice: well under a second on a busy machine. */
export const sliceTokens = 32_000

export interface Joined {
  readonly recallId: string
  /** Units of work that came to it. */
  readonly work: number
}

export interface Slice {
  /** idle: nothing waits · busy: somebody else seals this target · aside: it failed, and waits out its back-off */
  readonly state: 'sealed' | 'idle' | 'busy' | 'aside'
  /** Tokens that waited and do no more, repeats among them. */
  readonly taken: number
  /** More waits. */
  readonly more: boolean
  /** Null: the target is in no recall. */
  readonly joined: Joined | null
}

/**
 * Seals one slice and gives what is new to the recall of the target: both or neither, since a batch without work would be
 * left on phones. Several may seal one target at once: one of them does, the others find it busy, and who brings tokens (in parts, no
 * blank lines between them) only after a moment.
 */
export async function sealSlice(
  ledger: Ledger,
  targetId: number,
  giveUpHours: number,
  brought: Pieces | null = null,
): Promise<Slice> {
  const slice = await untilSeen(() => ledger.transaction(seal))
  // a recall that was admitted meanwhile has not seen these batches, and this has not seen the recall
  if (slice.state !== 'sealed' || slice.joined !== null) return slice
  return { ...slice, joined: await joinLeft(ledger, targetId, giveUpHours) }

  async function seal(sql: Sql): Promise<Slice> {
    // one behind the other, in one round trip
    const [sealed, recall, left] = await Promise.all([
      sql.query<Pick<Slice, 'state' | 'taken'>>(
        'select state, taken from seal_slice($1::text::bigint, $2::text::int, $3::text::int, $4::text::int, $5::text, $6::text)',
        [
          targetId,
          sliceTokens,
          batchBounds.tokens,
          batchBounds.bytes,
          brought === null ? null : JSON.stringify(brought.parts),
          brought === null ? null : brought.text,
        ],
      ),
      lockLatestRecall(sql, targetId),
      sql.query<{ more: boolean }>(
        'select exists (select from token_chunk where target_id = $1::text::bigint) as more',
        [targetId],
      ),
    ])
    const { state, taken } = only(sealed)
    const held = state === 'sealed' || state === 'idle'
    const joined = held && recall !== null ? await grow(sql, recall, giveUpHours) : null
    return { state, taken, more: only(left).more, joined }
  }
}

/** Gives batches that no recall has yet to the one that the target is in. Null: there is none, or a sealer will do it. */
export async function joinLeft(ledger: Ledger, targetId: number, giveUpHours: number): Promise<Joined | null> {
  if ((await latestRecallOf(ledger, targetId)) === null) return null
  return untilSeen(() => ledger.transaction(join))

  async function join(sql: Sql): Promise<Joined | null> {
    const held = await sql.query('select from sealing where target_id = $1::text::bigint for update skip locked', [
      targetId,
    ])
    if (held.length === 0) return null
    const recall = await lockLatestRecall(sql, targetId)
    return recall === null ? null : grow(sql, recall, giveUpHours)
  }
}

/** The caller has locked the target's row in `sealing`: batches get their units in the order of their seq. */
async function grow(sql: Sql, recall: Growing, giveUpHours: number): Promise<Joined> {
  return { recallId: recall.recallId, work: await growRecall(sql, recall, giveUpHours) }
}

/**
 * A slice could not be sealed: nobody tries this target again for a minute, then two, four, … an hour. Resolves with how
 * often it has failed in a row.
 */
export async function setAside(sql: Sql, targetId: number): Promise<number> {
  const { failures } = only(
    await sql.query<{ failures: number }>(
      `insert into sealing as s (target_id, failures, not_before) values ($1::text::bigint, 1, now() + interval '1 minute')
       on conflict (target_id) do update set failures = s.failures + 1,
         not_before = now() + least(interval '1 hour', interval '1 minute' * 2 ^ least(s.failures, 10))
       returning failures`,
      [targetId],
    ),
  )
  return failures
}

// One by one, as an index leads from target to target: a target may have thousands of chunks.
const waiting = `
with recursive targets as (
  (select target_id as id from token_chunk order by target_id limit 1)
  union all
  select (select c.target_id from token_chunk c where c.target_id > t.id order by c.target_id limit 1)
  from targets t where t.id is not null
), judged as (
  select t.id, exists (
      select from recall_target o join recall r on r.id = o.recall_id
      where o.target_id = t.id and o.linked_id is null and r.cancelled_at is null) as recalled
  from targets t left join sealing s on s.target_id = t.id
  where t.id is not null and coalesce(s.not_before, '-infinity') <= now()
)
select id from judged
where recalled or not exists (
  select from token_chunk c where c.target_id = judged.id and c.arrived_at >= now() - interval '1 minute')
  or (select sum(count) from token_chunk c where c.target_id = judged.id) > $2::text::bigint
order by recalled desc, random() limit $1::text::int`

/**
 * Targets that `sweep` seals: those that were taken back, or are being, then those for which nothing has come for a minute,
 * or more than their senders get sealed. In another order each time, so that none is always the last.
 */
export async function waitingTargets(sql: Sql, limit: number): Promise<number[]> {
  return (await sql.query<{ id: number }>(waiting, [limit, manyWaiting])).map(({ id }) => id)
}

/**
 * Targets on their way of which batches have no unit: their recall was admitted, or agreed to, while they were sealed. They are not
 * to wait for the units that there are, which may take until the recall gives up.
 */
export async function leftToJoin(sql: Sql, limit: number): Promise<number[]> {
  const rows = await sql.query<{ id: number }>(
    `select t.target_id as id from recall_target t
     where t.state = 'running' and t.linked_id is null and t.superseded_by is null and exists (select from sealing s where s.target_id = t.target_id)
       and awaits_tokens(t.id, t.target_id) and not exists (select from token_chunk c where c.target_id = t.target_id)
     limit $1::text::int`,
    [limit],
  )
  return rows.map(({ id }) => id)
}

/** Push tokens in the ledger: chunks as they arrive, batches once repeats are removed. */
import { createHash } from 'node:crypto'
import type { Sql } from './sql.ts'

/** The largest batch any vendor takes in one request. */
export const batchSize = 1000

export interface SealedBatch {
  readonly seq: number
  /** JSON array text, as it goes on the wire. */
  readonly tokens: string
  readonly count: number
}

/** Batches of tokens that are all in hand: each token once, in the order of their first appearance. */
export function sealInHand(tokens: readonly string[]): SealedBatch[] {
  const unique = [...new Set(tokens)]
  const batches: SealedBatch[] = []
  for (let start = 0; start < unique.length; start += batchSize) {
    const part = unique.slice(start, start + batchSize)
    batches.push({ seq: batches.length, tokens: JSON.stringify(part), count: part.length })
  }
  return batches
}

/** The same for the same set of tokens, whatever their order and repeats. */
export function digestTokens(tokens: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([...new Set(tokens)].sort()))
    .digest('hex')
}

export async function addChunk(sql: Sql, targetId: number, tokens: readonly string[]): Promise<void> {
  await sql.query('insert into token_chunk (target_id, tokens) values ($1::text::bigint, $2::text)', [
    targetId,
    JSON.stringify(tokens),
  ])
}

// Ordered by arrival, so that the same chunks always make the same batches.
const seal = `
with taken as (
  delete from token_chunk where target_id = $1::text::bigint returning id, tokens
), arrived as (
  select e.token, min(array[t.id, e.place]) as place
  from taken t, jsonb_array_elements_text(t.tokens::jsonb) with ordinality as e(token, place)
  group by e.token
), fresh as (
  select a.token, row_number() over (order by a.place) - 1 as rank from arrived a
  where not exists (
    select from token_batch b, jsonb_array_elements_text(b.tokens::jsonb) k
    where b.target_id = $1::text::bigint and k = a.token)
), kept as (
  update target set kept_since = now() where id = $1::text::bigint and exists (select from taken)
), last as (
  select coalesce(max(seq) + 1, 0) as seq from token_batch where target_id = $1::text::bigint
)
insert into token_batch (target_id, seq, tokens, count)
select $1::text::bigint, last.seq + rank / ${batchSize}, jsonb_agg(to_jsonb(token) order by rank)::text, count(*)
from fresh, last group by last.seq, rank / ${batchSize}
returning seq, count`

/** Makes batches of what arrived for a target, leaving out what it has already. Resolves with the new batches. */
export async function sealTarget(sql: Sql, targetId: number): Promise<{ seq: number; count: number }[]> {
  return sql.query(seal, [targetId])
}

/** Targets with chunks that have been quiet for a minute. */
export async function quietTargets(sql: Sql, limit: number): Promise<number[]> {
  const rows = await sql.query<{ id: number }>(
    `select target_id as id from token_chunk group by target_id
     having max(arrived_at) < now() - interval '1 minute' limit $1::text::int`,
    [limit],
  )
  return rows.map(row => row.id)
}

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

/** One token a line, as JSON.stringify writes it, so that equal tokens are equal text. */
export interface TokenLines {
  readonly text: string
  readonly count: number
}

export function linesOf(tokens: readonly string[]): TokenLines {
  return { text: tokens.map(token => JSON.stringify(token)).join('\n'), count: tokens.length }
}

export async function addChunk(sql: Sql, targetId: number, { text }: TokenLines): Promise<void> {
  await sql.query('insert into token_chunk (target_id, tokens) values ($1::text::bigint, $2::text)', [targetId, text])
}

/** Makes batches of what arrived for a target, leaving out what it has already. Resolves with the new batches. */
export async function sealTarget(sql: Sql, targetId: number): Promise<{ seq: number; count: number }[]> {
  return sql.query('select seq, count from seal_target($1::text::bigint, $2::text::int)', [targetId, batchSize])
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

/** Push tokens that a recall leaves alone (`exceptTokens`, contract §4.2): kept apart, counted nowhere, taken out of what is sent. */
import type { Ledger, Sql } from './sql.ts'
import { digestTokens, linesOf } from './tokens.ts'

export interface Exceptions {
  /** As they were given, each once. */
  readonly tokens: readonly string[]
  /** By vendor that takes a device's token in several spellings: those that are looked for instead. */
  readonly spellings: { readonly [provider: string]: readonly string[] }
  /** One token for each device: by these two lists are the same or not. */
  readonly devices: readonly string[]
}

/** How many of these tokens each target has among those that are sealed; a target that has none is not there. */
export async function countExceptions(
  sql: Sql,
  targetIds: readonly number[],
  { tokens, spellings }: Exceptions,
): Promise<ReadonlyMap<number, number>> {
  const rows = await sql.query<{ id: number; count: number }>(
    `with excepted as materialized (select string_to_array($2::text, E'\\n') as tokens, $3::text::jsonb as spellings)
     select b.target_id as id, sum(left_out(spelled(x.tokens, x.spellings, g.provider), b.tokens)) as count
     from excepted x, token_batch b left join target g on g.id = b.target_id
     where b.target_id in (select json_array_elements_text($1::text::json)::bigint) and b.tokens is not null
     group by b.target_id`,
    [JSON.stringify([...new Set(targetIds)]), linesOf(tokens).text, spellingsText(spellings)],
  )
  return new Map(rows.flatMap(({ id, count }) => (count > 0 ? [[id, count]] : [])))
}

/** Notes what a recall leaves alone, in the transaction that admits it, and takes it out of its units: nobody may claim one before. */
export async function keepExceptions(
  sql: Sql,
  recallId: string,
  { tokens, spellings, devices }: Exceptions,
): Promise<void> {
  await sql.query(
    `insert into recall_exception (recall_id, tokens, digest, spellings)
     values ($1::text, string_to_array($2::text, E'\\n'), $3::text, $4::text::jsonb)`,
    [recallId, linesOf(tokens).text, digestTokens(devices), spellingsText(spellings)],
  )
  await leaveOut(sql, recallId)
}

/**
 * Takes what a recall leaves alone out of the counts of its units; one that has nothing else is done before it begins. In the
 * transaction that made the units. `workIds`: those that came; null: all.
 */
export async function leaveOut(sql: Sql, recallId: string, workIds: readonly number[] | null = null): Promise<void> {
  await sql.query(
    `with cut as materialized (
       select w.id, left_out(spelled(x.tokens, x.spellings, t.provider), b.tokens) as count
       from recall_exception x join work w on w.recall_id = x.recall_id join recall_target t on t.id = w.recall_target_id
       join token_batch b on b.target_id = w.target_id and b.seq = w.seq
       where x.recall_id = $1::text and w.result is null and w.devices = b.count
         and ($2::text is null or w.id in (select json_array_elements_text($2::text::json)::bigint))
     )
     update work w set devices = w.devices - c.count,
       state = case when w.devices = c.count then 'done' else w.state end,
       result = case when w.devices = c.count then 'accepted' end,
       held = w.held and w.devices > c.count,
       blocked_by = case when w.devices > c.count then w.blocked_by end,
       blocked_since = case when w.devices > c.count then w.blocked_since end,
       blocked_detail = case when w.devices > c.count then w.blocked_detail end
     from cut c where w.id = c.id and c.count > 0`,
    [recallId, workIds === null ? null : JSON.stringify(workIds)],
  )
}

/** Of a recall, each as the JSON text that stands in batches. */
export interface KeptExceptions {
  readonly tokens: ReadonlySet<string>
  readonly spellings: ReadonlyMap<string, ReadonlySet<string>>
}

/** By recall. One that leaves nothing alone, or whose tokens have left, is not there. */
export async function exceptionsOf(
  sql: Sql,
  recallIds: readonly string[],
): Promise<ReadonlyMap<string, KeptExceptions>> {
  type Row = { id: string } & Pick<Exceptions, 'tokens' | 'spellings'>
  const rows = await sql.query<Row>(
    `select recall_id as id, to_jsonb(tokens) as tokens, spellings from recall_exception
     where recall_id in (select json_array_elements_text($1::text::json))`,
    [JSON.stringify([...new Set(recallIds)])],
  )
  const sets = (spellings: Exceptions['spellings']) =>
    new Map(Object.entries(spellings).map(([provider, tokens]) => [provider, new Set(tokens)]))
  return new Map(rows.map(({ id, tokens, spellings }) => [id, { tokens: new Set(tokens), spellings: sets(spellings) }]))
}

/** Whether a recall leaves just these alone. */
export async function leavesAlone(ledger: Ledger, recallId: string, { devices }: Exceptions): Promise<boolean> {
  const rows = await ledger.query('select from recall_exception where recall_id = $1::text and digest = $2::text', [
    recallId,
    digestTokens(devices),
  ])
  return rows.length > 0
}

/** Of recalls that have been over for so long, and none of whose targets keeps tokens any more. */
export async function forgetExceptions(sql: Sql, retentionDays: number): Promise<void> {
  await sql.query(
    `delete from recall_exception x using recall r
     where r.id = x.recall_id and r.settled_at <= now() - make_interval(secs => $1::text::float8 * 86400)
       and not exists (
         select from recall_target t join target g on g.id = t.target_id
         where t.recall_id = r.id and g.kept_since is not null)`,
    [retentionDays],
  )
}

/** Each as the JSON text that stands in batches. */
function spellingsText(spellings: Exceptions['spellings']): string {
  const texts = Object.entries(spellings).map(([provider, tokens]) => [
    provider,
    tokens.map(token => JSON.stringify(token)),
  ])
  return JSON.stringify(Object.fromEntries(texts))
}

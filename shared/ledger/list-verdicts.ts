import { grantText } from '../access/grant.ts'
import type { verdictStates } from '../api-schemas.ts'
import { type PageFilter, pageParameters } from './page.ts'
import { type Sql, toTheMicrosecond } from './sql.ts'

export interface StoredVerdict {
  readonly id: string
  readonly endpoint: string
  readonly source: string
  readonly tier: string
  readonly content: string | null
  readonly decision: string | null
  readonly action: string | null
  readonly authority: number
  readonly round: number
  readonly labels: readonly string[]
  readonly reason: string | null
  readonly occurredAt: Date | null
  readonly createdAt: Date
  readonly cursorAt: string
  readonly operation: string | null
  readonly state: (typeof verdictStates)[number]
  readonly problem: string | null
  /** Messages that it did something about. */
  readonly messages: number
  readonly recallIds: readonly string[]
  /** Recalls of other verdicts that this one says were wrong. */
  readonly overturns: readonly string[]
}

export interface VerdictFilter extends PageFilter {
  readonly app: string | null
  readonly content: string | null
  /** Any of them; null: whatever its state. */
  readonly states: readonly string[] | null
  readonly from: Date | null
  readonly to: Date | null
  /** Null: all apps. */
  readonly apps: readonly string[] | null
  /** Only this one. */
  readonly id?: string
}

/**
 * Newest first. Contents belong to no app until a message carries them: who reaches some apps only sees verdicts that led
 * to recalls, all of whose apps are among those.
 */
export async function listVerdicts(sql: Sql, filter: VerdictFilter): Promise<StoredVerdict[]> {
  return sql.query<StoredVerdict>(
    `select * from (
       select v.id, v.endpoint, v.source, v.tier, v.content, v.decision, v.action, v.authority, v.round, v.labels, v.reason,
         v.occurred_at as "occurredAt", v.received_at as "createdAt", ${toTheMicrosecond('v.received_at')} as "cursorAt", v.operation, v.problem, e.messages,
         e.recalls as "recallIds",
         (select coalesce(jsonb_agg(distinct r.id), '[]')
          from verdict w join verdict_effect x on x.verdict_id = w.id join recall r on r.id = x.recall_id
          where w.content = v.content and w.overturned_by = v.id
            and within_grant(r.apps, read_grant($10::text::json))) as overturns,
         verdict_state(v, e.messages, e.recalls <> '[]') as state
       from verdict v
       cross join lateral (
         select count(*) as messages,
           coalesce(jsonb_agg(distinct recall_id) filter (where recall_id is not null), '[]') as recalls
         from verdict_effect where verdict_id = v.id) e
       where ${filter.id === undefined ? '' : 'v.id = $12::text and'} ($2::text is null or (v.received_at, v.id) < ($2::text::timestamptz, $3::text))
         and ($4::text is null or v.content ilike $4::text or v.reason ilike $4::text or v.id = $11::text)
         and ($5::text is null or exists (select from verdict_effect x join recall r on r.id = x.recall_id
           where x.verdict_id = v.id and r.apps @> array[$5::text]))
         and ($6::text is null or v.content = $6::text)
         and ($8::text is null or v.received_at >= $8::text::timestamptz)
         and ($9::text is null or v.received_at < $9::text::timestamptz)
         and (read_grant($10::text::json) is null or (e.recalls <> '[]' and not exists (
           select from verdict_effect x join recall r on r.id = x.recall_id
           where x.verdict_id = v.id and not within_grant(r.apps, read_grant($10::text::json)))))
     ) shown
     where $7::text is null or state in (select json_array_elements_text($7::text::json))
     order by "createdAt" desc, id desc limit $1::text::int`,
    [
      ...pageParameters(filter),
      filter.app,
      filter.content,
      filter.states === null ? null : JSON.stringify(filter.states),
      filter.from?.toISOString() ?? null,
      filter.to?.toISOString() ?? null,
      grantText(filter.apps),
      filter.q,
      ...(filter.id === undefined ? [] : [filter.id]),
    ],
  )
}

/** Null also where a list would not show it. `apps` null: all apps. */
export async function readVerdict(sql: Sql, id: string, apps: readonly string[] | null): Promise<StoredVerdict | null> {
  const any = { after: null, q: null, app: null, content: null, states: null, from: null, to: null }
  return (await listVerdicts(sql, { ...any, limit: 1, apps, id }))[0] ?? null
}

import { auditColumns, type SignedEntry, signedParameters, signedValues } from './audit.ts'
import type { deliveryStates } from '../api-schemas.ts'
import { type PageFilter, pageParameters } from './page.ts'
import { type Sql, toTheMicrosecond } from './sql.ts'

export interface StoredDelivery {
  readonly id: string
  readonly subscriber: string
  readonly type: string
  /** Null: it is about the deployment. */
  readonly recallId: string | null
  readonly state: (typeof deliveryStates)[number]
  readonly createdAt: Date
  readonly cursorAt: string
  readonly settledAt: Date | null
  /** Null: it is not waiting for one. */
  readonly nextAttemptAt: Date | null
  /** The newest first, the last ten. */
  readonly attempts: readonly {
    /** RFC 3339, UTC. */
    readonly startedAt: string
    /** Null: it is under way, or the process that made it died. */
    readonly finishedAt: string | null
    readonly status: number | null
    readonly detail: string | null
  }[]
}

export interface DeliveryFilter extends PageFilter {
  readonly app: string | null
  readonly subscriber: string | null
  /** Any of them; null: whatever its state. */
  readonly states: readonly string[] | null
  readonly from: Date | null
  readonly to: Date | null
  /** Null: all apps. */
  readonly apps: readonly string[] | null
}

const selectDelivery = `
  select d.id, d.subscriber, d.type, d.recall_id as "recallId", d.state, d.created_at as "createdAt", ${toTheMicrosecond('d.created_at')} as "cursorAt",
    d.settled_at as "settledAt",
    case when d.state = 'pending' then greatest(d.run_at, nullif(s.held_until, '-infinity')) end as "nextAttemptAt",
    (select coalesce(jsonb_agg(jsonb_build_object('startedAt', instant(a.started_at), 'finishedAt',
       instant(a.finished_at), 'status', a.status, 'detail', a.detail) order by a.fence desc), '[]')
     from (select * from delivery_attempt a where a.delivery_id = d.id order by fence desc limit 10) a) as attempts
  from delivery d left join subscriber s on s.id = d.subscriber`

/** Newest first. Only of recalls all of whose apps the caller reaches. */
export async function listDeliveries(sql: Sql, filter: DeliveryFilter): Promise<StoredDelivery[]> {
  return sql.query<StoredDelivery>(
    `${selectDelivery}
     where ($2::text is null or (d.created_at, d.id) < ($2::text::timestamptz, $3::text))
       and ($4::text is null or d.id ilike $4::text or d.recall_id ilike $4::text or d.type ilike $4::text)
       and ($5::text is null or d.apps @> array[$5::text])
       and ($6::text is null or d.subscriber = $6::text)
       and ($7::text is null or d.state in (select json_array_elements_text($7::text::json)))
       and ($8::text is null or d.created_at >= $8::text::timestamptz)
       and ($9::text is null or d.created_at < $9::text::timestamptz)
       and ($10::text is null or within_grant(d.apps, array(select json_array_elements_text($10::text::json))))
     order by d.created_at desc, d.id desc limit $1::text::int`,
    [
      ...pageParameters(filter),
      filter.app,
      filter.subscriber,
      filter.states === null ? null : JSON.stringify(filter.states),
      filter.from?.toISOString() ?? null,
      filter.to?.toISOString() ?? null,
      filter.apps === null ? null : JSON.stringify(filter.apps),
    ],
  )
}

export async function readDelivery(
  sql: Sql,
  id: string,
  apps: readonly string[] | null,
): Promise<StoredDelivery | null> {
  const rows = await sql.query<StoredDelivery>(
    `${selectDelivery} where d.id = $1::text
       and ($2::text is null or within_grant(d.apps, array(select json_array_elements_text($2::text::json))))`,
    [id, apps === null ? null : JSON.stringify(apps)],
  )
  return rows[0] ?? null
}

/**
 * Has a delivery sent again, under its own id and from the start of the schedule, whatever became of it, and even where
 * its subscriber is disabled: one that takes it is enabled again. Resolves with false where there is no such subscriber.
 */
export async function replayDelivery(
  sql: Sql,
  id: string,
  entry: SignedEntry,
  reason: string | null = null,
): Promise<boolean> {
  const rows = await sql.query(
    `with replayed as (
       update delivery d set state = 'pending', run_at = clock_timestamp(), tries = 0, settled_at = null
       from subscriber s where d.id = $1::text and s.id = d.subscriber
       returning d.id, d.apps, d.subscriber, d.recall_id
     ), audited as (
       insert into audit_entry ${auditColumns}
       select ${signedValues(3)}, (json_build_object('apps', to_json(apps), 'subscriber', subscriber, 'recall', recall_id)::jsonb
         || case when $2::text is null then '{}' else jsonb_build_object('reason', $2::text) end)::json
       from replayed
     )
     select id from replayed`,
    [id, reason, ...signedParameters(entry)],
  )
  return rows.length > 0
}

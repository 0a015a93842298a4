/** How many of each there are, within a caller's grant: each is found by an index that holds little else. */
import { type Caller, grantText } from '../access/grant.ts'
import { identityOf } from './approvals.ts'
import { only, type Sql } from './sql.ts'

export interface Counts {
  /** When they were counted: RFC 3339, UTC. */
  readonly asOf: string
  /** Recalls that wait for somebody to approve them. */
  readonly waiting: number
  /** Those of them that the caller may decide. */
  readonly waitingForMe: number
  readonly running: number
  /** Of those that run: some of it cannot move now. */
  readonly blocked: number
  /** Settled so within the last 24 hours. */
  readonly failed24h: number
  /** Verdicts that wait for another recall to end. They belong to no app: counted for who reaches all. */
  readonly heldVerdicts: number
  readonly disabledSubscribers: number
  /** Apps whose vendor did not take their credential when it was last asked. */
  readonly badCredentials: number
}

/** `apps`: those that there are, within the grant. `decider`: the caller, with the apps within which he decides. */
export async function readCounts(
  sql: Sql,
  { owner, grant }: Caller,
  apps: readonly string[],
  { id, person, grant: decided }: Caller,
): Promise<Counts> {
  const who = person === null ? null : identityOf(person)
  const visible = 'visible_to(r.apps, r.owner, r.reach, $1::text, read_grant($2::text::json))'
  return only(
    await sql.query<Counts>(
      `with unfinished as materialized (
         select r.id, r.state, r.apps, r.owner, r.payer, r.requested_by from recall r where r.state in ('running', 'pending_approval') and ${visible}
       ), asked as materialized (
         select o.*, exists (
           select from approval_vote v where v.recall_id = o.id and v.round = a.round and v.who = $6::text) as voted
         from unfinished o join approval a on a.recall_id = o.id and a.state = 'waiting'
       ), stuck as materialized (
         select distinct recall_target_id as id from work where blocked_by is not null
       )
       select instant(clock_timestamp()) as "asOf",
         (select count(*) from asked) as waiting,
         (select count(*) from asked where within_grant(apps, read_grant($4::text::json)) and owner <> $1::text
           and requested_by <> $5::text and payer is distinct from 'person:' || $6::text and $6::text is not null
           and not voted) as "waitingForMe",
         (select count(*) from unfinished where state = 'running') as running,
         (select count(distinct o.id) from unfinished o where o.state = 'running' and o.id in (
           select t.recall_id from stuck s join recall_target t on t.id = s.id
           union all
           select t.recall_id from stuck s join recall_target t on t.linked_id = s.id)) as blocked,
         (select count(*) from recall r
           where r.state = 'failed' and r.settled_at > now() - interval '24 hours' and ${visible}) as "failed24h",
         (select count(*) from verdict v where v.operation is not null and v.problem is not null
           and read_grant($2::text::json) is null
           and not exists (select from verdict_effect e where e.verdict_id = v.id)
           and verdict_state(v, 0, false) = 'held') as "heldVerdicts",
         (select count(*) from subscriber
           where disabled_at is not null and within_grant(coalesce(apps, '{}'), read_grant($2::text::json)))
           as "disabledSubscribers",
         (select count(*) from finding where name = 'check' and (value -> 'ok') = 'false'
           and subject in (select json_array_elements_text($3::text::json))) as "badCredentials"`,
      [owner, grantText(grant), JSON.stringify(apps), grantText(decided), id, who],
    ),
  )
}

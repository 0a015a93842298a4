/** What the check of the audit trail reads: records in order, what waits, and the recalls that the trail speaks of. */
import { type AuditRecord, selectRecord } from './audit.ts'
import { only, type Sql } from './sql.ts'

/** Records after `seq`, oldest first: for the check of the chain. */
export async function auditAfter(sql: Sql, seq: number, limit: number): Promise<AuditRecord[]> {
  return sql.query<AuditRecord>(
    `${selectRecord} from audit where seq > $1::text::bigint order by seq limit $2::text::int`,
    [seq, limit],
  )
}

/** The first number up to `seq` that no chain has: below one, or given twice. Null: there is none. */
export async function strayAudit(sql: Sql, seq: number): Promise<number | null> {
  const { stray } = only(
    await sql.query<{ stray: number | null }>(
      `select min(seq) as stray from (
         select seq from audit where seq <= $1::text::bigint group by seq having seq < 1 or count(*) > 1) s`,
      [seq],
    ),
  )
  return stray
}

/** An entry before it is sealed. */
export type WaitingEntry = Omit<AuditRecord, 'seq' | 'hash'>

/** The oldest entries that wait to be sealed. */
export async function waitingEntries(sql: Sql, limit: number): Promise<WaitingEntry[]> {
  return sql.query<WaitingEntry>(
    `select entry, actor, person, action, object, detail::text as detail, request, mac
     from audit_unsealed order by id limit $1::text::int`,
    [limit],
  )
}

// what waits comes behind all that is sealed
const trail = `trail as (
  select seq, seq as place, entry, actor, person, action, object, detail from audit
  union all
  select null, 9000000000000000000 + id, entry, actor, person, action, object, detail from audit_unsealed
)`

/** What was already said. */
export interface RepeatedEntry {
  /** Null: it waits to be sealed. */
  readonly seq: number | null
  readonly entry: string | null
  readonly object: string
  /** An entry's id · a recall that was admitted before. */
  readonly what: 'entry' | 'admission'
}

/** The first entry whose id was used before, or that admits a recall a second time. */
export async function repeatedEntry(sql: Sql): Promise<RepeatedEntry | null> {
  const rows = await sql.query<RepeatedEntry>(
    `with ${trail}, counted as (
       select seq, place, entry, object, 'entry' as what, row_number() over (partition by entry order by place) as nth
       from trail where entry is not null
       union all
       select seq, place, entry, object, 'admission', row_number() over (partition by object order by place)
       from trail where action = 'recall.admitted'
     )
     select seq, entry, object, what from counted where nth > 1 order by place, what desc limit 1`,
  )
  return rows[0] ?? null
}

/** A recall as its row says it was asked for. */
export interface AdmittedRecall {
  readonly id: string
  readonly operation: string
  readonly reason: string
  readonly ticket: string | null
  readonly actor: string
  readonly person: string | null
  readonly subject: object
  /** Null also where its text was deleted since. */
  readonly overlay: object | null
  readonly fallback: boolean
  readonly apps: readonly string[]
}

export async function admittedRecalls(sql: Sql, ids: readonly string[]): Promise<Map<string, AdmittedRecall>> {
  if (ids.length === 0) return new Map()
  const rows = await sql.query<AdmittedRecall>(
    `select id, operation, reason, ticket, requested_by as actor, person, subject, overlay, fallback,
       to_jsonb(apps) as apps
     from recall where id in (select json_array_elements_text($1::text::json))`,
    [JSON.stringify(ids)],
  )
  return new Map(rows.map(row => [row.id, row]))
}

/** A recall that the trail does not account for, and why. */
export interface StrayRecall {
  readonly recall: string
  readonly why: string
}

/**
 * The oldest recall that nobody admitted, that reaches further or names others than the trail says, that somebody ended
 * without a word, or that ended otherwise.
 * One statement, so that a recall and its entries are seen together or not at all.
 */
export async function strayRecall(sql: Sql): Promise<StrayRecall | null> {
  const rows = await sql.query<StrayRecall>(
    `with ${trail}, brought as (
       select object, array_agg(distinct app) as apps
       from trail, json_array_elements_text(detail -> 'apps') as e(app)
       where action in ('recall.admitted', 'recall.grown') group by object
     ), causes as (
       -- as the recall's row names them: {actor, person, by}
       select t.object, c.cause - 'at' as cause
       from trail t, jsonb_array_elements(coalesce(t.detail::jsonb -> 'causedBy', '[]')) as c(cause)
       where t.action = 'recall.admitted'
       union
       -- whoever took in what somebody else had registered names him
       select object, coalesce(detail::jsonb -> 'cause', jsonb_build_object('actor', actor, 'person', person, 'by', detail ->> 'by'))
       from trail where action = 'recall.grown'
     ), told as (
       select object, bool_or(action = 'recall.admitted') as admitted,
         bool_or(action in ('recall.cancelled', 'recall.superseded', 'recall.declined')) as cancelled
       from trail where action like 'recall.%' group by object
     ), ended as (
       select distinct on (object) object, detail ->> 'state' as state
       from trail where action = 'recall.settled' order by object, place desc
     ), judged as (
       select r.id, r.created_at, case
         when t.admitted is not true then 'has no admission in the trail: nobody asked for it'
         when not r.apps <@ coalesce(b.apps, '{}') then 'reaches apps that nobody in the trail brought to it'
         when exists (
           select from jsonb_array_elements(r.caused_by) as c(cause)
           where not exists (select from causes k where k.object = r.id and k.cause = c.cause - 'at')
         ) then 'names a cause that the trail does not'
         when (select count(*) from causes k where k.object = r.id) > jsonb_array_length(r.caused_by)
           and jsonb_array_length(r.caused_by) < 20 then 'leaves out who made it grow'
         when r.cancelled_at is not null and r.unapproved is distinct from 'expired' and not t.cancelled then 'was cancelled, and the trail does not say by whom'
         when r.state in ('done', 'partial', 'failed', 'cancelled', 'expired') and e.state is distinct from r.state
           then concat('counts as ', r.state, ', and the trail says ', coalesce(e.state, 'nothing of an end'))
         end as why
       from recall r left join told t on t.object = r.id left join ended e on e.object = r.id
         left join brought b on b.object = r.id
     )
     select id as recall, why from judged where why is not null order by created_at, id limit 1`,
  )
  return rows[0] ?? null
}

/** Users besides the owner who may write the tables of the trail themselves: a later grant has opened them. */
export async function trailWriters(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ name: string }>(
    `select distinct case when a.grantee = 0 then 'everybody' else pg_get_userbyid(a.grantee) end as name
     from pg_class c, aclexplode(c.relacl) a
     where c.oid in ('audit'::regclass, 'audit_unsealed'::regclass, 'audit_lock'::regclass) and a.grantee <> c.relowner
       and a.privilege_type in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER')
     order by 1`,
  )
  return rows.map(({ name }) => name)
}

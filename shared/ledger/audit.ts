/** The audit trail: entries appended beside what they record, sealed into a chain of hashes afterwards. */
import { only, type Sql } from './sql.ts'

/** Who did it: a principal, or `unpush` itself. */
export interface Actor {
  readonly id: string
  /** The human behind it; null: none is known. */
  readonly person: string | null
}

/** What a process is about to record. */
export interface AskedEntry {
  readonly by: Actor
  /** What is done, as `recall.admitted`. */
  readonly action: string
  /** The id of what it is done to. */
  readonly object: string
  /** What was asked, as JSON: the body of the request, or what stands for it. Only its SHA-256 is kept. */
  readonly request: object
}

/** What a process knows of an entry before a statement appends it, as `runtime.signEntry` makes it. */
export interface SignedEntry {
  /** `aud_…`, used once. */
  readonly entry: string
  readonly actor: string
  readonly person: string | null
  readonly action: string
  readonly object: string
  /** SHA-256 of what was asked: 64 hex digits. */
  readonly request: string
  /** 64 hex digits; null: there was no key. */
  readonly mac: string | null
}

/** Never notification text, push tokens or secrets. `apps`, where given, decides who may read it. */
export interface AuditDetail {
  readonly apps?: readonly string[]
  readonly [member: string]: unknown
}

export interface AuditRecord {
  readonly seq: number
  /** UTC with microseconds, as it was hashed. */
  readonly at: string
  /** Null: a statement of the ledger made it. */
  readonly entry: string | null
  readonly actor: string
  readonly person: string | null
  readonly action: string
  readonly object: string
  /** JSON text, as it was written and hashed. */
  readonly detail: string
  readonly request: string | null
  readonly mac: string | null
  /** 64 hex digits. */
  readonly hash: string
}

/**
 * Statements append their entries themselves, through a view that is all the functions' user may write. What a process
 * signed goes in as parameters (the first one's number is given), the detail as the statement knows it:
 *
 *     insert into audit_entry ${auditColumns}
 *     select ${signedValues(3)}, json_build_object('apps', to_json(apps)) from changed
 *     // parameters: [id, reason, ...signedParameters(entry)]
 *
 * Entries that no process asked for are the ledger's own, and say so: `select ${ownValues}, 'recall.settled', id,
 * json_build_object('by', 'ledger', …)`. `verify-audit` knows the few actions that may be (`ledgerActions`).
 */
export const auditColumns = '(entry, request, mac, actor, person, action, object, detail)'

/** `$3::text, $4::text, …`: seven values, for all of `auditColumns` but the detail. */
export function signedValues(first: number): string {
  return Array.from({ length: 7 }, (_, index) => `$${first + index}::text`).join(', ')
}

export function signedParameters(entry: SignedEntry): (string | null)[] {
  return [entry.entry, entry.request, entry.mac, entry.actor, entry.person, entry.action, entry.object]
}

/** The first five of `auditColumns`, where the ledger itself is who acts. */
export const ownValues = "null, null, null, 'unpush', null"

/** Seals up to `limit` entries into the chain. Resolves with how many; null: somebody else is at it. */
export async function sealAudit(sql: Sql, limit: number): Promise<number | null> {
  return only(await sql.query<{ sealed: number | null }>('select seal_audit($1::text::int) as sealed', [limit])).sealed
}

export interface AuditHead {
  /** 0: nothing is sealed yet. */
  readonly seq: number
  readonly hash: string
  /** The database's time of reading, UTC. */
  readonly at: string
}

const instant = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

export async function readAuditHead(sql: Sql): Promise<AuditHead> {
  return only(
    await sql.query<AuditHead>(
      `select coalesce(a.seq, 0) as seq, coalesce(encode(a.hash, 'hex'), repeat('0', 64)) as hash,
         ${instant('clock_timestamp()')} as at
       from (select) one left join (select seq, hash from audit order by seq desc limit 1) a on true`,
    ),
  )
}

export const selectRecord = `
  select seq, ${instant('at')} as at, entry, actor, person, action, object, detail::text as detail, request, mac,
    encode(hash, 'hex') as hash`

/** Entries that wait to be sealed, and for how many seconds the oldest has. */
export async function readUnsealed(sql: Sql): Promise<{ readonly count: number; readonly seconds: number }> {
  return only(
    await sql.query<{ count: number; seconds: number }>(
      `select count(*) as count, coalesce(extract(epoch from clock_timestamp() - min(at)), 0)::float8 as seconds
       from audit_unsealed`,
    ),
  )
}

/** Sealing takes milliseconds, and `sweep` comes every minute: what waits for longer than this is held up. */
export const longestUnsealedSeconds = 300

const lagMark = 'audit.lagging'

/**
 * Writes the event `audit.lagging` once for each spell in which entries wait for longer than `longestUnsealedSeconds`, in
 * the statement that notes that it began. `begun`: it began now, and whoever wants to hear of it is told.
 */
export async function tellOfLag(sql: Sql): Promise<{ readonly seconds: number; readonly begun: boolean }> {
  return only(
    await sql.query<{ seconds: number; begun: boolean }>(
      `with lag as materialized (
         select audit_lag() as seconds
       ), over as (
         delete from pulse where name = $2::text and (select seconds from lag) <= $1::text::float8
       ), begun as (
         insert into pulse (name) select $2::text from lag where seconds > $1::text::float8
         on conflict (name) do nothing returning at
       ), told as (
         insert into delivery (id, subscriber, type, recall_id, apps, data, state)
         select 'dlv_' || translate(gen_random_uuid()::text, '-', ''), s.id, $2::text, null, '{}',
           json_build_object('seconds', floor(l.seconds), 'oldestAt', instant(b.at - make_interval(secs => l.seconds)),
             'links', json_build_object('self', '/v1/audit')),
           case when s.disabled_at is null then 'pending' else 'held' end
         from begun b, lag l, subscriber s where $2::text = any (s.events)
       )
       select seconds, exists (select from begun) as begun from lag`,
      [longestUnsealedSeconds, lagMark],
    ),
  )
}

export interface AuditFilter {
  readonly limit: number
  /** Only what is older than this record; null: from the newest. */
  readonly before: number | null
  readonly q: string | null
  readonly app: string | null
  /** These three as they are written in the trail. */
  readonly actor: string | null
  readonly action: string | null
  readonly object: string | null
  readonly from: Date | null
  readonly to: Date | null
  /** Null: all apps. Otherwise only what names apps, and none beyond these. */
  readonly apps: readonly string[] | null
}

/** Newest first. */
export async function listAudit(sql: Sql, filter: AuditFilter): Promise<AuditRecord[]> {
  return sql.query<AuditRecord>(
    `${selectRecord} from audit
     where ($2::text is null or seq < $2::text::bigint)
       and ($3::text is null or actor ilike $3::text or person ilike $3::text or action ilike $3::text
         or object ilike $3::text)
       and ($4::text is null or detail::jsonb -> 'apps' ? $4::text)
       and ($5::text is null or at >= $5::text::timestamptz)
       and ($6::text is null or at < $6::text::timestamptz)
       and ($7::text is null or detail::jsonb -> 'apps' <@ $7::text::jsonb and detail::jsonb -> 'apps' <> '[]')
       and ($8::text is null or actor = $8::text)
       and ($9::text is null or action = $9::text)
       and ($10::text is null or object = $10::text)
     order by seq desc limit $1::text::int`,
    [
      filter.limit,
      filter.before,
      filter.q === null ? null : `%${filter.q.replace(/[\\%_]/g, '\\$&')}%`,
      filter.app,
      filter.from?.toISOString() ?? null,
      filter.to?.toISOString() ?? null,
      filter.apps === null ? null : JSON.stringify(filter.apps),
      filter.actor,
      filter.action,
      filter.object,
    ],
  )
}

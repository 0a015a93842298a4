/** The kill switch: who or what admits nothing for now. */
import { type Caller, grantText } from '../access/grant.ts'
import { auditColumns, type SignedEntry, signedParameters, signedValues } from './audit.ts'
import { isUniqueViolation, type Sql } from './sql.ts'

export const pauseKinds = ['key', 'person', 'app', 'endpoint'] as const
export type PauseKind = (typeof pauseKinds)[number]

export interface Pause {
  readonly id: string
  readonly kind: PauseKind
  /**
   * The id of the key, person, app or endpoint, as `unpush/access` and the list documents name it; of kind key also `oidc:<sub>`,
   * whoever signs in as that.
   */
  readonly subject: string
  readonly reason: string
  readonly pausedBy: string
  readonly person: string | null
  /** RFC 3339, UTC. */
  readonly createdAt: string
}

const selectPause = `
  select id, kind, subject, reason, paused_by as "pausedBy", person, instant(created_at) as "createdAt" from pause`

// One app's pause is for who reaches that app; the others hold for all apps.
const mine = (grant: string) =>
  `within_grant(case when kind = 'app' then array[subject] else '{}' end, read_grant(${grant}::json))`

/** Pauses an admission's caller runs into, or any of an app: few, and read in the statement that reads everything else. */
export const pausesOf = (actor: string, person: string) => `
  select jsonb_build_object('id', p.id, 'kind', p.kind, 'subject', p.subject, 'reason', p.reason) as pause from pause p
  where p.kind = 'app' or (p.kind = 'person' and p.subject = ${person}) or p.kind || ':' || p.subject = ${actor}
    or p.kind = 'key' and p.subject like 'oidc:%' and p.subject = ${actor}`

export type KnownPause = Pick<Pause, 'id' | 'kind' | 'subject' | 'reason'>

/** Newest first, as far as they are within the caller's grant. */
export async function listPauses(sql: Sql, caller: Caller): Promise<Pause[]> {
  return sql.query(`${selectPause} where ${mine('$1::text')} order by created_at desc, id desc`, [
    grantText(caller.grant),
  ])
}

/** All of them, for a process that asks every few seconds. */
export async function readPauses(sql: Sql): Promise<KnownPause[]> {
  return sql.query('select id, kind, subject, reason from pause')
}

/** Resolves with the pause, and whether it is new: one that was there stays as it was. */
export async function addPause(
  sql: Sql,
  pause: Pick<Pause, 'id' | 'kind' | 'subject' | 'reason'>,
  entry: SignedEntry,
): Promise<{ readonly pause: Pause; readonly isNew: boolean }> {
  const { id, kind, subject, reason } = pause
  const added = await sql
    .query(
      `with added as (
         insert into pause (id, kind, subject, reason, paused_by, person)
         values ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text) returning id
       )
       insert into audit_entry ${auditColumns}
       select ${signedValues(7)}, json_build_object($2::text, $3::text, 'reason', $4::text,
         'apps', case when $2::text = 'app' then json_build_array($3::text) end) from added`,
      [id, kind, subject, reason, entry.actor, entry.person, ...signedParameters(entry)],
    )
    .then(
      () => true,
      (error: unknown) => {
        if (isUniqueViolation(error)) return false
        throw error
      },
    )
  const rows = await sql.query<Pause>(`${selectPause} where kind = $1::text and subject = $2::text`, [kind, subject])
  const [there] = rows
  // lifted by somebody else in between
  if (there === undefined) return addPause(sql, pause, entry)
  return { pause: there, isNew: added }
}

/** False: there is no such pause, or it is not within the caller's grant. */
export async function liftPause(sql: Sql, id: string, caller: Caller, entry: SignedEntry): Promise<boolean> {
  const rows = await sql.query(
    `with lifted as (
       delete from pause where id = $1::text and ${mine('$2::text')} returning id, kind, subject
     ), audited as (
       insert into audit_entry ${auditColumns}
       select ${signedValues(3)}, json_build_object(kind, subject,
         'apps', case when kind = 'app' then json_build_array(subject) end) from lifted
     )
     select id from lifted`,
    [id, grantText(caller.grant), ...signedParameters(entry)],
  )
  return rows.length > 0
}

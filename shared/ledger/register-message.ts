/** Registers messages, and changes them: in one transaction with what the audit trail says of it. */
import type { Grant } from '../access/access.ts'
import { type Caller, grantText } from '../access/grant.ts'
import { auditColumns, type SignedEntry, signedParameters, signedValues } from './audit.ts'
import { checkContents, checkMessageSize } from './message-size.ts'
import { appsOf } from './messages.ts'
import { addTargets, type NewTarget, withTargets } from './new-targets.ts'
import type { Ledger, Sql } from './sql.ts'

export interface NewMessage {
  readonly id: string
  readonly digest: string
  readonly title: string | null
  readonly body: string | null
  readonly url: string | null
  readonly contents: readonly string[]
  readonly expiresAt: Date | null
  /** Who registers it, and owns it from then on. */
  readonly caller: Caller
  readonly targets: readonly NewTarget[]
}

/** Resolves with false when the id is taken. Rejects with `HandleTaken`. Tokens that come along are sealed at once. */
export async function registerMessage(ledger: Ledger, message: NewMessage, entry: SignedEntry): Promise<boolean> {
  return withTargets(ledger, async sql => {
    const rows = await sql.query(
      `with registered as (
         insert into message (id, digest, title, body, url, contents, expires_at, registered_by, owner, person, reach, expires_by)
         select $1::text, $2::text, $3::text, $4::text, $5::text,
           array(select json_array_elements_text($6::text::json)), $7::text::timestamptz, $8::text, $9::text, $10::text,
           read_grant($11::text::json),
           case when $7::text is not null then jsonb_build_object('actor', $8::text, 'person', $10::text) end
         on conflict (id) do nothing returning id
       ), audited as (
         insert into audit_entry ${auditColumns} select ${signedValues(13)}, $12::text::json from registered
       )
       select id from registered`,
      [
        message.id,
        message.digest,
        message.title,
        message.body,
        message.url,
        JSON.stringify(message.contents),
        message.expiresAt?.toISOString() ?? null,
        message.caller.id,
        message.caller.owner,
        message.caller.person,
        grantText(message.caller.grant),
        JSON.stringify(writtenOf(message)),
        ...signedParameters(entry),
      ],
    )
    if (rows.length === 0) return false
    await addTargets(sql, message.id, message.targets)
    if (message.contents.length > 0) await checkContents(sql, message.id)
    return true
  })
}

/** What the audit trail says of a registration or a change: what can cause a recall, and no text that people read. */
export function writtenOf({ contents, targets, expiresAt }: MessageChange): object {
  return {
    apps: [...new Set(targets.map(({ app }) => app))],
    contents,
    targets: targets.map(({ app, handle }) => ({ app, handle })),
    expiresAt,
  }
}

export interface MessageChange {
  readonly contents: readonly string[]
  readonly targets: readonly NewTarget[]
  /** undefined leaves it, null clears it. */
  readonly expiresAt: Date | null | undefined
}

/**
 * Adds targets and contents, moves or clears the expiry, and notes in the audit trail who did. Resolves with false where the
 * message is neither the caller's own nor, all of it, within his grant as an operator. Rejects with `HandleTaken`, and
 * with a Problem over a bound. Call it inside a transaction.
 */
export async function changeMessage(
  sql: Sql,
  id: string,
  caller: Caller,
  operator: Grant,
  change: MessageChange,
  entry: SignedEntry,
): Promise<boolean> {
  const rows = await sql.query(
    `with changed as (
       update message m set
         contents = contents || array(
           select c from json_array_elements_text($2::text::json) c where not contents @> array[c]),
         expires_at = case when $3::text::boolean then $4::text::timestamptz else expires_at end,
         expires_by = case when $3::text::boolean then jsonb_build_object('actor', $6::text, 'person', $7::text)
           else expires_by end,
         -- who adds a push to what was found vouches for it
         discovered_app = case when $5::text::boolean then null else discovered_app end,
         -- a new end comes anew; and what joins a message whose end found nothing to take back is still to be taken back
         expired_at = case
           when $3::text::boolean or ($5::text::boolean and recall_id is null) then null else expired_at end
       where id = $1::text and (m.owner = $8::text or m.person = $7::text
         or visible_to(${appsOf}, m.owner, m.reach, $8::text, read_grant($9::text::json)))
       returning id
     ), audited as (
       insert into audit_entry ${auditColumns} select ${signedValues(11)}, $10::text::json from changed
     )
     select id from changed`,
    [
      id,
      JSON.stringify([...new Set(change.contents)]),
      change.expiresAt !== undefined,
      change.expiresAt?.toISOString() ?? null,
      change.targets.length > 0,
      caller.id,
      caller.person,
      caller.owner,
      grantText(operator),
      JSON.stringify(writtenOf(change)),
      ...signedParameters(entry),
    ],
  )
  if (rows.length === 0) return false
  await addTargets(sql, id, change.targets)
  await checkMessageSize(sql, id)
  return true
}

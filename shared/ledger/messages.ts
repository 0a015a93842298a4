import type { Grant } from '../access/access.ts'
import { type Caller, grantText, type Owned } from '../access/grant.ts'
import { Problem } from '../errors.ts'
import { auditColumns, type SignedEntry, signedParameters, signedValues } from './audit.ts'
import { takeOverDiscovered } from './discoveries.ts'
import { type DatedFigures, figuresOf } from './figures.ts'
import { checkContents, checkMessageSize } from './message-size.ts'
import type { Names, VendorRecord } from '../providers/provider.ts'
import { isDeadlock, isUniqueViolation, type Ledger, type Sql, toTheMicrosecond } from './sql.ts'
import { sealInHand } from './tokens.ts'

/** A target about to be registered, read by its provider. */
export interface NewTarget {
  readonly app: string
  readonly provider: string
  readonly handle: string
  readonly handleMadeBy: 'vendor' | 'sender'
  /** Null: the handle tells them. */
  readonly names: Names | null
  /** The key that its sender chose; null: it has none. */
  readonly senderKey: string | null
  /** Tokens that fit one request of its vendor. */
  readonly batch: number
  readonly audience: string | null
  readonly audienceSize: number | null
  readonly tokens: readonly string[] | null
}

/** Messages that were registered later under the same key, and who may know of them. */
export interface Newer {
  /** The next one. */
  readonly by: Owned & { readonly message: string }
  /** The last one, which screens show now. */
  readonly shown: (Owned & { readonly message: string }) | null
}

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

export interface StoredTarget {
  readonly id: number
  readonly app: string
  readonly provider: string
  readonly handle: string
  /** Null: the handle tells them. */
  readonly names: Names | null
  readonly audience: string | null
  readonly audienceSize: number | null
  /** Distinct tokens sealed so far. */
  readonly devices: number
  readonly batches: number
  /** True while chunks wait for sealing: `devices` is then not the last word. */
  readonly unsealed: boolean
  /** Tokens of those chunks, repeats and all. */
  readonly waiting: number
  /** Decides to which part of the target a token belongs; nobody outside may know it. */
  readonly partSeed: number
  /** Null: what was pushed under its handle last is this message's. */
  readonly superseded: Newer | null
  /** As the vendor last told it; null: it was not asked. `asOf`: RFC 3339, UTC. */
  readonly record: { readonly record: VendorRecord; readonly asOf: string } | null
  /** As the vendor last counted; null: it has not told. */
  readonly figures: DatedFigures | null
}

export interface StoredMessage {
  readonly id: string
  readonly digest: string
  readonly title: string | null
  readonly body: string | null
  readonly url: string | null
  readonly contents: readonly string[]
  readonly expiresAt: Date | null
  readonly registeredBy: string
  readonly owner: string
  readonly person: string | null
  /** The apps that its owner reached when he registered it; null: all. */
  readonly reach: Grant
  readonly createdAt: Date
  /** Nobody registered it: its vendor listed it. */
  readonly discovered: boolean
  /** As the vendor says; null: it was not asked, or does not. */
  readonly sentAt: Date | null
  readonly cursorAt: string
  readonly recallId: string | null
  /** Null: never recalled. */
  readonly recallState: string | null
  readonly targets: readonly StoredTarget[]
}

/** The handle belongs to another message already, or a key to an earlier target of the same one. */
export class HandleTaken extends Error {
  readonly app: string
  readonly handle: string
  readonly messageId: string
  constructor(app: string, handle: string, messageId: string) {
    super(`${app} ${handle} belongs to message ${messageId}`)
    this.app = app
    this.handle = handle
    this.messageId = messageId
  }
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
    const others = await targetsLeft(sql, message.id, message.targets)
    await addTargets(sql, message.id, others)
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

/** Of those that use one key at the same moment each round lets one pass. */
const mostTries = 20

/**
 * A transaction that adds targets: again, where another one that uses a key at the same moment was faster, so that the last
 * to commit has it.
 */
export async function withTargets<Result>(ledger: Ledger, body: (sql: Sql) => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await ledger.transaction(body)
    } catch (error) {
      if (!(error instanceof KeyTakenMeanwhile || isDeadlock(error))) throw error
      if (tries === mostTries) {
        throw new Problem('request-in-progress', 'Other messages are being registered under the same key.', {
          headers: { 'retry-after': '1' },
        })
      }
    }
  }
}

/** Another transaction put a target under the same key between our look and our insert. */
class KeyTakenMeanwhile extends Error {}

/** Takes over what discover found of these targets; resolves with those that are new. */
async function targetsLeft(sql: Sql, messageId: string, targets: readonly NewTarget[]): Promise<readonly NewTarget[]> {
  // only a vendor's own ids are listed
  const listed = targets.filter(({ handleMadeBy }) => handleMadeBy === 'vendor')
  if (listed.length === 0) return targets
  const over = new Set(await takeOverDiscovered(sql, messageId, listed))
  return targets.filter(({ app, handle }) => !over.has(`${app} ${handle}`))
}

/**
 * Adds targets with their tokens. Another message's target under a key that senders make is superseded. Rejects with
 * `HandleTaken`. Call it inside `withTargets`.
 */
async function addTargets(sql: Sql, messageId: string, targets: readonly NewTarget[]): Promise<void> {
  if (targets.length === 0) return
  const taken = await sql.query<{ app: string; handle: string; messageId: string }>(
    `with input as (
       select * from json_to_recordset($2::text::json) as i(app text, handle text, "handleMadeBy" text, "senderKey" text)
     ), held as (
       select t.id, t.app, t.handle, t.message_id, t.message_id <> $1::text
         and (i."handleMadeBy" = 'sender' or t.handle <> i.handle) as free
       from input i
       cross join lateral (
         select id from target where app = i.app and handle = i.handle and message_id is not null and superseded_by is null
         union
         select id from target where app = i.app and sender_key = i."senderKey" and message_id is not null and superseded_by is null
         offset 0) f
       join target t on t.id = f.id and t.message_id is not null and t.superseded_by is null
       -- in one order, so that two that use the same keys do not wait for each other
       order by t.id for update of t
     ), taken as (
       select app, handle, message_id from held where not free
       union all
       -- one message has one target under a key: its tokens could not be told apart
       select t.app, t.handle, t.message_id from target t join input i on i.app = t.app and i.handle = t.handle
       where t.message_id is not null and t.superseded_by is not null
         and (t.message_id = $1::text or i."handleMadeBy" = 'vendor')
     ), superseded as (
       update target t set superseded_by = $1::text from held h where t.id = h.id and h.free
     )
     select app, handle, message_id as "messageId" from taken limit 1`,
    [
      messageId,
      JSON.stringify(
        targets.map(({ app, handle, handleMadeBy, senderKey }) => ({ app, handle, handleMadeBy, senderKey })),
      ),
    ],
  )
  const [other] = taken
  if (other !== undefined) throw new HandleTaken(other.app, other.handle, other.messageId)
  const rows = targets.map((target, place) => ({ ...target, place, tokens: undefined }))
  const batches = targets.flatMap((target, place) =>
    sealInHand(target.tokens ?? [], target.batch).map(batch => ({ place, ...batch })),
  )
  await sql
    .query(
      `with input as (
         select * from json_to_recordset($2::text::json)
           as i(place int, app text, provider text, handle text, names jsonb, "senderKey" text, batch int, audience text,
             "audienceSize" bigint)
       ), added as (
         insert into target (message_id, position, app, provider, handle, audience, audience_size, names, sender_key, batch)
         select $1::text, place + coalesce((select max(position) + 1 from target where message_id = $1::text), 0),
           app, provider, handle, audience, "audienceSize", names, "senderKey", batch from input order by place
         returning id, app, handle
       )
       insert into token_batch (target_id, seq, tokens, count)
       select a.id, b.seq, b.tokens, b.count
       from json_to_recordset($3::text::json) as b(place int, seq int, tokens text, count int)
       join input i on i.place = b.place join added a on a.app = i.app and a.handle = i.handle`,
      [messageId, JSON.stringify(rows), JSON.stringify(batches)],
    )
    .catch((error: unknown) => {
      // lost a race with another registration between the look and the insert
      // by a message that the next look names, or by discover, from which it is then taken over
      if (isUniqueViolation(error)) throw new KeyTakenMeanwhile('a key was used by another request at the same moment')
      throw error
    })
}

const appsOf = 'array(select distinct t.app from target t where t.message_id = m.id)'

const ownedMessage = (id: string) => `(
  select jsonb_build_object('message', n.id, 'owner', n.owner, 'reach', n.reach,
    'apps', array(select distinct a.app from target a where a.message_id = n.id))
  from message n where n.id = ${id})`

/** `Newer`, of a row with `app`, `handle` and `superseded_by`; null where nothing superseded it. */
export const newerOf = (target: string) => `case when ${target}.superseded_by is not null then jsonb_build_object(
    'by', ${ownedMessage(`${target}.superseded_by`)},
    'shown', ${ownedMessage(`(select c.message_id from target c where c.app = ${target}.app
      and (c.handle = ${target}.handle or c.sender_key = ${target}.sender_key) and c.message_id is not null and c.superseded_by is null)`)}) end`

const selectMessage = `
  select m.id, m.digest, m.title, m.body, m.url, to_jsonb(m.contents) as contents, m.expires_at as "expiresAt",
    m.registered_by as "registeredBy", m.owner, m.person, to_jsonb(m.reach) as reach, m.created_at as "createdAt",
    m.discovered_app is not null as discovered, m.sent_at as "sentAt", ${toTheMicrosecond('m.created_at')} as "cursorAt", m.recall_id as "recallId",
    (select r.state from recall r where r.id = m.recall_id) as "recallState",
    coalesce((
      select jsonb_agg(jsonb_build_object('id', t.id, 'app', t.app, 'provider', t.provider, 'handle', t.handle, 'names', t.names,
        'audience', t.audience, 'audienceSize', t.audience_size,
        'devices', coalesce(b.devices, 0), 'batches', coalesce(b.batches, 0),
        'unsealed', exists (select from token_chunk c where c.target_id = t.id),
        'waiting', (select coalesce(sum(c.count), 0) from token_chunk c where c.target_id = t.id), 'partSeed', t.part_seed,
        'record', (select jsonb_build_object('record', v.record, 'asOf', instant(v.as_of)) from vendor_record v
          where v.app = t.app and v.handle = t.handle),
        'figures', (select ${figuresOf('v')} from vendor_record v where v.app = t.app and v.handle = t.handle),
        'superseded', ${newerOf('t')}) order by t.position)
      from target t
      left join lateral (select sum(count) as devices, count(*) as batches from token_batch where target_id = t.id) b on true
      where t.message_id = m.id), '[]') as targets
  from message m`

export async function readMessage(sql: Sql, id: string): Promise<StoredMessage | null> {
  return (await sql.query<StoredMessage>(`${selectMessage} where m.id = $1::text`, [id]))[0] ?? null
}

export interface MessageFilter {
  readonly limit: number
  /** The last message of the page before: its time and id. */
  readonly after: { readonly at: string; readonly id: string } | null
  readonly q: string | null
  /** What `messagesNamed` found for `q`. */
  readonly named: NamedMessages
  readonly app: string | null
  readonly content: string | null
  readonly from: Date | null
  readonly to: Date | null
  readonly caller: Caller
  /** recalled, or not. */
  readonly state: 'recalled' | 'live' | null
}

export interface NamedMessages {
  readonly ids: readonly string[]
  /** It names a message, a push or a content, so that nobody means a text that mentions it. */
  readonly alone: boolean
}

/** Messages that have this very text as their id, as a content, or as the vendor's id of a push: looked up, not searched for. */
export async function messagesNamed(sql: Sql, name: string, { owner, grant }: Caller): Promise<NamedMessages> {
  const rows = await sql.query<{ id: string }>(
    `select m.id from message m
     where m.id = any(array(
         select id from message where id = $1::text
         union select id from message where contents @> array[$1::text]
         union select message_id from target where handle = $1::text and message_id is not null))
       and visible_to(${appsOf}, m.owner, m.reach, $2::text, read_grant($3::text::json))
     order by m.created_at desc limit ${mostNamed}`,
    [name, owner, grantText(grant)],
  )
  const ids = rows.map(({ id }) => id)
  // what is short or has no digit may well be meant as a word
  return { ids, alone: ids.length > 0 && /^(?=.*\d).{5,}$/.test(name) }
}

const mostNamed = 1000

/** Newest first. Only messages all of which the caller may see. */
export async function listMessages(sql: Sql, filter: MessageFilter): Promise<StoredMessage[]> {
  return sql.query<StoredMessage>(
    `${selectMessage}
     where ($2::text is null or (m.created_at, m.id) < ($2::text::timestamptz, $3::text))
       and ($4::text is null or m.id ilike $4::text or m.title ilike $4::text or m.body ilike $4::text
         or m.id in (select json_array_elements_text($12::text::json)))
       ${filter.named.alone ? 'and m.id = any(array(select json_array_elements_text($12::text::json)))' : ''}
       and ($5::text is null or exists (select from target t where t.message_id = m.id and t.app = $5::text))
       and ($6::text is null or m.contents @> array[$6::text])
       and ($7::text is null or m.created_at >= $7::text::timestamptz)
       and ($8::text is null or m.created_at < $8::text::timestamptz)
       and visible_to(${appsOf}, m.owner, m.reach, $9::text, read_grant($10::text::json))
       and ($11::text is null or ($11::text = 'recalled') = (m.recall_id is not null))
     order by m.created_at desc, m.id desc limit $1::text::int`,
    [
      filter.limit,
      filter.after?.at ?? null,
      filter.after?.id ?? null,
      filter.q === null ? null : `%${filter.q.replace(/[\\%_]/g, '\\$&')}%`,
      filter.app,
      filter.content,
      filter.from?.toISOString() ?? null,
      filter.to?.toISOString() ?? null,
      filter.caller.owner,
      grantText(filter.caller.grant),
      filter.state,
      JSON.stringify(filter.named.ids),
    ],
  )
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
  await addTargets(sql, id, await targetsLeft(sql, id, change.targets))
  await checkMessageSize(sql, id)
  return true
}

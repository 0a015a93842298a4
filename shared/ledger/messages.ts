/** Messages as they were registered or found: what of them is shown, and how they are looked for. */
import type { Grant } from '../access/access.ts'
import { type Caller, grantText, type Owned } from '../access/grant.ts'
import type { Names, VendorRecord } from '../providers/provider.ts'
import { type DatedFigures, figuresOf } from './figures.ts'
import { type PageFilter, pageParameters } from './page.ts'
import { type Sql, toTheMicrosecond } from './sql.ts'

/** Messages that were registered later under the same key, and who may know of them. */
export interface Newer {
  /** The next one. */
  readonly by: Owned & { readonly message: string }
  /** The last one, which screens show now. */
  readonly shown: (Owned & { readonly message: string }) | null
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
  /** Of the body that registered it; '': nobody did, or that has left. */
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

/** Of a message `m`, in SQL. */
export const appsOf = 'array(select distinct t.app from target t where t.message_id = m.id)'

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

export interface MessageFilter extends PageFilter {
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
      ...pageParameters(filter),
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

/** Targets of a message, with their tokens: one that uses a key again takes it over, and one that discover found is taken over. */
import { Problem } from '../errors.ts'
import type { Names } from '../providers/provider.ts'
import { takeOverDiscovered } from './discoveries.ts'
import { isDeadlock, isUniqueViolation, type Ledger, type Sql } from './sql.ts'
import { keepTokens } from './keep-tokens.ts'
import { intakeOf } from './token-intake.ts'
import { linesOf, sealInHand } from './tokens.ts'

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

/** Takes over what discover found of these targets, and keeps their tokens; resolves with `<app> <handle>` of those. */
async function takeOver(sql: Sql, messageId: string, targets: readonly NewTarget[]): Promise<ReadonlySet<string>> {
  // only a vendor's own ids are listed
  const listed = targets.filter(({ handleMadeBy }) => handleMadeBy === 'vendor')
  if (listed.length === 0) return new Set()
  const over = new Map(
    (await takeOverDiscovered(sql, messageId, listed)).map(({ id, app, handle }) => [`${app} ${handle}`, id]),
  )
  for (const { app, handle, tokens } of listed) {
    const id = over.get(`${app} ${handle}`)
    // somebody may have added some already: they are sealed, without repeats, as late ones are
    if (id !== undefined && tokens !== null && tokens.length > 0)
      await keepTokens(sql, await intakeOf(sql, id), linesOf(tokens))
  }
  return new Set(over.keys())
}

/**
 * Adds targets with their tokens; those that discover found are taken over. Another message's target under a key that senders
 * make is superseded. Rejects with `HandleTaken`. Call it inside `withTargets`.
 */
export async function addTargets(sql: Sql, messageId: string, given: readonly NewTarget[]): Promise<void> {
  if (given.length === 0) return
  const over = await takeOver(sql, messageId, given)
  const isOver = ({ app, handle }: NewTarget) => over.has(`${app} ${handle}`)
  // one behind the other, in one round trip
  const [, taken] = await Promise.all([lockKeys(sql, given), supersede(sql, messageId, given, isOver)])
  const [other] = taken
  if (other !== undefined) throw new HandleTaken(other.app, other.handle, other.messageId)
  const targets = given.filter(target => !isOver(target))
  if (targets.length === 0) return
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

/** Another message's target under a key of one of these is this message's from now on. Resolves with what is not free. */
async function supersede(
  sql: Sql,
  messageId: string,
  given: readonly NewTarget[],
  isOver: (target: NewTarget) => boolean,
): Promise<{ app: string; handle: string; messageId: string }[]> {
  return sql.query(
    `with input as (
       select * from json_to_recordset($2::text::json) as i(app text, handle text, "handleMadeBy" text, "senderKey" text, over boolean)
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
         and not (i.over and t.handle = i.handle)
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
        given.map(target => {
          const { app, handle, handleMadeBy, senderKey } = target
          return { app, handle, handleMadeBy, senderKey, over: isOver(target) }
        }),
      ),
    ],
  )
}

/**
 * Whoever uses one of these keys at this moment comes before or after, and sees or is seen: beside an id that the vendor made, nothing
 * else keeps two under one key. Of so many locks as a transaction may well have, all in one order.
 */
async function lockKeys(sql: Sql, targets: readonly NewTarget[]): Promise<void> {
  const keys = targets.flatMap(({ app, senderKey }) => (senderKey === null ? [] : [`${app} ${senderKey}`]))
  if (keys.length === 0) return
  await sql.query(
    `select pg_advisory_xact_lock(16, slot) from (
       select distinct hashtext(key) & 255 as slot from json_array_elements_text($1::text::json) as e(key) order by 1) s`,
    [JSON.stringify(keys)],
  )
}

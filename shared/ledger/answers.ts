/** Idempotency: the answer that a key got is the answer it gets again (contract §6). */
import type { Owned } from '../access/grant.ts'
import type { Sql } from './sql.ts'

export interface StoredAnswer {
  readonly digest: string
  readonly recallId: string
  /** Whose recall it tells of: keys of one owner need not reach the same apps. */
  readonly recall: Owned
  /** Null while nobody has answered yet. */
  readonly status: number | null
  readonly headers: { readonly [name: string]: string } | null
  readonly body: string | null
}

const answerColumns = `a.digest, a.recall_id as "recallId", a.status, a.headers, a.body,
  jsonb_build_object('apps', r.apps, 'owner', r.owner, 'reach', r.reach) as recall`

export async function findAnswer(sql: Sql, principal: string, path: string, key: string): Promise<StoredAnswer | null> {
  const rows = await sql.query<StoredAnswer>(
    `select ${answerColumns} from answer a join recall r on r.id = a.recall_id
     where a.principal = $1::text and a.path = $2::text and a.key = $3::text and a.created_at > now() - interval '72 hours'`,
    [principal, path, key],
  )
  return rows[0] ?? null
}

/** Keeps the first answer sent, of what the key was used for. Resolves with the one that everybody gets. */
export async function keepAnswer(
  sql: Sql,
  place: { readonly principal: string; readonly path: string; readonly key: string; readonly digest: string },
  answer: { readonly status: number; readonly headers: object; readonly body: string },
): Promise<StoredAnswer | null> {
  const [kept] = await sql.query<StoredAnswer>(
    `update answer a set status = $4::text::int, headers = $5::text::jsonb, body = $6::text
     from recall r
     where a.principal = $1::text and a.path = $2::text and a.key = $3::text and a.body is null and a.digest = $7::text
       and r.id = a.recall_id
     returning ${answerColumns}`,
    [place.principal, place.path, place.key, answer.status, JSON.stringify(answer.headers), answer.body, place.digest],
  )
  // somebody was faster
  return kept ?? findAnswer(sql, place.principal, place.path, place.key)
}

/** A recall that an equal one turned out to be running already: the key names it from now on. False: it names one by now. */
export async function bindAnswer(
  sql: Sql,
  place: { readonly principal: string; readonly path: string; readonly key: string; readonly digest: string },
  recallId: string,
): Promise<boolean> {
  const rows = await sql.query(
    `insert into answer (principal, path, key, digest, recall_id)
     values ($1::text, $2::text, $3::text, $4::text, $5::text) on conflict do nothing returning key`,
    [place.principal, place.path, place.key, place.digest, recallId],
  )
  return rows.length > 0
}

/** Forgets keys over 72 h old, a thousand at a time. Resolves with how many. */
export async function reapAnswers(sql: Sql): Promise<number> {
  const rows = await sql.query(
    `delete from answer where ctid in (
       select ctid from answer where created_at < now() - interval '72 hours' limit 1000) returning key`,
  )
  return rows.length
}

/** Texts of notifications and of who judged them, which leave where the policy says so (`textRetentionDays`). */
import type { Sql } from './sql.ts'

/** Rows a statement. */
const atOnce = 500
/** A verdict acts on messages that come within a day, and with its overlay. */
const actingDays = 2

interface Texts {
  /** Its parameter: days since the end of what they belong to. Gives the rows that were looked at. */
  readonly text: string
}

const line = `now() - make_interval(secs => $1::text::float8 * 86400)`

/**
 * A message has ended as its push tokens' retention says: nothing came for it any more, its `expiresAt` has passed, its recalls
 * are settled. What had not ended so long ago is put off until it has.
 */
const leaving: readonly Texts[] = [
  {
    text: `
      with old as (
        select id, texts_since, expires_at from message
        where texts_since <= ${line} and (title is not null or body is not null or url is not null)
        order by texts_since limit ${atOnce} for update skip locked
      ), judged as (
        select o.id, coalesce(t.unfinished, false) as unfinished, greatest(o.texts_since, o.expires_at, t.ended_at) as ended_at
        from old o left join lateral (
          select max(e.at) as ended_at, bool_or(e.at is null) as unfinished from (
            select g.kept_since as at from target g where g.message_id = o.id and g.kept_since is not null
            union all
            select r.settled_at from recall_message n join recall r on r.id = n.recall_id where n.message_id = o.id
            union all
            select r.settled_at from target g
            join recall_target rt on rt.target_id = g.id join recall r on r.id = rt.recall_id where g.message_id = o.id
          ) e) t on true
      ), verdicts as (
        select *, not unfinished and ended_at <= ${line} as over from judged
      )
      update message m set
        texts_since = case when v.unfinished then now() else v.ended_at end,
        title = case when v.over then null else m.title end,
        body = case when v.over then null else m.body end,
        url = case when v.over then null else m.url end
      from verdicts v where m.id = v.id
      returning m.id`,
  },
  {
    text: `
      update recall set overlay = null
      where id in (
        select id from recall where overlay is not null and settled_at <= ${line} order by settled_at limit ${atOnce}
        for update skip locked)
      returning id`,
  },
  {
    text: `
      update verdict set reason = null, overlay = null
      where id in (
        select id from verdict
        where (reason is not null or overlay is not null) and not queued
          and received_at <= least(${line}, now() - interval '${actingDays} days')
        order by received_at limit ${atOnce} for update skip locked)
      returning id`,
  },
]

/** In statements that are short each, until none is left or `until` (epoch) has come. Resolves with the number of rows. */
export async function retireTexts(sql: Sql, days: number, until: number): Promise<number> {
  let left = 0
  for (const { text } of leaving) {
    for (;;) {
      if (Date.now() > until) return left
      const rows = await sql.query(text, [days])
      left += rows.length
      if (rows.length < atOnce) break
    }
  }
  return left
}

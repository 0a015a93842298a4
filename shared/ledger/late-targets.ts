/** Targets of recalled messages that no recall has taken in. */
import type { Sql } from './sql.ts'

export interface LateTargets {
  readonly messageId: string
  readonly registeredBy: string
  readonly person: string | null
  readonly targetIds: readonly number[]
}

/** Who adds one has it taken in before he is answered; what he has not by then is left to others. */
const graceMinutes = 1

/**
 * They were added at the very moment at which the recall of their message was admitted, so that neither saw the other, or by a
 * process that died before it had them taken in. Those that came since an hour before `sweep` last ran to its end; by message.
 */
export async function findLateTargets(sql: Sql, limit: number): Promise<LateTargets[]> {
  return sql.query<LateTargets>(
    `select m.id as "messageId", m.registered_by as "registeredBy", m.person, jsonb_agg(t.id order by t.position) as "targetIds"
     from target t join message m on m.id = t.message_id
     where t.kept_since > least(now(), (select at from pulse where name = 'sweep')) - interval '1 hour'
       and t.kept_since < now() - interval '${graceMinutes} minutes' and t.superseded_by is null
       and not exists (select from recall_target x where x.target_id = t.id)
       and exists (
         select from recall_message n join recall r on r.id = n.recall_id
         where n.message_id = m.id and r.cancelled_at is null and (r.reach is null or t.app = any (r.reach)))
     group by m.id limit $1::text::int`,
    [limit],
  )
}

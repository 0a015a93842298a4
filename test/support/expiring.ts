/** Messages that are due, without waiting for it, and timers that find them. */
import type { Ledger } from '../../shared/ledger/sql.ts'
import { createRuntime, type Runtime } from '../../shared/runtime.ts'
import type { TimerContext } from '../../shared/serve-timer.ts'
import type { Service } from './service.ts'

export interface Registered {
  readonly app?: string
  readonly count: number
  /** Ids and handles begin with it: `<prefix>-1`. */
  readonly prefix: string
  /** The first notify id. */
  readonly from: number
  /** Minutes from now; past ones are negative. */
  readonly expiresInMinutes: number | null
}

/** Registers messages of a Push Kit app, one target with two tokens each, as registering leaves them. */
export async function registerMany(
  ledger: Ledger,
  { app = 'news-harmony', count, prefix, from, expiresInMinutes }: Registered,
) {
  await ledger.query(
    `with messages as (
       insert into message (id, digest, contents, registered_by, owner, created_at, expires_at)
       select $1::text || '-' || n, 'd', '{}', 'key:sender', 'key:sender', now() - interval '1 hour',
         now() + make_interval(mins => $4::text::int)
       from generate_series(1, $2::text::int) n
     ), targets as (
       insert into target (message_id, position, app, provider, handle)
       select $1::text || '-' || n, 0, $5::text, 'huawei', ($3::text::int + n - 1)::text
       from generate_series(1, $2::text::int) n returning id, handle
     )
     insert into token_batch (target_id, seq, tokens, count)
     select id, 0, '["' || handle || '-a","' || handle || '-b"]', 2 from targets`,
    [prefix, count, from, expiresInMinutes, app],
  )
}

/** What a timer of a function instance of its own has, with its own way to the ledger. */
export function timerContext({ gateway }: Service, ledger: Ledger, kick: Runtime['kick'] = null): TimerContext {
  const { config, secrets, log } = gateway.runtime
  return {
    ...createRuntime(config, secrets, ledger, log, kick),
    invocation: { requestId: 'r', coldStart: false, remainingMs: () => 60_000, platform: 'scf' },
    firing: { name: 'expire', at: null, message: null },
  }
}

/** Recalls of messages whose id begins with the prefix, one row each. */
export async function recallsOf(ledger: Ledger, prefix: string) {
  return ledger.query<{ message: string; id: string; state: string; requestedBy: string; operation: string }>(
    `select m.id as message, t.recall_id as id, r.state, r.requested_by as "requestedBy", r.operation
     from message m join target g on g.message_id = m.id
     join recall_target t on t.target_id = g.id and t.linked_id is null join recall r on r.id = t.recall_id
     where m.id like $1::text || '-%' order by m.id, t.id`,
    [prefix],
  )
}

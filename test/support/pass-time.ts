import type { Ledger } from '../../shared/ledger/sql.ts'

/** The database's clock goes on: everything it compares with moves back. */
export async function passTime(ledger: Ledger, ms: number): Promise<void> {
  const span = 'make_interval(secs => $1::text::float8 / 1000)'
  await ledger.query(
    `with works as (
       update work set run_at = run_at - ${span}, lease_until = lease_until - ${span}, give_up_at = give_up_at - ${span}
     ), breakers as (
       update breaker set window_at = window_at - ${span}, probe_at = probe_at - ${span}, probing_until = probing_until - ${span}
     ), buckets as (
       update bucket set tat = tat - ${span}, held_until = held_until - ${span},
         hits = array(select h - ${span} from unnest(hits) h), last_at = last_at - ${span},
         waiting = (select coalesce(jsonb_object_agg(key, value::float8 - extract(epoch from ${span})), '{}')
           from jsonb_each_text(waiting))
     ), records as (update vendor_record set as_of = as_of - ${span})
     update recall set give_up_at = give_up_at - ${span}`,
    [ms],
  )
}

/** What must hold of every history, whatever happened in it. */
import type { Ledger } from '../../shared/ledger/sql.ts'
import type { Process } from './director.ts'

/** A call that reached the vendor. */
export interface Heard {
  readonly unit: string
  readonly step: string
  readonly process: Process
  readonly did: boolean
  /** The vendor said no, in so many words. */
  readonly denied: boolean
  /** How often time had leapt by then: only then can somebody live have lost a lease. */
  readonly leaps: number
}

/** Notes in a table of the test's own what no statement may ever do to a unit of work. */
export async function watchPromises(ledger: Ledger): Promise<void> {
  await ledger.script(`
    create table broken_promise (what text not null);
    create table claimant (work_id bigint primary key, process text not null);
    create function watch_work() returns trigger language plpgsql as $$
    begin
      if old.state = 'done' and new.state = 'done' and new.result is distinct from old.result then
        insert into broken_promise values (format('an end was changed from %s to %s', old.result, new.result));
      end if;
      if old.state = 'done' and new.state = 'running' then
        insert into broken_promise values ('ended work was claimed');
      end if;
      if new.fence not in (old.fence, old.fence + 1) or (new.fence > old.fence) <> (new.attempts > old.attempts) then
        insert into broken_promise values (format('the fence went from %s to %s', old.fence, new.fence));
      end if;
      if old.state = 'running' and new.fence > old.fence and old.lease_until >= clock_timestamp() then
        insert into broken_promise values ('work was claimed under a lease');
      end if;
      if new.fence > old.fence then
        insert into claimant values (new.id, current_setting('simulation.process'))
          on conflict (work_id) do update set process = excluded.process;
      -- whoever sweeps ends what nobody holds any more, counting no device as reached
      elsif old.state = 'running' and new.state <> 'running' and current_setting('simulation.process') <>
          (select process from claimant where work_id = new.id) and not (old.lease_until < clock_timestamp()
            and new.result in ('expired', 'failed', 'partial') and new.unknown = coalesce(new.devices, 0)) then
        insert into broken_promise values ('who had lost the lease wrote');
      end if;
      return new;
    end $$;
    create trigger watch_work before update on work for each row execute function watch_work();`)
}

interface Ended {
  readonly unit: string
  readonly result: string | null
  readonly operation: string
  readonly attempts: number
  readonly devices: number | null
  readonly told: number
}

export async function faultsOf(ledger: Ledger, heard: readonly Heard[]): Promise<string[]> {
  const broken = await ledger.query<{ what: string }>('select distinct what from broken_promise')
  const works = await ledger.query<Ended>(
    `select t.handle || ':' || coalesce(b.tokens::json ->> 0, '') as unit, w.result, w.operation,
       (select count(*) from attempt a where a.work_id = w.id) as attempts,
       w.devices, w.accepted + w.rejected + w.unknown as told
     from work w join recall_target t on t.id = w.recall_target_id
     left join token_batch b on b.target_id = w.target_id and b.seq = w.seq`,
  )
  const wrong = works.flatMap(work => {
    const calls = heard.filter(({ unit }) => unit === work.unit)
    const faults: string[] = []
    if (work.result === null) faults.push('has no end')
    if ((work.result === 'accepted' || work.result === 'partial') && !calls.some(({ did }) => did))
      faults.push(`is ${work.result}, and the vendor never did it`)
    if (work.result === 'accepted' && !calls.some(({ did, step }) => did && step === work.operation))
      faults.push(`counts as ${work.operation}, and that was never done`)
    if (calls.length > work.attempts) faults.push(`was asked for ${calls.length} times with ${work.attempts} attempts`)
    if (work.result !== null && work.devices !== null && work.told !== work.devices)
      faults.push(`has ${work.devices} devices and tells of ${work.told}`)
    if (repeatedUnasked(calls)) faults.push('was overlaid again, and nobody had asked')
    return faults.map(fault => `${work.unit} ${fault}`)
  })
  return [...broken.map(({ what }) => what), ...wrong, ...(await recallFaults(ledger))]
}

/**
 * An overlay sends: once one may be out, somebody must have asked before the next, unless the first one's sender was a
 * live zombie.
 */
function repeatedUnasked(calls: readonly Heard[]): boolean {
  let last: Heard | null = null
  let asked = true
  for (const call of calls) {
    if (call.step === 'status') asked = true
    if (call.step !== 'overlay') continue
    if (last !== null && !asked && !(last.process.alive && call.leaps > 0)) return true
    if (call.denied) continue
    last = call
    asked = false
  }
  return false
}

async function recallFaults(ledger: Ledger): Promise<string[]> {
  const rows = await ledger.query<{ id: string; state: string; works: number; whole: number; active: number }>(
    `select r.id, r.state, count(w.id) as works,
       count(*) filter (where w.result = 'accepted' and w.operation = r.operation) as whole,
       count(*) filter (where t.active) as active
     from recall r join recall_target t on t.recall_id = r.id join work w on w.recall_target_id = t.id
     group by r.id`,
  )
  return rows.flatMap(({ state, works, whole, active }) => [
    ...(state === 'done' && whole < works ? [`a recall is done with ${whole} of ${works} units`] : []),
    ...(state !== 'running' && active > 0 ? [`a recall is ${state} and keeps its handle`] : []),
  ])
}

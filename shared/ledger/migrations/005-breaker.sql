-- Where a vendor fails or refuses an app's credential, shared by all instances. No row: all is well, which is the rule.
-- A row without probe_at counts calls since the first failure; with it the app's work waits, until one call is let through.
create table if not exists breaker (
  app text primary key,
  window_at timestamptz not null default now(),
  calls int not null default 0,
  failures int not null default 0,
  -- how often in a row it opened: the exponent of the wait
  trips int not null default 0,
  opened_at timestamptz,
  probe_at timestamptz,
  -- the one call that is let through has so long
  probing_until timestamptz,
  -- vendor · credential
  cause text
);

-- Takes note of calls that failed, of an app whose breaker is closed or due for a probe.
create or replace function note_trouble(p_app text, p_calls int, p_failures int, p_denied boolean)
  returns void language plpgsql as $$
declare
  b breaker%rowtype;
  at timestamptz;
  opens boolean;
begin
  insert into breaker (app) values (p_app) on conflict do nothing;
  select * into b from breaker where app = p_app for update;
  at := clock_timestamp();
  -- calls that were out when it opened tell nothing new
  if b.probe_at > at then
    return;
  end if;
  if b.probe_at is null and b.window_at < at - interval '60 seconds' then
    b.calls := 0;
    b.failures := 0;
    b.window_at := at;
  end if;
  b.calls := b.calls + p_calls;
  b.failures := b.failures + p_failures;
  opens := b.probe_at is not null or p_denied or (b.calls >= 20 and b.failures * 2 >= b.calls);
  update breaker set
    window_at = b.window_at,
    calls = b.calls,
    failures = b.failures,
    trips = case when opens then least(b.trips + 1, 10) else b.trips end,
    opened_at = case when opens then coalesce(b.opened_at, at) end,
    probe_at = case when opens then at + least(interval '30 seconds', interval '2 seconds' * 2 ^ b.trips) end,
    probing_until = null,
    cause = case when p_denied then 'credential' else 'vendor' end
  where app = p_app;
end $$;

-- As before; where the app's breaker is open, nothing is spent, and past its time one call alone is let through.
create or replace function begin_attempts(p_wishes json)
  returns table (work_id bigint, attempt_id bigint, wait_ms float8, lane text) language plpgsql as $$
#variable_conflict use_column
declare
  wish record;
  fare record;
  b breaker%rowtype;
  at timestamptz;
begin
  for wish in
    select w.*, u.app, u.id as found from json_to_recordset(p_wishes)
      as w(work_id bigint, fence int, step text, sent boolean, renewed boolean, budget text, fares json)
    left join work u on u.id = w.work_id and u.fence = w.fence and u.state = 'running'
    order by w.budget, u.priority, w.work_id
  loop
    work_id := wish.work_id;
    attempt_id := null;
    wait_ms := 0;
    lane := null;
    if wish.found is null then
      wait_ms := -1;
    else
      select * into b from breaker where app = wish.app and probe_at is not null;
      -- the same call again with the credential read anew: whether it helps is what everybody waits for
      if found and not wish.renewed then
        lane := 'breaker:' || b.cause;
        at := clock_timestamp();
        if b.probe_at <= at then
          update breaker set probing_until = at + interval '20 seconds'
            where app = wish.app and probe_at <= at and coalesce(probing_until, '-infinity') < at;
          -- whoever else comes meanwhile looks again soon: the answer may be there
          wait_ms := case when found then 0 else 1000 end;
        else
          wait_ms := ceil(extract(epoch from b.probe_at - at) * 1000);
        end if;
      end if;
      if wait_ms = 0 then
        for fare in
          select f.* from json_to_recordset(wish.fares)
            as f(lane text, kind text, cost float8, per_second float8, burst float8, "limit" int, window_ms float8)
            order by f.lane
        loop
          exit when wait_ms > 0;
          lane := fare.lane;
          wait_ms := spend(wish.budget, fare.lane, fare.kind, fare.cost, fare.per_second, fare.burst, fare."limit", fare.window_ms);
        end loop;
      end if;
      if wait_ms = 0 then
        insert into attempt as a (work_id, fence, step) values (wish.work_id, wish.fence, wish.step)
          returning a.id into attempt_id;
        if wish.sent then
          update work set step = 'sent' where id = wish.work_id;
        end if;
      end if;
    end if;
    return next;
  end loop;
end $$;

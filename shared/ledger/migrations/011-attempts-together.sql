-- Attempts by the handful. What is written once before a call and once after it was a row of its own for every unit; now all
-- that begin, or are answered, together share one, by push. `attempt` shows them singly.
create table attempt_begun (
  id bigint generated always as identity primary key,
  recall_target_id bigint not null,
  at timestamptz not null default clock_timestamp(),
  -- [{work_id, fence, nth, step, at}]: nth counts within a claim, from 1 · `at`, in seconds, where it is not the row's
  units json not null
);
create index attempt_begun_by_target on attempt_begun (recall_target_id);

create table attempt_answered (
  id bigint generated always as identity primary key,
  recall_target_id bigint not null,
  at timestamptz not null default clock_timestamp(),
  -- [{work_id, fence, nth, outcome}]
  units json not null,
  -- what the vendor said, in the order of `units`; null once it was deleted
  replies json
);
create index attempt_answered_by_target on attempt_answered (recall_target_id);

insert into attempt_begun (recall_target_id, at, units)
  select w.recall_target_id, min(a.started_at), json_agg(json_build_object(
    'work_id', a.work_id, 'fence', a.fence, 'nth', a.nth, 'step', a.step, 'at', extract(epoch from a.started_at)) order by a.id)
  from (select *, row_number() over (partition by work_id, fence order by id) as nth from attempt) a
  join work w on w.id = a.work_id
  group by w.recall_target_id;
-- by the moment of the answer, and those without replies apart: one row has the replies of all, or of none
insert into attempt_answered (recall_target_id, at, units, replies)
  select w.recall_target_id, a.finished_at,
    json_agg(json_build_object('work_id', a.work_id, 'fence', a.fence, 'nth', a.nth, 'outcome', a.outcome) order by a.id),
    case when a.vendor is not null then json_agg(a.vendor order by a.id) end
  from (select *, row_number() over (partition by work_id, fence order by id) as nth from attempt) a
  join work w on w.id = a.work_id
  where a.finished_at is not null
  group by w.recall_target_id, a.finished_at, a.vendor is not null;
drop table attempt;

-- One row a vendor request. Without finished_at: it was about to be made, and whether it was is not known.
create view attempt as
  select b.recall_target_id, u.work_id, u.fence, u.nth, u.step, coalesce(to_timestamp(u.at), b.at) as started_at,
    a.at as finished_at, a.outcome, a.vendor
  from attempt_begun b
  cross join lateral json_to_recordset(b.units) as u(work_id bigint, fence int, nth int, step text, at float8)
  left join (
    select r.recall_target_id, r.at, s.unit ->> 'outcome' as outcome, r.replies -> (s.place::int - 1) as vendor,
      (s.unit ->> 'work_id')::bigint as work_id, (s.unit ->> 'fence')::int as fence, (s.unit ->> 'nth')::int as nth
    from attempt_answered r cross join lateral json_array_elements(r.units) with ordinality as s(unit, place)
  ) a on a.recall_target_id = b.recall_target_id and a.work_id = u.work_id and a.fence = u.fence and a.nth = u.nth;

-- A claim takes every unit of a page at once: below half, all their new versions find room beside them.
alter table work set (fillfactor = 42);

drop function begin_attempts(json);
-- As before, with attempts written together. Units are found by their id, and by any() of one: statistics of work are always
-- old, and with them reading all that run, or joining by the fence, looks cheaper.
create function begin_attempts(p_wishes json)
  returns table (work_id bigint, granted boolean, wait_ms float8, lane text)
  language plpgsql set enable_seqscan = off as $$
#variable_conflict use_column
declare
  wish record;
  fare record;
  trouble breaker%rowtype;
  held bucket[];
  before bucket[];
  drawn bucket;
  at timestamptz;
  begun json[] := '{}';
  pushes bigint[] := '{}';
  sent bigint[] := '{}';
  me text;
  slot_ms float8;
  refused_by int;
  -- by bucket and app: milliseconds that those refused so far will take
  behind jsonb := '{}';
begin
  -- in one order, so that two of these never wait for each other in a circle
  insert into bucket (budget, lane)
    select distinct w.budget, f.lane
    from json_to_recordset(p_wishes) as w(budget text, fares json), json_to_recordset(w.fares) as f(lane text)
    order by 1, 2
    on conflict do nothing;
  held := array(
    select b from bucket b
    where (b.budget, b.lane) in (
      select w.budget, f.lane
      from json_to_recordset(p_wishes) as w(budget text, fares json), json_to_recordset(w.fares) as f(lane text))
    order by b.budget, b.lane for update of b);
  for wish in
    select w.*, u.app, u.priority, u.id as found
    from json_to_recordset(p_wishes)
      as w(work_id bigint, push bigint, fence int, nth int, step text, sent boolean, renewed boolean, budget text, fares json)
    left join work u on u.id = any (array[w.work_id]) and u.fence = any (array[w.fence]) and u.state = 'running'
    order by w.budget, u.priority, row_number() over (partition by w.budget, u.priority, u.app order by w.work_id), w.work_id
  loop
    work_id := wish.work_id;
    granted := false;
    wait_ms := 0;
    lane := null;
    at := clock_timestamp();
    if wish.found is null then
      wait_ms := -1;
    else
      select * into trouble from breaker where app = wish.app and probe_at is not null;
      -- the same call again with the credential read anew: whether it helps is what everybody waits for
      if found and not wish.renewed then
        lane := 'breaker:' || trouble.cause;
        if trouble.probe_at <= at then
          update breaker set probing_until = at + interval '20 seconds'
            where app = wish.app and probe_at <= at and coalesce(probing_until, '-infinity') < at;
          -- whoever else comes meanwhile looks again soon: the answer may be there
          wait_ms := case when found then 0 else 1000 end;
        else
          wait_ms := ceil(extract(epoch from trouble.probe_at - at) * 1000);
        end if;
      end if;
      before := held;
      refused_by := null;
      me := wish.priority || ' ' || wish.app;
      if wait_ms = 0 then
        for fare in
          select f.* from json_to_recordset(wish.fares)
            as f(lane text, kind text, cost float8, per_second float8, burst float8, "limit" int, window_ms float8)
            order by f.lane
        loop
          for i in 1 .. cardinality(held) loop
            continue when held[i].budget <> wish.budget or held[i].lane <> fare.lane;
            lane := fare.lane;
            drawn := held[i];
            select (c.b).tat, (c.b).hits, c.wait_ms into drawn.tat, drawn.hits, wait_ms
              from charge(drawn, at, fare.kind, fare.cost, fare.per_second, fare.burst, fare."limit", fare.window_ms) c;
            if fare.kind = 'rate' then
              slot_ms := greatest(10, 1000 * fare.cost / fare.per_second);
              -- the room that this leaves is not lost, the bucket keeps it; but who does not come is not waited for
              if wait_ms = 0 and drawn.last_app = wish.app and drawn.waiting <> '{}'
                and at < drawn.last_at + make_interval(secs => (slot_ms + 250) / 1000) and exists (
                select from jsonb_each_text(drawn.waiting) o
                where split_part(o.key, ' ', 1)::int <= wish.priority and substr(o.key, strpos(o.key, ' ') + 1) <> wish.app
                  and o.value::float8 > extract(epoch from at)
              ) then
                wait_ms := slot_ms;
              end if;
              if wait_ms = 0 then
                drawn.last_app := wish.app;
                drawn.last_at := at;
              else
                refused_by := i;
              end if;
            end if;
            held[i] := drawn;
          end loop;
          exit when wait_ms > 0;
        end loop;
      end if;
      if wait_ms > 0 then
        held := before;
        if refused_by is not null then
          -- Each behind those before it: a thousand that came back together would be refused together again. In tenths of a
          -- second: every moment at which something is due wakes every worker.
          wait_ms := wait_ms + floor(coalesce((behind ->> (refused_by || ' ' || wish.app))::float8, 0) / 100) * 100;
          behind := behind || jsonb_build_object(
            refused_by || ' ' || wish.app, coalesce((behind ->> (refused_by || ' ' || wish.app))::float8, 0) + slot_ms);
          drawn := held[refused_by];
          if coalesce((drawn.waiting ->> me)::float8, 0) < extract(epoch from at) + wait_ms / 1000 then
            drawn.waiting := coalesce((
              select jsonb_object_agg(o.key, o.value) from jsonb_each(drawn.waiting) o
              where o.value::text::float8 > extract(epoch from at)), '{}')
              || jsonb_build_object(me, extract(epoch from at) + wait_ms / 1000 + 1);
            held[refused_by] := drawn;
          end if;
        end if;
      else
        granted := true;
        pushes := pushes || wish.push;
        -- each with the moment of its grant
        begun := begun || json_build_object(
          'work_id', wish.work_id, 'fence', wish.fence, 'nth', wish.nth, 'step', wish.step, 'at', extract(epoch from at));
        if wish.sent then
          sent := sent || wish.work_id;
        end if;
      end if;
    end if;
    return next;
  end loop;
  update bucket b set tat = h.tat, hits = h.hits, last_app = h.last_app, last_at = h.last_at, waiting = h.waiting
    from unnest(held) h
    where b.budget = h.budget and b.lane = h.lane
      and (b.tat, b.hits, b.last_app, b.waiting) is distinct from (h.tat, h.hits, h.last_app, h.waiting);
  if cardinality(begun) > 0 then
    insert into attempt_begun (recall_target_id, units)
      select g.push, json_agg(g.unit) from unnest(pushes, begun) as g(push, unit) group by g.push;
    if cardinality(sent) > 0 then
      update work set step = 'sent' where id = any (sent);
    end if;
  end if;
end $$;

-- Whether everybody who draws on these buckets may have it all at that moment, and nobody else waits for his.
create function has_room(p_draws json, p_at timestamptz) returns boolean language plpgsql as $$
begin
  return not exists (
    select from json_to_recordset(p_draws) as d(budget text, lane text, cost float8, per_second float8, burst float8)
    left join bucket b on b.budget = d.budget and b.lane = d.lane
    where b.lane is null or b.held_until > p_at
      or greatest(b.tat, p_at) + make_interval(secs => d.cost / d.per_second) > p_at + make_interval(secs => d.burst / d.per_second)
      or exists (select from jsonb_each_text(b.waiting) o where o.value::float8 > extract(epoch from p_at)));
end $$;

-- The same for all in one go, where nothing stands in the way: every lease holds, every bucket has room for all of them, nobody
-- waits and no breaker is open. False: something does, and nothing was written.
create function begin_at_once(p_works bigint[], p_fences int[], p_apps text[], p_draws json, p_begun json)
  returns boolean language plpgsql set enable_seqscan = off as $$
declare
  at timestamptz;
begin
  -- who would be refused locks nothing
  if not has_room(p_draws, clock_timestamp()) then
    return false;
  end if;
  -- in one order, as the others lock them
  perform from bucket b
    where (b.budget, b.lane) in (select d.budget, d.lane from json_to_recordset(p_draws) as d(budget text, lane text))
    order by b.budget, b.lane for update;
  at := clock_timestamp();
  if not has_room(p_draws, at) or exists (
    select from breaker where app = any (p_apps) and probe_at is not null
  ) or cardinality(p_works) <> (
    select count(*) from unnest(p_works, p_fences) as i(id, fence)
    join work w on w.id = any (array[i.id]) and w.fence = any (array[i.fence]) and w.state = 'running'
  ) then
    return false;
  end if;
  update bucket b set tat = greatest(b.tat, at) + make_interval(secs => d.cost / d.per_second), last_app = d.app, last_at = at
    from json_to_recordset(p_draws) as d(budget text, lane text, cost float8, per_second float8, app text)
    where b.budget = d.budget and b.lane = d.lane;
  insert into attempt_begun (recall_target_id, at, units)
    select g.push, at, g.units from json_to_recordset(p_begun) as g(push bigint, units json);
  return true;
end $$;

-- Open work is what has no result yet. The indexes say it so, not by state: a claim changes the state of every unit there
-- is, and a row whose indexed columns stay as they are is written in place, with no index touched.
drop index if exists work_open;
drop index if exists work_open_by_recall;
drop index if exists work_blocked;
-- with the id, so that a claim reads as many entries as it takes: all units of a recall become due in the same moment
create index if not exists work_next on work (app, priority, run_at, id) where result is null;
create index if not exists work_next_by_recall on work (recall_id, priority, run_at, id) where result is null;
create index if not exists work_open_by_target on work (recall_target_id) where result is null;
create index if not exists work_blocked on work (app) where blocked_by is not null;
-- room on the page for the versions that follow within milliseconds
alter table work set (fillfactor = 60);
alter table attempt set (fillfactor = 70);
alter table bucket set (fillfactor = 20);

-- Apps may share a credential. Whose turn it was last, and who was refused and comes again: "<priority> <app>" with the
-- epoch until which that counts.
alter table bucket add column if not exists last_app text;
alter table bucket add column if not exists last_at timestamptz not null default '-infinity';
alter table bucket add column if not exists waiting jsonb not null default '{}';

-- Milliseconds from `at` until `cost` more may be spent (0: now), and the bucket as it is once it is spent.
create or replace function charge(inout b bucket, out wait_ms float8, at timestamptz, p_kind text, p_cost float8, p_per_second float8,
                                  p_burst float8, p_limit int, p_window_ms float8) language plpgsql as $$
declare
  base timestamptz;
  recent timestamptz[];
begin
  wait_ms := 0;
  if b.held_until > at then
    wait_ms := ceil(extract(epoch from b.held_until - at) * 1000);
  elsif p_kind = 'rate' then
    base := greatest(b.tat, at);
    -- a cost above the burst could never pass: it passes when the bucket is full, and is paid off afterwards
    wait_ms := greatest(0, ceil(extract(epoch from base - at) * 1000 + (least(p_cost, p_burst) - p_burst) / p_per_second * 1000));
    if wait_ms = 0 then
      b.tat := base + make_interval(secs => p_cost / p_per_second);
    end if;
  else
    recent := array(select h from unnest(b.hits) h where h > at - make_interval(secs => p_window_ms / 1000) order by h);
    if cardinality(recent) + p_cost > p_limit then
      wait_ms := ceil(extract(epoch from recent[cardinality(recent) + p_cost::int - p_limit] - at) * 1000 + p_window_ms);
    else
      b.hits := recent || array_fill(at, array[p_cost::int]);
    end if;
  end if;
end $$;

create or replace function spend(p_budget text, p_lane text, p_kind text, p_cost float8, p_per_second float8, p_burst float8,
                                 p_limit int, p_window_ms float8) returns float8 language plpgsql as $$
declare
  held bucket;
  wait_ms float8;
begin
  insert into bucket (budget, lane) values (p_budget, p_lane) on conflict do nothing;
  select * into held from bucket b where b.budget = p_budget and b.lane = p_lane for update;
  select (c.b).tat, (c.b).hits, c.wait_ms into held.tat, held.hits, wait_ms
    from charge(held, clock_timestamp(), p_kind, p_cost, p_per_second, p_burst, p_limit, p_window_ms) c;
  if wait_ms = 0 then
    update bucket b set tat = held.tat, hits = held.hits where b.budget = p_budget and b.lane = p_lane;
  end if;
  return wait_ms;
end $$;

-- As before; but each bucket is read once and written once, however many wishes draw on it, attempts are written together,
-- a wish that one of its lanes refuses spends nothing of the others, and no app takes two turns of a rate in a row while
-- another that is as urgent waits for one.
create or replace function begin_attempts(p_wishes json)
  returns table (work_id bigint, attempt_id bigint, wait_ms float8, lane text) language plpgsql as $$
#variable_conflict use_column
declare
  wish record;
  fare record;
  trouble breaker%rowtype;
  held bucket[];
  before bucket[];
  drawn bucket;
  at timestamptz;
  granted bigint[] := '{}';
  granted_to bigint[] := '{}';
  fences int[] := '{}';
  steps text[] := '{}';
  moments timestamptz[] := '{}';
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
      as w(work_id bigint, fence int, step text, sent boolean, renewed boolean, budget text, fares json)
    -- any(), not =: what is planned while the table is small would read all of it for ever
    left join work u on u.id = any (array[w.work_id]) and u.fence = w.fence and u.state = 'running'
    order by w.budget, u.priority, row_number() over (partition by w.budget, u.priority, u.app order by w.work_id), w.work_id
  loop
    work_id := wish.work_id;
    attempt_id := null;
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
        attempt_id := nextval(pg_get_serial_sequence('attempt', 'id'));
        granted := granted || attempt_id;
        granted_to := granted_to || wish.work_id;
        fences := fences || wish.fence;
        steps := steps || wish.step;
        moments := moments || at;
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
  if cardinality(granted) > 0 then
    -- each with the moment of its grant
    insert into attempt (id, work_id, fence, step, started_at) overriding system value
      select * from unnest(granted, granted_to, fences, steps, moments);
    if cardinality(sent) > 0 then
      update work set step = 'sent' where id = any (sent);
    end if;
  end if;
end $$;

-- As before, always by its index: a plan made while there was nothing to read reads all there is, and is kept.
create or replace function planned_on_the_latest(p_app text, p_handle text, p_last bigint) returns boolean
  language plpgsql set enable_seqscan = off as $$
begin
  if exists (
    select from recall_target t
    where t.app = p_app and t.handle = p_handle and t.linked_id is null and t.id + 0 > coalesce(p_last, 0)
  ) then
    raise exception 'another recall of % % was admitted meanwhile', p_app, p_handle using errcode = 'unique_violation';
  end if;
  return true;
end $$;

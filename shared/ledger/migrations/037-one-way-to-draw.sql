-- Whoever draws from a vendor's budget without work draws in one way, and hears how long to wait.
drop function afford(text, text, json, text);
create function afford(p_budget text, p_lane text, p_fare json, p_purpose text) returns float8 language plpgsql as $$
declare
  held bucket;
  fare record;
  wait_ms float8;
begin
  if p_fare is null then
    return 0;
  end if;
  insert into bucket (budget, lane) values (p_budget, p_lane) on conflict do nothing;
  select * into held from bucket b where b.budget = p_budget and b.lane = p_lane for update;
  select * into fare from json_to_record(p_fare)
    as f(kind text, cost float8, per_second float8, burst float8, "limit" int, window_ms float8, shares jsonb);
  select (c.b).tat, (c.b).hits, (c.b).purposes, c.wait_ms into held.tat, held.hits, held.purposes, wait_ms
    from charge(held, clock_timestamp(), fare.kind, fare.cost, fare.per_second, fare.burst, fare."limit", fare.window_ms,
      fare.shares, p_purpose, 0) c;
  if wait_ms = 0 then
    update bucket b set tat = held.tat, hits = held.hits, purposes = held.purposes
      where b.budget = p_budget and b.lane = p_lane;
  end if;
  return wait_ms;
end $$;

create or replace function begin_reading(p_app text, p_handle text, p_budget text, p_lane text, p_fare json, p_fresh_ms float8,
                              p_lease_ms float8)
  returns table (record jsonb, as_of timestamptz, ask boolean, asked boolean, wait_ms float8)
  language plpgsql as $$
#variable_conflict use_column
declare
  asking jsonb;
  at timestamptz;
  key text := p_app || ' ' || p_handle;
begin
  ask := false;
  asked := false;
  wait_ms := 0;
  select v.record, v.as_of into record, as_of from vendor_record v where v.app = p_app and v.handle = p_handle;
  if as_of is null or as_of <= clock_timestamp() - make_interval(secs => p_fresh_ms / 1000) then
    insert into bucket (budget, lane) values (p_budget, p_lane) on conflict do nothing;
    select b.asking into asking from bucket b where b.budget = p_budget and b.lane = p_lane for update;
    at := clock_timestamp();
    -- whoever held the bucket may have been the one who asked
    select v.record, v.as_of into record, as_of from vendor_record v where v.app = p_app and v.handle = p_handle;
    asked := coalesce((asking ->> key)::float8, 0) > extract(epoch from at);
    if not asked and (as_of is null or as_of <= at - make_interval(secs => p_fresh_ms / 1000)) then
      wait_ms := afford(p_budget, p_lane, p_fare, 'people');
      ask := wait_ms = 0;
      if ask then
        update bucket b set asking = coalesce((
            select jsonb_object_agg(a.key, a.value) from jsonb_each(b.asking) a
            where a.value::text::float8 > extract(epoch from at)), '{}')
            || jsonb_build_object(key, extract(epoch from at) + p_lease_ms / 1000)
          where b.budget = p_budget and b.lane = p_lane;
      end if;
    end if;
  end if;
  return next;
end $$;

create or replace function begin_listing(p_app text, p_budget text, p_lane text, p_fare json, p_lease_ms float8) returns boolean
  language plpgsql as $$
begin
  insert into discovery (app) values (p_app) on conflict do nothing;
  perform from discovery d where d.app = p_app and d.held_until <= clock_timestamp() for update;
  if not found then
    return false;
  end if;
  if afford(p_budget, p_lane, p_fare, 'discover') > 0 then
    return false;
  end if;
  update discovery d set held_until = clock_timestamp() + make_interval(secs => p_lease_ms / 1000) where d.app = p_app;
  return true;
end $$;

create or replace function begin_figures(p_app text, p_after json, p_budget text, p_lane text, p_fare json) returns text
  language plpgsql as $$
declare
  wanted text;
begin
  select v.handle into wanted from vendor_record v
    where v.app = p_app and v.figures_due <= clock_timestamp() and v.as_of > now() - interval '30 days'
      and v.record ->> 'status' in (select json_array_elements_text(p_after))
    order by v.figures_due desc limit 1 for update skip locked;
  if wanted is null then
    return null;
  end if;
  if afford(p_budget, p_lane, p_fare, 'figures') > 0 then
    return null;
  end if;
  update vendor_record v set figures_due = clock_timestamp() + interval '1 hour' where v.app = p_app and v.handle = wanted;
  return wanted;
end $$;

-- Records that nothing is kept of any more leave by their age.
create index vendor_record_by_time on vendor_record (as_of);

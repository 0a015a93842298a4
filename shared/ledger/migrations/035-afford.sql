-- What `discover` draws from a vendor's budget is drawn in one place.
create function afford(p_budget text, p_lane text, p_fare json, p_purpose text) returns boolean language plpgsql as $$
declare
  held bucket;
  at timestamptz;
  fare record;
  wait_ms float8;
begin
  if p_fare is null then
    return true;
  end if;
  insert into bucket (budget, lane) values (p_budget, p_lane) on conflict do nothing;
  select * into held from bucket b where b.budget = p_budget and b.lane = p_lane for update;
  at := clock_timestamp();
  select * into fare from json_to_record(p_fare)
    as f(kind text, cost float8, per_second float8, burst float8, "limit" int, window_ms float8, shares jsonb);
  select (c.b).tat, (c.b).hits, (c.b).purposes, c.wait_ms into held.tat, held.hits, held.purposes, wait_ms
    from charge(held, at, fare.kind, fare.cost, fare.per_second, fare.burst, fare."limit", fare.window_ms, fare.shares,
      p_purpose, 0) c;
  if wait_ms > 0 then
    return false;
  end if;
  update bucket b set tat = held.tat, hits = held.hits, purposes = held.purposes
    where b.budget = p_budget and b.lane = p_lane;
  return true;
end $$;

create or replace function begin_listing(p_app text, p_budget text, p_lane text, p_fare json, p_lease_ms float8) returns boolean
  language plpgsql as $$
begin
  insert into discovery (app) values (p_app) on conflict do nothing;
  perform from discovery d where d.app = p_app and d.held_until <= clock_timestamp() for update;
  if not found then
    return false;
  end if;
  if not afford(p_budget, p_lane, p_fare, 'discover') then
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
  if not afford(p_budget, p_lane, p_fare, 'figures') then
    return null;
  end if;
  update vendor_record v set figures_due = clock_timestamp() + interval '1 hour' where v.app = p_app and v.handle = wanted;
  return wanted;
end $$;

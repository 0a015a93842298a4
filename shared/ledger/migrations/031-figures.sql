-- How many devices a push went to, as its vendor counts them.
alter table vendor_record add column figures jsonb, add column figures_as_of timestamptz, add column figures_due timestamptz default now();
create index vendor_record_due on vendor_record (app, figures_due) where figures_due is not null;

-- The push of an app whose figures are to be read next, the newest that is due, paid for out of what its vendor's budget has for
-- that. Null: none is due, or nothing is left. `p_after`: statuses of its record with which it has gone out whole. `p_fare` null: the
-- vendor sets no budget.
create function begin_figures(p_app text, p_after json, p_budget text, p_lane text, p_fare json) returns text
  language plpgsql as $$
declare
  wanted text;
  held bucket;
  at timestamptz;
  fare record;
  wait_ms float8 := 0;
begin
  select v.handle into wanted from vendor_record v
    where v.app = p_app and v.figures_due <= clock_timestamp() and v.as_of > now() - interval '30 days'
      and v.record ->> 'status' in (select json_array_elements_text(p_after))
    order by v.figures_due desc limit 1 for update skip locked;
  if wanted is null then
    return null;
  end if;
  if p_fare is not null then
    insert into bucket (budget, lane) values (p_budget, p_lane) on conflict do nothing;
    select * into held from bucket b where b.budget = p_budget and b.lane = p_lane for update;
    at := clock_timestamp();
    select * into fare from json_to_record(p_fare)
      as f(kind text, cost float8, per_second float8, burst float8, "limit" int, window_ms float8, shares jsonb);
    select (c.b).tat, (c.b).hits, (c.b).purposes, c.wait_ms into held.tat, held.hits, held.purposes, wait_ms
      from charge(held, at, fare.kind, fare.cost, fare.per_second, fare.burst, fare."limit", fare.window_ms, fare.shares,
        'figures', 0) c;
    if wait_ms > 0 then
      return null;
    end if;
    update bucket b set tat = held.tat, hits = held.hits, purposes = held.purposes
      where b.budget = p_budget and b.lane = p_lane;
  end if;
  update vendor_record v set figures_due = clock_timestamp() + interval '1 hour' where v.app = p_app and v.handle = wanted;
  return wanted;
end $$;

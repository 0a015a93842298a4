-- What was pushed and nobody registered.
alter table message add column discovered_app text, add column sent_at timestamptz;
create index message_discovered on message (discovered_app, created_at) where discovered_app is not null;

-- How far `discover` has come with the list of an app's vendor: pages of what was pushed since `since`, in a pass that began at
-- `pass_at` and goes on at `page` (null: at the beginning). Nobody lists before `held_until`.
create table discovery (
  app text primary key,
  since timestamptz not null default now() - interval '3 days',
  pass_at timestamptz not null default now(),
  page text,
  pages int not null default 0,
  failures int not null default 0,
  listed_at timestamptz,
  held_until timestamptz not null default '-infinity'
);

-- Takes the app's turn to list, for `p_lease_ms`, and pays for it out of what its vendor's budget has for that: false where
-- another run has the turn, or the budget has nothing left. `p_fare` null: the vendor sets no budget.
create function begin_listing(p_app text, p_budget text, p_lane text, p_fare json, p_lease_ms float8) returns boolean
  language plpgsql as $$
declare
  held bucket;
  at timestamptz;
  fare record;
  wait_ms float8 := 0;
begin
  insert into discovery (app) values (p_app) on conflict do nothing;
  perform from discovery d where d.app = p_app and d.held_until <= clock_timestamp() for update;
  if not found then
    return false;
  end if;
  if p_fare is not null then
    insert into bucket (budget, lane) values (p_budget, p_lane) on conflict do nothing;
    select * into held from bucket b where b.budget = p_budget and b.lane = p_lane for update;
    at := clock_timestamp();
    select * into fare from json_to_record(p_fare)
      as f(kind text, cost float8, per_second float8, burst float8, "limit" int, window_ms float8, shares jsonb);
    select (c.b).tat, (c.b).hits, (c.b).purposes, c.wait_ms into held.tat, held.hits, held.purposes, wait_ms
      from charge(held, at, fare.kind, fare.cost, fare.per_second, fare.burst, fare."limit", fare.window_ms, fare.shares,
        'discover', 0) c;
    if wait_ms > 0 then
      return false;
    end if;
    update bucket b set tat = held.tat, hits = held.hits, purposes = held.purposes
      where b.budget = p_budget and b.lane = p_lane;
  end if;
  update discovery d set held_until = clock_timestamp() + make_interval(secs => p_lease_ms / 1000) where d.app = p_app;
  return true;
end $$;

-- The ledger: what was sent, what is being taken back, and every vendor request made for it.
-- Time is the database's; devices and outcomes are summed from work rows, never counted in a shared row.

create table message (
  id text primary key,
  -- SHA-256 of the canonical body that registered it: the same id with the same body is the same message
  digest text not null,
  title text,
  body text,
  url text,
  contents text[] not null,
  expires_at timestamptz,
  registered_by text not null,
  created_at timestamptz not null default now(),
  -- the recall that took it back; what arrives later joins that one
  recall_id text
);
create index message_by_content on message using gin (contents);
create index message_by_time on message (created_at desc, id desc);

-- The devices behind one vendor handle. Without a message: a recall by bare handle brought them along.
create table target (
  id bigint generated always as identity primary key,
  message_id text,
  position int not null,
  app text not null,
  provider text not null,
  handle text not null,
  audience text,
  audience_size bigint
);
create unique index target_by_handle on target (app, handle) where message_id is not null;
create index target_by_message on target (message_id) where message_id is not null;

-- Tokens as they arrived, until sealing removes repeats and makes batches of them.
create table token_chunk (
  id bigint generated always as identity primary key,
  target_id bigint not null,
  tokens text not null,
  arrived_at timestamptz not null default now()
);
create index token_chunk_by_target on token_chunk (target_id, arrived_at);

-- Written once. `tokens` is the JSON array that goes on the wire; compressing 115 KB of random text only costs time.
create table token_batch (
  target_id bigint not null,
  seq int not null,
  tokens text not null,
  count int not null,
  primary key (target_id, seq)
);
alter table token_chunk alter column tokens set storage external;
alter table token_batch alter column tokens set storage external;

create table recall (
  id text primary key,
  operation text not null,
  state text not null,
  reason text not null,
  ticket text,
  requested_by text not null,
  person text,
  subject jsonb not null,
  overlay jsonb,
  fallback boolean not null,
  -- every app it touches: who may see it
  apps text[] not null,
  created_at timestamptz not null default now(),
  settled_at timestamptz,
  give_up_at timestamptz not null,
  cancelled_at timestamptz
);
create index recall_by_time on recall (created_at desc, id desc);

create table recall_target (
  id bigint generated always as identity primary key,
  recall_id text not null,
  position int not null,
  target_id bigint not null,
  app text not null,
  provider text not null,
  handle text not null,
  state text not null,
  -- one vendor handle has at most one recall on its way, however it was named
  active boolean not null,
  -- rises when tokens join, so that a roll-up computed before them cannot close it
  generation int not null default 0,
  -- another recall's target that does this one's work
  linked_id bigint,
  -- SHA-256 of the tokens that a bare handle brought; null where they are registered
  tokens_digest text,
  -- {"ladder":["revoke","stop"],"steps":{"revoke":{"effects":[…],"warnings":[…]},…},"refusal":null}
  plan jsonb not null
);
create unique index recall_target_active on recall_target (app, handle) where active;
create index recall_target_by_handle on recall_target (app, handle, id desc);
create index recall_target_by_recall on recall_target (recall_id);
create index recall_target_by_target on recall_target (target_id, id desc);
create index recall_target_by_link on recall_target (linked_id) where linked_id is not null;

-- One vendor request's worth of a recall: a batch of tokens, or (seq null) a whole push task.
create table work (
  id bigint generated always as identity primary key,
  recall_id text not null,
  recall_target_id bigint not null,
  target_id bigint not null,
  seq int,
  app text not null,
  devices int,
  -- where on the ladder it stands; the ladder lists that operation and what is left below, comma-separated
  operation text not null,
  ladder text not null,
  -- read: the vendor's record is wanted first · act · sent: an overlay may be out, ask before repeating · confirm
  step text not null,
  confirmations int not null default 0,
  state text not null default 'ready',
  priority smallint not null default 0,
  run_at timestamptz not null default now(),
  give_up_at timestamptz not null,
  owner text,
  fence int not null default 0,
  lease_until timestamptz,
  attempts int not null default 0,
  -- calls without an answer or with a refusal for now, in a row: the exponent of the back-off
  failures int not null default 0,
  result text,
  accepted int not null default 0,
  rejected int not null default 0,
  unknown int not null default 0,
  rejections jsonb,
  vendor jsonb,
  warnings jsonb,
  blocked_by text,
  blocked_since timestamptz,
  blocked_detail text
);
create index work_open on work (priority, run_at) where state in ('ready', 'running');
create index work_open_by_recall on work (recall_id, run_at) where state in ('ready', 'running');
create index work_by_target on work (recall_target_id);

-- Written before the vendor is called: a crash leaves a visible unknown, never silence.
create table attempt (
  id bigint generated always as identity primary key,
  work_id bigint not null,
  fence int not null,
  step text not null,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  outcome text,
  vendor jsonb
);
create index attempt_by_work on attempt (work_id);

-- The vendor's own record of a push, as last read.
create table vendor_record (
  app text not null,
  handle text not null,
  record jsonb not null,
  as_of timestamptz not null default now(),
  primary key (app, handle)
);

-- Vendor budgets, shared by every instance that uses the credential. GCRA: `tat` is the theoretical arrival time.
create table bucket (
  budget text not null,
  lane text not null,
  tat timestamptz not null default '-infinity',
  hits timestamptz[] not null default '{}',
  held_until timestamptz not null default '-infinity',
  primary key (budget, lane)
);

-- Milliseconds to wait before `cost` more may be spent; 0: spent now.
create function spend(p_budget text, p_lane text, p_kind text, p_cost float8, p_per_second float8, p_burst float8,
                      p_limit int, p_window_ms float8) returns float8 language plpgsql as $$
declare
  b bucket%rowtype;
  at timestamptz;
  base timestamptz;
  recent timestamptz[];
  wait interval;
begin
  select * into b from bucket where budget = p_budget and lane = p_lane for update;
  if not found then
    insert into bucket (budget, lane) values (p_budget, p_lane) on conflict do nothing;
    select * into b from bucket where budget = p_budget and lane = p_lane for update;
  end if;
  at := clock_timestamp();
  if b.held_until > at then
    return ceil(extract(epoch from b.held_until - at) * 1000);
  end if;
  if p_kind = 'rate' then
    base := greatest(b.tat, at);
    -- a cost above the burst could never pass: it passes when the bucket is full, and is paid off afterwards
    wait := (base - at) + make_interval(secs => (least(p_cost, p_burst) - p_burst) / p_per_second);
    if wait > interval '0' then
      return ceil(extract(epoch from wait) * 1000);
    end if;
    update bucket set tat = base + make_interval(secs => p_cost / p_per_second)
      where budget = p_budget and lane = p_lane;
    return 0;
  end if;
  recent := array(select h from unnest(b.hits) h where h > at - make_interval(secs => p_window_ms / 1000) order by h);
  if cardinality(recent) + p_cost > p_limit then
    return ceil(extract(epoch from recent[cardinality(recent) + p_cost::int - p_limit] - at) * 1000 + p_window_ms);
  end if;
  update bucket set hits = recent || array_fill(at, array[p_cost::int]) where budget = p_budget and lane = p_lane;
  return 0;
end $$;

-- For each wish, in order: its budgets are spent and its attempt is written, or it learns how long to wait (-1: the
-- lease is lost). `sent` is noted before an overlay leaves, so that whoever finds the row asks before repeating it.
create function begin_attempts(p_wishes json)
  returns table (work_id bigint, attempt_id bigint, wait_ms float8, lane text) language plpgsql as $$
#variable_conflict use_column
declare
  wish record;
  fare record;
begin
  for wish in
    select w.* from json_to_recordset(p_wishes)
      as w(work_id bigint, fence int, step text, sent boolean, budget text, fares json) order by w.budget
  loop
    work_id := wish.work_id;
    attempt_id := null;
    wait_ms := 0;
    lane := null;
    if not exists (select from work where id = wish.work_id and fence = wish.fence and state = 'running') then
      wait_ms := -1;
    else
      for fare in
        select f.* from json_to_recordset(wish.fares)
          as f(lane text, kind text, cost float8, per_second float8, burst float8, "limit" int, window_ms float8)
          order by f.lane
      loop
        exit when wait_ms > 0;
        lane := fare.lane;
        wait_ms := spend(wish.budget, fare.lane, fare.kind, fare.cost, fare.per_second, fare.burst, fare."limit", fare.window_ms);
      end loop;
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

-- Refuses an admission that was planned before another one of the same handle: a recall may have come and gone since, and
-- the index on active ones would no longer notice.
create function planned_on_the_latest(p_app text, p_handle text, p_last bigint) returns boolean language plpgsql as $$
begin
  if exists (
    select from recall_target t
    where t.app = p_app and t.handle = p_handle and t.linked_id is null and t.id > coalesce(p_last, 0)
  ) then
    raise exception 'another recall of % % was admitted meanwhile', p_app, p_handle using errcode = 'unique_violation';
  end if;
  return true;
end $$;

-- Answers already given, by who asked, where, and under which key (72 h).
create table answer (
  principal text not null,
  path text not null,
  key text not null,
  digest text not null,
  recall_id text not null,
  status int,
  headers jsonb,
  body text,
  created_at timestamptz not null default now(),
  primary key (principal, path, key)
);
create index answer_by_time on answer (created_at);

-- When a timer function last ran to its end.
create table pulse (
  name text primary key,
  at timestamptz not null default now()
);
insert into pulse (name) values ('sweep');

-- The ledger as it is now: what was sent, what is being taken back, and every vendor request made for it. A new ledger is
-- made from this file; one that is older is brought here by migrations/, and a test holds the two together.
-- Time is the database's. Devices and outcomes are summed from work rows, never counted in a shared row.

-- A moment as answers and deliveries write it: UTC, to the millisecond.
create function instant(p_at timestamptz) returns text language sql stable as $$
  select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

------------------------------------------------------------------------------------------------------------------------
-- Who may see and change what
------------------------------------------------------------------------------------------------------------------------

-- As parameters bring it: ["app",…], or "*" for all apps, which becomes null. Whatever else it is reaches nothing. This and
-- other functions with a select inside, of statements that every recall makes, are in plpgsql: of what is in SQL and cannot be
-- put into the statement, PostgreSQL before 18 makes the plan anew each time.
create function read_grant(p_grant json) returns text[] language plpgsql immutable as $$
begin
  return case when p_grant::text = '"*"' then null
    when json_typeof(p_grant) = 'array' then array(select json_array_elements_text(p_grant)) else '{}' end;
end $$;

-- A grant is the list of apps that a caller reaches; null: all of them. Something that belongs to no app is within no grant
-- but that one: an empty list must never read as "every app of it".
create function within_grant(p_apps text[], p_grant text[]) returns boolean language sql immutable as $$
  select p_grant is null or (cardinality(p_apps) > 0 and p_apps <@ p_grant)
$$;

-- Messages and recalls have no app before their first target comes. Until then they are their owner's, and those callers'
-- who reach every app that their owner reached (p_reach) when he made them.
create function visible_to(p_apps text[], p_owner text, p_reach text[], p_caller text, p_grant text[]) returns boolean
language sql immutable as $$
  select p_grant is null or case when cardinality(p_apps) > 0 then p_apps <@ p_grant
    else p_owner = p_caller or (cardinality(p_reach) > 0 and p_reach <@ p_grant) end
$$;

-- The kill switch: a key, a person, an app or an endpoint that admits nothing while its row is there.
create table pause (
  id text primary key,
  kind text not null check (kind in ('key', 'person', 'app', 'endpoint')),
  subject text not null,
  reason text not null,
  paused_by text not null,
  person text,
  created_at timestamptz not null default now(),
  unique (kind, subject)
);

------------------------------------------------------------------------------------------------------------------------
-- What was sent
------------------------------------------------------------------------------------------------------------------------

create table message (
  id text primary key,
  -- SHA-256 of the canonical body that registered it: the same id with the same body is the same message
  digest text not null,
  title text,
  body text,
  url text,
  contents text[] not null,
  -- it takes itself back then
  expires_at timestamptz,
  -- when that was done
  expired_at timestamptz,
  -- a run of `expire` has it in hand until then
  expiry_held_until timestamptz,
  registered_by text not null,
  -- who may change it: several keys may have one owner
  owner text not null,
  person text,
  -- the apps that its owner reached; null: all
  reach text[],
  -- who set `expires_at`, as {"actor","person"}: the recall that comes of it names them
  expires_by jsonb,
  created_at timestamptz not null default now(),
  -- the last recall that named it, for people; what arrives later joins by recall_message
  recall_id text,
  -- its texts are kept from here on, for as long as the policy says
  texts_since timestamptz not null default now(),
  -- the app whose vendor listed it, where nobody has registered it; and when it was sent, as the vendor says
  discovered_app text,
  sent_at timestamptz
);
create index message_texts on message (texts_since) where title is not null or body is not null or url is not null;
create index message_by_content on message using gin (contents);
create index message_discovered on message (discovered_app, created_at) where discovered_app is not null;
create index message_by_time on message (created_at desc, id desc);
-- what is due stands at its beginning, however much is not
create index message_due on message (expires_at) where expires_at is not null and expired_at is null;

-- The devices behind one vendor handle. Without a message: a recall by bare handle brought them along.
create table target (
  id bigint generated always as identity primary key,
  message_id text,
  position int not null,
  app text not null,
  provider text not null,
  -- the identity of the push at its vendor: the id that the vendor made, else the key that the sender chose
  handle text not null,
  -- a word, or an object as its JSON text
  audience text,
  audience_size bigint,
  -- told to nobody: what decides to which part a token belongs cannot be foreseen by who sends them
  part_seed int not null default floor(random() * 2147483647)::int,
  -- what it holds is kept from here on, for as long as the policy says; null: it has left
  kept_since timestamptz default now(),
  -- the message that was registered under the same key of a sender since: its push is what screens show now
  superseded_by text,
  -- all its names by their members, {"messageId":"…","collapseId":"…"}; null: the handle is the only one, and the vendor's first
  names jsonb,
  -- the key that the sender chose, also beside an id of the vendor
  sender_key text,
  -- at most so many tokens a batch: every operation of its vendor takes as many in one request
  batch int not null default 1000
);
create unique index target_by_handle on target (app, handle) where message_id is not null and superseded_by is null;
create index target_by_key on target (app, sender_key)
  where sender_key is not null and message_id is not null and superseded_by is null;
create index target_by_message on target (message_id) where message_id is not null;
-- the vendor's id of a push, whatever its app
create index target_by_name on target (handle);
create index target_kept on target (kept_since) where kept_since is not null;

-- Tokens as they arrived and until they are sealed, one a line, each as the JSON string that goes on the wire.
create table token_chunk (
  id bigint generated always as identity primary key,
  target_id bigint not null,
  -- its app's share of what may wait
  app text,
  -- Which of 64 parts of a target its tokens belong to (token-intake.ts tells by their hash); null: any of them, as in small
  -- requests for small targets.
  part smallint,
  tokens text not null,
  -- how many lines; whoever seals takes a slice by it
  count int not null default 1,
  bytes int not null generated always as (octet_length(tokens)) stored,
  arrived_at timestamptz not null default now()
);
create index token_chunk_by_target on token_chunk (target_id, part, id) include (count, bytes);
create index token_chunk_by_app on token_chunk (app) include (count, bytes);

-- Written once. `tokens` is the JSON array that goes on the wire; null: push tokens are personal data, and have left.
create table token_batch (
  target_id bigint not null,
  seq int not null,
  tokens text,
  count int not null,
  primary key (target_id, seq)
);

-- What tells a repeat from a new token: of each sealed token 96 bits of two hashes whose seeds nobody outside knows. Of 20
-- million different tokens two share them with a probability below 10^-14. A sixth of what the tokens themselves take,
-- and looked through in a fifth of the time.
create table token_print (
  target_id bigint not null,
  part smallint,
  prints bigint[] not null,
  -- one for each print: read only where a print is found
  seconds int[] not null
);
create index token_print_by_part on token_print (target_id, part);

-- How far the sealing of a target has come. Whoever seals locks its row, and makes it at the first slice.
create table sealing (
  target_id bigint primary key,
  seed bigint not null default hashtextextended(gen_random_uuid()::text, 0),
  -- how many tokens have prints
  prints bigint not null default 0,
  -- of the next batch; those before it have prints
  next_seq int not null default 0,
  next_part int not null default 0,
  -- slices that failed in a row: the exponent of the back-off, until whose end nobody tries
  failures int not null default 0,
  not_before timestamptz not null default '-infinity'
);

-- compressing random text and numbers only costs time
alter table token_chunk alter column tokens set storage external;
alter table token_batch alter column tokens set storage external;
alter table token_print alter column prints set storage external;
alter table token_print alter column seconds set storage external;

-- Seals a slice of what waits for a target: about p_tokens tokens become batches of at most p_batch tokens (or as many as the
-- target's vendor takes) and p_bytes bytes, without repeats and without what is sealed already. Equal tokens are equal text, since JSON.stringify wrote them all.
-- With p_lines also what a request brings, so that it is written down once: a token a line, those of one part behind each other; p_parts is
-- [[part, lines], …] in their order. What would make a batch that is not full waits, where more is to come.
--
-- A slice takes as long for the last tokens of a target as for the first: those of a few parts are compared with the prints
-- of these parts alone, about a million at most. Each part is looked at in its turn. Tokens of no part are compared with all
-- prints, as what is brought is; they come in small requests while a target is small.
--
-- state: sealed · idle: nothing waits · busy: somebody else seals this target · aside: it failed, and waits out its back-off.
-- The caller's transaction holds the row from here on: it gives new batches to the recall of the target.
create function seal_slice(p_target bigint, p_tokens int, p_batch int, p_bytes int, p_parts text default null, p_lines text default null,
                           out state text, out taken int, out sealed int)
  language plpgsql set work_mem = '64MB' set enable_seqscan = off as $$
declare
  s sealing%rowtype;
  parts constant int := 64;
  most_prints constant bigint := 1000000;
  -- null: all of them
  some_parts smallint[];
  chunks bigint[];
  longest int;
  -- of one place are one token, its two hashes; those of one part stand together, up to its place in part_ends
  tokens text[];
  token_prints bigint[];
  token_seconds int[];
  part_numbers smallint[];
  part_ends int[];
  alike bigint[];
  repeated int;
  long_tokens text[] := '{}';
  patience constant text := current_setting('lock_timeout');
  -- when the oldest of what waited came
  since timestamptz;
  -- of the tokens that go into batches; of those that wait for company
  kept int;
  rest int := 0;
  last_place int;
  here int;
  made int;
begin
  taken := 0;
  sealed := 0;
  p_batch := least(p_batch, (select batch from target where id = p_target));
  begin
    -- who brings tokens waits for the slice of another: to write them down until they can be sealed takes longer than it does
    if p_lines is not null then
      perform set_config('lock_timeout', '300ms', true);
    end if;
    insert into sealing (target_id) select p_target where not exists (select from sealing where target_id = p_target)
      on conflict do nothing;
    if p_lines is null then
      select * into s from sealing where target_id = p_target for update skip locked;
    else
      select * into s from sealing where target_id = p_target for update;
    end if;
    perform set_config('lock_timeout', patience, true);
  exception when lock_not_available then
    s := null;
  end;
  if s.target_id is null then
    state := 'busy';
    return;
  end if;
  if s.not_before > now() then
    state := 'aside';
    return;
  end if;
  -- what fits no part goes first; then the parts from next_part on, and from the first one again; all alike beside tokens of all parts
  chunks := array(
    select c.id from (
      select id, sum(count) over w - count as tokens, sum(bytes) over w - bytes as bytes
      from token_chunk where target_id = p_target and (part is null or p_lines is not null) window w as (order by id)) c
    where c.tokens < p_tokens and c.bytes < 16 * p_bytes);
  if cardinality(chunks) = 0 and p_lines is null then
    select array_agg(c.id), array_agg(distinct c.part) into chunks, some_parts from (
      select id, part, sum(count) over w - count as tokens, sum(bytes) over w - bytes as bytes, dense_rank() over w_parts as nth
      from (
        select id, part, count, bytes, (part - s.next_part + parts) % parts as turn from token_chunk
        where target_id = p_target and part >= 0) t
      window w as (order by turn, id), w_parts as (order by turn)) c
    where c.tokens < p_tokens and c.bytes < 16 * p_bytes
      and c.nth <= greatest(1, parts * most_prints / greatest(s.prints, most_prints));
    if chunks is null then
      state := 'idle';
      return;
    end if;
    s.next_part := (select max((part - s.next_part + parts) % parts) + s.next_part + 1 from unnest(some_parts) as part) % parts;
  end if;
  -- batches that came whole, with a registration
  with whole as (
    insert into token_print (target_id, prints, seconds)
    select p_target, array_agg(hashtextextended(k::text, s.seed)), array_agg(hashtextextended(k::text, s.seed + 1)::bit(32)::int)
    from token_batch b, json_array_elements(b.tokens::json) k
    where b.target_id = p_target and b.seq >= s.next_seq and b.tokens is not null
    group by b.seq returning cardinality(prints) as count
  )
  select s.prints + coalesce(sum(count), 0),
      greatest(s.next_seq, (select max(seq) + 1 from token_batch where target_id = p_target))
    into s.prints, s.next_seq from whole;
  with gone as (
    delete from token_chunk c where c.id = any(chunks) returning c.part, c.tokens, c.count, c.arrived_at
  ), counted as (
    select part, sum(sum(count)) over (order by part) as last from gone group by part
  )
  select string_to_array(case when p_lines is null then string_agg(g.tokens, E'\n' order by part)
        when cardinality(chunks) = 0 then p_lines
        else concat_ws(E'\n', string_agg(g.tokens, E'\n' order by part), p_lines) end, E'\n'),
      coalesce(sum(count), 0), coalesce(min(arrived_at), now()),
      (select array_agg(part order by last) from counted), (select array_agg(last order by last) from counted)
    into tokens, taken, since, part_numbers, part_ends from gone g;
  if p_lines is not null then
    select part_numbers || array_agg(p.part order by nth), part_ends || array_agg(taken + p.last order by nth) into part_numbers, part_ends
    from (
      select (part ->> 0)::smallint as part, nth, sum((part ->> 1)::int) over (order by nth)::int as last
      from json_array_elements(p_parts::json) with ordinality as p(part, nth)) p;
  end if;
  if cardinality(part_numbers) = 1 then
    part_ends := array[cardinality(tokens)];
  elsif cardinality(tokens) <> part_ends[cardinality(part_ends)] then
    raise exception 'chunks of target % hold % tokens, not %', p_target, cardinality(tokens), part_ends[cardinality(part_ends)];
  end if;
  select array_agg(hashtextextended(token, s.seed)), array_agg(hashtextextended(token, s.seed + 1)::bit(32)::int),
      max(octet_length(token))
    into token_prints, token_seconds, longest from (select unnest(tokens) as token offset 0) t;
  -- Prints that are there already, or twice among these. An array is opened in a list of columns: in a list of tables all of it is
  -- written down first. Executed, so that these prints are a constant, which is hashed, and the many are looked up in it.
  execute 'select array(
    select p.print from (
      select unnest(prints) as print from token_print
      where target_id = $1 and ($2 is null or part is null or part = any($2)) offset 0) p
    where p.print = any($3))' into alike using p_target, some_parts, token_prints;
  alike := alike || array(
    select n.print from (select unnest(token_prints) as print offset 0) n group by n.print having count(*) > 1);
  if cardinality(alike) > 0 then
    -- of those with the same print and second the first stays, unless it was sealed before; removed from all three arrays
    -- alike, so that the places still fit
    for repeated in
      select e.place from (
        select a.place, row_number() over (partition by a.print, a.second order by a.place) as nth from (
          select print, second, 0 as place from (
            select unnest(prints) as print, unnest(seconds) as second from token_print
            where target_id = p_target and (some_parts is null or part is null or part = any(some_parts)) offset 0) p
          where (p.print in (select unnest(alike))) is true
          union all
          select print, token_seconds[place], place from (
            select unnest(token_prints) as print, generate_subscripts(token_prints, 1) as place offset 0) n
          where (n.print in (select unnest(alike))) is true) a) e
      where e.place > 0 and e.nth > 1
    loop
      tokens[repeated] := null;
      token_prints[repeated] := null;
      token_seconds[repeated] := null;
    end loop;
    tokens := array_remove(tokens, null);
  end if;
  kept := cardinality(tokens);
  -- A batch that is not full takes a request to the vendor as a full one does. Of a large target those would wait in many parts, and to come back
  -- to each would take longer.
  if longest <= p_bytes / p_batch - 1 and (p_lines is not null
      or kept > p_batch and s.prints <= most_prints and exists (select from token_chunk where target_id = p_target)) then
    rest := kept % p_batch;
  end if;
  if rest > 0 then
    taken := taken - case when p_lines is null then rest else 0 end;
    last_place := cardinality(token_prints);
    for nth in reverse cardinality(part_numbers) .. 1 loop
      here := 0;
      while here < rest and last_place > coalesce(part_ends[nth - 1], 0) loop
        here := here + (token_prints[last_place] is not null)::int;
        last_place := last_place - 1;
      end loop;
      insert into token_chunk (target_id, app, part, tokens, count, arrived_at)
      select p_target, app, part_numbers[nth], array_to_string(tokens[kept - here + 1:kept], E'\n'), here, since
      from target where id = p_target and here > 0;
      kept := kept - here;
      rest := rest - here;
      exit when rest = 0;
    end loop;
    token_prints := token_prints[1:last_place];
    token_seconds := token_seconds[1:last_place];
  end if;
  insert into token_print (target_id, part, prints, seconds)
  select p_target, e.part, e.prints, e.seconds from (
    select part, array_remove(token_prints[first:last], null) as prints, array_remove(token_seconds[first:last], null) as seconds
    from (
      select part, last, coalesce(lag(last) over (order by last), 0) + 1 as first
      from unnest(part_numbers, part_ends) as p(part, last)) p) e
  where cardinality(e.prints) > 0;
  -- Tokens of which p_batch could be too many bytes go in batches of their own: as many as are not, whatever their length.
  if longest > p_bytes / p_batch - 1 then
    long_tokens := array(select token from unnest(tokens) token where octet_length(token) > p_bytes / p_batch - 1);
    tokens := array(select token from unnest(tokens) token where octet_length(token) <= p_bytes / p_batch - 1);
    kept := cardinality(tokens);
  end if;
  -- cut from the variables: what passes through a CTE is copied whole
  with pieces as (
    select tokens[first:first + p_batch - 1] as tokens, (first - 1) / p_batch as nth
    from generate_series(1, kept, p_batch) as first
    union all
    select long_tokens[first:first + few - 1], (kept + p_batch - 1) / p_batch + (first - 1) / few
    from greatest(1, (p_bytes - 2) / (longest + 1)) as few, generate_series(1, cardinality(long_tokens), few) as first
  ), made as (
    insert into token_batch (target_id, seq, tokens, count)
    select p_target, s.next_seq + p.nth, '[' || array_to_string(p.tokens, ',') || ']', cardinality(p.tokens) from pieces p
    returning count
  )
  select count(*), coalesce(sum(count), 0) into made, sealed from made;
  update sealing set prints = s.prints + sealed, next_seq = s.next_seq + made, next_part = s.next_part,
      failures = 0, not_before = '-infinity'
    where target_id = p_target;
  update target set kept_since = now() where id = p_target;
  state := 'sealed';
end $$;

------------------------------------------------------------------------------------------------------------------------
-- What is being taken back
------------------------------------------------------------------------------------------------------------------------

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
  -- Who asked for it, and the apps that he reached (null: all): nothing beyond those ever joins it.
  owner text not null,
  reach text[],
  -- targets that its subject has beyond that reach
  outside int not null default 0,
  -- [{actor, person, by, at}]: who made it start or grow without asking for it
  caused_by jsonb not null default '[]',
  -- 0: somebody asked for it · 1: its time was over. Kept here too, so that what joins later goes with it.
  priority smallint not null default 0,
  created_at timestamptz not null default now(),
  settled_at timestamptz,
  give_up_at timestamptz not null,
  cancelled_at timestamptz,
  -- how it ended that waited for another person, and never began: declined · expired; nothing joins it after that
  unapproved text,
  -- whose hour it counts to: the person, else the owner of the key; null: nobody's (a timer, an endpoint)
  payer text,
  -- the devices up to which one person is enough, by the policy it was admitted under; null: any number
  line bigint,
  -- the devices that others agreed to, once they did: 1.25 times what they were shown
  cover bigint,
  -- the devices that the hour of its payer has counted
  counted bigint not null default 0,
  -- SHA-256 of operation, targets and new text, in hex: a digest is this and the reach that was shown
  bound text,
  -- of a stop: the recall that it goes ahead of while that waits for others; nothing joins it later
  ahead_of text,
  -- https://… of the request that it came of, for links in what people are told
  origin text,
  -- subscribers know that some of it cannot move now
  told_blocked boolean not null default false,
  -- it takes in what is registered under its content or message until then; null: only what was there, or it holds no more
  holds_until timestamptz
);
create unique index recall_ahead_of on recall (ahead_of) where ahead_of is not null;
create index recall_told_blocked on recall (id) where told_blocked;
-- by what is held
create index recall_holding on recall (coalesce(subject ->> 'content', subject ->> 'message')) where holds_until is not null;
-- for which no push has come
create index recall_without_pushes on recall (give_up_at) where settled_at is null and apps = '{}';
create index recall_by_time on recall (created_at desc, id desc);
create index recall_texts on recall (settled_at) where overlay is not null;
create index recall_by_settlement on recall (settled_at) where settled_at is not null;
-- what the summary counts
create index recall_open on recall (id) where state in ('running', 'pending_approval');
create index recall_failed on recall (settled_at) where state = 'failed';

-- Causes as `recall.caused_by` keeps them: each with the moment it is noted.
create function dated_causes(p_causes jsonb) returns jsonb language plpgsql stable as $$
begin
  return (
    select coalesce(jsonb_agg(c || jsonb_build_object('at', instant(now())) order by n), '[]')
    from jsonb_array_elements(p_causes) with ordinality as e(c, n));
end $$;

-- Adds a cause that is not there yet; the first twenty are kept.
create function with_cause(p_causes jsonb, p_cause jsonb) returns jsonb language sql stable as $$
  select case when p_cause is null or jsonb_array_length(p_causes) >= 20 or p_causes @> jsonb_build_array(p_cause)
    then p_causes else p_causes || dated_causes(jsonb_build_array(p_cause)) end
$$;

-- The messages that a recall named: what is registered for them later joins the newest recall that reaches its app.
create table recall_message (
  message_id text not null,
  recall_id text not null,
  primary key (message_id, recall_id)
);
create index recall_message_by_recall on recall_message (recall_id);

-- Push tokens that a recall leaves alone where its vendors are told which devices are meant, each as the JSON string that stands in
-- batches. They leave as all push tokens do.
create table recall_exception (
  recall_id text primary key,
  tokens text[] not null,
  -- SHA-256 of the set
  digest text not null,
  -- by vendor that takes a token in several spellings: those that are looked for instead, {"<vendor>":[…]}
  spellings jsonb not null default '{}'
);

-- Those that are looked for among the tokens of a vendor.
create function spelled(p_tokens text[], p_spellings jsonb, p_provider text) returns text[] language sql immutable as $$
  select case when p_spellings ? p_provider then array(select jsonb_array_elements_text(p_spellings -> p_provider)) else p_tokens end
$$;

-- How many tokens of a batch are among those. A few are looked for as text first, so that hardly any batch is read as JSON; to look
-- for many takes longer than to read it.
create function left_out(p_except text[], p_batch text) returns int language sql immutable as $$
  select case when p_except is null then 0
    when cardinality(p_except) <= 8 and not exists (select from unnest(p_except) e where strpos(p_batch, e) > 0) then 0
    else (select count(*)::int from json_array_elements(p_batch::json) k where k::text in (select unnest(p_except))) end
$$;

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
  -- the recall that took the handle over from this one
  superseded_by text,
  -- SHA-256 of the tokens, or the audience, that a bare handle brought; null where they are registered, or it has left
  tokens_digest text,
  -- {"ladder":["revoke","stop"],"steps":{"revoke":{"effects":[…],"warnings":[…]},…},"refusal":null}
  plan jsonb not null
);
create unique index recall_target_active on recall_target (app, handle) where active;
create index recall_target_running on recall_target (recall_id) where state = 'running' and linked_id is null;
create index recall_target_by_handle on recall_target (app, handle, id desc);
create index recall_target_by_recall on recall_target (recall_id);
create index recall_target_by_target on recall_target (target_id, id desc);
create index recall_target_by_link on recall_target (linked_id) where linked_id is not null;

-- Refuses an admission that was planned before another one of the same handle: a recall may have come and gone since, and
-- the index on active ones would no longer notice. Always by its index: a plan made while there was nothing to read reads
-- all there is, and is kept.
create function planned_on_the_latest(p_app text, p_handle text, p_last bigint) returns boolean
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

-- Refuses an expiry that was planned before somebody moved the end of the message, or after another timer took it. It is
-- asked of the row as it is when it is locked, not of the snapshot.
create function still_due(p_id text, p_expires_at timestamptz, p_expired_at timestamptz) returns boolean
language plpgsql as $$
begin
  if p_expired_at is not null or p_expires_at is null or p_expires_at > now() then
    raise exception 'the message % is not due any more', p_id using errcode = 'unique_violation';
  end if;
  return true;
end $$;

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
  -- read: the vendor's record is wanted first · act · sent: an overlay may be out, ask before repeating · confirm: the vendor
  -- said yes, its record is to show it · meanwhile: that has to wait, a stop goes out first · prove: as confirm, after that
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
  -- leases in a row that ran out without a settlement
  unsettled int not null default 0,
  -- calls without an answer or with a refusal for now, in a row: the exponent of the back-off
  failures int not null default 0,
  result text,
  accepted int not null default 0,
  rejected int not null default 0,
  unknown int not null default 0,
  rejections jsonb,
  vendor jsonb,
  -- sentences for people, and codes of those that have one: [{"code":"unconfirmed","params":{…}}]
  warnings jsonb,
  notices jsonb,
  -- what the operation does, now that the vendor's record is known: {"operation":"stop","effects":[…],"warnings":[…]}
  assessed jsonb,
  blocked_by text,
  blocked_since timestamptz,
  blocked_detail text,
  -- it came to its recall beyond what one person may ask for, and others have not agreed yet: nobody claims it
  held boolean not null default false,
  -- what is left of its batch where one request goes to one device: those that were answered are counted already
  tokens_left text
);
alter table work alter column tokens_left set storage external;
-- Open work is what has no result yet. The indexes say it so, not by state: a claim changes the state of every unit there
-- is, and a row whose indexed columns stay as they are is written in place, with no index touched. With the id, so that a
-- claim reads as many entries as it takes: all units of a recall become due in the same moment.
create index work_next on work (app, priority, run_at, id) where result is null;
create index work_next_by_recall on work (recall_id, priority, run_at, id) where result is null;
create index work_open_by_target on work (recall_target_id) where result is null;
-- each batch has one unit in a recall, whoever brought it there
create unique index work_by_target on work (recall_target_id, seq);
-- Work that waits for a rate, a quota, a credential or a vendor: more runs would not make it go faster.
create index work_blocked on work (app) where blocked_by is not null;
-- Units whose vendor could not do the operation for any of its devices: they wait for the others of their push.
create index work_fallen on work (recall_target_id) where state = 'fallen';
-- What `end_work` ends.
create index work_by_end on work (give_up_at) where result is null;
create index work_set_aside on work (id) where result is null and unsettled >= 9;
-- A claim takes every unit of a page at once: below half, all their new versions find room beside them.
alter table work set (fillfactor = 42);

-- Whether tokens are still to join this recall: what waits to be sealed, and batches that came while it was being admitted.
-- Only for the last recall of the target that was not cancelled, which is the one that they join.
create function awaits_tokens(p_recall_target bigint, p_target bigint) returns boolean language plpgsql stable as $$
begin
  return (
    exists (select from token_chunk c where c.target_id = p_target)
    or exists (
      select from token_batch b where b.target_id = p_target and b.tokens is not null
        and b.seq > coalesce((select max(w.seq) from work w where w.recall_target_id = p_recall_target), -1))
  ) and not exists (
    -- one request is for the whole push, whoever joins it
    select from work w where w.recall_target_id = p_recall_target and w.seq is null
  ) and not exists (
    select from recall_target t join recall r on r.id = t.recall_id
    where t.target_id = p_target and t.id > p_recall_target and t.linked_id is null and r.cancelled_at is null and r.ahead_of is null);
end $$;

-- For a roll-up of p_ids: concerned, these and the recalls whose work one of them does; looked, the targets that do the work of those;
-- touched, all recalls that it may close.
create function touched_by(p_ids text[], out concerned text[], out looked bigint[], out touched text[])
  language plpgsql stable set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
begin
  concerned := p_ids || array(
    select l.recall_id from recall_target o join recall_target l on l.linked_id = o.id where o.recall_id = any(p_ids));
  looked := array(select coalesce(t.linked_id, t.id) from recall_target t where t.recall_id = any(concerned));
  touched := concerned || array(
    select t.recall_id from recall_target t where t.id = any(looked)
    union all
    select l.recall_id from recall_target l where l.linked_id = any(looked));
end $$;

-- Rolls work up into the states of targets and recalls, and returns the recalls whose state changed. It only computes, so it may run at any
-- time, twice, or for a recall that is settled already. Whoever settles last sees all work settled, since this is a statement of
-- its own. Of two that run at once the later one waits, and then looks anew at the work of all targets of every recall that it may
-- close, whichever recall does that work.
create function roll_up(p_ids text[]) returns table (id text, state text)
  language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  v_concerned text[] := p_ids;
  v_touched text[] := p_ids;
  v_looked bigint[];
  v_linked boolean;
  v_changed bigint[];
begin
  -- few recalls share work, and the rest is spared what is asked for them
  select array_agg(t.id), bool_or(t.linked_id is not null or exists (select from recall_target l where l.linked_id = t.id))
    into v_looked, v_linked from recall_target t where t.recall_id = any(p_ids);
  if v_linked then
    select * into v_concerned, v_looked, v_touched from touched_by(p_ids);
  end if;
  -- Recalls before targets, as whoever cancels them, agrees to them or brings them work, so that none waits for another in a circle.
  perform from recall r where r.id = any(v_touched) order by r.id for no key update;
  -- A target with work ahead of it is running, and one that has ended stays as it is until more work is given to it; tokens that wait to be
  -- sealed are waited for, until the recall gives up or is called off.
  with ended as (
    select t.id, t.generation, t.plan, r.cancelled_at, t.superseded_by, m.more
    from recall_target t
    join recall r on r.id = t.recall_id
    cross join lateral (select awaits_tokens(t.id, t.target_id) as more) m
    where t.id = any(v_looked) and t.state = 'running' and not exists (select from work w where w.recall_target_id = t.id and w.result is null)
      and (not m.more or r.cancelled_at is not null or t.superseded_by is not null or r.give_up_at <= now())
  ), judged as (
    select e.id, e.generation, case
      when e.plan -> 'refusal' <> 'null' then 'failed'
      when w.works = 0 and (e.cancelled_at is not null or e.superseded_by is not null) then 'cancelled'
      when w.works = w.whole and not e.more then 'done'
      when w.reached > 0 then 'partial'
      when w.expired > 0 or e.more and e.cancelled_at is null and e.superseded_by is null then 'expired'
      when w.cancelled > 0 then 'cancelled'
      else 'failed' end as state
    from ended e, lateral (
      select count(*) filter (where result <> 'fallen') as works,
        count(*) filter (where result = 'accepted' and operation = e.plan ->> 'requested') as whole,
        count(*) filter (where result in ('accepted', 'partial')) as reached,
        count(*) filter (where result = 'expired') as expired,
        count(*) filter (where result = 'cancelled') as cancelled
      -- of a batch that is left alone there is nothing to do
      from work where recall_target_id = e.id and devices is distinct from 0) w
    order by e.id
  ), changed as (
    update recall_target t set state = j.state, active = false
    from judged j where t.id = any(array[j.id]) and t.generation = j.generation
    returning t.id
  )
  select array_agg(c.id) into v_changed from changed c;
  -- those alone that are locked: what was linked meanwhile is looked at by who linked it
  if v_linked and v_changed is not null then
    v_concerned := v_concerned || array(
      select t.recall_id from recall_target t where (t.id = any(v_changed) or t.linked_id = any(v_changed)) and t.recall_id = any(v_touched));
  end if;
  return query
  with whole as (
    select r.id as recall_id, r.state as seen, r.give_up_at, r.cancelled_at, r.unapproved, r.holds_until,
      count(*) filter (where p.state in ('running', 'pending_approval')) as unfinished,
      count(*) filter (where p.state = 'pending_approval' and p.own) as waiting,
      count(*) filter (where p.state = 'done') as done,
      count(*) filter (where p.state = 'partial') as partial,
      count(*) filter (where p.state = 'expired') as expired,
      count(*) filter (where p.state = 'cancelled') as cancelled,
      count(p.state) as parts
    from recall r
    left join lateral (
      select coalesce(o.state, t.state) as state, t.linked_id is null as own
      from recall_target t left join recall_target o on o.id = t.linked_id
      where t.recall_id = r.id) p on true
    where r.id = any(v_concerned)
    group by r.id
  ), rolled as (
    update recall r set state = v.state,
      settled_at = case when v.state in ('running', 'pending_approval') then null else coalesce(r.settled_at, clock_timestamp()) end
    from (
      select w.recall_id, w.seen, case
        when waiting > 0 then 'pending_approval'
        -- it takes in what is registered later, however much of it has ended
        when unfinished > 0 or w.holds_until > now() and w.cancelled_at is null and w.unapproved is null then 'running'
        when w.unapproved is not null and done + partial = 0 then w.unapproved
        when w.cancelled_at is not null and (done < parts or parts = 0) then 'cancelled'
        -- what no push has come for yet
        when parts = 0 then case when w.give_up_at <= now() then 'expired' else w.seen end
        when done = parts then 'done'
        when done + partial > 0 then 'partial'
        when expired > 0 then 'expired'
        when cancelled = parts then 'cancelled'
        else 'failed' end as state
      from whole w) v
    where r.id = any(array[v.recall_id]) and r.state <> v.state
    returning r.id, r.operation, r.apps, r.state
  ), unasked as (
    -- another recall took over what waited: nobody is asked to agree to it any more
    update approval a set state = 'cancelled', decided_at = now()
    from rolled r where a.recall_id = r.id and a.state = 'waiting' and r.state not in ('running', 'pending_approval')
  ), audited as (
    insert into audit_entry (entry, request, mac, actor, person, action, object, detail)
    select null, null, null, 'unpush', null, 'recall.settled', r.id, json_build_object('by', 'ledger', 'operation', r.operation, 'state', r.state,
      'apps', to_jsonb(r.apps), 'devices', (
        select json_build_object('accepted', coalesce(sum(w.accepted), 0),
          'rejected', coalesce(sum(w.rejected), 0), 'unknown', coalesce(sum(w.unknown), 0))
        from recall_target t join work w on w.recall_target_id = t.id where t.recall_id = r.id and t.linked_id is null))
    from rolled r where r.state not in ('running', 'pending_approval')
  )
  select rolled.id, rolled.state from rolled;
end $$;

-- Ends what nobody else will, without a vendor: work whose time is over, and work that ten leases in a row ran out on, so that
-- whatever happens to it happens to every worker. A slice of at most p_limit of each, overdue by p_late at least; whoever
-- holds a lease ends it himself.
-- It looks at nothing but the work: the app may be gone, its vendor unknown, the plan unreadable. What waited for the proof
-- of a vendor's yes ends as partly done. Returns the recalls, which are to be rolled up.
create function end_work(p_limit int, p_late interval) returns table (recall_id text, result text) language sql as $$
with overdue as (
  select id from work where result is null and give_up_at <= now() - p_late and (state in ('ready', 'fallen') or lease_until < now())
  order by give_up_at limit p_limit for update skip locked
), set_aside as (
  select id from work where result is null and unsettled >= 9 and state = 'running' and lease_until < now()
  order by id limit p_limit for update skip locked
), ends as (
  select id, 'failed' as result, 'Set aside after ten tries whose outcome could not be recorded.' as why from set_aside
  union all
  select id, 'expired', null from overdue where id not in (select id from set_aside)
)
update work w set
  state = 'done',
  result = case when w.step in ('confirm', 'meanwhile', 'prove') or w.accepted > 0 then 'partial' else e.result end,
  unknown = coalesce(w.devices, 0) - w.accepted - w.rejected, tokens_left = null,
  lease_until = null, blocked_by = null, blocked_since = null, blocked_detail = null,
  warnings = coalesce(w.warnings, '[]') || coalesce(to_jsonb(e.why), '[]')
    || case when w.step in ('confirm', 'meanwhile', 'prove') then to_jsonb('The vendor accepted the ' || w.operation
      || ', and nothing confirms that it was done: its record could not be read in time.') else '[]' end,
  notices = case when w.step in ('confirm', 'meanwhile', 'prove') then coalesce(w.notices, '[]') || jsonb_build_object(
      'code', 'unconfirmed', 'params', jsonb_build_object('operation', w.operation, 'because', 'unreadable', 'status', null))
    else w.notices end
from ends e
where w.id = any (array[e.id])
returning w.recall_id, w.result
$$;

-- Whether somebody cancelled the recall of this target, or another recall took its handle over.
create function called_off(p_recall_target bigint) returns boolean language plpgsql stable as $$
begin
  return exists (
    select from recall_target t join recall r on r.id = t.recall_id
    where t.id = p_recall_target and (t.superseded_by is not null or r.cancelled_at is not null));
end $$;

-- Ends a rung of these pushes whose every unit has fallen: one unit for the whole push does what is below. Where the vendor did
-- it for some devices, or a unit for the whole push is there already, nothing follows. Looks again once it has the lock: of two
-- that settle their last units side by side, one opens.
create function open_next_rung(p_targets bigint[]) returns void language plpgsql as $$
declare
  v_target bigint;
begin
  for v_target in select id from recall_target where id = any (p_targets) order by id for update loop
    if exists (select from work w where w.recall_target_id = v_target and w.result is null and w.state <> 'fallen') then
      continue;
    end if;
    if exists (select from work w where w.recall_target_id = v_target and w.state = 'done' and w.seq is not null and w.result <> 'fallen') then
      update work set state = 'done', result = case when accepted > 0 then 'partial' else 'failed' end,
        rejected = coalesce(devices, 0) - accepted - unknown, tokens_left = null,
        rejections = coalesce(rejections, '[]') || jsonb_build_object(
          'reason', coalesce(vendor ->> 'code', 'unsupported'), 'count', coalesce(devices, 0) - accepted - rejected - unknown)
      where recall_target_id = v_target and state = 'fallen';
      continue;
    end if;
    with fallen as (
      update work set state = 'done', result = 'fallen', devices = null, tokens_left = null
      where recall_target_id = v_target and state = 'fallen' returning *
    )
    insert into work (recall_id, recall_target_id, target_id, app, operation, ladder, step, give_up_at, priority, vendor,
      warnings, notices)
    select recall_id, recall_target_id, target_id, app, operation, ladder, step, give_up_at, priority, vendor, warnings, notices
    from fallen where not exists (select from work w where w.recall_target_id = v_target and w.seq is null)
    order by id limit 1;
  end loop;
end $$;

-- In which a push of a recall could not move, as `sweep` saw it: work itself forgets why it waited as soon as it goes on.
create table blocked_span (
  recall_target_id bigint not null,
  blocked_by text not null,
  since timestamptz not null,
  -- null: it cannot move now
  until timestamptz,
  detail text
);
create unique index blocked_span_open on blocked_span (recall_target_id, blocked_by) where until is null;
create index blocked_span_by_target on blocked_span (recall_target_id);

-- Notes what cannot move now and what moves again. Returns how many spans are open.
create function note_blocked() returns bigint language sql as $$
with found as (
  select recall_target_id, blocked_by, min(blocked_since) as since, min(blocked_detail) as detail
  from work where result is null and blocked_by is not null group by 1, 2
), closed as (
  update blocked_span s set until = coalesce((
    select least(r.settled_at, now()) from recall_target t join recall r on r.id = t.recall_id
    where t.id = s.recall_target_id), now())
  where s.until is null and not exists (
    select from found f where f.recall_target_id = s.recall_target_id and f.blocked_by = s.blocked_by)
), opened as (
  insert into blocked_span (recall_target_id, blocked_by, since, detail)
  select recall_target_id, blocked_by, since, detail from found
  on conflict (recall_target_id, blocked_by) where until is null do nothing
)
select count(*) from found
$$;

-- Attempts by the handful: all that begin, or are answered, together share a row, by push; `attempt` shows them singly.
-- Written before the vendor is called: a crash leaves a visible unknown, never silence.
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
create index attempt_answered_by_time on attempt_answered (at);

-- Rows a target, as the database is to expect them. Where nearly all rows are one large push's it would take any other target
-- for as large, and read the whole table for each.
alter table token_chunk alter column target_id set (n_distinct = -0.05);
alter table token_batch alter column target_id set (n_distinct = -0.05);
alter table token_print alter column target_id set (n_distinct = -0.05);
alter table work alter column recall_target_id set (n_distinct = -0.05);
alter table attempt_begun alter column recall_target_id set (n_distinct = -0.05);
alter table attempt_answered alter column recall_target_id set (n_distinct = -0.05);

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

------------------------------------------------------------------------------------------------------------------------
-- Who agreed
------------------------------------------------------------------------------------------------------------------------

-- What of a recall waits, or waited, for other persons. It is decided by whoever locks the recall's row first.
create table approval (
  recall_id text primary key,
  -- waiting · approved · declined · expired · cancelled · broken: it began without waiting
  state text not null,
  -- how many other persons
  needed int not null,
  -- the line that it is over
  above bigint,
  -- reach · hour · growth; nobody: over a line, and asked for by a key without a person
  because text not null,
  -- what was shown, and what a decision is bound to
  reach bigint not null,
  basis text not null,
  digest text not null,
  -- rises when the digest changes: votes of earlier rounds do not count
  round int not null default 1,
  asked_at timestamptz not null default now(),
  -- null: what waits inside a recall waits as long as that
  expires_at timestamptz,
  decided_at timestamptz,
  -- it began without waiting, and another person is to look at it
  broken boolean not null default false,
  reviewed_at timestamptz,
  -- how many reminders were told
  reminders int not null default 0
);
create index approval_waiting on approval (asked_at) where state = 'waiting';

create table approval_vote (
  recall_id text not null,
  round int not null,
  -- the person, however it is written
  who text not null,
  -- approved · declined · reviewed
  decision text not null,
  person text not null,
  actor text not null,
  reason text,
  at timestamptz not null default clock_timestamp(),
  primary key (recall_id, round, who)
);

-- Devices that recalls of a payer began for within the hour.
create table hour_reach (
  payer text not null,
  operation text not null,
  recall_id text not null,
  devices bigint not null,
  at timestamptz not null default now()
);
create index hour_reach_by_payer on hour_reach (payer, operation, at);
create index hour_reach_by_time on hour_reach (at);

-- Devices of the payer's hour, with what recalls of p_batch have not added to it. Others of the payer wait here until this
-- transaction ends: first the lock, then the sum, each with a snapshot of its own.
create function hour_of(p_payer text, p_operation text, p_batch text[]) returns bigint language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(p_payer || ' ' || p_operation, 15));
  return (select coalesce(sum(devices), 0) from hour_reach
    where payer = p_payer and operation = p_operation and at > now() - interval '1 hour' and recall_id <> all (p_batch));
end $$;

-- Refuses an admission that takes the hour of its payer over the line.
create function within_hour(p_payer text, p_operation text, p_devices bigint, p_line bigint, p_batch text[])
  returns boolean language plpgsql volatile as $$
begin
  if p_line is not null and p_payer is not null and hour_of(p_payer, p_operation, p_batch) + p_devices > p_line then
    raise exception 'the hour of % is over its line', p_payer using errcode = 'UN001';
  end if;
  return true;
end $$;

-- Whether so many devices more of a recall wait for other persons. What does not wait counts to the hour of its payer. The row of
-- the recall is locked: two that join at once are judged one after the other.
create function joins_held(p_recall text, p_devices bigint) returns boolean language plpgsql volatile as $$
declare
  v_recall recall;
  v_more bigint;
begin
  select * into v_recall from recall where id = p_recall for update;
  if v_recall.line is null then
    return false;
  end if;
  v_more := greatest(0, begun_of(p_recall) + p_devices - v_recall.counted);
  -- what others agreed to may lie below the line: they were asked because of the hour
  if begun_of(p_recall) + p_devices > coalesce(v_recall.cover, v_recall.line) then
    return true;
  end if;
  if v_more > 0 and v_recall.payer is not null then
    if v_recall.cover is null and hour_of(v_recall.payer, v_recall.operation, '{}') + v_more > v_recall.line then
      return true;
    end if;
    insert into hour_reach (payer, operation, recall_id, devices)
      values (v_recall.payer, v_recall.operation, p_recall, v_more);
    update recall set counted = counted + v_more where id = p_recall;
  end if;
  return false;
end $$;

-- Devices of a recall: batches of its own targets without what it leaves alone, and what was stated or assumed of its push tasks.
create function reach_of(p_recall text) returns bigint language sql stable as $$
  select coalesce(sum(coalesce((t.plan -> 'reach' ->> 'task')::bigint,
    (select sum(b.count - left_out(spelled(x.tokens, x.spellings, t.provider), b.tokens)) from token_batch b
      where b.target_id = t.target_id and b.tokens is not null), 0)), 0)::bigint
  from recall_target t left join recall_exception x on x.recall_id = t.recall_id
  where t.recall_id = p_recall and t.linked_id is null and t.plan -> 'refusal' = 'null'
$$;

-- Devices of a recall that wait for nobody's word.
create function begun_of(p_recall text) returns bigint language sql stable as $$
  select coalesce(sum(coalesce(w.devices, (t.plan -> 'reach' ->> 'task')::bigint, 0)), 0)::bigint
  from work w join recall_target t on t.id = w.recall_target_id
  where w.recall_id = p_recall and not w.held
$$;

-- As the API shows it, with the votes of this round and reviews of any; null: it never took other persons.
create function approval_of(p_recall text) returns jsonb language plpgsql stable as $$
begin
  return (
    select jsonb_build_object('state', a.state, 'needed', a.needed, 'above', a.above, 'because', a.because, 'reach', a.reach,
      'basis', a.basis, 'digest', a.digest, 'round', a.round, 'askedAt', instant(a.asked_at), 'expiresAt', instant(a.expires_at),
      'broken', a.broken, 'reviewedAt', instant(a.reviewed_at),
      'votes', coalesce((
        select jsonb_agg(jsonb_build_object('decision', v.decision, 'person', v.person, 'actor', v.actor, 'reason', v.reason,
          'at', instant(v.at)) order by v.at)
        from approval_vote v where v.recall_id = p_recall and (v.round = a.round or v.decision = 'reviewed')), '[]'))
    from approval a where a.recall_id = p_recall);
end $$;

-- Locks a recall that targets are about to join; p_line is that of what these may come to, and the lowest holds. No row: nothing
-- joins it any more. Those of endpoints and timers keep the line that they have.
create function lock_growing(p_recall text, p_line bigint) returns table (waits boolean, measured boolean) language sql as $$
  update recall set line = case when own then least(line, p_line) else line end
  from (select id as found, priority = 0 and (requested_by like 'key:%' or requested_by like 'oidc:%') as own
    from recall where id = p_recall for update) f
  where id = found and cancelled_at is null
  returning state = 'pending_approval', line is not null and state <> 'pending_approval'
$$;

-- What waits was added to; p_targets are those that came, as JSON. Beyond 1.25 times what was shown, or with another target, its
-- digest is another one, and what was agreed to before counts no more. Returns whether that is so.
create function regrow_approval(p_recall text, p_targets text) returns boolean language plpgsql volatile as $$
begin
  perform from recall where id = p_recall for update;
  if p_targets <> '[]' then
    update recall set bound = encode(sha256(convert_to(bound || p_targets, 'UTF8')), 'hex')
    where id = p_recall and state = 'pending_approval';
  end if;
  update approval a set reach = reach_of(p_recall), round = a.round + 1, digest = r.bound || '-' || reach_of(p_recall)
  from recall r
  where a.recall_id = p_recall and r.id = p_recall and r.state = 'pending_approval' and a.state = 'waiting'
    and (reach_of(p_recall) > a.reach * 1.25 or p_targets <> '[]');
  return found;
end $$;

-- Work of a recall is held: as many other persons as the recall itself needs are asked.
create function ask_for_growth(p_recall text) returns void language sql as $$
  insert into approval as a (recall_id, state, needed, above, because, reach, basis, digest)
  select r.id, 'waiting', case when r.person is null and r.payer is not null then 2 else 1 end, r.line, 'growth', g.reach,
    'exact', r.bound || '-' || g.reach
  from recall r cross join lateral (
    select begun_of(r.id) + coalesce(sum(coalesce(w.devices, (t.plan -> 'reach' ->> 'task')::bigint, 0)), 0)::bigint as reach
    from work w join recall_target t on t.id = w.recall_target_id
    where w.recall_id = r.id and w.held and w.result is null) g
  where r.id = p_recall
  on conflict (recall_id) do update set state = 'waiting', because = 'growth', reach = excluded.reach,
    digest = excluded.digest, round = a.round + 1, asked_at = now(), expires_at = null, decided_at = null, reminders = 0
  where a.state <> 'waiting' or excluded.reach > a.reach * 1.25
$$;

-- What waited ends without a vendor; a recall of which some runs goes on with that. p_how: declined · expired.
create function end_unapproved(p_recall text, p_how text) returns void language sql as $$
  with ended as (
    update approval set state = p_how, decided_at = now() where recall_id = p_recall and state = 'waiting' returning recall_id
  ), unbegun as (
    update recall set cancelled_at = now(), unapproved = p_how
    where id in (select recall_id from ended) and state = 'pending_approval' returning id
  ), targets as (
    update recall_target set state = p_how, active = false
    where recall_id in (select id from unbegun) and state = 'pending_approval'
  ), unmarked as (
    update message set recall_id = null where recall_id in (select id from unbegun)
  )
  update work set state = 'done', result = 'cancelled', unknown = coalesce(devices, 0),
    blocked_by = null, blocked_since = null, blocked_detail = null
  where recall_id in (select recall_id from ended) and held and result is null
$$;

-- The vendor's own record of a push, as last read.
create table vendor_record (
  app text not null,
  handle text not null,
  record jsonb not null,
  as_of timestamptz not null default now(),
  -- how many devices it went to, by channel, as last read; null: the vendor has not told
  figures jsonb,
  figures_as_of timestamptz,
  -- when they are to be read, first or again; null: never more
  figures_due timestamptz default now(),
  primary key (app, handle)
);
-- what nothing is kept of any more leaves by its age
create index vendor_record_by_time on vendor_record (as_of);
create index vendor_record_due on vendor_record (app, figures_due) where figures_due is not null;

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

------------------------------------------------------------------------------------------------------------------------
-- When a vendor may be called
------------------------------------------------------------------------------------------------------------------------

-- Vendor budgets, shared by every instance that uses the credential. GCRA: `tat` is the theoretical arrival time.
create table bucket (
  budget text not null,
  lane text not null,
  tat timestamptz not null default '-infinity',
  -- Of a window: when each call was made, and (in the same order) what for.
  hits timestamptz[] not null default '{}',
  purposes text[] not null default '{}',
  -- "<app> <handle>" of each push that somebody is asking the vendor about for people, with the epoch until which that counts.
  asking jsonb not null default '{}',
  held_until timestamptz not null default '-infinity',
  -- Apps may share a credential. Whose turn it was last, and who was refused and comes again: "<priority> <app>" with the
  -- epoch until which that counts.
  last_app text,
  last_at timestamptz not null default '-infinity',
  waiting jsonb not null default '{}',
  primary key (budget, lane)
);
alter table bucket set (fillfactor = 20);

-- Whether a window has room for `p_cost` more calls of one purpose: null, or the call that must leave the window first. A
-- purpose takes at most its share in any window, and what one that keeps its share has left is never anybody else's; one that
-- borrows also takes what those that do not keep theirs have left. `p_shares`: {"proof":{"calls":80,"kept":true,"borrows":true},…};
-- without any, or for a purpose that has none, only the limit and the shares that are kept count.
create function window_full_until(p_hits timestamptz[], p_purposes text[], p_cost int, p_limit int, p_shares jsonb,
                                  p_purpose text) returns timestamptz language plpgsql stable as $$
begin
return (
with share as (
  select s.key as purpose, (s.value ->> 'calls')::int as calls, coalesce((s.value ->> 'kept')::boolean, false) as kept,
    coalesce((s.value ->> 'borrows')::boolean, false) as borrows
  from jsonb_each(p_shares) s
), hit as (
  select h.at, h.purpose, coalesce(s.kept, false) as kept, s.calls,
    row_number() over (partition by h.purpose order by h.at) as nth,
    count(*) over (partition by h.purpose) + case when h.purpose = p_purpose then p_cost else 0 end as total
  from unnest(p_hits, p_purposes) as h(at, purpose) left join share s on s.purpose = h.purpose
), counted as (
  -- a kept share counts whole, used or not: only what goes beyond it makes room by leaving
  select at, row_number() over (order by at) as rank, count(*) over () as ranks from hit
  where not kept or nth <= total - calls
), needed as (
  select
    coalesce((select sum(calls) from share where kept), 0) + (select count(*) from counted)
      + case when exists (select from share where kept and purpose = p_purpose) then 0 else p_cost end - p_limit as by_all,
    (select count(*) from hit where purpose = p_purpose) + p_cost
      - (select calls from share where purpose = p_purpose and not borrows) as by_itself
)
select greatest(
  case when n.by_all > 0 then coalesce((select at from counted where rank = least(n.by_all, ranks)), now()) end,
  case when n.by_itself > 0 then coalesce(
    (select max(at) from hit where purpose = p_purpose and nth <= n.by_itself), now()) end)
from needed n);
end $$;

-- Milliseconds from `at` until `cost` more may be spent (0: now), and the bucket as it is once it is spent. `p_queued`: calls
-- of a window that were refused in the same moment, and come first.
create function charge(inout b bucket, out wait_ms float8, at timestamptz, p_kind text, p_cost float8, p_per_second float8,
                                  p_burst float8, p_limit int, p_window_ms float8, p_shares jsonb, p_purpose text,
                                  p_queued int) language plpgsql as $$
declare
  base timestamptz;
  full_until timestamptz;
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
    select coalesce(array_agg(h.hit order by h.hit, h.what), '{}'), coalesce(array_agg(h.what order by h.hit, h.what), '{}')
      into b.hits, b.purposes
      from unnest(b.hits, b.purposes) as h(hit, what) where h.hit > at - make_interval(secs => p_window_ms / 1000);
    full_until := window_full_until(b.hits, b.purposes, p_cost::int, p_limit, p_shares, p_purpose);
    if full_until is null then
      b.hits := b.hits || array_fill(at, array[p_cost::int]);
      b.purposes := b.purposes || array_fill(p_purpose, array[p_cost::int]);
    else
      if p_queued > 0 then
        full_until := window_full_until(b.hits, b.purposes, p_cost::int + p_queued, p_limit, p_shares, p_purpose);
      end if;
      wait_ms := greatest(1, ceil(extract(epoch from full_until - at) * 1000 + p_window_ms));
    end if;
  end if;
end $$;

-- Where a vendor fails or refuses an app's credential, shared by all instances. No row: all is well, which is the rule.
-- A row without probe_at counts calls since the first failure; with it the app's work waits, until one call is let through.
create table breaker (
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

-- Takes note of calls that failed, of an app whose breaker is closed or due for a probe. Where the vendor refused the credential,
-- whoever asks how the app is hears of it, with what the vendor said.
create function note_trouble(p_app text, p_calls int, p_failures int, p_denied boolean, p_said jsonb default '{}')
  returns void language plpgsql as $$
declare
  b breaker%rowtype;
  at timestamptz;
  opens boolean;
begin
  insert into breaker (app) values (p_app) on conflict do nothing;
  select * into b from breaker where app = p_app for update;
  if p_denied then
    perform keep_check(p_app, p_said || '{"ok":false}');
  end if;
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

-- A vendor that takes calls again takes the credential, whichever call had found otherwise.
create function credential_taken() returns trigger language plpgsql as $$
begin
  if exists (select from finding where name = 'check' and subject = old.app and value -> 'ok' = 'false') then
    perform keep_check(old.app, '{"ok":true}');
  end if;
  return null;
end $$;
create trigger breaker_closed after delete on breaker for each row when (old.probe_at is not null)
  execute function credential_taken();

-- For each wish: its budgets are spent and its attempt is written, or it learns how long to wait (-1: the lease is lost). Each
-- bucket is read once and written once, however many wishes draw on it; a wish that one of its lanes refuses spends nothing
-- of the others, and no app takes two turns of a rate in a row while another that is as urgent waits for one. `sent` is noted
-- before an overlay leaves, so that whoever finds the row asks before repeating it. Where the app's breaker is open, nothing
-- is spent, and past its time one call alone is let through. Units are found by their id, and by any() of one: statistics of
-- work are always old, and with them reading all that run, or joining by the fence, looks cheaper.
create function begin_attempts(p_wishes json)
  returns table (work_id bigint, granted boolean, wait_ms float8, lane text)
  -- its plans are for few rows each, whatever they are: those for each call's own values took as long to make as all of them run
  language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
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
  -- by bucket and purpose: calls of a window that were refused so far
  queued jsonb := '{}';
  queue text;
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
      as w(work_id bigint, push bigint, fence int, nth int, step text, purpose text, sent boolean, renewed boolean, budget text,
        fares json)
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
            as f(lane text, kind text, cost float8, per_second float8, burst float8, "limit" int, window_ms float8, shares jsonb)
            order by f.lane
        loop
          for i in 1 .. cardinality(held) loop
            continue when held[i].budget <> wish.budget or held[i].lane <> fare.lane;
            lane := fare.lane;
            drawn := held[i];
            queue := i || ' ' || wish.purpose;
            select (c.b).tat, (c.b).hits, (c.b).purposes, c.wait_ms into drawn.tat, drawn.hits, drawn.purposes, wait_ms
              from charge(drawn, at, fare.kind, fare.cost, fare.per_second, fare.burst, fare."limit", fare.window_ms,
                fare.shares, wish.purpose, coalesce((queued ->> queue)::int, 0)) c;
            if fare.kind <> 'rate' and wait_ms > 0 then
              queued := queued || jsonb_build_object(queue, coalesce((queued ->> queue)::int, 0) + fare.cost::int);
            elsif fare.kind = 'rate' then
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
  update bucket b set tat = h.tat, hits = h.hits, purposes = h.purposes, last_app = h.last_app, last_at = h.last_at, waiting = h.waiting
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
  returns boolean language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
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

-- The same for units that the statement before admitted as leased, each named by its recall, the place of its target there and
-- its batch. One that was not leased, or whose admission failed, is not there, and none of its budgets is spent. `p_draws`: what
-- all of them together take; null where they have to be looked at one by one.
create function begin_admitted(p_wishes json, p_draws json)
  returns table (work_id bigint, granted boolean, wait_ms float8, lane text)
  language plpgsql set enable_seqscan = off as $$
#variable_conflict use_column
declare
  units json;
  works bigint[];
  fences int[];
  apps text[];
  begun json;
begin
  with found as (
    select w.id, w.fence, w.app, t.id as push, i.step, i.sent, i.purpose, i.budget, i.fares
    from json_to_recordset(p_wishes) as i(recall text, position int, seq int, step text, sent boolean, purpose text, budget text,
      fares json)
    join recall_target t on t.recall_id = any (array[i.recall]) and t.position = i.position
    join work w on w.recall_target_id = any (array[t.id]) and w.seq is not distinct from i.seq
    where w.state = 'running' and w.fence = 1
  )
  select array_agg(id), array_agg(fence), array_agg(distinct app),
      json_agg(json_build_object('work_id', id, 'push', push, 'fence', fence, 'nth', 1, 'step', step, 'purpose', purpose,
        'sent', sent, 'renewed', false, 'budget', budget, 'fares', fares)),
      (select json_agg(g.pushed) from (
        select json_build_object('push', push, 'units',
          json_agg(json_build_object('work_id', id, 'fence', fence, 'nth', 1, 'step', step))) as pushed
        from found group by push) g)
    into works, fences, apps, units, begun from found;
  if works is null then
    return;
  end if;
  if p_draws is not null and cardinality(works) = json_array_length(p_wishes)
    and begin_at_once(works, fences, apps, p_draws, begun)
  then
    return query select w, true, 0::float8, null::text from unnest(works) as w;
  else
    return query select * from begin_attempts(units);
  end if;
end $$;

-- Draws one call from a budget: 0, or milliseconds until it has something left for `p_purpose`, and then nothing is drawn. `p_fare`
-- null: the vendor sets no budget.
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

-- A person asks what the vendor says of a push: the last record, and whether the vendor is to be asked (`ask`). It is not where
-- the record is younger than `p_fresh_ms`, where somebody is asking already (`asked`, for at most `p_lease_ms`), and where the
-- budget has nothing left for people (`wait_ms`). Whoever finds a fresh record waits for no lock.
create function begin_reading(p_app text, p_handle text, p_budget text, p_lane text, p_fare json, p_fresh_ms float8,
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

-- The push of an app whose figures are to be read next, the newest that is due, paid for out of what its vendor's budget has for
-- that. Null: none is due, or nothing is left. `p_after`: statuses of its record with which it has gone out whole. `p_fare` null: the
-- vendor sets no budget.
create function begin_figures(p_app text, p_after json, p_budget text, p_lane text, p_fare json) returns text
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

------------------------------------------------------------------------------------------------------------------------
-- How much a caller may ask for
------------------------------------------------------------------------------------------------------------------------

-- What a person, an owner of keys or a moderation endpoint has asked for lately, of each kind. GCRA, `tat` as in bucket. No
-- request waits for its row: instances note what they let pass now and then, and ask first only where little is left.
create table permit (
  payer text not null,
  kind text not null,
  tat timestamptz not null default '-infinity',
  primary key (payer, kind)
);
alter table permit set (fillfactor = 50);

-- For each draw: what was used counts, whatever was left; of what is wanted as much is granted as there is. `room` is what is
-- left then. Rows in one order, so that two instances that draw for the same payers never wait for each other.
create function draw_permits(p_draws json) returns table (place int, granted float8, room float8) language plpgsql as $$
declare
  d record;
  held permit;
  at timestamptz;
  taken float8;
begin
  for d in
    select * from json_to_recordset(p_draws)
      as i(place int, payer text, kind text, used float8, wanted float8, per_second float8, burst float8)
    order by i.payer, i.kind
  loop
    insert into permit (payer, kind) values (d.payer, d.kind) on conflict do nothing;
    select * into held from permit p where p.payer = d.payer and p.kind = d.kind for update;
    at := clock_timestamp();
    taken := greatest(0, extract(epoch from greatest(held.tat, at) - at) * d.per_second + d.used);
    place := d.place;
    granted := greatest(0, least(d.wanted, floor(d.burst - taken)));
    taken := taken + granted;
    room := d.burst - taken;
    update permit p set tat = at + make_interval(secs => taken / d.per_second)
    where p.payer = d.payer and p.kind = d.kind;
    return next;
  end loop;
end $$;

-- What people should know and only some instance has seen: shown by /readyz until it was not seen for a week.
create table notice (
  code text not null,
  subject text not null,
  seen_at timestamptz not null default now(),
  primary key (code, subject)
);

-- The public keys of who issues access tokens, fetched once for all instances. `source`: the issuer, and where its keys are
-- if `unpush/access` says so; `tried_at`: when an instance last began to fetch them.
create table issuer_keys (
  source text primary key,
  keys json,
  fetched_at timestamptz,
  tried_at timestamptz not null
);

-- What logins at vendors gave, for all instances. Whoever holds the lease logs in.
create table login (
  -- the account, and what its secret is told apart by
  id text primary key,
  -- with a key that is made of that secret; null: there was none yet
  sealed text,
  fresh_until timestamptz,
  -- rises with each login
  version int not null default 0,
  -- when the last one ended, well or not
  done_at timestamptz,
  leased_until timestamptz
);

------------------------------------------------------------------------------------------------------------------------
-- Timers
------------------------------------------------------------------------------------------------------------------------

-- When a timer function last ran to its end; `audit.lagging`: since when the trail lags, as was told.
create table pulse (
  name text primary key,
  at timestamptz not null default now()
);
insert into pulse (name) values ('sweep');

-- What `sweep` last found out and people are shown: the signed digest of the trail, whether an app's credential is good, …
create table finding (
  name text not null,
  -- the app it is about; empty: none
  subject text not null default '',
  value jsonb not null,
  at timestamptz not null default clock_timestamp(),
  primary key (name, subject)
);

-- What happened in each five minutes, as `sweep` counts it: reading this costs no look at attempts. `apps`: who may see it must
-- reach all of these; none: who reaches every app.
create table metric (
  at timestamptz not null,
  apps text[] not null,
  -- {"oldest":12,"calls":{"<vendor> accepted":3},…}: metrics.ts says what each part is
  value jsonb not null,
  primary key (at, apps)
);

-- Runs of sweep that are at work, so that a backlog has as many as it needs and no more than is configured.
create table sweeper (
  slot int primary key,
  owner text not null,
  lease_until timestamptz not null,
  -- Somebody wanted a run and found every place taken: what he wants done may be behind where these are by now.
  kicked boolean not null default false
);

------------------------------------------------------------------------------------------------------------------------
-- What moderation systems say
------------------------------------------------------------------------------------------------------------------------

-- Which deliveries have been taken: SHA-256 of endpoint and delivery. Kept for ever, forty bytes each, since what a source
-- signs without a time can be sent again in any year.
create table taken_delivery (
  key bytea primary key
);

-- One row for each decision of each delivery, once however often it comes.
create table verdict (
  id text primary key,
  endpoint text not null,
  source text not null,
  tier text not null,
  -- as messages carry it; null: the delivery names none that could be carried
  content text,
  decision text,
  action text,
  labels jsonb not null,
  reason text,
  occurred_at timestamptz,
  received_at timestamptz not null default now(),
  -- the order of verdicts on one content: authority (machine 0, human 1, appeal 2), then round, then time, then severity
  authority smallint not null,
  round int not null,
  -- Who tells no time cannot be late: a block without one goes before, a pass without one behind all that have one.
  ordered_at timestamptz not null,
  -- 2: a block, or an action that does something · 1: review · 0: pass · null: takes no part
  severity smallint,
  -- endpoints whose verdicts it stands above where it is higher in that order: its own, and those of its `appealOf`
  outranks text[] not null,
  -- what the endpoint's policy made of it when it came; null: nothing
  operation text,
  overlay jsonb,
  -- whose pushes the endpoint might take back when it came; null: those of all apps
  apps text[],
  -- Why it takes no part though it is genuine. unreadable · stale: it is dated, and older than a day · null: neither
  fault text,
  -- why it could not be done, or not yet, or takes no part
  problem text,
  -- its endpoint is over limits.recallsPerHour: it waits for its turn, however long that takes
  queued boolean not null default false,
  -- the later pass of a person that says it was wrong
  overturned_by text,
  -- the devices above which its recall takes another person; null: any number takes none
  approval_above bigint
);
create index verdict_by_content on verdict (content) where content is not null;
create index verdict_by_time on verdict (received_at desc, id desc);
create index verdict_texts on verdict (received_at) where reason is not null or overlay is not null;
create index verdict_acting on verdict (received_at) where operation is not null;
create index verdict_queued on verdict (received_at) where queued;
create index verdict_problem on verdict (id) where operation is not null and problem is not null;

-- What a verdict did to a message. Without a recall: it was refused for good.
create table verdict_effect (
  verdict_id text not null,
  message_id text not null,
  recall_id text,
  primary key (verdict_id, message_id)
);

-- What became of a verdict that led to recalls, or at least did something about so many messages. Said as verdicts.ts says it to
-- those that act.
create function verdict_state(v verdict, p_messages bigint, p_recalled boolean) returns text language sql stable as $$
  select case
    when v.fault = 'unreadable' then 'unreadable'
    when v.fault = 'stale' then 'refused'
    when exists (select from verdict p where p.id = v.overturned_by and not exists (
    select from verdict b where b.severity = 2 and b.content = v.content and v.endpoint = any(b.outranks) and (b.authority, b.round, b.ordered_at, b.severity, b.id) >
     (v.authority, v.round, v.ordered_at, v.severity, v.id) and (b.authority, b.round, b.ordered_at, b.severity, b.id) >
     (p.authority, p.round, p.ordered_at, p.severity, p.id))) then 'overturned'
    when p_recalled then 'recalled'
    when p_messages > 0 then 'refused'
    when v.operation is null then 'recorded'
    when (exists (select from verdict p where p.severity = 0 and p.content = v.content and v.endpoint = any(p.outranks) and (p.authority, p.round, p.ordered_at, p.severity, p.id) >
     (v.authority, v.round, v.ordered_at, v.severity, v.id)) or exists (
    select from verdict o where o.operation is not null and (o.received_at > now() - interval '24 hours' or o.queued) and o.content = v.content and v.endpoint = any(o.outranks) and (o.authority, o.round, o.ordered_at, o.severity, o.id) >
     (v.authority, v.round, v.ordered_at, v.severity, v.id) and not exists (select from verdict p where p.severity = 0 and p.content = o.content and o.endpoint = any(p.outranks) and (p.authority, p.round, p.ordered_at, p.severity, p.id) >
     (o.authority, o.round, o.ordered_at, o.severity, o.id))
      and (o.apps is null or (v.apps is not null and v.apps <@ o.apps)))) then 'outranked'
    when v.problem is not null then 'held'
    when v.content is not null and v.operation is not null and (v.received_at > now() - interval '24 hours' or v.queued) then 'waiting'
    else 'unmatched' end
$$;

-- Jobs of moderation systems whose own API is to be asked, since nobody signs what their callbacks say, or since none came.
create table pull (
  endpoint text not null,
  job text not null,
  -- open · done · gone: there is no such job, or it gave no answer for a day
  state text not null default 'open',
  -- a message carries the job itself as a content, so that nobody outside made it up: no cap holds it
  known boolean not null default false,
  -- what the callback says that it is about, as messages would carry it
  content text,
  -- some message carries that content: before those of which none does, and not counted with them
  hinted boolean not null default false,
  wanted_at timestamptz not null default now(),
  run_at timestamptz not null default now(),
  asked_at timestamptz,
  tries int not null default 0,
  fence int not null default 0,
  lease_until timestamptz,
  problem text,
  primary key (endpoint, job)
);
-- contents that no message carries yet, by which one that comes later finds them
create index pull_unhinted on pull (content) where state = 'open' and not hinted;
create index pull_due on pull (endpoint, run_at) where state = 'open';
create index pull_asked on pull (endpoint, asked_at);
create index pull_wanted on pull (wanted_at);

------------------------------------------------------------------------------------------------------------------------
-- Who is told
------------------------------------------------------------------------------------------------------------------------

-- Subscribers as the secrets manager lists them, for statements that cannot ask it. No secret and no URL is here.
create table subscriber (
  id text primary key,
  events text[] not null,
  -- whose recalls it hears of; null: all apps'
  apps text[],
  -- SHA-256 of the document: whatever became of the old one, a changed one is tried again
  digest text not null,
  previous_digest text,
  changed_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  disabled_at timestamptz,
  disabled_by text,
  -- it asked for time, or gave no answer: nothing is sent before
  held_until timestamptz not null default '-infinity'
);

create table delivery (
  -- the webhook-id, the same at every try
  id text primary key,
  subscriber text not null,
  type text not null,
  -- null: it is about the deployment
  recall_id text,
  -- every app of the recall: who may see it
  apps text[] not null,
  -- as it was at the event: what is sent again is what was sent before
  data json not null,
  created_at timestamptz not null default clock_timestamp(),
  -- pending · delivered · failed · held: its subscriber is disabled
  state text not null,
  run_at timestamptz not null default clock_timestamp(),
  fence int not null default 0,
  lease_until timestamptz,
  -- of the schedule; a replay starts it over
  tries int not null default 0,
  settled_at timestamptz
);
create index delivery_due on delivery (subscriber, run_at) where state = 'pending';
create index delivery_held on delivery (subscriber) where state = 'held';
create index delivery_untold on delivery (recall_id) where state = 'pending';
create index delivery_by_time on delivery (created_at desc, id desc);

-- Written before anything is sent: a crash leaves a try without an end, never silence.
create table delivery_attempt (
  delivery_id text not null,
  fence int not null,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  status int,
  detail text,
  primary key (delivery_id, fence)
);

-- A recall as an event tells it, as far as `p_apps` reach (null: all of them): who hears of some apps learns nothing of the
-- others but that the recall as a whole came to its state.
create function recall_event(p_recall recall, p_apps text[]) returns jsonb language sql stable as $$
  select jsonb_build_object('id', p_recall.id, 'operation', p_recall.operation, 'state', p_recall.state,
    'reason', p_recall.reason, 'ticket', p_recall.ticket, 'requestedBy', p_recall.requested_by,
    'person', p_recall.person, 'subject', p_recall.subject,
    'apps', (select coalesce(jsonb_agg(a), '[]') from unnest(p_recall.apps) a where p_apps is null or a = any (p_apps)),
    'createdAt', instant(p_recall.created_at), 'settledAt', instant(p_recall.settled_at),
    -- where no count is known (a whole push task), there is none to add
    'devices', case when count(w.devices) > 0 then jsonb_build_object('total', sum(w.devices),
      'accepted', sum(w.accepted), 'rejected', sum(w.rejected), 'unknown', sum(w.unknown),
      'pending', sum(w.devices - w.accepted - w.rejected - w.unknown)) end,
    'approval', (select jsonb_build_object('state', a.state, 'needed', a.needed, 'above', a.above, 'because', a.because,
      'reach', case when p_apps is null or p_recall.apps <@ p_apps then jsonb_build_object('devices', a.reach, 'basis', a.basis) end,
      'digest', a.digest, 'expiresAt', instant(a.expires_at)) from approval a where a.recall_id = p_recall.id),
    'links', jsonb_build_object('self', '/v1/recalls/' || p_recall.id, 'page', '/#/recalls/' || p_recall.id, 'origin', p_recall.origin)
      || case when exists (select from approval a where a.recall_id = p_recall.id and a.state in ('waiting', 'broken'))
        then jsonb_build_object('decide', '/#/recalls/' || p_recall.id) else '{}' end)
  from recall_target t
  join work w on w.recall_target_id = coalesce(t.linked_id, t.id) and w.devices is not null
  where t.recall_id = p_recall.id and (p_apps is null or t.app = any (p_apps))
$$;

-- What has kept some of a recall from moving for the longest time, within these apps (null: all), whoever does its work: for so long
-- as people are to hear of it. What waits for another person is told of by itself.
create function blocked_of(p_recall text, p_apps text[]) returns jsonb language sql stable as $$
  select jsonb_build_object('by', s.blocked_by, 'since', instant(s.since), 'detail', s.detail)
  from recall_target t join blocked_span s on s.recall_target_id = coalesce(t.linked_id, t.id)
  where t.recall_id = p_recall and s.until is null and s.blocked_by <> 'approval' and s.since <= now() - interval '2 minutes'
    and (p_apps is null or t.app = any (p_apps))
  order by s.since, s.recall_target_id limit 1
$$;

-- Writes the deliveries of one event, in the transaction of what happened. Returns how many. `p_more` joins the data.
create function tell(p_type text, p_recall recall, p_more jsonb) returns int
  -- a plan that is made within a roll-up, where no table is read whole, looks dear everywhere else, and would be made anew each time
  language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
  v_whole jsonb;
  v_count int;
begin
  if not exists (select from subscriber where p_type = any(events)) then
    return 0;
  end if;
  v_whole := recall_event(p_recall, null) || p_more;
  insert into delivery (id, subscriber, type, recall_id, apps, data, state)
  select 'dlv_' || translate(gen_random_uuid()::text, '-', ''), s.id, p_type, p_recall.id,
    case when s.apps is null then p_recall.apps
      else array(select a from unnest(p_recall.apps) a where a = any (s.apps)) end,
    case when s.apps is null then v_whole else recall_event(p_recall, s.apps) || p_more end
      || case when p_type = 'recall.blocked' then jsonb_build_object('blocked', blocked_of(p_recall.id, s.apps)) else '{}' end,
    case when s.disabled_at is null then 'pending' else 'held' end
  from subscriber s where p_type = any(s.events) and (s.apps is null or s.apps && p_recall.apps)
    and (p_type <> 'recall.blocked' or blocked_of(p_recall.id, s.apps) is not null);
  get diagnostics v_count = row_count;
  return v_count;
end $$;

-- Tells once of a recall that some of it has not moved for two minutes, and again only after all of it did. Returns of how many.
create function tell_of_blocked() returns bigint language plpgsql as $$
declare
  v_recall recall;
  v_told bigint := 0;
begin
  update recall r set told_blocked = false where told_blocked and blocked_of(r.id, null) is null;
  for v_recall in
    update recall set told_blocked = true
    where state = 'running' and not told_blocked and id in (
      select t.recall_id from blocked_span s join recall_target t on t.id = s.recall_target_id
      where s.until is null and s.blocked_by <> 'approval' and s.since <= now() - interval '2 minutes'
      union
      select t.recall_id from blocked_span s join recall_target t on t.linked_id = s.recall_target_id
      where s.until is null and s.blocked_by <> 'approval' and s.since <= now() - interval '2 minutes')
    returning *
  loop
    perform tell('recall.blocked', v_recall, '{}');
    v_told := v_told + 1;
  end loop;
  return v_told;
end $$;

create function tell_of_recall() returns trigger language plpgsql as $$
declare
  v_type text := case new.state
    when 'pending_approval' then 'recall.approval_required'
    when 'running' then 'recall.accepted'
    when 'done' then 'recall.completed'
    when 'partial' then 'recall.partially_failed'
    when 'failed' then 'recall.failed'
    when 'expired' then 'recall.expired'
    when 'cancelled' then 'recall.cancelled'
    when 'declined' then 'recall.declined' end;
begin
  if v_type is not null then
    perform tell(v_type, new, '{}');
  end if;
  return null;
end $$;

-- Triggers, so that whatever statement moves a recall, of this version or another, tells it in the same transaction. One
-- that can reach nobody is born failed.
create trigger recall_born after insert on recall for each row execute function tell_of_recall();
-- what starts again, since something joined it or somebody retries, was accepted before
create trigger recall_moved after update of state on recall for each row
  when (new.state <> old.state and (new.state <> 'running' or old.state = 'pending_approval'))
  execute function tell_of_recall();

-- What waits inside a recall that runs, what changed while it waited, and what began without another person.
create function tell_of_approval() returns trigger language plpgsql as $$
declare
  v_recall recall;
begin
  select * into v_recall from recall where id = new.recall_id;
  if new.state = 'broken' then
    perform tell('recall.break_glass', v_recall, '{}');
  elsif new.state = 'waiting' and (v_recall.state <> 'pending_approval' or new.round > 1) then
    perform tell('recall.approval_required', v_recall, '{}');
  end if;
  return null;
end $$;
create trigger approval_asked after insert on approval for each row execute function tell_of_approval();
create trigger approval_asked_again after update of round on approval for each row
  when (new.round <> old.round) execute function tell_of_approval();

-- Tells those who may decide again, after 5 minutes and after 15. Returns how many recalls were told of.
create function remind_of_approvals() returns bigint language plpgsql as $$
declare
  v_recall recall;
  v_told bigint := 0;
begin
  for v_recall in
    with due as (
      update approval set reminders = case when asked_at <= now() - interval '15 minutes' then 2 else 1 end
      where state = 'waiting' and reminders < 2 and coalesce(expires_at > now(), true)
        and asked_at <= now() - case when reminders = 0 then interval '5 minutes' else interval '15 minutes' end
      returning recall_id
    )
    select r.* from due d join recall r on r.id = d.recall_id
  loop
    perform tell('recall.approval_reminder', v_recall, '{}');
    v_told := v_told + 1;
  end loop;
  return v_told;
end $$;

-- Keeps what a call found of an app's credential: `ok` null is no answer, and changes nothing of what was known. One that turns bad
-- is told of once, and again only after it was well, whichever calls found it. Returns whether it turned bad.
create function keep_check(p_app text, p_found jsonb) returns boolean language plpgsql as $$
declare
  v_before jsonb;
  v_ok boolean := (p_found ->> 'ok')::boolean;
  v_value jsonb;
  v_turned boolean;
begin
  insert into finding (name, subject, value) values ('check', p_app, '{"ok":null,"since":null}') on conflict do nothing;
  select value into v_before from finding where name = 'check' and subject = p_app for update;
  v_turned := v_ok is false and (v_before ->> 'ok')::boolean is distinct from false;
  v_value := jsonb_build_object('call', null, 'code', null, 'detail', null, 'clockAheadMs', v_before -> 'clockAheadMs')
    || p_found || jsonb_build_object('checkedAt', instant(clock_timestamp()),
    'ok', coalesce(p_found -> 'ok', 'null'), 'since', instant(clock_timestamp()));
  if v_ok is null or v_ok is not distinct from (v_before ->> 'ok')::boolean then
    v_value := v_value || jsonb_build_object('ok', v_before -> 'ok', 'since', v_before -> 'since');
  end if;
  update finding set value = v_value, at = clock_timestamp() where name = 'check' and subject = p_app;
  if v_turned then
    insert into delivery (id, subscriber, type, recall_id, apps, data, state)
    select 'dlv_' || translate(gen_random_uuid()::text, '-', ''), s.id, 'app.unhealthy', null, array[p_app],
      json_build_object('app', p_app, 'code', p_found -> 'code', 'detail', p_found -> 'detail', 'since', v_value -> 'since',
        'links', json_build_object('self', '/v1/health')),
      case when s.disabled_at is null then 'pending' else 'held' end
    from subscriber s where 'app.unhealthy' = any (s.events) and (s.apps is null or p_app = any (s.apps));
  end if;
  return v_turned;
end $$;

-- Counts what has happened since the last run, and p_late steps more for what was committed late, p_hours at most. Returns how many rows
-- it wrote. A step is p_step seconds; of more than p_leads lead times so many stand for all. It looks at what it counts by index.
create function write_metrics(p_step int, p_hours int, p_late int, p_leads int) returns bigint
  language sql set enable_seqscan = off as $$
with bounds as materialized (
  select date_bin(make_interval(secs => p_step), now(), 'epoch') as this,
    greatest(now() - make_interval(hours => p_hours), coalesce(
      (select max(at) from metric) - make_interval(secs => p_step * p_late), '-infinity')) as counted_to,
    -- states of verdicts change for a day: all of it whenever a new step begins
    case when (select max(at) from metric) >= date_bin(make_interval(secs => p_step), now(), 'epoch')
      then now() - make_interval(secs => p_step) else now() - make_interval(hours => p_hours) end as judged_to
), span as materialized (
  select this, date_bin(make_interval(secs => p_step), counted_to, 'epoch') as since,
    date_bin(make_interval(secs => p_step), judged_to, 'epoch') as verdicts_since
  from bounds
), oldest as (
  select s.this as at, array[t.app] as apps, ceil(max(extract(epoch from now() - r.created_at))) as seconds
  from span s, recall_target t join recall r on r.id = t.recall_id
  where t.state = 'running' and t.linked_id is null group by 1, 2
), ended as (
  select date_bin(make_interval(secs => p_step), r.settled_at, 'epoch') as at, t.app, r.id, r.created_at,
    max(a.last) as last, sum(w.unknown) as unknown, sum(w.dead) as dead
  from recall r join recall_target t on t.recall_id = r.id and t.linked_id is null
  cross join lateral (select max(x.at) as last from attempt_answered x where x.recall_target_id = t.id) a
  cross join lateral (
    select coalesce(sum(x.unknown), 0) as unknown,
      count(*) filter (where x.result in ('failed', 'expired') or x.result = 'partial' and x.accepted = 0) as dead
    from work x where x.recall_target_id = t.id) w
  where r.settled_at >= (select since from span) group by 1, 2, 3, 4
), ranked as (
  select *, floor(extract(epoch from last - created_at) * 1000)::bigint as lead,
    row_number() over (partition by at, app order by last - created_at) as nth, count(last) over (partition by at, app) as leads
  from ended
), recalls as (
  select at, array[app] as apps, jsonb_build_object('recalls', count(*), 'unknown', sum(unknown), 'dead', sum(dead),
    'p50', percentile_disc(0.5) within group (order by lead), 'p99', percentile_disc(0.99) within group (order by lead),
    'leads', coalesce(jsonb_agg(lead order by lead) filter (where last is not null and (
      leads <= p_leads or nth * p_leads / leads > (nth - 1) * p_leads / leads)), '[]')) as figures
  from ranked group by 1, 2
), answers as (
  select date_bin(make_interval(secs => p_step), a.at, 'epoch') as at, array[t.app] as apps,
    t.provider || ' ' || (u ->> 'outcome') as name, count(*) as n
  from attempt_answered a join recall_target t on t.id = a.recall_target_id cross join lateral json_array_elements(a.units) u
  where a.at >= (select since from span) group by 1, 2, 3
), judged as (
  select date_bin(make_interval(secs => p_step), v.received_at, 'epoch') as at, e.apps,
    v.source || ' ' || verdict_state(v, e.messages, e.recalls <> '[]') as name, count(*) as n
  from verdict v
  cross join lateral (
    select count(*) as messages, coalesce(jsonb_agg(distinct x.recall_id) filter (where x.recall_id is not null), '[]') as recalls,
      array(select distinct p from verdict_effect y join recall r on r.id = y.recall_id cross join lateral unnest(r.apps) p
        where y.verdict_id = v.id order by p) as apps
    from verdict_effect x where x.verdict_id = v.id) e
  where v.received_at >= (select verdicts_since from span) group by 1, 2, 3
), emptied as (
  -- verdicts that led to a recall since are counted with its apps
  select m.at, m.apps, 'verdicts' as part, '{}'::jsonb as value from metric m, span s
  where m.at >= s.verdicts_since and m.value ? 'verdicts' and not exists (select from judged j where j.at = m.at and j.apps = m.apps)
), parts as (
  select at, apps, 'oldest' as part, to_jsonb(seconds) as value from oldest
  union all select at, apps, 'ended', figures from recalls
  union all select at, apps, 'calls', jsonb_object_agg(name, n) from answers group by 1, 2
  union all select at, apps, 'verdicts', jsonb_object_agg(name, n) from judged group by 1, 2
  union all select at, apps, part, value from emptied
  -- that it was counted, whatever there was
  union all select this, '{}', 'counted', 'true' from span
), dropped as (
  delete from metric where at < now() - interval '7 days'
), written as (
  insert into metric (at, apps, value)
  select at, apps, jsonb_object_agg(part, value) from parts group by 1, 2
  on conflict (at, apps) do update set value = metric.value || excluded.value
    || case when (metric.value ->> 'oldest')::float8 > (excluded.value ->> 'oldest')::float8
      then jsonb_build_object('oldest', metric.value -> 'oldest') else '{}' end
  returning at
)
select count(*) as rows from written
$$;

------------------------------------------------------------------------------------------------------------------------
-- The audit trail
------------------------------------------------------------------------------------------------------------------------

-- Transactions append to audit_entry beside what they change; sealing moves entries, without gaps, into the chain. A chain
-- written by the transactions themselves would make each wait for the one before. Entries are sealed in the order in which
-- they are found committed: one whose transaction stays open keeps its number and time, and holds up none that came later.
create table audit_unsealed (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  -- made by the process that wrote it, as `aud_…`, and never used again; null: a statement of the ledger made the entry
  entry text,
  actor text not null,
  person text,
  action text not null,
  object text not null,
  -- never notification text, push tokens or secrets; json, since what is hashed is the text as it was written
  detail json not null,
  -- SHA-256 of what was asked, in hex
  request text,
  -- HMAC-SHA-256 over entry, actor, person, action, object and request, in hex; null: there was no key (unpush/audit-mac)
  mac text
);

create table audit (
  seq bigint primary key,
  at timestamptz not null,
  entry text,
  actor text not null,
  person text,
  action text not null,
  object text not null,
  detail json not null,
  request text,
  mac text,
  -- SHA-256 of the hash before (32 zero bytes before the first) and this record
  hash bytea not null
);

create index audit_by_object on audit (object);

-- What a writer may say, and all that the functions' user may do: a view works with the rights of its owner, so that
-- whoever may insert here can neither choose a number or a time, nor read, change or lock what waits.
create view audit_entry as
  select entry, actor, person, action, object, detail, request, mac from audit_unsealed;

-- Whoever locks its one row seals.
create table audit_lock (
  -- longer than any statement of ours may run: who seals for longer holds up the trail
  patience interval not null default '20 seconds'
);
insert into audit_lock default values;

-- The owner's alone, whatever else the database grants to others by default.
do $$
declare
  v record;
begin
  for v in
    select distinct c.oid::regclass as name, c.relkind,
      case when a.grantee = 0 then 'public' else a.grantee::regrole::text end as grantee
    from pg_class c, aclexplode(c.relacl) a
    where c.oid in ('audit'::regclass, 'audit_unsealed'::regclass, 'audit_entry'::regclass, 'audit_lock'::regclass)
      and a.grantee <> c.relowner
  loop
    execute format('revoke %s on %s from %s',
      case v.relkind when 'v' then 'select, update, delete' else 'insert, update, delete' end
        || ', truncate, references, trigger', v.name, v.grantee);
  end loop;
end $$;

-- Its length in bytes of UTF-8 first, so that no two rows of parts read alike; `-` for null.
create function audit_part(p_value text) returns text language sql stable as $$
  select coalesce(octet_length(convert_to(p_value, 'UTF8')) || ':' || p_value, '-')
$$;

create function audit_link(p_hash bytea, p_before bytea, p_record bytea) returns bytea
  language plpgsql immutable as $$
begin
  return sha256(coalesce(p_hash, p_before) || p_record);
end $$;

-- Over records in order: each one's hash, the first of them following p_before.
create aggregate audit_chain(p_before bytea, p_record bytea) (sfunc = audit_link, stype = bytea);

-- Seals up to p_limit entries; returns how many, or null where somebody else is sealing. It works with its owner's rights:
-- nobody else can lock the row, or write the chain. Who calls it in a transaction and leaves that open is ended when
-- patience is, where the owner is a member of that user. Each statement in here sees what was committed before it, so that
-- whoever gets the lock also sees the chain as the last holder left it. Rows are found again by their place: nothing may
-- update them, and looking each up by id costs as much as hashing it. What was planned while the trail was short must not
-- read all of it when it is long: hence no sequential scans.
create function seal_audit(p_limit int) returns int language plpgsql security definer
  set search_path = public, pg_temp set enable_seqscan = off as $$
declare
  last_seq bigint;
  last_hash bytea;
  sealed int;
begin
  perform from audit_lock for update skip locked;
  if not found then
    begin
      perform pg_terminate_backend(s.pid)
        from audit_lock k
        join pg_locks l on l.locktype = 'transactionid' and l.transactionid = k.xmax and l.granted
        join pg_stat_activity s on s.pid = l.pid
        where s.xact_start < clock_timestamp() - k.patience;
    exception when insufficient_privilege then
      -- the lag of the trail is told of
    end;
    return null;
  end if;
  select seq, hash into last_seq, last_hash from audit order by seq desc limit 1;
  last_seq := coalesce(last_seq, 0);
  last_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
  with taken as (
    delete from audit_unsealed where ctid = any (array(select ctid from audit_unsealed order by id limit p_limit))
    returning *
  ), numbered as (
    select last_seq + row_number() over (order by id) as seq, at, entry, actor, person, action, object, detail, request,
      mac
    from taken
  )
  insert into audit (seq, at, entry, actor, person, action, object, detail, request, mac, hash)
  select seq, at, entry, actor, person, action, object, detail, request, mac, audit_chain(last_hash, convert_to(concat(
      audit_part(seq::text), audit_part(to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
      audit_part(entry), audit_part(actor), audit_part(person), audit_part(action), audit_part(object),
      audit_part(detail::text), audit_part(request), audit_part(mac)
    ), 'UTF8')) over (order by seq rows unbounded preceding)
  from numbered;
  get diagnostics sealed = row_count;
  return sealed;
end $$;

-- For how many seconds the oldest entry has waited to be sealed; 0: none waits. For users who may read no entry.
create function audit_lag() returns float8 language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce((
    select greatest(0, extract(epoch from clock_timestamp() - at)) from audit_unsealed order by id limit 1), 0)::float8
$$;

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit trail is append-only: % on % is refused', tg_op, tg_table_name
    using errcode = 'insufficient_privilege';
end $$;

-- What leaves the waiting room goes into the chain: the same transaction adds as many records as it takes away. Looked
-- up by key: a range would be planned while the trail is short, and read from end to end when it is long.
create function refuse_unsealed_loss() returns trigger language plpgsql as $$
declare
  lost bigint;
begin
  select count(*) into lost from gone;
  if lost > 0 and not exists (
    select from audit where seq = (select max(seq) from audit) - lost + 1 and xmin = pg_current_xact_id()::xid
  ) then
    raise exception 'the audit trail is append-only: an entry leaves % only by being sealed', tg_table_name
      using errcode = 'insufficient_privilege';
  end if;
  return null;
end $$;

create trigger audit_append_only before update or delete or truncate on audit
  for each statement execute function refuse_audit_change();
create trigger audit_unsealed_append_only before update or truncate on audit_unsealed
  for each statement execute function refuse_audit_change();
create trigger audit_unsealed_kept after delete on audit_unsealed referencing old table as gone
  for each statement execute function refuse_unsealed_loss();

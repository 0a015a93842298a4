-- A large request for a target that has not many tokens yet is sealed as it comes, so that its tokens are written once where it was twice; and a
-- slice leaves what would make a batch that is not full to the next one.
drop function seal_slice(bigint, int, int, int);
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

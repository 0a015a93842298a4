-- Chunks hold one token a line, as the JSON string that goes on the wire: sealing tells them apart, numbers them and puts
-- them together without decoding any.
update token_chunk set tokens = (select string_agg(e::text, E'\n') from json_array_elements(tokens::json) e)
  where tokens like '[%';

-- Makes batches of what arrived for a target, leaving out what it has already. Equal tokens are equal text, since
-- JSON.stringify wrote them all. In no order: sorting a million costs more than all the rest. "C": bytes, not a language's
-- rules. The memory is what a million tokens take; for fewer it is less.
create or replace function seal_target(p_target bigint, p_batch int) returns table (seq int, count int)
  language sql set work_mem = '64MB' as $$
with taken as (
  delete from token_chunk where target_id = p_target returning tokens
), arrived as (
  select distinct e.token collate "C" as token from taken t, string_to_table(t.tokens, E'\n') as e(token)
  where e.token <> ''
), fresh as (
  select a.token, row_number() over () - 1 as rank from arrived a
  where not exists (
    select from token_batch b, json_array_elements(b.tokens::json) k
    where b.target_id = p_target and k::text collate "C" = a.token)
), kept as (
  update target set kept_since = now() where id = p_target and exists (select from taken)
), last as (
  select coalesce(max(b.seq) + 1, 0) as seq from token_batch b where b.target_id = p_target
)
insert into token_batch as made (target_id, seq, tokens, count)
select p_target, last.seq + rank / p_batch, '[' || string_agg(token, ',') || ']', count(*)
from fresh, last group by last.seq, rank / p_batch
returning made.seq, made.count
$$;

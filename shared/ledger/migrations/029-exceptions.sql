-- What a recall leaves alone: `exceptTokens`.
create table recall_exception (
  recall_id text primary key,
  tokens text[] not null,
  -- SHA-256 of the set
  digest text not null
);

-- How many tokens of a batch are among those. Looked for as text first, so that few batches are read as JSON.
create function left_out(p_except text[], p_batch text) returns int language sql immutable as $$
  select case when p_except is null or not exists (select from unnest(p_except) e where strpos(p_batch, e) > 0) then 0
    else (select count(*)::int from json_array_elements(p_batch::json) k where k::text = any (p_except)) end
$$;

create or replace function reach_of(p_recall text) returns bigint language sql stable as $$
  select coalesce(sum(coalesce((t.plan -> 'reach' ->> 'task')::bigint,
    (select sum(b.count - left_out(x.tokens, b.tokens)) from token_batch b
      where b.target_id = t.target_id and b.tokens is not null), 0)), 0)::bigint
  from recall_target t left join recall_exception x on x.recall_id = t.recall_id
  where t.recall_id = p_recall and t.linked_id is null and t.plan -> 'refusal' = 'null'
$$;

-- Some vendors take a push token in several spellings: what a recall leaves alone is looked for in all of them.
alter table recall_exception add column spellings jsonb not null default '{}';

-- Those that are looked for among the tokens of a vendor.
create function spelled(p_tokens text[], p_spellings jsonb, p_provider text) returns text[] language sql immutable as $$
  select case when p_spellings ? p_provider then array(select jsonb_array_elements_text(p_spellings -> p_provider)) else p_tokens end
$$;

create or replace function reach_of(p_recall text) returns bigint language sql stable as $$
  select coalesce(sum(coalesce((t.plan -> 'reach' ->> 'task')::bigint,
    (select sum(b.count - left_out(spelled(x.tokens, x.spellings, t.provider), b.tokens)) from token_batch b
      where b.target_id = t.target_id and b.tokens is not null), 0)), 0)::bigint
  from recall_target t left join recall_exception x on x.recall_id = t.recall_id
  where t.recall_id = p_recall and t.linked_id is null and t.plan -> 'refusal' = 'null'
$$;

-- While a recall waits for another person, a stop may go ahead of it.
alter table recall add column ahead_of text;
create unique index recall_ahead_of on recall (ahead_of) where ahead_of is not null;

create or replace function awaits_tokens(p_recall_target bigint, p_target bigint) returns boolean language sql stable as $$
  select (
    exists (select from token_chunk c where c.target_id = p_target)
    or exists (
      select from token_batch b where b.target_id = p_target and b.tokens is not null
        and b.seq > coalesce((select max(w.seq) from work w where w.recall_target_id = p_recall_target), -1))
  ) and not exists (
    select from recall_target t join recall r on r.id = t.recall_id
    where t.target_id = p_target and t.id > p_recall_target and t.linked_id is null and r.cancelled_at is null and r.ahead_of is null)
$$;

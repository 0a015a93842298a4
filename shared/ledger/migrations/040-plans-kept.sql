-- PostgreSQL before 18 makes the plan of such a function anew in each statement where it is in SQL.
create or replace function read_grant(p_grant json) returns text[] language plpgsql immutable as $$
begin
  return case when p_grant::text = '"*"' then null
    when json_typeof(p_grant) = 'array' then array(select json_array_elements_text(p_grant)) else '{}' end;
end $$;

create or replace function dated_causes(p_causes jsonb) returns jsonb language plpgsql stable as $$
begin
  return (
    select coalesce(jsonb_agg(c || jsonb_build_object('at', instant(now())) order by n), '[]')
    from jsonb_array_elements(p_causes) with ordinality as e(c, n));
end $$;

create or replace function awaits_tokens(p_recall_target bigint, p_target bigint) returns boolean language plpgsql stable as $$
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

create or replace function called_off(p_recall_target bigint) returns boolean language plpgsql stable as $$
begin
  return exists (
    select from recall_target t join recall r on r.id = t.recall_id
    where t.id = p_recall_target and (t.superseded_by is not null or r.cancelled_at is not null));
end $$;

create or replace function approval_of(p_recall text) returns jsonb language plpgsql stable as $$
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

create or replace function window_full_until(p_hits timestamptz[], p_purposes text[], p_cost int, p_limit int, p_shares jsonb,
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

-- And in these two one for each call's own values.
alter function begin_attempts(json) set plan_cache_mode = force_generic_plan;
alter function begin_at_once(bigint[], int[], text[], json, json) set plan_cache_mode = force_generic_plan;

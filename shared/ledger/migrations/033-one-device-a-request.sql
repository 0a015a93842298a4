-- Units of which one request goes to one device, and rungs that a whole push falls to.
alter table work add column tokens_left text;
alter table work alter column tokens_left set storage external;
create index work_fallen on work (recall_target_id) where state = 'fallen';

create or replace function awaits_tokens(p_recall_target bigint, p_target bigint) returns boolean language sql stable as $$
  select (
    exists (select from token_chunk c where c.target_id = p_target)
    or exists (
      select from token_batch b where b.target_id = p_target and b.tokens is not null
        and b.seq > coalesce((select max(w.seq) from work w where w.recall_target_id = p_recall_target), -1))
  ) and not exists (
    -- one request is for the whole push, whoever joins it
    select from work w where w.recall_target_id = p_recall_target and w.seq is null
  ) and not exists (
    select from recall_target t join recall r on r.id = t.recall_id
    where t.target_id = p_target and t.id > p_recall_target and t.linked_id is null and r.cancelled_at is null and r.ahead_of is null)
$$;

create or replace function end_work(p_limit int, p_late interval) returns table (recall_id text, result text) language sql as $$
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

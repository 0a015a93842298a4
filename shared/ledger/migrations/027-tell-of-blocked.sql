-- Subscribers hear of a recall that cannot move, and where people look at one.
alter table recall add column origin text, add column told_blocked boolean not null default false;
create index recall_told_blocked on recall (id) where told_blocked;

create or replace function recall_event(p_recall recall, p_apps text[]) returns jsonb language sql stable as $$
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

create or replace function tell(p_type text, p_recall recall, p_more jsonb) returns int language plpgsql as $$
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

-- A recall over a line waits for another person, and so does what joins it beyond that.
alter table recall add column unapproved text, add column payer text, add column line bigint, add column cover bigint,
  add column counted bigint not null default 0, add column bound text;
alter table verdict add column approval_above bigint;
alter table work add column held boolean not null default false;

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
  if begun_of(p_recall) + p_devices > greatest(v_recall.line, v_recall.cover) then
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

-- Devices of a recall: batches of its own targets, and what was stated or assumed of its push tasks.
create function reach_of(p_recall text) returns bigint language sql stable as $$
  select coalesce(sum(coalesce((t.plan -> 'reach' ->> 'task')::bigint,
    (select sum(b.count) from token_batch b where b.target_id = t.target_id and b.tokens is not null), 0)), 0)::bigint
  from recall_target t where t.recall_id = p_recall and t.linked_id is null and t.plan -> 'refusal' = 'null'
$$;

-- Devices of a recall that wait for nobody's word.
create function begun_of(p_recall text) returns bigint language sql stable as $$
  select coalesce(sum(coalesce(w.devices, (t.plan -> 'reach' ->> 'task')::bigint, 0)), 0)::bigint
  from work w join recall_target t on t.id = w.recall_target_id
  where w.recall_id = p_recall and not w.held
$$;

-- As the API shows it, with the votes of this round and reviews of any; null: it never took other persons.
create function approval_of(p_recall text) returns jsonb language sql stable as $$
  select jsonb_build_object('state', a.state, 'needed', a.needed, 'above', a.above, 'because', a.because, 'reach', a.reach,
    'basis', a.basis, 'digest', a.digest, 'round', a.round, 'askedAt', instant(a.asked_at), 'expiresAt', instant(a.expires_at),
    'broken', a.broken, 'reviewedAt', instant(a.reviewed_at),
    'votes', coalesce((
      select jsonb_agg(jsonb_build_object('decision', v.decision, 'person', v.person, 'actor', v.actor, 'reason', v.reason,
        'at', instant(v.at)) order by v.at)
      from approval_vote v where v.recall_id = p_recall and (v.round = a.round or v.decision = 'reviewed')), '[]'))
  from approval a where a.recall_id = p_recall
$$;

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
      'reach', jsonb_build_object('devices', a.reach, 'basis', a.basis), 'digest', a.digest,
      'expiresAt', instant(a.expires_at)) from approval a where a.recall_id = p_recall.id),
    'links', jsonb_build_object('self', '/v1/recalls/' || p_recall.id)
      || case when exists (select from approval a where a.recall_id = p_recall.id and a.state in ('waiting', 'broken'))
        then jsonb_build_object('decide', '/#/recalls/' || p_recall.id) else '{}' end)
  from recall_target t
  join work w on w.recall_target_id = coalesce(t.linked_id, t.id) and w.devices is not null
  where t.recall_id = p_recall.id and (p_apps is null or t.app = any (p_apps))
$$;

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

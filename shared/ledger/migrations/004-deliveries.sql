-- Status webhooks: who wants to hear of what, and every delivery of it.

-- Subscribers as the secrets manager lists them, for statements that cannot ask it. No secret and no URL is here.
create table if not exists subscriber (
  id text primary key,
  events text[] not null,
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

create table if not exists delivery (
  -- the webhook-id, the same at every try
  id text primary key,
  subscriber text not null,
  type text not null,
  recall_id text not null,
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
create index if not exists delivery_due on delivery (subscriber, run_at) where state = 'pending';
create index if not exists delivery_held on delivery (subscriber) where state = 'held';
create index if not exists delivery_untold on delivery (recall_id) where state = 'pending';
create index if not exists delivery_by_time on delivery (created_at desc, id desc);

-- Written before anything is sent: a crash leaves a try without an end, never silence.
create table if not exists delivery_attempt (
  delivery_id text not null,
  fence int not null,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  status int,
  detail text,
  primary key (delivery_id, fence)
);

create or replace function instant(p_at timestamptz) returns text language sql stable as $$
  select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- Writes the deliveries of one event, in the transaction of what happened. Returns how many. `p_more` joins the data.
create or replace function tell(p_type text, p_recall recall, p_more jsonb) returns int language plpgsql as $$
declare
  v_data jsonb;
  v_count int;
begin
  if not exists (select from subscriber where p_type = any(events)) then
    return 0;
  end if;
  -- where no count is known (a whole push task), there is none to add
  select jsonb_build_object('id', p_recall.id, 'operation', p_recall.operation, 'state', p_recall.state,
    'reason', p_recall.reason, 'ticket', p_recall.ticket, 'requestedBy', p_recall.requested_by,
    'person', p_recall.person, 'subject', p_recall.subject, 'apps', to_jsonb(p_recall.apps),
    'createdAt', instant(p_recall.created_at), 'settledAt', instant(p_recall.settled_at),
    'devices', case when count(w.devices) > 0 then jsonb_build_object('total', sum(w.devices),
      'accepted', sum(w.accepted), 'rejected', sum(w.rejected), 'unknown', sum(w.unknown),
      'pending', sum(w.devices - w.accepted - w.rejected - w.unknown)) end,
    'links', jsonb_build_object('self', '/v1/recalls/' || p_recall.id)) || p_more
  into v_data
  from recall_target t
  join work w on w.recall_target_id = coalesce(t.linked_id, t.id) and w.devices is not null
  where t.recall_id = p_recall.id;
  insert into delivery (id, subscriber, type, recall_id, apps, data, state)
  select 'dlv_' || translate(gen_random_uuid()::text, '-', ''), s.id, p_type, p_recall.id, p_recall.apps, v_data,
    case when s.disabled_at is null then 'pending' else 'held' end
  from subscriber s where p_type = any(s.events);
  get diagnostics v_count = row_count;
  return v_count;
end $$;

create or replace function tell_of_recall() returns trigger language plpgsql as $$
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
create or replace trigger recall_born after insert on recall for each row execute function tell_of_recall();
-- what starts again, since something joined it or somebody retries, was accepted before
create or replace trigger recall_moved after update of state on recall for each row
  when (new.state <> old.state and (new.state <> 'running' or old.state = 'pending_approval'))
  execute function tell_of_recall();

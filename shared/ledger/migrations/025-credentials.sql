-- Credentials that a recall's own call finds refused, and that are taken again.
drop function note_trouble(text, int, int, boolean);
create function note_trouble(p_app text, p_calls int, p_failures int, p_denied boolean, p_said jsonb default '{}')
  returns void language plpgsql as $$
declare
  b breaker%rowtype;
  at timestamptz;
  opens boolean;
begin
  insert into breaker (app) values (p_app) on conflict do nothing;
  select * into b from breaker where app = p_app for update;
  if p_denied then
    perform keep_check(p_app, p_said || '{"ok":false}');
  end if;
  at := clock_timestamp();
  -- calls that were out when it opened tell nothing new
  if b.probe_at > at then
    return;
  end if;
  if b.probe_at is null and b.window_at < at - interval '60 seconds' then
    b.calls := 0;
    b.failures := 0;
    b.window_at := at;
  end if;
  b.calls := b.calls + p_calls;
  b.failures := b.failures + p_failures;
  opens := b.probe_at is not null or p_denied or (b.calls >= 20 and b.failures * 2 >= b.calls);
  update breaker set
    window_at = b.window_at,
    calls = b.calls,
    failures = b.failures,
    trips = case when opens then least(b.trips + 1, 10) else b.trips end,
    opened_at = case when opens then coalesce(b.opened_at, at) end,
    probe_at = case when opens then at + least(interval '30 seconds', interval '2 seconds' * 2 ^ b.trips) end,
    probing_until = null,
    cause = case when p_denied then 'credential' else 'vendor' end
  where app = p_app;
end $$;

create function credential_taken() returns trigger language plpgsql as $$
begin
  if exists (select from finding where name = 'check' and subject = old.app and value -> 'ok' = 'false') then
    perform keep_check(old.app, '{"ok":true}');
  end if;
  return null;
end $$;
create trigger breaker_closed after delete on breaker for each row when (old.probe_at is not null)
  execute function credential_taken();

create or replace function keep_check(p_app text, p_found jsonb) returns boolean language plpgsql as $$
declare
  v_before jsonb;
  v_ok boolean := (p_found ->> 'ok')::boolean;
  v_value jsonb;
  v_turned boolean;
begin
  insert into finding (name, subject, value) values ('check', p_app, '{"ok":null,"since":null}') on conflict do nothing;
  select value into v_before from finding where name = 'check' and subject = p_app for update;
  v_turned := v_ok is false and (v_before ->> 'ok')::boolean is distinct from false;
  v_value := jsonb_build_object('call', null, 'code', null, 'detail', null, 'clockAheadMs', v_before -> 'clockAheadMs')
    || p_found || jsonb_build_object('checkedAt', instant(clock_timestamp()),
    'ok', coalesce(p_found -> 'ok', 'null'), 'since', instant(clock_timestamp()));
  if v_ok is null or v_ok is not distinct from (v_before ->> 'ok')::boolean then
    v_value := v_value || jsonb_build_object('ok', v_before -> 'ok', 'since', v_before -> 'since');
  end if;
  update finding set value = v_value, at = clock_timestamp() where name = 'check' and subject = p_app;
  if v_turned then
    insert into delivery (id, subscriber, type, recall_id, apps, data, state)
    select 'dlv_' || translate(gen_random_uuid()::text, '-', ''), s.id, 'app.unhealthy', null, array[p_app],
      json_build_object('app', p_app, 'code', p_found -> 'code', 'detail', p_found -> 'detail', 'since', v_value -> 'since',
        'links', json_build_object('self', '/v1/health')),
      case when s.disabled_at is null then 'pending' else 'held' end
    from subscriber s where 'app.unhealthy' = any (s.events) and (s.apps is null or p_app = any (s.apps));
  end if;
  return v_turned;
end $$;

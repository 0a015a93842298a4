-- Keeps what a check of an app's credential found: `ok` null is no answer, and changes nothing of what was known. One that turns bad
-- is told of once, and again only after it was well. Returns whether it turned bad.
create function keep_check(p_app text, p_found jsonb) returns boolean language plpgsql as $$
declare
  v_before jsonb;
  v_ok boolean := (p_found ->> 'ok')::boolean;
  v_value jsonb;
  v_turned boolean;
begin
  insert into finding (name, subject, value) values ('check', p_app, '{"ok":null,"since":null}') on conflict do nothing;
  select value into v_before from finding where name = 'check' and subject = p_app for update;
  v_turned := v_ok is false and (v_before ->> 'ok')::boolean is distinct from false;
  v_value := p_found || jsonb_build_object('checkedAt', instant(clock_timestamp()),
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

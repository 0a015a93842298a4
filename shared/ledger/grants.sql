-- What the database user of each class of functions may do: nothing but this. The owner runs it after every migration, so that a
-- new table is nobody's until it stands here. The users are called as the owner is (unpush_owner), with `app` for the API,
-- `public` and `workers` in place of `owner`. Where one of the last two is not there, `app` has its rights; where the owner is called
-- otherwise nothing is granted or taken away.
do $$
declare
  v_start text := substring(current_user from '^(.*_)owner$');
  v_grant record;
  v_item record;
begin
  if v_start is null then
    return;
  end if;
  -- what the users had before
  for v_item in
    select format('revoke all on table %s from %I', c.oid::regclass, r.rolname) as statement
    from pg_class c, pg_roles r
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v') and c.relowner = current_user::regrole
      and r.rolname in (v_start || 'app', v_start || 'public', v_start || 'workers')
  loop
    execute v_item.statement;
  end loop;
  -- Functions work with the rights of who calls them; those that work with the owner's are for who is named below.
  for v_item in
    select format('revoke execute on function %s from public', p.oid::regprocedure) as statement
    from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prosecdef and p.proowner = current_user::regrole
  loop
    execute v_item.statement;
  end loop;
  for v_grant in
    select g.privileges, g.object, r.rolname as role
    from (values
      -- what was sent
      -- what discover found goes where its sender registers it, or after a month
      ('select, insert, update, delete', 'table message', 'app workers'),
      ('select, insert, update', 'table discovery', 'workers'),
      ('select, insert, update', 'table target', 'app'),
      ('select, insert, update, delete', 'table target', 'workers'),
      -- an admission draws the numbers of its rows before it writes any
      ('usage', 'sequence target_id_seq', 'app workers'),
      ('usage', 'sequence recall_target_id_seq', 'app workers'),
      ('select, insert, update, delete', 'table token_chunk', 'app workers'),
      ('select, insert', 'table token_batch', 'app'),
      ('select, insert, update', 'table token_batch', 'workers'),
      ('select, insert', 'table token_print', 'app'),
      ('select, insert, delete', 'table token_print', 'workers'),
      ('select, insert, update', 'table sealing', 'app workers'),
      -- what is being taken back
      ('select, insert, update', 'table recall', 'app workers'),
      ('select, insert, update', 'table recall_message', 'app'),
      ('select, insert', 'table recall_message', 'workers'),
      ('select, insert', 'table recall_exception', 'app'),
      ('select, insert, delete', 'table recall_exception', 'workers'),
      ('select, insert, update', 'table recall_target', 'app workers'),
      ('select, insert, update', 'table approval', 'app workers'),
      ('select, insert, update', 'table approval_vote', 'app'),
      ('select', 'table approval_vote', 'workers'),
      ('select, insert', 'table hour_reach', 'app'),
      ('select, insert, delete', 'table hour_reach', 'workers'),
      ('select, insert, update', 'table work', 'app workers'),
      ('select, insert', 'table attempt_begun', 'app workers'),
      ('select, insert', 'table attempt_answered', 'app'),
      ('select, insert, update', 'table attempt_answered', 'workers'),
      ('select', 'table attempt', 'app workers'),
      ('select', 'table blocked_span', 'app'),
      ('select, insert, update', 'table blocked_span', 'workers'),
      ('select, insert, update', 'table vendor_record', 'app'),
      ('select, insert, update, delete', 'table vendor_record', 'workers'),
      ('select, insert, update', 'table answer', 'app'),
      ('select, insert, delete', 'table answer', 'workers'),
      ('select, insert, delete', 'table pause', 'app'),
      ('select', 'table pause', 'workers'),
      -- when a vendor may be called, and who has asked how often
      ('select, insert, update', 'table bucket', 'app workers'),
      ('select, insert, update, delete', 'table breaker', 'app workers'),
      ('select, insert, update', 'table permit', 'app workers'),
      ('select, insert, update', 'table notice', 'app workers'),
      -- who signs in
      ('select, insert, update', 'table issuer_keys', 'app'),
      ('select, insert, update', 'table login', 'app'),
      ('select, insert, update, delete', 'table login', 'workers'),
      -- timers
      ('select', 'table pulse', 'app'),
      ('select, insert, update, delete', 'table pulse', 'workers'),
      ('select', 'table metric', 'app'),
      ('select, insert, update, delete', 'table metric', 'workers'),
      ('select, insert, update', 'table finding', 'app'),
      ('select, insert, update, delete', 'table finding', 'workers'),
      ('select, insert, update, delete', 'table sweeper', 'workers'),
      -- what moderation systems say
      ('select, insert', 'table taken_delivery', 'app workers'),
      ('select, insert, update', 'table verdict', 'app'),
      ('select, insert, update, delete', 'table verdict', 'workers'),
      ('select, insert', 'table verdict_effect', 'app'),
      ('select, insert, delete', 'table verdict_effect', 'workers'),
      ('select, insert, update, delete', 'table pull', 'app workers'),
      -- who is told
      ('select', 'table subscriber', 'app'),
      ('select, insert, update, delete', 'table subscriber', 'workers'),
      ('select, insert, update', 'table delivery', 'app'),
      ('select, insert, update, delete', 'table delivery', 'workers'),
      ('select', 'table delivery_attempt', 'app'),
      ('select, insert, update, delete', 'table delivery_attempt', 'workers'),
      -- the audit trail: what is written goes in by the view, and is moved by the owner's function
      ('select', 'table audit', 'app workers'),
      ('select', 'table audit_unsealed', 'app workers'),
      ('insert', 'table audit_entry', 'app workers'),
      ('execute', 'function seal_audit(int)', 'app workers'),
      ('execute', 'function audit_lag()', 'app workers public'),
      -- what /readyz looks at
      ('select', 'table pulse', 'public'),
      ('select', 'table notice', 'public')
    ) as g(privileges, object, names)
    cross join lateral string_to_table(g.names, ' ') as u(name)
    -- where a class has no user of its own, its functions come as the API's
    join pg_roles r on r.rolname = v_start || case
      when exists (select from pg_roles c where c.rolname = v_start || u.name) then u.name else 'app' end
  loop
    execute format('grant %s on %s to %I', v_grant.privileges, v_grant.object, v_grant.role);
  end loop;
end $$;

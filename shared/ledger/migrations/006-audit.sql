-- The audit trail. Transactions append to audit_unsealed beside what they change; sealing moves entries, in order and
-- without gaps, into the chain. A chain written by the transactions themselves would make each wait for the one before.

create table if not exists audit_unsealed (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  person text,
  action text not null,
  object text not null,
  -- never notification text, push tokens or secrets
  detail jsonb not null
);

create table if not exists audit (
  seq bigint primary key,
  at timestamptz not null,
  actor text not null,
  person text,
  action text not null,
  object text not null,
  detail jsonb not null,
  -- SHA-256 of the hash before (32 zero bytes before the first) and this record
  hash bytea not null
);

-- Length first, so that no text can pass for two: four bytes, big-endian, -1 for null; then UTF-8.
create or replace function audit_part(p_value text) returns bytea language sql stable as $$
  select coalesce(int4send(octet_length(convert_to(p_value, 'UTF8'))) || convert_to(p_value, 'UTF8'), int4send(-1))
$$;

-- Seals up to p_limit entries; returns how many, or null where somebody else is sealing. Each statement in here sees what
-- was committed before it, so that whoever gets the lock also sees the chain as the last holder left it.
create or replace function seal_audit(p_limit int) returns int language plpgsql as $$
declare
  entry audit_unsealed%rowtype;
  last_seq bigint;
  last_hash bytea;
  sealed bigint[] := '{}';
begin
  if not pg_try_advisory_xact_lock(7041130) then
    return null;
  end if;
  select seq, hash into last_seq, last_hash from audit order by seq desc limit 1;
  last_seq := coalesce(last_seq, 0);
  last_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
  for entry in select * from audit_unsealed order by id limit p_limit loop
    last_seq := last_seq + 1;
    last_hash := sha256(last_hash
      || audit_part(last_seq::text)
      || audit_part(to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
      || audit_part(entry.actor)
      || audit_part(entry.person)
      || audit_part(entry.action)
      || audit_part(entry.object)
      || audit_part(entry.detail::text));
    insert into audit (seq, at, actor, person, action, object, detail, hash)
    values (last_seq, entry.at, entry.actor, entry.person, entry.action, entry.object, entry.detail, last_hash);
    sealed := sealed || entry.id;
  end loop;
  delete from audit_unsealed where id = any (sealed);
  return cardinality(sealed);
end $$;

create or replace function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit trail is append-only: % on % is refused', tg_op, tg_table_name
    using errcode = 'insufficient_privilege';
end $$;

-- What leaves the waiting room is in the chain, among as many of the newest records as left.
create or replace function refuse_unsealed_loss() returns trigger language plpgsql as $$
begin
  if exists (
    select at, actor, person, action, object, detail from gone
    except all
    select at, actor, person, action, object, detail from audit
    where seq > (select max(seq) from audit) - (select count(*) from gone)
  ) then
    raise exception 'the audit trail is append-only: an entry leaves % only by being sealed', tg_table_name
      using errcode = 'insufficient_privilege';
  end if;
  return null;
end $$;

create or replace trigger audit_append_only before update or delete or truncate on audit
  for each statement execute function refuse_audit_change();
create or replace trigger audit_unsealed_append_only before update or truncate on audit_unsealed
  for each statement execute function refuse_audit_change();
create or replace trigger audit_unsealed_kept after delete on audit_unsealed referencing old table as gone
  for each statement execute function refuse_unsealed_loss();

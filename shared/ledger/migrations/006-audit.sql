-- The audit trail. Transactions append to audit_unsealed beside what they change; sealing moves entries, in order and
-- without gaps, into the chain. A chain written by the transactions themselves would make each wait for the one before.

create table if not exists audit_unsealed (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  person text,
  action text not null,
  object text not null,
  -- never notification text, push tokens or secrets; json, since what is hashed is the text as it was written
  detail json not null
);

create table if not exists audit (
  seq bigint primary key,
  at timestamptz not null,
  actor text not null,
  person text,
  action text not null,
  object text not null,
  detail json not null,
  -- SHA-256 of the hash before (32 zero bytes before the first) and this record
  hash bytea not null
);

-- Its length in bytes of UTF-8 first, so that no two rows of parts read alike; `-` for null.
create or replace function audit_part(p_value text) returns text language sql stable as $$
  select coalesce(octet_length(convert_to(p_value, 'UTF8')) || ':' || p_value, '-')
$$;

create or replace function audit_link(p_hash bytea, p_before bytea, p_record bytea) returns bytea
  language plpgsql immutable as $$
begin
  return sha256(coalesce(p_hash, p_before) || p_record);
end $$;

-- Over records in order: each one's hash, the first of them following p_before.
create or replace aggregate audit_chain(p_before bytea, p_record bytea) (sfunc = audit_link, stype = bytea);

-- Seals up to p_limit entries; returns how many, or null where somebody else is sealing. Each statement in here sees what
-- was committed before it, so that whoever gets the lock also sees the chain as the last holder left it. Rows are found
-- again by their place: nothing may update them, and looking each up by id costs as much as hashing it. What
-- was planned while the trail was short must not read all of it when it is long: hence no sequential scans.
create or replace function seal_audit(p_limit int) returns int language plpgsql
  set enable_seqscan = off as $$
declare
  last_seq bigint;
  last_hash bytea;
  sealed int;
begin
  if not pg_try_advisory_xact_lock(7041130) then
    return null;
  end if;
  select seq, hash into last_seq, last_hash from audit order by seq desc limit 1;
  last_seq := coalesce(last_seq, 0);
  last_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
  with taken as (
    delete from audit_unsealed where ctid = any (array(select ctid from audit_unsealed order by id limit p_limit))
    returning *
  ), numbered as (
    select last_seq + row_number() over (order by id) as seq, at, actor, person, action, object, detail from taken
  )
  insert into audit (seq, at, actor, person, action, object, detail, hash)
  select seq, at, actor, person, action, object, detail, audit_chain(last_hash, convert_to(concat(
      audit_part(seq::text), audit_part(to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
      audit_part(actor), audit_part(person), audit_part(action), audit_part(object), audit_part(detail::text)
    ), 'UTF8')) over (order by seq rows unbounded preceding)
  from numbered;
  get diagnostics sealed = row_count;
  return sealed;
end $$;

create or replace function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit trail is append-only: % on % is refused', tg_op, tg_table_name
    using errcode = 'insufficient_privilege';
end $$;

-- What leaves the waiting room goes into the chain: the same transaction adds as many records as it takes away. Looked
-- up by key: a range would be planned while the trail is short, and read from end to end when it is long.
create or replace function refuse_unsealed_loss() returns trigger language plpgsql as $$
declare
  lost bigint;
begin
  select count(*) into lost from gone;
  if lost > 0 and not exists (
    select from audit where seq = (select max(seq) from audit) - lost + 1 and xmin = pg_current_xact_id()::xid
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

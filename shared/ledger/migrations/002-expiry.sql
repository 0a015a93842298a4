-- Messages that take themselves back when their time is over.
alter table message add column if not exists expired_at timestamptz;
alter table message add column if not exists expiry_held_until timestamptz;
-- what is due stands at its beginning, however much is not
create index if not exists message_due on message (expires_at) where expires_at is not null and expired_at is null;

-- 0: somebody asked for it · 1: its time was over. Kept here too, so that what joins later goes with it.
alter table recall add column if not exists priority smallint not null default 0;

-- Refuses an expiry that was planned before somebody moved the end of the message, or after another timer took it. It is
-- asked of the row as it is when it is locked, not of the snapshot.
create or replace function still_due(p_id text, p_expires_at timestamptz, p_expired_at timestamptz) returns boolean
language plpgsql as $$
begin
  if p_expired_at is not null or p_expires_at is null or p_expires_at > now() then
    raise exception 'the message % is not due any more', p_id using errcode = 'unique_violation';
  end if;
  return true;
end $$;

-- Push tokens are personal data and leave when their time is over; counts stay. Null: they have left.
alter table token_batch alter column tokens drop not null;
-- What a target holds is kept from here on, for as long as the policy says; null: it has left.
alter table target add column if not exists kept_since timestamptz default now();
create index if not exists target_kept on target (kept_since) where kept_since is not null;

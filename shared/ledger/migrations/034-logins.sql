-- Logins at vendors, shared by all instances.
create table login (
  id text primary key,
  sealed text,
  fresh_until timestamptz,
  version int not null default 0,
  done_at timestamptz,
  leased_until timestamptz
);

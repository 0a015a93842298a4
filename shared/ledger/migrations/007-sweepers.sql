-- Runs of sweep that are at work, so that a backlog has as many as it needs and no more than is configured.
create table if not exists sweeper (
  slot int primary key,
  owner text not null,
  lease_until timestamptz not null
);

-- Work that waits for a rate, a quota, a credential or a vendor: more runs would not make it go faster.
create index if not exists work_blocked on work (app) where state = 'ready' and blocked_by is not null;

-- Jobs of moderation systems whose own API is to be asked, since nobody signs what their callbacks say, or since none came.
create table if not exists pull (
  endpoint text not null,
  job text not null,
  -- open · done · gone: there is no such job, or it gave no answer for a day
  state text not null default 'open',
  -- a message carries the job itself as a content, so that nobody outside made it up: no cap holds it
  known boolean not null default false,
  -- the callback named a content that some message carries: before the others
  hinted boolean not null default false,
  wanted_at timestamptz not null default now(),
  run_at timestamptz not null default now(),
  asked_at timestamptz,
  tries int not null default 0,
  fence int not null default 0,
  lease_until timestamptz,
  problem text,
  primary key (endpoint, job)
);
create index if not exists pull_due on pull (endpoint, run_at) where state = 'open';
create index if not exists pull_asked on pull (endpoint, asked_at);
create index if not exists pull_wanted on pull (wanted_at);

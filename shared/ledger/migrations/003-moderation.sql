-- What moderation systems said of contents: one row for each decision of each delivery, once however often it comes.
create table if not exists verdict (
  id text primary key,
  endpoint text not null,
  delivery_key text not null,
  -- its place among the decisions of one delivery
  item int not null,
  source text not null,
  tier text not null,
  -- as messages carry it; null: the delivery names none that could be carried
  content text,
  decision text,
  action text,
  labels jsonb not null,
  reason text,
  occurred_at timestamptz,
  received_at timestamptz not null default now(),
  -- the order of verdicts on one content: authority (machine 0, human 1, appeal 2), then round, then time, then severity
  authority smallint not null,
  round int not null,
  -- Who tells no time cannot be late: a block without one goes before, a pass without one behind all that have one.
  ordered_at timestamptz not null,
  -- 2: a block, or an action that does something · 1: review · 0: pass · null: takes no part
  severity smallint,
  -- what the endpoint's policy made of it when it came; null: nothing
  operation text,
  overlay jsonb,
  -- why it could not be done, or not yet
  problem text,
  -- the later pass of a person that says it was wrong
  overturned_by text
);
create unique index if not exists verdict_by_delivery on verdict (endpoint, delivery_key, item);
create index if not exists verdict_by_content on verdict (content) where content is not null;
create index if not exists verdict_by_time on verdict (received_at desc, id desc);
create index if not exists verdict_acting on verdict (received_at) where operation is not null;

-- What a verdict did to a message. Without a recall: it was refused for good.
create table if not exists verdict_effect (
  verdict_id text not null,
  message_id text not null,
  recall_id text,
  primary key (verdict_id, message_id)
);

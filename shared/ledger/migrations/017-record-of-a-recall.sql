-- In which a push of a recall could not move, as `sweep` saw it: work itself forgets why it waited as soon as it goes on.
create table blocked_span (
  recall_target_id bigint not null,
  blocked_by text not null,
  since timestamptz not null,
  -- null: it cannot move now
  until timestamptz,
  detail text
);
create unique index blocked_span_open on blocked_span (recall_target_id, blocked_by) where until is null;
create index blocked_span_by_target on blocked_span (recall_target_id);

-- What `sweep` last found out and people are shown: the signed digest of the trail, whether an app's credential is good, …
create table finding (
  name text not null,
  -- the app it is about; empty: none
  subject text not null default '',
  value jsonb not null,
  at timestamptz not null default clock_timestamp(),
  primary key (name, subject)
);

-- the record of a recall, and what one may ask the trail for
create index audit_by_object on audit (object);

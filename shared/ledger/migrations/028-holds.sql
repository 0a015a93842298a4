-- Recalls that hold what is not registered yet, and an end for those that no push ever came for.
alter table recall add column holds_until timestamptz;
create index recall_holding on recall (coalesce(subject ->> 'content', subject ->> 'message')) where holds_until is not null;
create index recall_without_pushes on recall (give_up_at) where settled_at is null and apps = '{}';

-- What GET /v1/summary counts, so that it reads little else.
create index recall_open on recall (id) where state in ('running', 'pending_approval');
create index recall_failed on recall (settled_at) where state = 'failed';
create index verdict_problem on verdict (id) where operation is not null and problem is not null;

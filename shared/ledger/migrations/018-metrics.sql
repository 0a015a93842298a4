-- What happened in each five minutes, as `sweep` counts it: reading this costs no look at attempts. `apps`: who may see it must
-- reach all of these; none: who reaches every app.
create table metric (
  at timestamptz not null,
  apps text[] not null,
  -- {"oldest":12,"calls":{"tpns accepted":3},…}: metrics.ts says what each part is
  value jsonb not null,
  primary key (at, apps)
);

-- what settled within a few minutes
create index recall_by_settlement on recall (settled_at) where settled_at is not null;
create index attempt_answered_by_time on attempt_answered (at);

-- What became of a verdict that led to recalls, or at least did something about so many messages. Said as verdicts.ts says it to
-- those that act.
create function verdict_state(v verdict, p_messages bigint, p_recalled boolean) returns text language sql stable as $$
  select case
    when v.fault = 'unreadable' then 'unreadable'
    when v.fault = 'stale' then 'refused'
    when exists (select from verdict p where p.id = v.overturned_by and not exists (
    select from verdict b where b.severity = 2 and b.content = v.content and v.endpoint = any(b.outranks) and (b.authority, b.round, b.ordered_at, b.severity, b.id) >
     (v.authority, v.round, v.ordered_at, v.severity, v.id) and (b.authority, b.round, b.ordered_at, b.severity, b.id) >
     (p.authority, p.round, p.ordered_at, p.severity, p.id))) then 'overturned'
    when p_recalled then 'recalled'
    when p_messages > 0 then 'refused'
    when v.operation is null then 'recorded'
    when (exists (select from verdict p where p.severity = 0 and p.content = v.content and v.endpoint = any(p.outranks) and (p.authority, p.round, p.ordered_at, p.severity, p.id) >
     (v.authority, v.round, v.ordered_at, v.severity, v.id)) or exists (
    select from verdict o where o.operation is not null and (o.received_at > now() - interval '24 hours' or o.queued) and o.content = v.content and v.endpoint = any(o.outranks) and (o.authority, o.round, o.ordered_at, o.severity, o.id) >
     (v.authority, v.round, v.ordered_at, v.severity, v.id) and not exists (select from verdict p where p.severity = 0 and p.content = o.content and o.endpoint = any(p.outranks) and (p.authority, p.round, p.ordered_at, p.severity, p.id) >
     (o.authority, o.round, o.ordered_at, o.severity, o.id))
      and (o.apps is null or (v.apps is not null and v.apps <@ o.apps)))) then 'outranked'
    when v.problem is not null then 'held'
    when v.content is not null and v.operation is not null and (v.received_at > now() - interval '24 hours' or v.queued) then 'waiting'
    else 'unmatched' end
$$;

-- Counts what has happened since the last run, and p_late steps more for what was committed late, p_hours at most. Returns how many rows
-- it wrote. A step is p_step seconds; of more than p_leads lead times so many stand for all. It looks at what it counts by index.
create function write_metrics(p_step int, p_hours int, p_late int, p_leads int) returns bigint
  language sql set enable_seqscan = off as $$
with bounds as materialized (
  select date_bin(make_interval(secs => p_step), now(), 'epoch') as this,
    greatest(now() - make_interval(hours => p_hours), coalesce(
      (select max(at) from metric) - make_interval(secs => p_step * p_late), '-infinity')) as counted_to,
    -- states of verdicts change for a day: all of it whenever a new step begins
    case when (select max(at) from metric) >= date_bin(make_interval(secs => p_step), now(), 'epoch')
      then now() - make_interval(secs => p_step) else now() - make_interval(hours => p_hours) end as judged_to
), span as materialized (
  select this, date_bin(make_interval(secs => p_step), counted_to, 'epoch') as since,
    date_bin(make_interval(secs => p_step), judged_to, 'epoch') as verdicts_since
  from bounds
), oldest as (
  select s.this as at, array[t.app] as apps, ceil(max(extract(epoch from now() - r.created_at))) as seconds
  from span s, recall_target t join recall r on r.id = t.recall_id
  where t.state = 'running' and t.linked_id is null group by 1, 2
), ended as (
  select date_bin(make_interval(secs => p_step), r.settled_at, 'epoch') as at, t.app, r.id, r.created_at,
    max(a.last) as last, sum(w.unknown) as unknown, sum(w.dead) as dead
  from recall r join recall_target t on t.recall_id = r.id and t.linked_id is null
  cross join lateral (select max(x.at) as last from attempt_answered x where x.recall_target_id = t.id) a
  cross join lateral (
    select coalesce(sum(x.unknown), 0) as unknown,
      count(*) filter (where x.result in ('failed', 'expired') or x.result = 'partial' and x.accepted = 0) as dead
    from work x where x.recall_target_id = t.id) w
  where r.settled_at >= (select since from span) group by 1, 2, 3, 4
), ranked as (
  select *, floor(extract(epoch from last - created_at) * 1000)::bigint as lead,
    row_number() over (partition by at, app order by last - created_at) as nth, count(last) over (partition by at, app) as leads
  from ended
), recalls as (
  select at, array[app] as apps, jsonb_build_object('recalls', count(*), 'unknown', sum(unknown), 'dead', sum(dead),
    'p50', percentile_disc(0.5) within group (order by lead), 'p99', percentile_disc(0.99) within group (order by lead),
    'leads', coalesce(jsonb_agg(lead order by lead) filter (where last is not null and (
      leads <= p_leads or nth * p_leads / leads > (nth - 1) * p_leads / leads)), '[]')) as figures
  from ranked group by 1, 2
), answers as (
  select date_bin(make_interval(secs => p_step), a.at, 'epoch') as at, array[t.app] as apps,
    t.provider || ' ' || (u ->> 'outcome') as name, count(*) as n
  from attempt_answered a join recall_target t on t.id = a.recall_target_id cross join lateral json_array_elements(a.units) u
  where a.at >= (select since from span) group by 1, 2, 3
), judged as (
  select date_bin(make_interval(secs => p_step), v.received_at, 'epoch') as at, e.apps,
    v.source || ' ' || verdict_state(v, e.messages, e.recalls <> '[]') as name, count(*) as n
  from verdict v
  cross join lateral (
    select count(*) as messages, coalesce(jsonb_agg(distinct x.recall_id) filter (where x.recall_id is not null), '[]') as recalls,
      array(select distinct p from verdict_effect y join recall r on r.id = y.recall_id cross join lateral unnest(r.apps) p
        where y.verdict_id = v.id order by p) as apps
    from verdict_effect x where x.verdict_id = v.id) e
  where v.received_at >= (select verdicts_since from span) group by 1, 2, 3
), emptied as (
  -- verdicts that led to a recall since are counted with its apps
  select m.at, m.apps, 'verdicts' as part, '{}'::jsonb as value from metric m, span s
  where m.at >= s.verdicts_since and m.value ? 'verdicts' and not exists (select from judged j where j.at = m.at and j.apps = m.apps)
), parts as (
  select at, apps, 'oldest' as part, to_jsonb(seconds) as value from oldest
  union all select at, apps, 'ended', figures from recalls
  union all select at, apps, 'calls', jsonb_object_agg(name, n) from answers group by 1, 2
  union all select at, apps, 'verdicts', jsonb_object_agg(name, n) from judged group by 1, 2
  union all select at, apps, part, value from emptied
  -- that it was counted, whatever there was
  union all select this, '{}', 'counted', 'true' from span
), dropped as (
  delete from metric where at < now() - interval '7 days'
), written as (
  insert into metric (at, apps, value)
  select at, apps, jsonb_object_agg(part, value) from parts group by 1, 2
  on conflict (at, apps) do update set value = metric.value || excluded.value
    || case when (metric.value ->> 'oldest')::float8 > (excluded.value ->> 'oldest')::float8
      then jsonb_build_object('oldest', metric.value -> 'oldest') else '{}' end
  returning at
)
select count(*) as rows from written
$$;

-- Notes what cannot move now and what moves again. Returns how many spans are open.
create function note_blocked() returns bigint language sql as $$
with found as (
  select recall_target_id, blocked_by, min(blocked_since) as since, min(blocked_detail) as detail
  from work where result is null and blocked_by is not null group by 1, 2
), closed as (
  update blocked_span s set until = coalesce((
    select least(r.settled_at, now()) from recall_target t join recall r on r.id = t.recall_id
    where t.id = s.recall_target_id), now())
  where s.until is null and not exists (
    select from found f where f.recall_target_id = s.recall_target_id and f.blocked_by = s.blocked_by)
), opened as (
  insert into blocked_span (recall_target_id, blocked_by, since, detail)
  select recall_target_id, blocked_by, since, detail from found
  on conflict (recall_target_id, blocked_by) where until is null do nothing
)
select count(*) from found
$$;

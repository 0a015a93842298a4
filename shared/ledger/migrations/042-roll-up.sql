-- A roll-up is made of statements that are run where they are needed: in one, starting its sixty parts took longer than all they did.
-- For a roll-up of p_ids: concerned, these and the recalls whose work one of them does; looked, the targets that do the work of those;
-- touched, all recalls that it may close.
create function touched_by(p_ids text[], out concerned text[], out looked bigint[], out touched text[])
  language plpgsql stable set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
begin
  concerned := p_ids || array(
    select l.recall_id from recall_target o join recall_target l on l.linked_id = o.id where o.recall_id = any(p_ids));
  looked := array(select coalesce(t.linked_id, t.id) from recall_target t where t.recall_id = any(concerned));
  touched := concerned || array(
    select t.recall_id from recall_target t where t.id = any(looked)
    union all
    select l.recall_id from recall_target l where l.linked_id = any(looked));
end $$;

-- Rolls work up into the states of targets and recalls, and returns the recalls whose state changed. It only computes, so it may run at any
-- time, twice, or for a recall that is settled already. Whoever settles last sees all work settled, since this is a statement of
-- its own. Of two that run at once the later one waits, and then looks anew at the work of all targets of every recall that it may
-- close, whichever recall does that work.
create function roll_up(p_ids text[]) returns table (id text, state text)
  language plpgsql set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  v_concerned text[] := p_ids;
  v_touched text[] := p_ids;
  v_looked bigint[];
  v_linked boolean;
  v_changed bigint[];
begin
  -- few recalls share work, and the rest is spared what is asked for them
  select array_agg(t.id), bool_or(t.linked_id is not null or exists (select from recall_target l where l.linked_id = t.id))
    into v_looked, v_linked from recall_target t where t.recall_id = any(p_ids);
  if v_linked then
    select * into v_concerned, v_looked, v_touched from touched_by(p_ids);
  end if;
  -- Recalls before targets, as whoever cancels them, agrees to them or brings them work, so that none waits for another in a circle.
  perform from recall r where r.id = any(v_touched) order by r.id for no key update;
  -- A target with work ahead of it is running, and one that has ended stays as it is until more work is given to it; tokens that wait to be
  -- sealed are waited for, until the recall gives up or is called off.
  with ended as (
    select t.id, t.generation, t.plan, r.cancelled_at, t.superseded_by, m.more
    from recall_target t
    join recall r on r.id = t.recall_id
    cross join lateral (select awaits_tokens(t.id, t.target_id) as more) m
    where t.id = any(v_looked) and t.state = 'running' and not exists (select from work w where w.recall_target_id = t.id and w.result is null)
      and (not m.more or r.cancelled_at is not null or t.superseded_by is not null or r.give_up_at <= now())
  ), judged as (
    select e.id, e.generation, case
      when e.plan -> 'refusal' <> 'null' then 'failed'
      when w.works = 0 and (e.cancelled_at is not null or e.superseded_by is not null) then 'cancelled'
      when w.works = w.whole and not e.more then 'done'
      when w.reached > 0 then 'partial'
      when w.expired > 0 or e.more and e.cancelled_at is null and e.superseded_by is null then 'expired'
      when w.cancelled > 0 then 'cancelled'
      else 'failed' end as state
    from ended e, lateral (
      select count(*) filter (where result <> 'fallen') as works,
        count(*) filter (where result = 'accepted' and operation = e.plan ->> 'requested') as whole,
        count(*) filter (where result in ('accepted', 'partial')) as reached,
        count(*) filter (where result = 'expired') as expired,
        count(*) filter (where result = 'cancelled') as cancelled
      -- of a batch that is left alone there is nothing to do
      from work where recall_target_id = e.id and devices is distinct from 0) w
    order by e.id
  ), changed as (
    update recall_target t set state = j.state, active = false
    from judged j where t.id = any(array[j.id]) and t.generation = j.generation
    returning t.id
  )
  select array_agg(c.id) into v_changed from changed c;
  -- those alone that are locked: what was linked meanwhile is looked at by who linked it
  if v_linked and v_changed is not null then
    v_concerned := v_concerned || array(
      select t.recall_id from recall_target t where (t.id = any(v_changed) or t.linked_id = any(v_changed)) and t.recall_id = any(v_touched));
  end if;
  return query
  with whole as (
    select r.id as recall_id, r.state as seen, r.give_up_at, r.cancelled_at, r.unapproved, r.holds_until,
      count(*) filter (where p.state in ('running', 'pending_approval')) as unfinished,
      count(*) filter (where p.state = 'pending_approval' and p.own) as waiting,
      count(*) filter (where p.state = 'done') as done,
      count(*) filter (where p.state = 'partial') as partial,
      count(*) filter (where p.state = 'expired') as expired,
      count(*) filter (where p.state = 'cancelled') as cancelled,
      count(p.state) as parts
    from recall r
    left join lateral (
      select coalesce(o.state, t.state) as state, t.linked_id is null as own
      from recall_target t left join recall_target o on o.id = t.linked_id
      where t.recall_id = r.id) p on true
    where r.id = any(v_concerned)
    group by r.id
  ), rolled as (
    update recall r set state = v.state,
      settled_at = case when v.state in ('running', 'pending_approval') then null else coalesce(r.settled_at, clock_timestamp()) end
    from (
      select w.recall_id, w.seen, case
        when waiting > 0 then 'pending_approval'
        -- it takes in what is registered later, however much of it has ended
        when unfinished > 0 or w.holds_until > now() and w.cancelled_at is null and w.unapproved is null then 'running'
        when w.unapproved is not null and done + partial = 0 then w.unapproved
        when w.cancelled_at is not null and (done < parts or parts = 0) then 'cancelled'
        -- what no push has come for yet
        when parts = 0 then case when w.give_up_at <= now() then 'expired' else w.seen end
        when done = parts then 'done'
        when done + partial > 0 then 'partial'
        when expired > 0 then 'expired'
        when cancelled = parts then 'cancelled'
        else 'failed' end as state
      from whole w) v
    where r.id = any(array[v.recall_id]) and r.state <> v.state
    returning r.id, r.operation, r.apps, r.state
  ), unasked as (
    -- another recall took over what waited: nobody is asked to agree to it any more
    update approval a set state = 'cancelled', decided_at = now()
    from rolled r where a.recall_id = r.id and a.state = 'waiting' and r.state not in ('running', 'pending_approval')
  ), audited as (
    insert into audit_entry (entry, request, mac, actor, person, action, object, detail)
    select null, null, null, 'unpush', null, 'recall.settled', r.id, json_build_object('by', 'ledger', 'operation', r.operation, 'state', r.state,
      'apps', to_jsonb(r.apps), 'devices', (
        select json_build_object('accepted', coalesce(sum(w.accepted), 0),
          'rejected', coalesce(sum(w.rejected), 0), 'unknown', coalesce(sum(w.unknown), 0))
        from recall_target t join work w on w.recall_target_id = t.id where t.recall_id = r.id and t.linked_id is null))
    from rolled r where r.state not in ('running', 'pending_approval')
  )
  select rolled.id, rolled.state from rolled;
end $$;

-- a plan that is made within a roll-up, where no table is read whole, looks dear everywhere else, and would be made anew each time
alter function tell(text, recall, jsonb) set plan_cache_mode = force_generic_plan;

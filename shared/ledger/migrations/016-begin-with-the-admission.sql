-- The same for units that the statement before admitted as leased, each named by its recall, the place of its target there and
-- its batch. One that was not leased, or whose admission failed, is not there, and none of its budgets is spent. `p_draws`: what
-- all of them together take; null where they have to be looked at one by one.
create function begin_admitted(p_wishes json, p_draws json)
  returns table (work_id bigint, granted boolean, wait_ms float8, lane text)
  language plpgsql set enable_seqscan = off as $$
#variable_conflict use_column
declare
  units json;
  works bigint[];
  fences int[];
  apps text[];
  begun json;
begin
  with found as (
    select w.id, w.fence, w.app, t.id as push, i.step, i.sent, i.purpose, i.budget, i.fares
    from json_to_recordset(p_wishes) as i(recall text, position int, seq int, step text, sent boolean, purpose text, budget text,
      fares json)
    join recall_target t on t.recall_id = any (array[i.recall]) and t.position = i.position
    join work w on w.recall_target_id = any (array[t.id]) and w.seq is not distinct from i.seq
    where w.state = 'running' and w.fence = 1
  )
  select array_agg(id), array_agg(fence), array_agg(distinct app),
      json_agg(json_build_object('work_id', id, 'push', push, 'fence', fence, 'nth', 1, 'step', step, 'purpose', purpose,
        'sent', sent, 'renewed', false, 'budget', budget, 'fares', fares)),
      (select json_agg(g.pushed) from (
        select json_build_object('push', push, 'units',
          json_agg(json_build_object('work_id', id, 'fence', fence, 'nth', 1, 'step', step))) as pushed
        from found group by push) g)
    into works, fences, apps, units, begun from found;
  if works is null then
    return;
  end if;
  if p_draws is not null and cardinality(works) = json_array_length(p_wishes)
    and begin_at_once(works, fences, apps, p_draws, begun)
  then
    return query select w, true, 0::float8, null::text from unnest(works) as w;
  else
    return query select * from begin_attempts(units);
  end if;
end $$;


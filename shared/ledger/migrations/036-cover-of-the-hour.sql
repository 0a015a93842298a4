-- What joins a recall that others agreed to because of the hour waits from 1.25 times what they were shown, also below the line.
create or replace function joins_held(p_recall text, p_devices bigint) returns boolean language plpgsql volatile as $$
declare
  v_recall recall;
  v_more bigint;
begin
  select * into v_recall from recall where id = p_recall for update;
  if v_recall.line is null then
    return false;
  end if;
  v_more := greatest(0, begun_of(p_recall) + p_devices - v_recall.counted);
  -- what others agreed to may lie below the line: they were asked because of the hour
  if begun_of(p_recall) + p_devices > coalesce(v_recall.cover, v_recall.line) then
    return true;
  end if;
  if v_more > 0 and v_recall.payer is not null then
    if v_recall.cover is null and hour_of(v_recall.payer, v_recall.operation, '{}') + v_more > v_recall.line then
      return true;
    end if;
    insert into hour_reach (payer, operation, recall_id, devices)
      values (v_recall.payer, v_recall.operation, p_recall, v_more);
    update recall set counted = counted + v_more where id = p_recall;
  end if;
  return false;
end $$;

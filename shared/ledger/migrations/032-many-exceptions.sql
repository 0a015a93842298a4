-- To look for a hundred tokens in a batch took a hundred times as long as for one.
create or replace function left_out(p_except text[], p_batch text) returns int language sql immutable as $$
  select case when p_except is null then 0
    when cardinality(p_except) <= 8 and not exists (select from unnest(p_except) e where strpos(p_batch, e) > 0) then 0
    else (select count(*)::int from json_array_elements(p_batch::json) k where k::text in (select unnest(p_except))) end
$$;

-- Where nearly all rows of these tables are one large push's, the database took any other target for as large, and read the
-- whole table for it: once a target, thousands of times a statement.
alter table token_chunk alter column target_id set (n_distinct = -0.05);
alter table token_batch alter column target_id set (n_distinct = -0.05);
alter table token_print alter column target_id set (n_distinct = -0.05);
alter table work alter column recall_target_id set (n_distinct = -0.05);
alter table attempt_begun alter column recall_target_id set (n_distinct = -0.05);
alter table attempt_answered alter column recall_target_id set (n_distinct = -0.05);
analyze token_chunk (target_id), token_batch (target_id), token_print (target_id), work (recall_target_id),
  attempt_begun (recall_target_id), attempt_answered (recall_target_id);

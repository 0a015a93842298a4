-- A key that senders choose (a notify id) is theirs to use again: the newest message has it, those before are marked.
alter table target add column superseded_by text;
drop index target_by_handle;
create unique index target_by_handle on target (app, handle) where message_id is not null and superseded_by is null;

-- Whose push it is that somebody pastes the vendor's id of, whatever its app.
create index target_by_name on target (handle);

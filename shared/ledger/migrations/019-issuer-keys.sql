-- The public keys of who issues access tokens, fetched once for all instances. `source`: the issuer, and where its keys are
-- if `unpush/access` says so; `tried_at`: when an instance last began to fetch them.
create table issuer_keys (
  source text primary key,
  keys json,
  fetched_at timestamptz,
  tried_at timestamptz not null
);

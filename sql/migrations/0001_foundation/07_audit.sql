-- Who changed which configuration, and who signed in.
CREATE TABLE audit (
  seq @autoid,
  at BIGINT NOT NULL,
  actor_type TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  channel TEXT NOT NULL,
  peer TEXT NOT NULL,
  action TEXT NOT NULL,          -- create | update | delete | verify | sign_in | ...
  resource_type TEXT NOT NULL,
  resource_id TEXT NOT NULL,
  root_type TEXT NOT NULL,       -- whose it is: the user of a contact method; else the resource itself
  root_id TEXT NOT NULL,
  before_doc TEXT,
  after_doc TEXT
);
CREATE INDEX audit_root ON audit (root_type, root_id, seq);

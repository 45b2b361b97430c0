-- The one append-only record. Kinds: core/ledger.h. doc holds the reason and the details.
CREATE TABLE ledger (
  seq @numbered,
  incident_number BIGINT,        -- NULL: about the installation (alarms, provider health)
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  actor_type TEXT NOT NULL,      -- user | integration | system
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  channel TEXT NOT NULL,
  user_id TEXT,                  -- the person it is about
  doc TEXT NOT NULL
);
CREATE INDEX ledger_incident ON ledger (incident_number, seq);

-- Words added to a trigger later (PUT /log_entries/{id}/channel). Beside the ledger, which is never changed.
CREATE TABLE log_entry_details (
  ledger_seq BIGINT PRIMARY KEY,
  details TEXT NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at BIGINT NOT NULL
);

-- Every accepted event and what became of it, for ever (invariant E1). Bodies only here. No index but the key: one by alert would change a page
-- somewhere in the whole past for each event.
CREATE TABLE events (
  number @numbered,
  received_at BIGINT NOT NULL,
  integration_id TEXT NOT NULL,
  action TEXT NOT NULL,          -- trigger | acknowledge | resolve | change
  format TEXT NOT NULL,
  dedup_key TEXT,
  disposition TEXT NOT NULL,     -- engine/intake.h
  alert_number BIGINT,
  incident_number BIGINT,
  severity TEXT,                 -- of a trigger
  summary TEXT,                  -- of a trigger
  body TEXT NOT NULL
);

-- Alerts, and what each event that repeats one changes.

CREATE TABLE alerts (
  number @numbered,
  integration_id TEXT,
  service_id TEXT NOT NULL,
  incident_number BIGINT,        -- NULL only between the statements of one transaction
  dedup_key TEXT NOT NULL,
  status TEXT NOT NULL,          -- triggered | resolved
  suppressed BIGINT NOT NULL DEFAULT 0,
  source TEXT,
  component TEXT,
  alert_group TEXT,
  alert_class TEXT,
  client TEXT,
  client_url TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,    -- apart from its triggers
  resolved_at BIGINT,
  first_event_number BIGINT NOT NULL,
  resolve_event_number BIGINT    -- NULL: no event ended it
);
-- Invariant I1: at most one open alert per integration and key. One index, also for whoever looks for a key: each page that an event changes is written in its commit.
CREATE UNIQUE INDEX alerts_key ON alerts (dedup_key, integration_id, (CASE WHEN status <> 'resolved' THEN 0 ELSE number END));
CREATE INDEX alerts_incident ON alerts (incident_number, number);

-- What changes with each event that repeats an alert, and nothing else: 200 of these rows share a page, only 11 alerts do, and each event writes one.
-- How severe the alert is and what it says stand in the row of its newest trigger.
CREATE TABLE alert_triggers (
  alert_number @key,
  trigger_count BIGINT NOT NULL,
  last_event_number BIGINT NOT NULL -- the newest trigger
);

-- Incidents: their state, and who answers for them.

CREATE TABLE incidents (
  number @numbered,
  service_id TEXT NOT NULL,
  status TEXT NOT NULL,          -- triggered | acknowledged | resolved
  urgency TEXT NOT NULL,         -- high | low
  title TEXT NOT NULL,
  incident_key TEXT NOT NULL,
  body TEXT,
  policy_id TEXT NOT NULL,
  policy_version BIGINT NOT NULL, -- the snapshot this incident climbs (edits apply to later incidents)
  level BIGINT NOT NULL,         -- 1-based rule in force; 0: none yet
  loop BIGINT NOT NULL,          -- how often the policy has been repeated
  epoch BIGINT NOT NULL,         -- grows with every assignment: pages of an older epoch are void
  exhausted BIGINT NOT NULL DEFAULT 0, -- the whole policy passed without an answer: shown as an alarm
  on_policy BIGINT NOT NULL DEFAULT 1, -- 0: assigned to people by hand; the policy does not climb
  priority_id TEXT,
  held_by_window TEXT,           -- maintenance window that holds its pages back
  snoozed_until BIGINT,
  grouping_type TEXT,            -- NULL: takes no further alerts in
  grouping_until BIGINT,         -- NULL: until it is resolved
  alerts_all BIGINT NOT NULL DEFAULT 0,
  alerts_triggered BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  status_changed_at BIGINT NOT NULL,
  status_changed_by_type TEXT NOT NULL, -- user | integration | system
  status_changed_by_id TEXT NOT NULL,
  resolved_at BIGINT,
  resolve_reason TEXT,           -- JSON
  merged_into BIGINT,
  conference_number TEXT,
  conference_url TEXT,
  incident_type_id TEXT,         -- NULL: the base type
  first_ledger_seq BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX incidents_open ON incidents (service_id, number) WHERE status <> 'resolved';
-- Lists and counts of open incidents, however they are filtered and sorted, read nothing but this.
CREATE INDEX incidents_unresolved ON incidents (created_at, number, status, urgency, service_id, policy_id, snoozed_until, held_by_window, exhausted)
  WHERE status <> 'resolved';
CREATE INDEX incidents_resolved ON incidents (resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX incidents_service ON incidents (service_id, created_at);
CREATE INDEX incidents_policy ON incidents (policy_id, created_at); -- a team's incidents
CREATE INDEX incidents_low ON incidents (created_at) WHERE urgency = 'low';
CREATE INDEX incidents_priority ON incidents (priority_id) WHERE priority_id IS NOT NULL;
CREATE INDEX incidents_created ON incidents (created_at);
CREATE INDEX incidents_key ON incidents (incident_key, resolved_at); -- open ones of a key: without an end

CREATE TABLE assignments (
  incident_number BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  assigned_at BIGINT NOT NULL,
  PRIMARY KEY (incident_number, user_id)
) @by_key;
CREATE INDEX assignments_user ON assignments (user_id);

CREATE TABLE acknowledgements (
  incident_number BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (incident_number, user_id)
);

CREATE TABLE responders (
  incident_number BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  requested_at BIGINT NOT NULL,
  state TEXT NOT NULL,           -- pending | joined | declined
  message TEXT NOT NULL,
  PRIMARY KEY (incident_number, user_id)
);

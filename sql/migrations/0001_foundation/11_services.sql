-- Services and their integrations.

CREATE TABLE services (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT,
  status TEXT NOT NULL DEFAULT 'active', -- active | disabled; warning, critical and maintenance are computed
  policy_id TEXT NOT NULL REFERENCES escalation_policies (id),
  auto_resolve_timeout_s BIGINT,
  acknowledgement_timeout_s BIGINT,
  urgency_type TEXT NOT NULL DEFAULT 'constant', -- constant | use_support_hours
  urgency TEXT NOT NULL DEFAULT 'high',          -- high | low | severity_based
  urgency_during TEXT,
  urgency_outside TEXT,
  support_time_zone TEXT,
  support_days TEXT,             -- JSON array, 1 = Monday .. 7
  support_start TEXT,            -- "09:00:00"
  support_end TEXT,
  scheduled_actions TEXT NOT NULL DEFAULT '[]',  -- urgency raised when support hours begin
  alert_creation TEXT NOT NULL DEFAULT 'create_alerts_and_incidents',
  grouping_setting_id TEXT REFERENCES alert_grouping_settings (id), -- NULL: every alert is an incident
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE UNIQUE INDEX services_name ON services (lower(name)) WHERE deleted_at IS NULL;
CREATE INDEX services_policy ON services (policy_id);
CREATE INDEX services_grouping ON services (grouping_setting_id) WHERE grouping_setting_id IS NOT NULL;

CREATE TABLE integrations (
  id TEXT PRIMARY KEY,
  service_id TEXT NOT NULL REFERENCES services (id),
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  integration_key TEXT NOT NULL,
  vendor_id TEXT,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE UNIQUE INDEX integrations_key ON integrations (integration_key);
CREATE INDEX integrations_service ON integrations (service_id);

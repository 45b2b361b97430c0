-- How alerts become incidents together (core/grouping.h). A service is in one at most; what a service says by itself is one of its own.
CREATE TABLE alert_grouping_settings (
  id TEXT PRIMARY KEY,
  name TEXT,
  description TEXT,
  type TEXT NOT NULL,            -- time | content_based
  timeout_s BIGINT NOT NULL,     -- 0: until the incident is resolved (time), the recommended window (content_based)
  rolling BIGINT NOT NULL,       -- of type time: the window restarts with each alert
  aggregate TEXT,                -- of type content_based: all | any
  fields TEXT NOT NULL,          -- JSON array
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

-- What alerts are compared by when they look for an open incident to join (core/grouping.h); gone when it is resolved.
CREATE TABLE incident_groups (
  key TEXT NOT NULL,
  incident_number BIGINT NOT NULL,
  PRIMARY KEY (key, incident_number)
);
CREATE INDEX incident_groups_incident ON incident_groups (incident_number);

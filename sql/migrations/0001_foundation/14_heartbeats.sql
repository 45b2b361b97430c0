-- What must report regularly (engine/heartbeats.h).
CREATE TABLE heartbeats (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  service_id TEXT NOT NULL REFERENCES services (id),
  integration_id TEXT NOT NULL REFERENCES integrations (id), -- its key is the heartbeat's
  interval_s BIGINT NOT NULL,
  grace_s BIGINT NOT NULL,
  state TEXT NOT NULL,           -- waiting | beating | missed
  last_beat_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX heartbeats_integration ON heartbeats (integration_id);

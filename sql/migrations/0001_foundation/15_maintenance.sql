-- Maintenance windows.

CREATE TABLE maintenance_windows (
  id TEXT PRIMARY KEY,
  sequence_number BIGINT NOT NULL,
  start_at BIGINT NOT NULL,
  end_at BIGINT NOT NULL,
  description TEXT,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX maintenance_windows_start ON maintenance_windows (start_at DESC, id) WHERE deleted_at IS NULL;

CREATE TABLE maintenance_window_services (
  window_id TEXT NOT NULL REFERENCES maintenance_windows (id),
  service_id TEXT NOT NULL REFERENCES services (id),
  PRIMARY KEY (window_id, service_id)
);
CREATE INDEX maintenance_window_services_service ON maintenance_window_services (service_id);

-- What the organisation sells or promises, and what rests on what. A business service receives no events.
CREATE TABLE business_services (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT,
  point_of_contact TEXT NOT NULL,
  team_id TEXT REFERENCES teams (id),
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX business_services_team ON business_services (team_id);

-- Either side is a service or a business service; no chain leads back to its start.
CREATE TABLE service_dependencies (
  id TEXT PRIMARY KEY,
  supporting_id TEXT NOT NULL,
  supporting_kind TEXT NOT NULL, -- service | business_service
  dependent_id TEXT NOT NULL,
  dependent_kind TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX service_dependencies_pair ON service_dependencies (dependent_id, supporting_id);
CREATE INDEX service_dependencies_supporting ON service_dependencies (supporting_id);

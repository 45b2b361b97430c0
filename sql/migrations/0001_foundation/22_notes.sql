-- What people write down about an incident.
CREATE TABLE notes (
  number @autoid,
  incident_number BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  content TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX notes_incident ON notes (incident_number, number);

-- What sorts of incidents an organisation tells apart. The base type, whose children these are in the end, is no row: nobody changes it.
CREATE TABLE incident_types (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  display_name TEXT NOT NULL,
  description TEXT,
  enabled BIGINT NOT NULL,       -- 0: no incident is made one of these any more
  parent_id TEXT,                -- NULL: the base type
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX incident_types_name ON incident_types (name);

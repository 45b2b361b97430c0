-- What an organisation wants to know of each incident or service beyond what every one has (core/custom_field.h).
CREATE TABLE custom_fields (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,           -- incident | service
  name TEXT NOT NULL,
  display_name TEXT NOT NULL,
  description TEXT,
  data_type TEXT NOT NULL,
  field_type TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX custom_fields_name ON custom_fields (owner, name);

-- What may be chosen for a field with fixed options.
CREATE TABLE custom_field_options (
  id TEXT PRIMARY KEY,
  field_id TEXT NOT NULL REFERENCES custom_fields (id),
  position BIGINT NOT NULL,      -- among those of its field
  value TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX custom_field_options_value ON custom_field_options (field_id, value);

-- The default in force since an instant, of fields of incidents: an incident has the one of its creation, and opening one writes nothing.
CREATE TABLE custom_field_defaults (
  field_id TEXT NOT NULL REFERENCES custom_fields (id),
  effective_from BIGINT NOT NULL,
  value TEXT NOT NULL,           -- JSON; null: none
  PRIMARY KEY (field_id, effective_from)
);

-- What somebody set; the ledger has who and when, of services the audit record.
CREATE TABLE custom_field_values (
  incident_number BIGINT NOT NULL,
  field_id TEXT NOT NULL,
  value TEXT NOT NULL,           -- JSON; null: cleared, whatever the default is
  PRIMARY KEY (incident_number, field_id)
);
CREATE INDEX custom_field_values_field ON custom_field_values (field_id);
CREATE TABLE custom_field_service_values (
  service_id TEXT NOT NULL,
  field_id TEXT NOT NULL,
  value TEXT NOT NULL,           -- JSON; null: cleared
  PRIMARY KEY (service_id, field_id)
);
CREATE INDEX custom_field_service_values_field ON custom_field_service_values (field_id);

-- Custom fields of incidents and of services: what is asked, what may be chosen, what was set.

-- fragment: field_columns
f.id, f.name, f.display_name, f.description, f.data_type, f.field_type, f.enabled, f.created_at, f.updated_at,
(SELECT d.value FROM custom_field_defaults d WHERE d.field_id = f.id ORDER BY d.effective_from DESC LIMIT 1) AS default_value

-- name: field_list
SELECT @{field_columns},
@{list_total}
FROM custom_fields f WHERE f.owner = :owner ORDER BY f.created_at, f.id LIMIT :limit OFFSET :offset

-- name: field_get
SELECT @{field_columns} FROM custom_fields f WHERE f.id = :id AND f.owner = :owner

-- name: field_others
SELECT COUNT(*) AS count, COALESCE(SUM(CASE WHEN lower(f.display_name) = lower(:display_name) THEN 1 ELSE 0 END), 0) AS same
FROM custom_fields f WHERE f.id <> :id AND f.owner = :owner

-- name: field_insert
INSERT INTO custom_fields (id, owner, name, display_name, description, data_type, field_type, enabled, created_at, updated_at)
VALUES (:id, :owner, :name, :display_name, :description, :data_type, :field_type, :enabled, :now, :now)

-- name: field_update
UPDATE custom_fields SET name = :name, display_name = :display_name, description = :description, data_type = :data_type, field_type = :field_type,
enabled = :enabled, updated_at = :now WHERE id = :id

-- name: field_delete
DELETE FROM custom_fields WHERE id = :id

-- name: field_default_set
INSERT INTO custom_field_defaults (field_id, effective_from, value) VALUES (:id, :now, :value)
ON CONFLICT (field_id, effective_from) DO UPDATE SET value = excluded.value

-- name: field_defaults_clear
DELETE FROM custom_field_defaults WHERE field_id = :id

-- name: field_options_clear
DELETE FROM custom_field_options WHERE field_id = :id

-- name: field_values_clear
DELETE FROM custom_field_values WHERE field_id = :id

-- name: field_service_values_clear
DELETE FROM custom_field_service_values WHERE field_id = :id

-- fragment: field_option_columns
o.id, o.field_id AS parent_id, o.value, o.created_at, o.updated_at

-- name: field_option_list
SELECT @{field_option_columns},
@{list_total}
FROM custom_field_options o WHERE o.field_id = :parent_id ORDER BY o.position, o.id LIMIT :limit OFFSET :offset

-- name: field_option_get
SELECT @{field_option_columns} FROM custom_field_options o WHERE o.id = :id

-- name: field_option_insert
INSERT INTO custom_field_options (id, field_id, position, value, created_at, updated_at)
VALUES (:id, :parent_id, (SELECT COALESCE(MAX(o.position), 0) + 1 FROM custom_field_options o WHERE o.field_id = :parent_id), :value, :now, :now)

-- name: field_option_update
UPDATE custom_field_options SET value = :value, updated_at = :now WHERE id = :id

-- name: field_option_place
UPDATE custom_field_options SET position = :position WHERE id = :id

-- name: field_option_delete
DELETE FROM custom_field_options WHERE id = :id

-- name: custom_field_options
SELECT o.value FROM custom_field_options o WHERE o.field_id = :field_id ORDER BY o.position, o.id

-- What an incident has: what was set, else the default of its time.
-- name: custom_field_values
SELECT i.number, f.id, f.name, f.display_name, f.description, f.data_type, f.field_type, 'incidents' AS namespace,
  COALESCE(v.value, (SELECT d.value FROM custom_field_defaults d WHERE d.field_id = f.id AND d.effective_from <= i.created_at
    ORDER BY d.effective_from DESC LIMIT 1)) AS value
FROM incidents i CROSS JOIN custom_fields f LEFT JOIN custom_field_values v ON v.incident_number = i.number AND v.field_id = f.id
WHERE i.number IN @intlist(:numbers) AND f.owner = 'incident' AND f.enabled = 1
ORDER BY i.number, f.created_at, f.id

-- name: custom_field_value_set
INSERT INTO custom_field_values (incident_number, field_id, value) VALUES (:incident, :field_id, :value)
ON CONFLICT (incident_number, field_id) DO UPDATE SET value = excluded.value

-- name: custom_field_service_values
SELECT f.id, f.name, f.display_name, f.description, f.data_type, f.field_type, 'services' AS namespace, v.value
FROM custom_fields f LEFT JOIN custom_field_service_values v ON v.service_id = :service AND v.field_id = f.id
WHERE f.owner = 'service' AND f.enabled = 1 ORDER BY f.created_at, f.id

-- name: custom_field_service_value_set
INSERT INTO custom_field_service_values (service_id, field_id, value) VALUES (:service, :field_id, :value)
ON CONFLICT (service_id, field_id) DO UPDATE SET value = excluded.value

-- name: custom_field_service_values_drop
DELETE FROM custom_field_service_values WHERE service_id = :id

-- name: custom_field_incident_changed
UPDATE incidents SET updated_at = :now WHERE number = :incident

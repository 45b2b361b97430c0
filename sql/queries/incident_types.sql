-- What sorts of incidents there are. The base type is no row; where others name a type, NULL is the base.

-- fragment: incident_types_all
(SELECT 'PINCDEF' AS id, 'incident_default' AS name, 'Base Incident' AS display_name, CAST(NULL AS TEXT) AS description, 1 AS enabled,
  CAST(NULL AS TEXT) AS parent, CAST(NULL AS TEXT) AS parent_summary, 0 AS created_at, 0 AS updated_at
UNION ALL SELECT b.id, b.name, b.display_name, b.description, b.enabled, COALESCE(b.parent_id, 'PINCDEF'), COALESCE(above.display_name, 'Base Incident'),
  b.created_at, b.updated_at FROM incident_types b LEFT JOIN incident_types above ON above.id = b.parent_id)

-- fragment: incident_type_columns
t.id, t.name, t.display_name, t.description, t.enabled, t.parent, t.parent_summary, t.created_at, t.updated_at

-- name: incident_type_list
SELECT @{incident_type_columns},
@{list_total}
FROM @{incident_types_all} t WHERE 1 = 1
-- if: filter_enabled
AND t.enabled = 1
-- end
-- if: filter_disabled
AND t.enabled = 0
-- end
-- if: filter_all
AND 1 = 1
-- end
ORDER BY t.created_at, t.id LIMIT :limit OFFSET :offset

-- name: incident_type_get
SELECT @{incident_type_columns} FROM @{incident_types_all} t WHERE t.id = :id

-- name: incident_type_find
SELECT t.id, t.display_name, t.enabled FROM @{incident_types_all} t WHERE t.id = :id_or_name OR t.name = :id_or_name

-- How many levels a type is below the base, and how many types there are.
-- name: incident_type_place
SELECT CASE WHEN asked.id = 'PINCDEF' THEN 0 WHEN t.parent_id IS NULL THEN 1 WHEN p.parent_id IS NULL THEN 2 ELSE 3 END AS level,
  (SELECT COUNT(*) FROM incident_types) AS count
FROM (SELECT CAST(:id AS TEXT) AS id) asked LEFT JOIN incident_types t ON t.id = asked.id LEFT JOIN incident_types p ON p.id = t.parent_id

-- name: incident_type_namesakes
SELECT COUNT(*) FROM @{incident_types_all} t WHERE lower(t.display_name) = lower(:display_name) AND t.id <> :id

-- name: incident_type_insert
INSERT INTO incident_types (id, name, display_name, description, enabled, parent_id, created_at, updated_at)
VALUES (:id, :name, :display_name, :description, :enabled, NULLIF(CAST(:parent_id AS TEXT), 'PINCDEF'), :now, :now)

-- name: incident_type_update
UPDATE incident_types SET name = :name, display_name = :display_name, description = :description, enabled = :enabled, updated_at = :now WHERE id = :id

-- name: incident_type_of
SELECT COALESCE(i.incident_type_id, 'PINCDEF'), COALESCE(t.display_name, 'Base Incident')
FROM incidents i LEFT JOIN incident_types t ON t.id = i.incident_type_id WHERE i.number = :number

-- name: incident_type_set
UPDATE incidents SET incident_type_id = NULLIF(CAST(:type_id AS TEXT), 'PINCDEF'), updated_at = :now WHERE number = :number

-- Business services, and which service rests on which.

-- fragment: business_service_columns
b.id, b.name, b.description, b.point_of_contact, b.team_id, t.name AS team_id_summary

-- name: business_service_list
SELECT @{business_service_columns},
@{list_total}
FROM business_services b LEFT JOIN teams t ON t.id = b.team_id AND t.deleted_at IS NULL
WHERE b.deleted_at IS NULL
ORDER BY lower(b.name), b.id LIMIT :limit OFFSET :offset

-- name: business_service_get
SELECT @{business_service_columns}
FROM business_services b LEFT JOIN teams t ON t.id = b.team_id AND t.deleted_at IS NULL
WHERE b.id = :id AND b.deleted_at IS NULL

-- name: business_service_insert
INSERT INTO business_services (id, name, description, point_of_contact, team_id, created_at)
VALUES (:id, :name, :description, :point_of_contact, :team_id, :now)

-- name: business_service_update
UPDATE business_services SET name = :name, description = :description, point_of_contact = :point_of_contact, team_id = :team_id WHERE id = :id

-- name: business_service_delete
UPDATE business_services SET deleted_at = :now WHERE id = :id

-- fragment: service_dependency_columns
d.id, d.supporting_id, d.supporting_kind, d.dependent_id, d.dependent_kind, d.created_at

-- name: service_dependency_list
SELECT @{service_dependency_columns} FROM service_dependencies d WHERE d.dependent_id = :id
UNION ALL
SELECT @{service_dependency_columns} FROM service_dependencies d WHERE d.supporting_id = :id
ORDER BY created_at, id

-- name: service_dependency_get
SELECT @{service_dependency_columns} FROM service_dependencies d WHERE d.dependent_id = :dependent_id AND d.supporting_id = :supporting_id

-- The service of an incident and, over any number of steps, whatever it rests on...
-- fragment: services_below_incident
below(id) AS (
  SELECT i.service_id FROM incidents i WHERE i.number = :incident
  UNION
  SELECT d.supporting_id FROM below JOIN service_dependencies d ON d.dependent_id = below.id
)

-- ...or whatever rests on it.
-- fragment: services_above_incident
above(id) AS (
  SELECT i.service_id FROM incidents i WHERE i.number = :incident
  UNION
  SELECT d.dependent_id FROM above JOIN service_dependencies d ON d.supporting_id = above.id
)

-- A row when the one that is to support rests on the other already.
-- name: service_dependency_cycle
WITH RECURSIVE below(id) AS (
  SELECT CAST(:supporting_id AS TEXT)
  UNION
  SELECT d.supporting_id FROM below JOIN service_dependencies d ON d.dependent_id = below.id
)
SELECT 1 FROM below WHERE id = :dependent_id LIMIT 1

-- name: service_dependency_count
SELECT COUNT(*) FROM service_dependencies WHERE dependent_id = :id

-- name: service_dependency_insert
INSERT INTO service_dependencies (id, supporting_id, supporting_kind, dependent_id, dependent_kind, created_at)
VALUES (:id, :supporting_id, :supporting_kind, :dependent_id, :dependent_kind, :now)

-- name: service_dependency_delete
DELETE FROM service_dependencies WHERE dependent_id = :dependent_id AND supporting_id = :supporting_id

-- name: service_dependencies_clear
DELETE FROM service_dependencies WHERE dependent_id = :id OR supporting_id = :id

-- What a reference shows of the object it names; no row when it is not there (any more).

-- Counting reads the whole list, so it is done only for those who ask.
-- fragment: list_total
-- if: with_total
COUNT(*) OVER () AS total
-- else
0 AS total
-- end

-- name: reference_user
SELECT name FROM users WHERE id = :id AND deleted_at IS NULL

-- name: reference_team
SELECT name FROM teams WHERE id = :id AND deleted_at IS NULL

-- name: reference_service
SELECT name FROM services WHERE id = :id AND deleted_at IS NULL

-- name: reference_escalation_policy
SELECT name FROM escalation_policies WHERE id = :id AND deleted_at IS NULL

-- name: reference_schedule
SELECT name FROM schedules WHERE id = :id AND deleted_at IS NULL

-- name: reference_priority
SELECT name FROM priorities WHERE id = :id

-- name: reference_contact_method
SELECT label FROM contact_methods WHERE id = :id AND deleted_at IS NULL

-- name: reference_business_service
SELECT name FROM business_services WHERE id = :id AND deleted_at IS NULL

-- name: reference_tag
SELECT label FROM tags WHERE id = :id

-- name: reference_incident_type
SELECT t.display_name FROM @{incident_types_all} t WHERE t.id = :id

-- name: reference_field
SELECT display_name FROM custom_fields WHERE id = :id AND owner = 'incident'

-- name: reference_service_field
SELECT display_name FROM custom_fields WHERE id = :id AND owner = 'service'

-- Which alerts become one incident: the settings, and what open incidents are compared by.

-- fragment: grouping_columns
g.type AS grouping_type, g.timeout_s AS grouping_timeout_s, g.rolling AS grouping_rolling, g.aggregate AS grouping_aggregate, g.fields AS grouping_fields

-- name: grouping_rule
-- remembered
SELECT g.type, g.timeout_s, g.rolling, g.aggregate, g.fields FROM alert_grouping_settings g WHERE g.id = :id

-- Open incidents of services that are in the setting still.
-- name: grouping_candidates
SELECT i.number, i.service_id, x.key, CASE WHEN i.held_by_window IS NOT NULL OR s.status = 'disabled' THEN 1 ELSE 0 END AS quiet, i.created_at, i.grouping_until
FROM incident_groups x JOIN incidents i ON i.number = x.incident_number JOIN services s ON s.id = i.service_id
WHERE x.key IN @list(:keys) AND i.status <> 'resolved' AND @unindexed(s.grouping_setting_id) = :setting_id
ORDER BY i.number DESC LIMIT :limit

-- name: grouping_remember
INSERT INTO incident_groups (key, incident_number) VALUES (:key, :incident) ON CONFLICT (key, incident_number) DO NOTHING

-- name: grouping_forget
DELETE FROM incident_groups WHERE incident_number = :incident

-- fragment: grouping_setting_columns
g.id, g.name, g.description, @{grouping_columns}, g.created_at, g.updated_at

-- name: grouping_setting_list
SELECT @{grouping_setting_columns},
@{list_total}
FROM alert_grouping_settings g WHERE 1 = 1
-- if: after
AND g.id > :after
-- end
-- if: before
AND g.id < :before
-- end
-- if: service_ids
AND EXISTS (SELECT 1 FROM services s WHERE s.grouping_setting_id = g.id AND s.id IN @list(:service_ids))
-- end
ORDER BY
-- if: before
g.id DESC
-- else
g.id ASC
-- end
LIMIT :limit

-- name: grouping_setting_get
SELECT @{grouping_setting_columns} FROM alert_grouping_settings g WHERE g.id = :id

-- name: grouping_setting_insert
INSERT INTO alert_grouping_settings (id, name, description, type, timeout_s, rolling, aggregate, fields, created_at, updated_at)
VALUES (:id, :name, :description, :grouping_type, :grouping_timeout_s, :grouping_rolling, :grouping_aggregate, :grouping_fields, :now, :now)

-- name: grouping_setting_update
UPDATE alert_grouping_settings SET name = :name, description = :description, type = :grouping_type, timeout_s = :grouping_timeout_s,
rolling = :grouping_rolling, aggregate = :grouping_aggregate, fields = :grouping_fields, updated_at = :now WHERE id = :id

-- What a service says by itself: a setting without a name.
-- name: grouping_setting_found
INSERT INTO alert_grouping_settings (id, type, timeout_s, rolling, aggregate, fields, created_at, updated_at)
VALUES (:id, :grouping_type, :grouping_timeout_s, :grouping_rolling, :grouping_aggregate, :grouping_fields, :now, :now)

-- name: grouping_setting_change
UPDATE alert_grouping_settings SET type = :grouping_type, timeout_s = :grouping_timeout_s, rolling = :grouping_rolling, aggregate = :grouping_aggregate,
fields = :grouping_fields, updated_at = :now WHERE id = :id

-- name: grouping_setting_delete
DELETE FROM alert_grouping_settings WHERE id = :id

-- name: grouping_setting_services
SELECT s.id, s.name FROM services s WHERE s.grouping_setting_id = :id AND s.deleted_at IS NULL ORDER BY lower(s.name), s.id

-- name: grouping_setting_services_clear
UPDATE services SET grouping_setting_id = NULL WHERE grouping_setting_id = :id

-- name: grouping_setting_services_add
UPDATE services SET grouping_setting_id = :id WHERE id = :value

-- Services that are in another setting already.
-- name: grouping_setting_taken
SELECT s.id, s.grouping_setting_id, g.name FROM services s JOIN alert_grouping_settings g ON g.id = s.grouping_setting_id
WHERE s.id IN @list(:service_ids) AND s.grouping_setting_id <> :id AND s.deleted_at IS NULL

-- name: service_grouping_setting
SELECT s.grouping_setting_id, (SELECT COUNT(*) FROM services o WHERE o.grouping_setting_id = s.grouping_setting_id AND o.id <> s.id AND o.deleted_at IS NULL) AS others
FROM services s WHERE s.id = :id AND s.grouping_setting_id IS NOT NULL

-- name: service_grouping_leave
UPDATE services SET grouping_setting_id = NULL WHERE id = :id

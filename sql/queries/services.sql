-- Services and their integrations.

-- fragment: service_status
CASE WHEN s.status = 'disabled' THEN 'disabled'
WHEN EXISTS (SELECT 1 FROM maintenance_window_services x JOIN maintenance_windows w ON w.id = x.window_id
  WHERE x.service_id = s.id AND w.deleted_at IS NULL AND w.start_at <= :now AND w.end_at > :now) THEN 'maintenance'
WHEN EXISTS (SELECT 1 FROM incidents i @along(incidents_open) WHERE i.service_id = s.id AND i.status <> 'resolved' AND i.status = 'triggered') THEN 'critical'
WHEN EXISTS (SELECT 1 FROM incidents i @along(incidents_open) WHERE i.service_id = s.id AND i.status <> 'resolved' AND i.status = 'acknowledged') THEN 'warning'
ELSE 'active' END

-- fragment: service_columns
s.id, s.name, s.description, @{service_status} AS shown_status, s.policy_id, p.name AS policy_id_summary, s.auto_resolve_timeout_s,
s.acknowledgement_timeout_s, s.urgency_type, s.urgency, s.urgency_during, s.urgency_outside, s.support_time_zone, s.support_days, s.support_start,
s.support_end, s.scheduled_actions, s.alert_creation, s.grouping_setting_id,
@{grouping_columns}, s.created_at, s.updated_at,
(SELECT MAX(i.created_at) FROM incidents i WHERE i.service_id = s.id) AS last_incident_at

-- The page is cut before the state of its services is looked up: a deep one passes thousands.
-- name: service_list
SELECT @{service_columns}, page.total FROM (
SELECT s.id,
@{list_total}
FROM services s WHERE s.deleted_at IS NULL AND s.id <> 'PCANARY'
-- if: hidden_ids
AND s.id NOT IN @list(:hidden_ids)
-- end
-- if: query
AND @contains(s.name, :query)
-- end
-- if: name
AND lower(s.name) = lower(:name)
-- end
-- if: team_ids
AND EXISTS (SELECT 1 FROM policy_teams t WHERE t.policy_id = s.policy_id AND t.team_id IN @list(:team_ids))
-- end
ORDER BY
-- if: sort_name_asc
lower(s.name) ASC,
-- end
-- if: sort_name_desc
lower(s.name) DESC,
-- end
lower(s.name) LIMIT :limit OFFSET :offset
) page JOIN services s ON s.id = page.id JOIN escalation_policies p ON p.id = s.policy_id LEFT JOIN alert_grouping_settings g ON g.id = s.grouping_setting_id
ORDER BY
-- if: sort_name_asc
lower(s.name) ASC,
-- end
-- if: sort_name_desc
lower(s.name) DESC,
-- end
lower(s.name), s.id

-- name: service_get
SELECT @{service_columns} FROM services s JOIN escalation_policies p ON p.id = s.policy_id LEFT JOIN alert_grouping_settings g ON g.id = s.grouping_setting_id WHERE s.id = :id AND s.deleted_at IS NULL

-- name: service_insert
INSERT INTO services (id, name, description, status, policy_id, auto_resolve_timeout_s, acknowledgement_timeout_s, urgency_type, urgency, urgency_during,
urgency_outside, support_time_zone, support_days, support_start, support_end, scheduled_actions, alert_creation, created_at, updated_at)
VALUES (:id, :name, :description, :status, :policy_id, :auto_resolve_timeout_s, :acknowledgement_timeout_s, :urgency_type, :urgency, :urgency_during,
:urgency_outside, :support_time_zone, :support_days, :support_start, :support_end, :scheduled_actions, :alert_creation, :now, :now)

-- name: service_update
UPDATE services SET name = :name, description = :description, status = :status, policy_id = :policy_id, auto_resolve_timeout_s = :auto_resolve_timeout_s,
acknowledgement_timeout_s = :acknowledgement_timeout_s, urgency_type = :urgency_type, urgency = :urgency, urgency_during = :urgency_during,
urgency_outside = :urgency_outside, support_time_zone = :support_time_zone, support_days = :support_days, support_start = :support_start,
support_end = :support_end, scheduled_actions = :scheduled_actions, alert_creation = :alert_creation, updated_at = :now WHERE id = :id

-- name: service_delete
UPDATE services SET deleted_at = :now, updated_at = :now WHERE id = :id

-- name: service_integrations_delete
UPDATE integrations SET deleted_at = :now WHERE service_id = :id AND deleted_at IS NULL

-- name: service_teams
SELECT t.id, t.name FROM services s JOIN policy_teams x ON x.policy_id = s.policy_id JOIN teams t ON t.id = x.team_id
WHERE s.id = :id AND t.deleted_at IS NULL ORDER BY lower(t.name), t.id

-- name: service_integrations
SELECT i.id, i.name, i.type, '/services/' || i.service_id || '/integrations/' || i.id AS path FROM integrations i
WHERE i.service_id = :id AND i.deleted_at IS NULL ORDER BY i.created_at, i.id

-- fragment: integration_columns
i.id, i.service_id AS parent_id, i.service_id, s.name AS service_id_summary, i.type, i.name, i.integration_key, i.vendor_id, i.created_at

-- name: integration_list
SELECT @{integration_columns},
@{list_total}
FROM integrations i JOIN services s ON s.id = i.service_id
WHERE i.service_id = :parent_id AND i.deleted_at IS NULL ORDER BY i.created_at, i.id LIMIT :limit OFFSET :offset

-- name: integration_get
SELECT @{integration_columns} FROM integrations i JOIN services s ON s.id = i.service_id WHERE i.id = :id AND i.deleted_at IS NULL

-- name: integration_insert
INSERT INTO integrations (id, service_id, type, name, integration_key, vendor_id, created_at)
VALUES (:id, :parent_id, :type, :name, :integration_key, :vendor_id, :now)

-- name: integration_update
UPDATE integrations SET name = :name, vendor_id = :vendor_id WHERE id = :id

-- name: integration_delete
UPDATE integrations SET deleted_at = :now WHERE id = :id

-- Maintenance windows.

-- fragment: window_columns
w.id, w.sequence_number, w.start_at, w.end_at, w.description, w.created_by, u.name AS created_by_summary

-- name: maintenance_window_list
SELECT @{window_columns}, page.total FROM (
SELECT w.id,
@{list_total}
FROM maintenance_windows w WHERE w.deleted_at IS NULL
-- if: query
AND @contains(w.description, :query)
-- end
-- if: service_ids
AND EXISTS (SELECT 1 FROM maintenance_window_services x WHERE x.window_id = w.id AND x.service_id IN @list(:service_ids))
-- end
-- if: team_ids
AND EXISTS (SELECT 1 FROM maintenance_window_services x JOIN services s ON s.id = x.service_id JOIN policy_teams t ON t.policy_id = s.policy_id
  WHERE x.window_id = w.id AND t.team_id IN @list(:team_ids))
-- end
-- if: filter_past
AND w.end_at <= :now
-- end
-- if: filter_future
AND w.start_at > :now
-- end
-- if: filter_ongoing
AND w.start_at <= :now AND w.end_at > :now
-- end
-- if: filter_open
AND w.end_at > :now
-- end
-- if: filter_all
AND 1 = 1
-- end
ORDER BY w.start_at DESC, w.id LIMIT :limit OFFSET :offset
) page JOIN maintenance_windows w ON w.id = page.id LEFT JOIN users u ON u.id = w.created_by
ORDER BY w.start_at DESC, w.id

-- name: maintenance_window_get
SELECT @{window_columns} FROM maintenance_windows w LEFT JOIN users u ON u.id = w.created_by
WHERE w.id = :id AND w.deleted_at IS NULL

-- name: maintenance_window_insert
INSERT INTO maintenance_windows (id, sequence_number, start_at, end_at, description, created_by, created_at)
VALUES (:id, (SELECT COALESCE(MAX(sequence_number), 0) + 1 FROM maintenance_windows), :start_at, :end_at, :description, :created_by, :now)

-- name: maintenance_window_update
UPDATE maintenance_windows SET start_at = :start_at, end_at = :end_at, description = :description WHERE id = :id

-- A running one ends now and stays on record; a future one goes.
-- name: maintenance_window_delete
UPDATE maintenance_windows SET deleted_at = CASE WHEN start_at > :now THEN CAST(:now AS BIGINT) ELSE NULL END,
end_at = CASE WHEN start_at > :now THEN end_at ELSE :now END WHERE id = :id

-- name: maintenance_window_services
SELECT s.id, s.name FROM maintenance_window_services x JOIN services s ON s.id = x.service_id WHERE x.window_id = :id ORDER BY lower(s.name), s.id

-- name: maintenance_window_services_clear
DELETE FROM maintenance_window_services WHERE window_id = :id

-- name: maintenance_window_services_add
INSERT INTO maintenance_window_services (window_id, service_id) VALUES (:id, :value)

-- name: maintenance_window_teams
SELECT DISTINCT t.id, t.name FROM maintenance_window_services x JOIN services s ON s.id = x.service_id
JOIN policy_teams p ON p.policy_id = s.policy_id JOIN teams t ON t.id = p.team_id
WHERE x.window_id = :id AND t.deleted_at IS NULL ORDER BY t.name, t.id

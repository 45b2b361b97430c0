-- Incidents of a stretch of time with what of them is counted; the rest comes from their record.

-- fragment: analytics_columns
i.number, i.title, i.status, i.urgency, i.created_at, i.updated_at, i.resolved_at, i.service_id, s.name AS service_name, i.policy_id, e.name AS policy_name,
i.priority_id, p.name AS priority_name, p.rank AS priority_rank,
(SELECT COUNT(*) FROM priorities higher WHERE higher.rank < p.rank) AS priorities_above,
COALESCE(it.id, 'PINCDEF') AS incident_type_id, COALESCE(it.name, 'incident_default') AS incident_type_name,
i.status_changed_by_type, i.status_changed_by_id, u.name AS status_changed_by_name,
(SELECT t.id FROM policy_teams pt JOIN teams t ON t.id = pt.team_id WHERE pt.policy_id = i.policy_id AND t.deleted_at IS NULL ORDER BY t.name, t.id LIMIT 1) AS team_id,
(SELECT t.name FROM policy_teams pt JOIN teams t ON t.id = pt.team_id WHERE pt.policy_id = i.policy_id AND t.deleted_at IS NULL ORDER BY t.name, t.id LIMIT 1) AS team_name

-- fragment: analytics_joins
LEFT JOIN services s ON s.id = i.service_id
LEFT JOIN escalation_policies e ON e.id = i.policy_id
LEFT JOIN priorities p ON p.id = i.priority_id
LEFT JOIN users u ON u.id = i.status_changed_by_id
LEFT JOIN incident_types it ON it.id = i.incident_type_id

-- name: analytics_incidents
SELECT @{analytics_columns} FROM incidents i @{analytics_joins}
WHERE i.created_at >= :since AND i.created_at < :until AND @unindexed(i.service_id) <> 'PCANARY'
@{incidents_in_sight}
-- if: below_number
AND (i.created_at < :border_at OR (i.created_at = :border_at AND i.number < :below_number))
-- end
-- if: above_number
AND (i.created_at > :border_at OR (i.created_at = :border_at AND i.number > :above_number))
-- end
-- if: updated_after
AND @unindexed(i.updated_at) > :updated_after
-- end
-- if: urgency
AND @unindexed(i.urgency) = :urgency
-- end
-- if: major
AND p.rank IS NOT NULL AND (SELECT COUNT(*) FROM priorities higher WHERE higher.rank < p.rank) < 2
-- end
-- if: minor
AND (p.rank IS NULL OR (SELECT COUNT(*) FROM priorities higher WHERE higher.rank < p.rank) >= 2)
-- end
-- if: service_ids
AND @unindexed(i.service_id) IN @list(:service_ids)
-- end
-- if: team_ids
AND @unindexed(i.policy_id) IN (SELECT pt.policy_id FROM policy_teams pt WHERE pt.team_id IN @list(:team_ids))
-- end
-- if: policy_ids
AND @unindexed(i.policy_id) IN @list(:policy_ids)
-- end
-- if: priority_ids
AND @unindexed(i.priority_id) IN @list(:priority_ids)
-- end
-- if: priority_names
AND p.name IN @list(:priority_names)
-- end
-- if: incident_type_ids
AND (COALESCE(it.id, 'PINCDEF') IN @list(:incident_type_ids) OR COALESCE(it.name, 'incident_default') IN @list(:incident_type_ids))
-- end
-- if: down
ORDER BY i.created_at DESC, i.number DESC
-- else
ORDER BY i.created_at, i.number
-- end
LIMIT :limit

-- name: analytics_incident
SELECT @{analytics_columns} FROM incidents i @{analytics_joins} WHERE i.number = :number AND i.service_id <> 'PCANARY'

-- name: analytics_teams
SELECT t.id, t.name FROM policy_teams pt JOIN teams t ON t.id = pt.team_id WHERE pt.policy_id = :policy_id AND t.deleted_at IS NULL ORDER BY t.name, t.id

-- name: analytics_place
SELECT i.created_at FROM incidents i WHERE i.number = :number

-- name: analytics_record
SELECT l.kind, l.at, l.actor_type, l.user_id, u.name, u.time_zone, l.doc FROM ledger l LEFT JOIN users u ON u.id = l.user_id
WHERE l.incident_number = :number
AND l.kind IN ('acknowledge', 'assign', 'escalate', 'notify', 'snooze', 'snooze_end', 'unacknowledge', 'resolve')
ORDER BY l.seq

-- The state of the whole installation at a glance.

-- name: overview_incidents
SELECT i.status, i.urgency, COUNT(*), SUM(CASE WHEN i.snoozed_until IS NOT NULL THEN 1 ELSE 0 END), SUM(CASE WHEN i.held_by_window IS NOT NULL THEN 1 ELSE 0 END)
FROM incidents i @along(incidents_unresolved) WHERE i.status <> 'resolved' AND i.service_id <> 'PCANARY' GROUP BY i.status, i.urgency

-- name: overview_exhausted
SELECT i.number, i.title, s.name, CASE WHEN EXISTS (SELECT 1 FROM notifications n WHERE n.incident_number = i.number) THEN 1 ELSE 0 END
FROM incidents i @along(incidents_unresolved) LEFT JOIN services s ON s.id = i.service_id
WHERE i.status <> 'resolved' AND i.exhausted = 1 AND i.service_id <> 'PCANARY' ORDER BY i.created_at, i.number LIMIT :limit

-- Schedules that some service in use leads to.

-- name: overview_schedules
SELECT DISTINCT sc.id, sc.name FROM policy_targets t
JOIN schedules sc ON sc.id = t.target_id AND sc.deleted_at IS NULL
JOIN escalation_policies p ON p.id = t.policy_id AND p.deleted_at IS NULL
WHERE t.target_type = 'schedule' AND EXISTS (SELECT 1 FROM services s WHERE s.policy_id = p.id AND s.deleted_at IS NULL AND s.status = 'active')
ORDER BY sc.name LIMIT :limit

-- People on call by name on a first level whom nothing can reach.

-- name: overview_unreachable
SELECT DISTINCT u.id, u.name FROM policy_targets t JOIN users u ON u.id = t.target_id AND u.deleted_at IS NULL
JOIN services s ON s.policy_id = t.policy_id AND s.deleted_at IS NULL AND s.status = 'active'
WHERE t.target_type = 'user' AND NOT EXISTS (
  SELECT 1 FROM contact_methods c WHERE c.user_id = u.id AND c.deleted_at IS NULL AND c.verified_at IS NOT NULL AND c.blocked_reason IS NULL)
ORDER BY u.name LIMIT :limit

-- Ways to reach people that are in use, and by how many.
-- name: overview_channels
SELECT c.channel, COUNT(DISTINCT c.user_id) FROM contact_methods c JOIN users u ON u.id = c.user_id AND u.deleted_at IS NULL
WHERE c.deleted_at IS NULL AND c.verified_at IS NOT NULL AND c.blocked_reason IS NULL AND c.channel <> 'muster' GROUP BY c.channel ORDER BY c.channel

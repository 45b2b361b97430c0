-- The state of the whole installation at a glance.

-- name: overview_incidents
SELECT COALESCE(SUM(CASE WHEN i.status = 'triggered' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN i.status <> 'triggered' THEN 1 ELSE 0 END), 0),
  COALESCE(SUM(CASE WHEN i.urgency = 'high' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN i.urgency <> 'high' THEN 1 ELSE 0 END), 0),
  COALESCE(SUM(CASE WHEN i.snoozed_until IS NOT NULL THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN i.held_by_window IS NOT NULL THEN 1 ELSE 0 END), 0)
FROM incidents i @along(incidents_unresolved) WHERE i.status <> 'resolved' AND i.service_id <> 'PCANARY'
@{incidents_in_sight}

-- name: overview_exhausted
SELECT i.number, i.title, s.name, CASE WHEN EXISTS (SELECT 1 FROM notifications n WHERE n.incident_number = i.number) THEN 1 ELSE 0 END
FROM incidents i @along(incidents_unresolved) LEFT JOIN services s ON s.id = i.service_id
WHERE i.status <> 'resolved' AND i.exhausted = 1 AND i.service_id <> 'PCANARY' @{incidents_in_sight}
ORDER BY i.created_at, i.number LIMIT :limit

-- Schedules that some service in use leads to: the index of names is walked until there are enough.

-- name: overview_schedules
SELECT sc.id, sc.name FROM schedules sc WHERE sc.deleted_at IS NULL AND EXISTS (SELECT 1 FROM policy_targets t
  JOIN escalation_policies p ON p.id = t.policy_id AND p.deleted_at IS NULL
  JOIN services s ON s.policy_id = p.id AND s.deleted_at IS NULL AND s.status = 'active'
  WHERE t.target_type = 'schedule' AND t.target_id = sc.id)
-- if: hidden_ids
AND sc.id NOT IN @list(:hidden_ids)
-- end
ORDER BY lower(sc.name) LIMIT :limit

-- People on call by name on a first level whom nothing can reach.

-- name: overview_unreachable
SELECT u.id, u.name FROM users u WHERE u.deleted_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM contact_methods c WHERE c.user_id = u.id AND c.deleted_at IS NULL AND c.verified_at IS NOT NULL AND c.blocked_reason IS NULL)
AND EXISTS (SELECT 1 FROM policy_targets t JOIN services s ON s.policy_id = t.policy_id AND s.deleted_at IS NULL AND s.status = 'active'
  WHERE t.target_type = 'user' AND t.target_id = u.id
-- if: hidden_ids
  AND t.policy_id NOT IN @list(:hidden_ids)
-- end
  )
ORDER BY u.name LIMIT :limit

-- Ways to reach people that are in use though nothing serves them, and by how many.
-- name: overview_channels
SELECT c.channel, COUNT(DISTINCT c.user_id) FROM contact_methods c JOIN users u ON u.id = c.user_id AND u.deleted_at IS NULL
WHERE c.channel NOT IN @list(:served) AND c.deleted_at IS NULL AND c.verified_at IS NOT NULL AND c.blocked_reason IS NULL AND c.channel <> 'muster'
GROUP BY c.channel ORDER BY c.channel

-- name: service_plan
-- remembered
SELECT s.name, CASE WHEN s.deleted_at IS NULL THEN s.status ELSE 'disabled' END, s.acknowledgement_timeout_s, s.auto_resolve_timeout_s, s.policy_id, s.urgency_type, s.urgency, s.urgency_during,
  s.urgency_outside, s.support_time_zone, s.support_days, s.support_start, s.support_end, s.scheduled_actions
FROM services s WHERE s.id = :service_id

-- name: policy_newest
-- remembered
SELECT p.version, v.doc, p.name FROM escalation_policies p JOIN policy_versions v ON v.policy_id = p.id AND v.version = p.version
WHERE p.id = :policy_id

-- name: policy_at_version
-- remembered
SELECT v.version, v.doc, p.name FROM policy_versions v JOIN escalation_policies p ON p.id = v.policy_id
WHERE v.policy_id = :policy_id AND v.version = :version

-- name: policy_in_force_at
SELECT v.version, v.doc, p.name FROM policy_versions v JOIN escalation_policies p ON p.id = v.policy_id
WHERE v.policy_id = :policy_id AND v.effective_from <= :at ORDER BY v.version DESC LIMIT 1

-- Those that end after :since; :at is not asked for, so that the answer serves a whole day.
-- name: windows_of_service
-- remembered
SELECT w.id, w.description, w.start_at, w.end_at FROM maintenance_windows w JOIN maintenance_window_services ws ON ws.window_id = w.id
WHERE ws.service_id = :service_id AND w.end_at > :since AND w.deleted_at IS NULL ORDER BY w.end_at DESC

-- name: window_load
SELECT start_at, end_at, deleted_at FROM maintenance_windows WHERE id = :window_id

-- name: user_reach
-- remembered
SELECT u.name, u.deleted_at,
  (SELECT COUNT(*) FROM contact_methods c WHERE c.user_id = u.id AND c.verified_at IS NOT NULL AND c.blocked_reason IS NULL AND c.deleted_at IS NULL),
  u.email, u.time_zone
FROM users u WHERE u.id = :user_id

-- The account's catch-all: the user named in the configuration, else the oldest administrator who can be reached, else the oldest.
-- name: account_catch_all
-- remembered
SELECT u.id FROM users u WHERE u.deleted_at IS NULL
-- if: email
AND lower(u.email) = lower(:email)
-- end
-- if: administrators
AND u.role IN ('owner', 'admin')
-- end
ORDER BY (SELECT COUNT(*) FROM contact_methods c WHERE c.user_id = u.id AND c.verified_at IS NOT NULL AND c.blocked_reason IS NULL
  AND c.deleted_at IS NULL) = 0, u.created_at, u.id LIMIT 1

-- name: round_robin_turn
SELECT turn FROM round_robin WHERE policy_id = :policy_id AND rule_id = :rule_id

-- name: round_robin_advance
INSERT INTO round_robin (policy_id, rule_id, turn) VALUES (:policy_id, :rule_id, 1)
ON CONFLICT (policy_id, rule_id) DO UPDATE SET turn = round_robin.turn + 1

-- name: priority_name
SELECT name FROM priorities WHERE id = :id

-- name: policy_exists
SELECT 1 FROM escalation_policies WHERE id = :id AND deleted_at IS NULL

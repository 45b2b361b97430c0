-- The stored reasons: decisions, everyone who came into question, the calls that followed.

-- name: why_decisions
SELECT d.number, d.at, d.level, d.cause, d.doc FROM decisions d WHERE d.incident_number = :incident
-- if: decisions
AND d.number IN @intlist(:decisions)
-- end
-- if: until
AND d.at <= :until
-- end
ORDER BY d.number

-- Alerts that joined an open incident, with their reason.
-- name: why_alerts
SELECT l.at, l.doc FROM ledger l WHERE l.incident_number = :incident AND l.kind = 'alert' ORDER BY l.seq LIMIT :limit

-- name: why_candidates
SELECT c.decision_number, c.user_id, u.name AS user_name, c.chosen, c.reason, c.doc,
  p.number AS page_number, p.role, p.urgency, p.started_at, p.stopped_at, p.stop_reason
FROM decision_candidates c
LEFT JOIN users u ON u.id = c.user_id
LEFT JOIN pages p ON p.incident_number = c.incident_number AND p.user_id = c.user_id AND p.decision_number = c.decision_number
  AND p.candidate_position = c.position
WHERE c.decision_number IN @intlist(:decisions)
-- if: user_id
AND c.user_id = :user_id
-- end
ORDER BY c.decision_number, c.position

-- name: why_calls
SELECT n.number, n.page_number, n.channel, n.rule_id, n.rule_delay_s, n.advanced, n.created_at, n.state, n.message_number, m.state AS message_state,
  m.provider, m.sent_at, m.error, m.answered_at, m.answer
FROM notifications n LEFT JOIN messages m ON m.number = n.message_number
WHERE n.incident_number = :incident ORDER BY n.number

-- name: why_page
SELECT p.incident_number, p.decision_number FROM pages p WHERE p.number = :number

-- name: why_message
SELECT DISTINCT p.incident_number, p.decision_number FROM notifications n JOIN pages p ON p.number = n.page_number
WHERE n.message_number = :number ORDER BY p.incident_number, p.decision_number

-- name: why_user
SELECT u.id, u.name FROM users u WHERE u.id = :user OR lower(u.email) = lower(:user)
ORDER BY CASE WHEN u.deleted_at IS NULL THEN 0 ELSE 1 END LIMIT 1

-- name: why_service
SELECT s.id, s.name FROM services s WHERE s.id = :service OR lower(s.name) = lower(:service)
ORDER BY CASE WHEN s.deleted_at IS NULL THEN 0 ELSE 1 END LIMIT 1

-- name: why_first_answer
SELECT l.actor_name, l.kind, l.at FROM ledger l WHERE l.incident_number = :incident AND l.kind IN ('acknowledge', 'resolve', 'snooze')
ORDER BY l.seq LIMIT 1

-- name: why_incident_at
SELECT i.number FROM incidents i WHERE i.service_id = :service_id AND i.created_at <= :at AND (i.resolved_at IS NULL OR i.resolved_at > :at)
ORDER BY i.created_at DESC, i.number DESC LIMIT 1

-- Every attempt to reach somebody about an incident: the message a notification ended with, and those before it.

-- name: why_attempts
WITH RECURSIVE attempts (notification_number, message_number) AS (
  SELECT n.number, n.message_number FROM notifications n WHERE n.incident_number = :incident AND n.message_number IS NOT NULL
  UNION ALL
  SELECT a.notification_number, m.previous_number FROM attempts a JOIN messages m ON m.number = a.message_number
  WHERE m.previous_number IS NOT NULL
)
SELECT m.number, a.notification_number, n.page_number, n.user_id, u.name AS user_name, m.channel, m.provider, m.state, m.cause, m.attempt, n.advanced,
  n.rule_id, n.rule_delay_s, m.created_at, m.sent_at, m.finished_at, m.error, m.previous_number, m.answered_at, m.answer
FROM attempts a JOIN messages m ON m.number = a.message_number JOIN notifications n ON n.number = a.notification_number
LEFT JOIN users u ON u.id = n.user_id
ORDER BY m.number, a.notification_number

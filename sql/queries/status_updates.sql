-- Who is told what is said about an incident.

-- name: subscriber_list
SELECT s.subscriber_type, s.subscriber_id,
@{list_total}
FROM incident_subscribers s WHERE s.incident_number = :incident
ORDER BY s.subscriber_type, s.subscriber_id LIMIT :limit OFFSET :offset

-- name: subscriber_count
SELECT COUNT(*) FROM incident_subscribers WHERE incident_number = :incident

-- name: subscriber_add
INSERT INTO incident_subscribers (incident_number, subscriber_type, subscriber_id, subscribed_at) VALUES (:incident, :type, :id, :now)
ON CONFLICT (incident_number, subscriber_type, subscriber_id) DO NOTHING

-- name: subscriber_remove
DELETE FROM incident_subscribers WHERE incident_number = :incident AND subscriber_type = :type AND subscriber_id = :id

-- name: subscribers_move
INSERT INTO incident_subscribers (incident_number, subscriber_type, subscriber_id, subscribed_at)
SELECT CAST(:target AS BIGINT), s.subscriber_type, s.subscriber_id, s.subscribed_at FROM incident_subscribers s WHERE s.incident_number = :source
ON CONFLICT (incident_number, subscriber_type, subscriber_id) DO NOTHING

-- Everybody once, with the oldest address that mail may go to; none: NULL.
-- name: subscriber_people
SELECT u.id, (SELECT c.id FROM contact_methods c WHERE c.user_id = u.id AND c.channel = 'email' AND c.verified_at IS NOT NULL
  AND c.blocked_reason IS NULL AND c.deleted_at IS NULL ORDER BY c.created_at, c.id LIMIT 1) AS contact_method_id
FROM users u
WHERE u.deleted_at IS NULL AND u.id IN (
  SELECT s.subscriber_id FROM incident_subscribers s WHERE s.incident_number = :incident AND s.subscriber_type = 'user'
  UNION
  SELECT m.user_id FROM incident_subscribers s JOIN team_members m ON m.team_id = s.subscriber_id
  WHERE s.incident_number = :incident AND s.subscriber_type = 'team')
ORDER BY u.id LIMIT :limit

-- name: status_update_incident
SELECT i.title, i.status, s.name, i.created_at FROM incidents i LEFT JOIN services s ON s.id = i.service_id WHERE i.number = :incident

-- name: status_update_get
SELECT l.seq, l.at, l.actor_id, l.actor_name, l.doc FROM ledger l WHERE l.seq = :seq

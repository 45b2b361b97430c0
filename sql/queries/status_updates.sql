-- Who is told what is said about an incident.

-- name: subscriber_list
SELECT s.subscriber_type, s.subscriber_id,
@{list_total}
FROM subscribers s WHERE s.subscribable_type = :of_type AND s.subscribable_id = :of_id
ORDER BY s.subscriber_type, s.subscriber_id LIMIT :limit OFFSET :offset

-- name: subscriber_count
SELECT COUNT(*) FROM subscribers WHERE subscribable_type = :of_type AND subscribable_id = :of_id

-- name: subscriber_add
INSERT INTO subscribers (subscribable_type, subscribable_id, subscriber_type, subscriber_id, subscribed_at) VALUES (:of_type, :of_id, :type, :id, :now)
ON CONFLICT (subscribable_type, subscribable_id, subscriber_type, subscriber_id) DO NOTHING

-- name: subscriber_remove
DELETE FROM subscribers WHERE subscribable_type = :of_type AND subscribable_id = :of_id AND subscriber_type = :type AND subscriber_id = :id

-- name: subscribers_clear
DELETE FROM subscribers WHERE subscribable_type = :of_type AND subscribable_id = :of_id

-- name: subscribers_move
INSERT INTO subscribers (subscribable_type, subscribable_id, subscriber_type, subscriber_id, subscribed_at)
SELECT s.subscribable_type, CAST(:target AS TEXT), s.subscriber_type, s.subscriber_id, s.subscribed_at FROM subscribers s
WHERE s.subscribable_type = 'incident' AND s.subscribable_id = :source
ON CONFLICT (subscribable_type, subscribable_id, subscriber_type, subscriber_id) DO NOTHING

-- Everybody once, with the oldest address that mail may go to; none: NULL. Whoever follows a business service follows the incidents of what it rests on,
-- through however many services.
-- name: subscriber_people
WITH RECURSIVE @{services_above_incident}, following(subscriber_type, subscriber_id) AS (
  SELECT s.subscriber_type, s.subscriber_id FROM subscribers s WHERE s.subscribable_type = 'incident' AND s.subscribable_id = CAST(CAST(:incident AS BIGINT) AS TEXT)
  UNION
  SELECT s.subscriber_type, s.subscriber_id FROM above JOIN subscribers s ON s.subscribable_type = 'business_service' AND s.subscribable_id = above.id
)
SELECT u.id, (SELECT c.id FROM contact_methods c WHERE c.user_id = u.id AND c.channel = 'email' AND c.verified_at IS NOT NULL
  AND c.blocked_reason IS NULL AND c.deleted_at IS NULL ORDER BY c.created_at, c.id LIMIT 1) AS contact_method_id
FROM users u
WHERE u.deleted_at IS NULL AND u.id IN (
  SELECT f.subscriber_id FROM following f WHERE f.subscriber_type = 'user'
  UNION
  SELECT m.user_id FROM following f JOIN team_members m ON m.team_id = f.subscriber_id WHERE f.subscriber_type = 'team')
ORDER BY u.id LIMIT :limit

-- name: status_update_incident
SELECT i.title, i.status, s.name, i.created_at FROM incidents i LEFT JOIN services s ON s.id = i.service_id WHERE i.number = :incident

-- name: status_update_get
SELECT l.seq, l.at, l.actor_id, l.actor_name, l.doc FROM ledger l WHERE l.seq = :seq

-- Webhook subscriptions, what is to be told to them, and how that went.

-- fragment: webhook_subscription_columns
w.id, w.delivery_method_id, w.url, w.custom_headers, w.description, w.events, w.filter_type, w.filter_id, w.active, w.disabled_at, w.disabled_reason,
w.disabled_until, w.created_at

-- name: webhook_subscription_list
SELECT @{webhook_subscription_columns},
@{list_total}
FROM webhook_subscriptions w WHERE w.deleted_at IS NULL
-- if: filter_type
AND w.filter_type = :filter_type
-- end
-- if: filter_id
AND w.filter_id = :filter_id
-- end
ORDER BY w.created_at, w.id LIMIT :limit OFFSET :offset

-- name: webhook_subscription_get
SELECT @{webhook_subscription_columns} FROM webhook_subscriptions w WHERE w.id = :id AND w.deleted_at IS NULL

-- name: webhook_subscription_insert
INSERT INTO webhook_subscriptions (id, delivery_method_id, url, secret, custom_headers, description, events, filter_type, filter_id, active, created_at, updated_at)
VALUES (:id, :delivery_method_id, :url, :secret, :custom_headers, :description, :events, :filter_type, :filter_id, :active, :now, :now)

-- name: webhook_subscription_update
UPDATE webhook_subscriptions SET description = :description, events = :events, filter_type = :filter_type, filter_id = :filter_id, active = :active,
  updated_at = :now
WHERE id = :id

-- name: webhook_subscription_delete
UPDATE webhook_subscriptions SET deleted_at = :now, updated_at = :now WHERE id = :id

-- name: webhook_subscription_count
SELECT COUNT(*) FROM webhook_subscriptions WHERE deleted_at IS NULL

-- name: webhook_subscription_secrets
SELECT secret, previous_secret, previous_secret_until, url, custom_headers FROM webhook_subscriptions WHERE id = :id AND deleted_at IS NULL

-- name: webhook_subscription_rotate
UPDATE webhook_subscriptions SET previous_secret = secret, previous_secret_until = :until, secret = :secret, updated_at = :now WHERE id = :id

-- name: webhook_subscriptions_live
SELECT id, events, filter_type, filter_id, active, disabled_at, disabled_until FROM webhook_subscriptions WHERE deleted_at IS NULL ORDER BY id LIMIT :limit

-- name: webhook_subscription_disable
UPDATE webhook_subscriptions SET disabled_at = :now, disabled_until = :until, disabled_reason = :reason, refused_in_a_row = 0
WHERE id = :id AND disabled_at IS NULL AND deleted_at IS NULL

-- name: webhook_subscription_enable
UPDATE webhook_subscriptions SET disabled_at = NULL, disabled_until = NULL, disabled_reason = NULL, refused_in_a_row = 0
WHERE id = :id AND disabled_at IS NOT NULL AND deleted_at IS NULL

-- name: webhook_subscription_refused
UPDATE webhook_subscriptions SET refused_in_a_row = refused_in_a_row + 1 WHERE id = :id

-- name: webhook_subscription_refusals
SELECT refused_in_a_row FROM webhook_subscriptions WHERE id = :id

-- name: webhook_subscription_took
UPDATE webhook_subscriptions SET refused_in_a_row = 0 WHERE id = :id AND refused_in_a_row > 0

-- name: webhook_subscriptions_disabled
SELECT w.id, w.description, w.url, w.disabled_reason FROM webhook_subscriptions w
WHERE w.disabled_at IS NOT NULL AND w.deleted_at IS NULL
-- if: hidden_ids
AND w.filter_type <> 'account' AND w.filter_id NOT IN @list(:hidden_ids)
-- end
ORDER BY w.disabled_at, w.id LIMIT :limit

-- What is told -------------------------------------------------------------------------------------------------------

-- name: webhook_incident
SELECT i.number, i.status, i.incident_key, i.created_at, i.title, i.service_id, s.name AS service_name, i.policy_id, p.name AS policy_name,
  i.priority_id, pr.name AS priority_name, i.urgency, i.conference_number, i.conference_url, i.merged_into, m.title AS merged_title,
  COALESCE(it.name, 'incident_default') AS incident_type
FROM incidents i
LEFT JOIN services s ON s.id = i.service_id
LEFT JOIN escalation_policies p ON p.id = i.policy_id
LEFT JOIN priorities pr ON pr.id = i.priority_id
LEFT JOIN incidents m ON m.number = i.merged_into
LEFT JOIN incident_types it ON it.id = i.incident_type_id
WHERE i.number = :number

-- name: webhook_incident_assignees
SELECT a.user_id, u.name FROM assignments a LEFT JOIN users u ON u.id = a.user_id WHERE a.incident_number = :number ORDER BY a.assigned_at, a.user_id

-- name: webhook_policy_teams
SELECT t.id, t.name FROM policy_teams pt JOIN teams t ON t.id = pt.team_id WHERE pt.policy_id = :policy_id AND t.deleted_at IS NULL ORDER BY t.name, t.id

-- name: webhook_service
SELECT s.id, s.name, s.alert_creation, s.policy_id FROM services s WHERE s.id = :id

-- name: webhook_responder
SELECT u.name, r.message FROM responders r JOIN users u ON u.id = r.user_id WHERE r.incident_number = :number AND r.user_id = :user_id

-- name: webhook_event_insert
INSERT INTO webhook_events (at, event_type, body) VALUES (:at, :event_type, :body) @returning(number)

-- Behind an earlier one of the same resource it waits.
-- name: webhook_delivery_insert
INSERT INTO webhook_deliveries (subscription_id, event_number, resource, state, not_before, created_at)
SELECT :subscription_id, :event_number, :resource,
  CASE WHEN EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.subscription_id = :subscription_id AND d.resource = :resource AND d.finished_at IS NULL)
    THEN 'waiting' ELSE 'queued' END, CAST(:now AS BIGINT), CAST(:now AS BIGINT)

-- Delivery -----------------------------------------------------------------------------------------------------------

-- name: webhook_deliveries_due
SELECT d.number, d.attempts, e.body FROM webhook_deliveries d JOIN webhook_events e ON e.number = d.event_number
WHERE d.subscription_id = :subscription_id AND d.state = 'queued' AND d.not_before <= :now ORDER BY d.not_before, d.number LIMIT :limit

-- name: webhook_deliveries_next
SELECT MIN(not_before) FROM webhook_deliveries WHERE subscription_id = :subscription_id AND state = 'queued'

-- name: webhook_delivery_claim
UPDATE webhook_deliveries SET state = 'sending', sent_at = :now, attempts = attempts + 1 WHERE number = :number

-- name: webhook_delivery_load
SELECT subscription_id, resource, state, attempts, created_at FROM webhook_deliveries WHERE number = :number

-- name: webhook_delivery_finish
UPDATE webhook_deliveries SET state = :state, finished_at = :now, status_code = :status_code, error = :error WHERE number = :number

-- name: webhook_delivery_again
UPDATE webhook_deliveries SET state = 'queued', not_before = :not_before, status_code = :status_code, error = :error WHERE number = :number

-- name: webhook_delivery_follow
UPDATE webhook_deliveries SET state = 'queued', not_before = :now
WHERE number = (SELECT MIN(d.number) FROM webhook_deliveries d WHERE d.subscription_id = :subscription_id AND d.resource = :resource AND d.finished_at IS NULL)
  AND state = 'waiting'

-- It answers again: what was put off goes now.
-- name: webhook_deliveries_hurry
UPDATE webhook_deliveries SET not_before = :now WHERE number IN (
  SELECT d.number FROM webhook_deliveries d WHERE d.subscription_id = :subscription_id AND d.state = 'queued' AND d.not_before > :now
  ORDER BY d.not_before, d.number LIMIT :limit)

-- name: webhook_deliveries_drop
UPDATE webhook_deliveries SET state = 'dropped', finished_at = :now, error = :error
WHERE number IN (SELECT d.number FROM webhook_deliveries d WHERE d.subscription_id = :subscription_id AND d.finished_at IS NULL ORDER BY d.resource, d.number LIMIT :limit)

-- name: webhook_deliveries_beyond
SELECT 1 FROM webhook_deliveries WHERE subscription_id = :subscription_id AND finished_at IS NULL ORDER BY resource, number LIMIT 1 OFFSET :most

-- name: webhook_deliveries_sending
SELECT number FROM webhook_deliveries WHERE state = 'sending' ORDER BY number

-- name: webhook_delivery_unsent
UPDATE webhook_deliveries SET state = 'queued', not_before = :now WHERE number = :number AND state = 'sending'

-- name: webhook_deliveries_forget
DELETE FROM webhook_deliveries WHERE number IN (
  SELECT d.number FROM webhook_deliveries d WHERE d.finished_at IS NOT NULL AND d.finished_at < :before ORDER BY d.finished_at LIMIT :limit)

-- name: webhook_events_forget
DELETE FROM webhook_events WHERE number IN (SELECT e.number FROM webhook_events e WHERE e.at < :before ORDER BY e.at LIMIT :limit)

-- name: webhook_events_oldest
SELECT MIN(at) FROM webhook_events

-- name: webhook_delivery_list
SELECT d.number, e.event_type, d.resource, d.state, d.attempts, d.created_at, d.sent_at, d.finished_at, d.not_before, d.status_code, d.error,
-- if: with_body
e.body
-- else
CAST(NULL AS TEXT)
-- end
FROM webhook_deliveries d LEFT JOIN webhook_events e ON e.number = d.event_number
WHERE d.subscription_id = :subscription_id
-- if: state
AND @unindexed(d.state) = :state
-- end
ORDER BY d.number DESC LIMIT :limit OFFSET :offset

-- The canary (engine/canary.h). All its objects have one id, which lists leave out.

-- name: canary_timers
SELECT COUNT(*) FROM timers WHERE kind = 'canary'

-- name: canary_user
INSERT INTO users (id, name, email, role, time_zone, created_at, updated_at)
VALUES ('PCANARY', 'Muster canary', 'canary@muster.invalid', 'canary', 'Etc/UTC', :now, :now) ON CONFLICT DO NOTHING

-- name: canary_contact_method
INSERT INTO contact_methods (id, user_id, channel, label, address, verified_at, created_at)
SELECT 'PCANARY', u.id, 'muster', 'The sender process', 'canary', CAST(:now AS BIGINT), CAST(:now AS BIGINT) FROM users u WHERE u.id = 'PCANARY' ON CONFLICT DO NOTHING

-- name: canary_notification_rule
INSERT INTO notification_rules (id, user_id, urgency, start_delay_s, contact_method_id, created_at)
SELECT 'PCANARY', c.user_id, 'high', 0, c.id, CAST(:now AS BIGINT) FROM contact_methods c WHERE c.id = 'PCANARY' ON CONFLICT DO NOTHING

-- name: canary_policy
INSERT INTO escalation_policies (id, name, version, created_at, updated_at)
VALUES ('PCANARY', 'Muster canary (built in)', 1, :now, :now) ON CONFLICT DO NOTHING

-- name: canary_policy_version
INSERT INTO policy_versions (policy_id, version, effective_from, doc)
SELECT p.id, 1, CAST(:now AS BIGINT), CAST(:doc AS TEXT) FROM escalation_policies p WHERE p.id = 'PCANARY' ON CONFLICT DO NOTHING

-- name: canary_policy_target
INSERT INTO policy_targets (policy_id, level, target_type, target_id)
SELECT p.id, 1, 'user', 'PCANARY' FROM escalation_policies p
WHERE p.id = 'PCANARY' AND NOT EXISTS (SELECT 1 FROM policy_targets t WHERE t.policy_id = p.id)

-- name: canary_service
INSERT INTO services (id, name, policy_id, created_at, updated_at)
SELECT 'PCANARY', 'Muster canary (built in)', p.id, CAST(:now AS BIGINT), CAST(:now AS BIGINT) FROM escalation_policies p WHERE p.id = 'PCANARY' ON CONFLICT DO NOTHING

-- name: canary_integration
INSERT INTO integrations (id, service_id, type, name, integration_key, created_at)
SELECT 'PCANARY', s.id, 'events_api_v2_inbound_integration', 'Muster canary', CAST(:key AS TEXT), CAST(:now AS BIGINT) FROM services s WHERE s.id = 'PCANARY'
ON CONFLICT DO NOTHING

-- name: canary_key
SELECT integration_key FROM integrations WHERE id = 'PCANARY'

-- name: canary_incidents
SELECT COUNT(*) FROM incidents WHERE number = :number

-- name: canary_ping
INSERT INTO messages (number, kind, user_id, channel, address, urgent, content, state, not_before, created_at)
VALUES (:new_number, 'ping', 'PCANARY', 'muster', 'ping', 0, '{}', 'queued', :now, :now)

-- name: canary_ping_forget
DELETE FROM messages WHERE number = :number AND user_id = 'PCANARY'

-- A round has two: one that triggered, one that resolved.
-- name: canary_forget_events
DELETE FROM events WHERE number IN (SELECT first_event_number FROM alerts WHERE incident_number = :number
  UNION SELECT resolve_event_number FROM alerts WHERE incident_number = :number)

-- name: canary_forget_triggers
DELETE FROM alert_triggers WHERE alert_number IN (SELECT a.number FROM alerts a WHERE a.incident_number = :number)

-- name: canary_forget_candidates
DELETE FROM decision_candidates WHERE decision_number IN (SELECT number FROM decisions WHERE incident_number = :number)

-- name: canary_forget_decisions
DELETE FROM decisions WHERE incident_number = :number

-- name: canary_forget_notifications
DELETE FROM notifications WHERE incident_number = :number

-- name: canary_forget_messages
DELETE FROM messages WHERE number IN (SELECT n.message_number FROM notifications n WHERE n.incident_number = :number)

-- name: canary_forget_pages
DELETE FROM pages WHERE incident_number = :number

-- name: canary_forget_ledger
DELETE FROM ledger WHERE incident_number = :number

-- name: canary_forget_alerts
DELETE FROM alerts WHERE incident_number = :number

-- name: canary_forget_incident
DELETE FROM incidents WHERE number = :number AND service_id = 'PCANARY'

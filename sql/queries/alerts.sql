-- As the index alerts_key has it: 0 while it is open.
-- fragment: alert_is_open
(CASE WHEN status <> 'resolved' THEN 0 ELSE number END)

-- name: alert_open_by_key
SELECT number, incident_number FROM alerts WHERE integration_id = :integration_id AND dedup_key = :dedup_key AND @{alert_is_open} = 0

-- Those of :keys, [[integration, key], ...].
-- name: alerts_open_among [sqlite]
SELECT a.integration_id, a.dedup_key, a.number, a.incident_number FROM json_each(:keys) k
CROSS JOIN alerts a ON a.integration_id = json_extract(k.value, '$[0]') AND a.dedup_key = json_extract(k.value, '$[1]') AND @{alert_is_open} = 0

-- LATERAL and LIMIT: one look into the index for each key, whatever the planner believes of the lengths of lists.
-- name: alerts_open_among [postgres]
SELECT a.integration_id, a.dedup_key, a.number, a.incident_number FROM jsonb_array_elements(CAST(:keys AS jsonb)) k
CROSS JOIN LATERAL (SELECT * FROM alerts o WHERE o.integration_id = k ->> 0 AND o.dedup_key = k ->> 1 AND @{alert_is_open} = 0 LIMIT 1) a

-- name: alert_insert
INSERT INTO alerts (number, integration_id, service_id, incident_number, dedup_key, status, suppressed, source, component,
  alert_group, alert_class, client, client_url, created_at, updated_at, first_event_number)
VALUES (:new_number, :integration_id, :service_id, :incident_number, :dedup_key, 'triggered', :suppressed, :source, :component,
  :alert_group, :alert_class, :client, :client_url, :now, :now, :event_number)

-- name: alert_insert_gathered [postgres]
INSERT INTO alerts (number, integration_id, service_id, incident_number, dedup_key, status, suppressed, source, component,
  alert_group, alert_class, client, client_url, created_at, updated_at, first_event_number)
SELECT a.number, a.integration_id, a.service_id, a.incident_number, a.dedup_key, 'triggered', a.suppressed, a.source, a.component, a.alert_group,
  a.alert_class, a.client, a.client_url, a.at, a.at, a.event_number
FROM unnest(
  CAST(:new_number AS BIGINT[]), CAST(:integration_id AS TEXT[]), CAST(:service_id AS TEXT[]), CAST(:incident_number AS BIGINT[]),
  CAST(:dedup_key AS TEXT[]), CAST(:suppressed AS BIGINT[]), CAST(:source AS TEXT[]), CAST(:component AS TEXT[]), CAST(:alert_group AS TEXT[]),
  CAST(:alert_class AS TEXT[]), CAST(:client AS TEXT[]), CAST(:client_url AS TEXT[]), CAST(:now AS BIGINT[]), CAST(:event_number AS BIGINT[]))
  AS a (number, integration_id, service_id, incident_number, dedup_key, suppressed, source, component, alert_group, alert_class, client, client_url, at, event_number)

-- The first of an alert, and each that repeats it.
-- name: alert_trigger
INSERT INTO alert_triggers (alert_number, trigger_count, last_event_number) VALUES (:number, 1, :event_number)
ON CONFLICT (alert_number) DO UPDATE SET trigger_count = alert_triggers.trigger_count + 1, last_event_number = excluded.last_event_number

-- Numbers of events ascend.
-- name: alert_trigger_gathered [postgres]
INSERT INTO alert_triggers (alert_number, trigger_count, last_event_number)
SELECT t.alert, COUNT(*), MAX(t.event) FROM unnest(CAST(:number AS BIGINT[]), CAST(:event_number AS BIGINT[])) AS t (alert, event) GROUP BY t.alert
ON CONFLICT (alert_number) DO UPDATE SET trigger_count = alert_triggers.trigger_count + excluded.trigger_count, last_event_number = excluded.last_event_number

-- name: alert_resolve
UPDATE alerts SET status = 'resolved', resolved_at = :now, updated_at = :now, resolve_event_number = :event_number WHERE number = :number AND status <> 'resolved'

-- name: alerts_resolve_of_incident
UPDATE alerts SET status = 'resolved', resolved_at = :now, updated_at = :now WHERE incident_number = :incident_number AND status <> 'resolved'

-- name: alert_load
SELECT a.number, a.incident_number, a.status, l.summary, a.service_id FROM alerts a
JOIN alert_triggers t ON t.alert_number = a.number JOIN events l ON l.number = t.last_event_number WHERE a.number = :number

-- name: alert_move
UPDATE alerts SET incident_number = :incident_number, updated_at = :now WHERE number = :number

-- name: alerts_of_incident_counts
SELECT COUNT(*), COALESCE(SUM(CASE WHEN status <> 'resolved' THEN 1 ELSE 0 END), 0) FROM alerts WHERE incident_number = :incident_number

-- name: alerts_move_all
UPDATE alerts SET incident_number = :to_incident, updated_at = :now WHERE incident_number = :from_incident

-- For the message that wakes somebody: the oldest alert, one that is open first.
-- name: alert_facts
SELECT l.severity, a.source, a.component, a.alert_group, a.alert_class, a.client, a.client_url, e.body FROM alerts a
JOIN alert_triggers t ON t.alert_number = a.number
JOIN events l ON l.number = t.last_event_number
JOIN events e ON e.number = a.first_event_number WHERE a.incident_number = :incident_number
ORDER BY CASE WHEN a.status = 'resolved' THEN 1 ELSE 0 END, a.number LIMIT 1

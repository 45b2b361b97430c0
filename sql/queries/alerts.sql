-- name: alert_open_by_key
SELECT number, incident_number, severity FROM alerts WHERE integration_id = :integration_id AND dedup_key = :dedup_key AND status <> 'resolved'

-- name: alert_insert
INSERT INTO alerts (number, integration_id, service_id, incident_number, dedup_key, status, severity, suppressed, summary, source, component,
  alert_group, alert_class, client, client_url, created_at, updated_at, first_event_number, last_event_number)
VALUES (:new_number, :integration_id, :service_id, :incident_number, :dedup_key, 'triggered', :severity, :suppressed, :summary, :source, :component,
  :alert_group, :alert_class, :client, :client_url, :now, :now, :event_number, :event_number)
@returning(number)

-- name: alert_repeat
UPDATE alerts SET event_count = event_count + 1, updated_at = :now, last_event_number = :event_number, severity = :severity, summary = :summary
WHERE number = :number

-- name: alert_resolve
UPDATE alerts SET status = 'resolved', resolved_at = :now, updated_at = :now WHERE number = :number AND status <> 'resolved'

-- name: alert_note_event
UPDATE alerts SET event_count = event_count + 1, updated_at = :now, last_event_number = :event_number WHERE number = :number

-- name: alerts_resolve_of_incident
UPDATE alerts SET status = 'resolved', resolved_at = :now, updated_at = :now WHERE incident_number = :incident_number AND status <> 'resolved'

-- name: alert_load
SELECT number, incident_number, status, summary, service_id FROM alerts WHERE number = :number

-- name: alert_move
UPDATE alerts SET incident_number = :incident_number, updated_at = :now WHERE number = :number

-- name: alerts_of_incident_counts
SELECT COUNT(*), COALESCE(SUM(CASE WHEN status <> 'resolved' THEN 1 ELSE 0 END), 0) FROM alerts WHERE incident_number = :incident_number

-- name: alerts_move_all
UPDATE alerts SET incident_number = :to_incident, updated_at = :now WHERE incident_number = :from_incident

-- For the message that wakes somebody: the oldest alert, one that is open first.
-- name: alert_facts
SELECT a.severity, a.source, a.component, a.alert_group, a.alert_class, a.client, a.client_url, e.body FROM alerts a
LEFT JOIN events e ON e.number = a.first_event_number WHERE a.incident_number = :incident_number
ORDER BY CASE WHEN a.status = 'resolved' THEN 1 ELSE 0 END, a.number LIMIT 1

-- name: integration_by_key
-- remembered
SELECT n.id, n.service_id, n.name, s.status
FROM integrations n JOIN services s ON s.id = n.service_id
WHERE n.integration_key = :key AND n.deleted_at IS NULL AND s.deleted_at IS NULL

-- name: service_alert_rules
-- remembered
SELECT s.urgency_type, s.urgency, s.urgency_during, s.urgency_outside, s.support_time_zone, s.support_days, s.support_start, s.support_end,
  s.scheduled_actions, s.grouping_setting_id
FROM services s WHERE s.id = :id

-- name: event_insert
INSERT INTO events (number, received_at, integration_id, action, format, dedup_key, disposition, alert_number, incident_number,
  severity, summary, body)
VALUES (:new_number, :now, :integration_id, :action, :format, :dedup_key, :disposition, :alert_number, :incident_number,
  :severity, :summary, :body)

-- name: event_insert_gathered [postgres]
INSERT INTO events (number, received_at, integration_id, action, format, dedup_key, disposition, alert_number, incident_number,
  severity, summary, body)
SELECT * FROM unnest(CAST(:new_number AS BIGINT[]), CAST(:now AS BIGINT[]), CAST(:integration_id AS TEXT[]), CAST(:action AS TEXT[]),
  CAST(:format AS TEXT[]), CAST(:dedup_key AS TEXT[]), CAST(:disposition AS TEXT[]), CAST(:alert_number AS BIGINT[]),
  CAST(:incident_number AS BIGINT[]), CAST(:severity AS TEXT[]), CAST(:summary AS TEXT[]), CAST(:body AS TEXT[]))

-- How alerts are shown. Their bodies are the events' as they were sent.

-- fragment: alert_view_filters
WHERE a.incident_number = :incident
-- if: statuses
AND a.status IN @list(:statuses)
-- end
-- if: alert_key
AND a.dedup_key = :alert_key
-- end

-- fragment: alert_view_columns
a.number, a.incident_number, a.service_id, s.name AS service_name, a.integration_id, g.name AS integration_name, g.type AS integration_type,
a.dedup_key, a.status, l.severity, a.suppressed, l.summary, a.source, a.component, a.alert_group, a.alert_class, a.client, a.client_url,
a.created_at, CASE WHEN a.updated_at > l.received_at THEN a.updated_at ELSE l.received_at END AS updated_at, a.resolved_at,
t.trigger_count + CASE WHEN a.resolve_event_number IS NULL THEN 0 ELSE 1 END AS event_count, i.title AS incident_title, i.first_ledger_seq, e.body AS event_body, e.format AS event_format

-- fragment: alert_view_joins
FROM alerts a
LEFT JOIN alert_triggers t ON t.alert_number = a.number
LEFT JOIN events l ON l.number = t.last_event_number
LEFT JOIN services s ON s.id = a.service_id
LEFT JOIN integrations g ON g.id = a.integration_id
LEFT JOIN incidents i ON i.number = a.incident_number
LEFT JOIN events e ON e.number = a.first_event_number

-- name: alert_view_list
SELECT @{alert_view_columns} @{alert_view_joins}
@{alert_view_filters}
ORDER BY
-- if: first_created_up
a.created_at ASC,
-- end
-- if: first_created_down
a.created_at DESC,
-- end
-- if: first_resolved_up
COALESCE(a.resolved_at, 9223372036854775807) ASC,
-- end
-- if: first_resolved_down
COALESCE(a.resolved_at, 9223372036854775807) DESC,
-- end
-- if: second_created_up
a.created_at ASC,
-- end
-- if: second_created_down
a.created_at DESC,
-- end
-- if: second_resolved_up
COALESCE(a.resolved_at, 9223372036854775807) ASC,
-- end
-- if: second_resolved_down
COALESCE(a.resolved_at, 9223372036854775807) DESC,
-- end
a.number ASC
LIMIT :limit OFFSET :offset

-- name: alert_view_count
SELECT COUNT(*) FROM alerts a
@{alert_view_filters}

-- name: alert_view_get
SELECT @{alert_view_columns} @{alert_view_joins} WHERE a.incident_number = :incident AND a.number = :number

-- name: alert_view_some
SELECT @{alert_view_columns} @{alert_view_joins} WHERE a.number IN @intlist(:numbers) ORDER BY a.number

-- name: alert_view_of_incident
SELECT a.number FROM alerts a WHERE a.incident_number = :incident AND a.number IN @intlist(:numbers)

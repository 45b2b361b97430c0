-- name: change_event_insert
INSERT INTO change_events (received_at, occurred_at, integration_id, service_id, summary, source, links, images, custom_details, event_number)
VALUES (:now, :occurred_at, :integration_id, :service_id, :summary, :source, :links, :images, :custom_details, :event_number)

-- fragment: change_event_columns
c.number, c.occurred_at, c.summary, c.source, c.links, c.images, c.custom_details, c.integration_id, g.type AS integration_type, g.name AS integration_name,
c.service_id, s.name AS service_name

-- fragment: change_event_tables
JOIN services s ON s.id = c.service_id
LEFT JOIN integrations g ON g.id = c.integration_id

-- fragment: change_event_filters
WHERE c.occurred_at >= :since AND c.occurred_at < :until
-- if: service_id
AND c.service_id = :service_id
-- end
-- if: integration_ids
AND c.integration_id IN @list(:integration_ids)
-- end
-- if: team_ids
AND EXISTS (SELECT 1 FROM services o JOIN policy_teams t ON t.policy_id = o.policy_id WHERE o.id = c.service_id AND t.team_id IN @list(:team_ids))
-- end
-- if: hidden_ids
AND c.service_id NOT IN @list(:hidden_ids)
-- end

-- name: change_event_list
SELECT @{change_event_columns} FROM (
SELECT c.number FROM change_events c
@{change_event_filters}
ORDER BY c.occurred_at DESC, c.number DESC LIMIT :limit OFFSET :offset
) page JOIN change_events c ON c.number = page.number
@{change_event_tables}
ORDER BY c.occurred_at DESC, c.number DESC

-- name: change_event_count
SELECT COUNT(*) FROM change_events c
@{change_event_filters}

-- name: change_event_get
SELECT @{change_event_columns} FROM change_events c
@{change_event_tables}
WHERE c.number = :number

-- name: change_event_update
UPDATE change_events SET summary = COALESCE(:summary, summary), custom_details = COALESCE(:custom_details, custom_details) WHERE number = :number

-- name: change_event_related
WITH RECURSIVE @{services_below_incident}
SELECT @{change_event_columns}, CASE WHEN c.service_id = i.service_id THEN 1 ELSE 0 END AS of_its_service, i.number AS incident_number,
  i.title AS incident_title
FROM incidents i, below JOIN change_events c ON c.service_id = below.id
@{change_event_tables}
WHERE i.number = :incident AND c.occurred_at >= i.created_at - :before_us AND (i.resolved_at IS NULL OR c.occurred_at <= i.resolved_at)
-- if: hidden_ids
AND (c.service_id = i.service_id OR c.service_id NOT IN @list(:hidden_ids))
-- end
ORDER BY c.occurred_at DESC, c.number DESC LIMIT :limit OFFSET :offset

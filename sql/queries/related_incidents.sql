-- What was like an incident before, and what is broken beside it. Nothing here changes anything.

-- Earlier ones of its service: those whose alerts had the key of its first alert, and those of the same title. So far back, and so many looked at, that a key or a
-- service that breaks every minute costs no more than others.
-- name: past_incident_list
SELECT i.number, i.title, i.created_at, i.resolved_at, MAX(hit.score) AS score
FROM incidents me, (
SELECT same.incident_number AS number, 100 AS score FROM (
  SELECT b.incident_number FROM alerts b, (SELECT a.dedup_key, a.integration_id FROM alerts a WHERE a.incident_number = :incident ORDER BY a.number LIMIT 1) first_alert
  WHERE b.dedup_key = first_alert.dedup_key AND b.integration_id = first_alert.integration_id
  ORDER BY (CASE WHEN b.status <> 'resolved' THEN 0 ELSE b.number END) DESC LIMIT :looked_at
) same
UNION ALL
SELECT alike.number, 50 FROM (
  SELECT n.number, n.title FROM incidents n, (SELECT m.service_id, m.created_at FROM incidents m WHERE m.number = :incident) asked
  WHERE n.service_id = asked.service_id AND n.created_at <= asked.created_at ORDER BY n.created_at DESC LIMIT :looked_at
) alike WHERE alike.title = (SELECT m.title FROM incidents m WHERE m.number = :incident)
) hit JOIN incidents i ON i.number = hit.number
WHERE me.number = :incident AND i.number <> me.number AND i.service_id = me.service_id AND i.created_at <= me.created_at AND i.created_at >= me.created_at - :back_us
GROUP BY i.number, i.title, i.created_at, i.resolved_at
ORDER BY 5 DESC, i.created_at DESC, i.number DESC LIMIT :limit

-- Those of services that its service rests on, and of services that rest on it, over any number of steps, which were open while it was.
-- name: related_incident_list
WITH RECURSIVE @{services_below_incident}, @{services_above_incident}, beside(id, is_below) AS (
  SELECT below.id, 1 FROM below
  UNION ALL
  SELECT above.id, 0 FROM above
)
SELECT i.number, i.title, i.created_at, i.resolved_at, i.service_id, s.name AS service_name, beside.is_below, me.service_id AS own_service_id, o.name AS own_service_name
FROM incidents me JOIN services o ON o.id = me.service_id, beside JOIN incidents i ON i.service_id = beside.id JOIN services s ON s.id = i.service_id
WHERE me.number = :incident AND i.service_id <> me.service_id
AND i.created_at >= me.created_at - :before_us AND (me.resolved_at IS NULL OR i.created_at <= me.resolved_at)
AND (i.resolved_at IS NULL OR i.resolved_at >= me.created_at)
ORDER BY i.created_at DESC, i.number DESC LIMIT :limit

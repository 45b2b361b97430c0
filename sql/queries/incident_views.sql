-- How incidents are shown: one query for the page, one for each thing an incident has many of. Nothing here changes anything.

-- One part of a list of incidents (api/incident_list.c). Order and window walk along one index; @unindexed marks what is checked row by row on
-- the way, so that no other index tempts the planner away from that walk.

-- fragment: incident_filters
WHERE @unindexed(i.service_id) <> 'PCANARY'
@{incidents_in_sight}
-- if: along_open
AND i.status <> 'resolved'
-- end
-- if: open
AND i.status <> 'resolved'
-- end
-- if: resolved
AND i.resolved_at IS NOT NULL
-- end
-- if: statuses
AND @unindexed(i.status) IN @list(:statuses)
-- end
-- if: urgency
AND @unindexed(i.urgency) = :urgency
-- end
-- if: service_id
AND i.service_id = :service_id
-- end
-- if: policy_id
AND i.policy_id = :policy_id
-- end
-- if: service_ids
AND @unindexed(i.service_id) IN @list(:service_ids)
-- end
-- if: team_ids
AND @unindexed(i.policy_id) IN (SELECT pt.policy_id FROM policy_teams pt WHERE pt.team_id IN @list(:team_ids))
-- end
-- if: user_ids
AND i.number IN (SELECT a.incident_number FROM assignments a WHERE a.user_id IN @list(:user_ids))
-- end
-- if: incident_key
AND i.number IN (SELECT k.number FROM incidents k WHERE k.incident_key = :incident_key
  UNION SELECT al.incident_number FROM alerts al WHERE al.dedup_key = :incident_key)
-- end
-- if: number_from
AND i.number >= :number_from
-- end
-- if: number_before
AND i.number < :number_before
-- end
-- if: resolved_from
AND i.resolved_at >= :resolved_from
-- end
-- if: since
AND i.created_at >= :since
-- end
-- if: until
AND i.created_at < :until
-- end
-- if: since_on_the_way
AND @unindexed(i.created_at) >= :since_on_the_way
-- end
-- if: until_on_the_way
AND @unindexed(i.created_at) < :until_on_the_way
-- end

-- fragment: incident_order
ORDER BY
-- if: first_number_up
i.number ASC,
-- end
-- if: first_number_down
i.number DESC,
-- end
-- if: first_created_up
i.created_at ASC,
-- end
-- if: first_created_down
i.created_at DESC,
-- end
-- if: first_resolved_up
i.resolved_at ASC,
-- end
-- if: first_resolved_down
i.resolved_at DESC,
-- end
-- if: first_urgency_up
CASE i.urgency WHEN 'high' THEN 1 ELSE 0 END ASC,
-- end
-- if: first_urgency_down
CASE i.urgency WHEN 'high' THEN 1 ELSE 0 END DESC,
-- end
-- if: second_number_up
i.number ASC,
-- end
-- if: second_number_down
i.number DESC,
-- end
-- if: second_created_up
i.created_at ASC,
-- end
-- if: second_created_down
i.created_at DESC,
-- end
-- if: second_resolved_up
i.resolved_at ASC,
-- end
-- if: second_resolved_down
i.resolved_at DESC,
-- end
-- if: second_urgency_up
CASE i.urgency WHEN 'high' THEN 1 ELSE 0 END ASC,
-- end
-- if: second_urgency_down
CASE i.urgency WHEN 'high' THEN 1 ELSE 0 END DESC,
-- end
-- if: last_number_down
i.number DESC
-- else
i.number ASC
-- end

-- scan incidents: in the order of its key; ends with the page
-- name: incident_view_list
SELECT i.number, i.created_at, i.urgency,
-- if: along_open
CAST(NULL AS BIGINT)
-- else
i.resolved_at
-- end
FROM incidents i
-- if: along_open
@along(incidents_unresolved)
-- end
@{incident_filters}
-- if: low
AND i.urgency = 'low'
-- end
@{incident_order}
LIMIT :limit

-- name: incident_view_open_of_service
SELECT i.number, i.created_at, i.urgency, CAST(NULL AS BIGINT) FROM incidents i @along(incidents_open)
@{incident_filters}
AND i.status <> 'resolved' AND i.service_id = :service_id
@{incident_order}
LIMIT :limit

-- scan incidents: a total over all time was asked for
-- name: incident_view_count
SELECT COUNT(*) FROM incidents i
-- if: along_open
@along(incidents_unresolved)
-- end
@{incident_filters}

-- Numbers grow with time, so the first incident of a day is found without an index (api/seek.h).
-- name: incident_seek
SELECT i.number, i.created_at FROM incidents i WHERE i.number >= :number ORDER BY i.number LIMIT 1

-- name: incident_seek_last
SELECT COALESCE(MAX(i.number), 0) FROM incidents i

-- name: incident_policies_of_teams
SELECT DISTINCT pt.policy_id FROM policy_teams pt WHERE pt.team_id IN @list(:team_ids) LIMIT :limit

-- name: incident_view_exists
SELECT i.number, i.status, i.service_id, i.title FROM incidents i WHERE i.number = :number

-- name: incident_bridge_get
SELECT i.conference_number, i.conference_url FROM incidents i WHERE i.number = :number

-- name: incident_bridge_set
UPDATE incidents SET conference_number = :conference_number, conference_url = :conference_url, updated_at = :now WHERE number = :number

-- name: incident_view_rows
SELECT i.number, i.service_id, s.name AS service_name, i.status, i.urgency, i.title, i.incident_key, i.body,
  i.policy_id, p.name AS policy_name, i.policy_version, i.level, i.exhausted, i.on_policy,
  i.priority_id, pr.name AS priority_name, pr.description AS priority_description, pr.color AS priority_color, pr.rank AS priority_rank,
  i.held_by_window, i.snoozed_until, i.grouping_type, i.grouping_until,
  i.alerts_all, i.alerts_triggered, i.created_at, i.updated_at, i.status_changed_at, i.status_changed_by_type, i.status_changed_by_id,
  u.name AS changed_by_name, i.resolved_at, i.resolve_reason, i.merged_into, m.title AS merged_title, i.conference_number, i.conference_url,
  COALESCE(it.name, 'incident_default') AS incident_type,
  i.first_ledger_seq, l.kind AS first_kind, l.at AS first_at, l.actor_type AS first_actor_type, l.actor_id AS first_actor_id,
  l.actor_name AS first_actor_name, l.channel AS first_channel, l.user_id AS first_user_id, l.doc AS first_doc
FROM incidents i
LEFT JOIN services s ON s.id = i.service_id
LEFT JOIN escalation_policies p ON p.id = i.policy_id
LEFT JOIN priorities pr ON pr.id = i.priority_id
LEFT JOIN users u ON u.id = i.status_changed_by_id
LEFT JOIN incidents m ON m.number = i.merged_into
LEFT JOIN ledger l ON l.seq = i.first_ledger_seq
LEFT JOIN incident_types it ON it.id = i.incident_type_id
WHERE i.number IN @intlist(:numbers)

-- name: incident_view_assignments
SELECT a.incident_number, a.user_id, u.name, a.assigned_at FROM assignments a LEFT JOIN users u ON u.id = a.user_id
WHERE a.incident_number IN @intlist(:numbers) ORDER BY a.incident_number, a.assigned_at, a.user_id

-- name: incident_view_acknowledgements
SELECT a.incident_number, a.user_id, u.name, a.at FROM acknowledgements a LEFT JOIN users u ON u.id = a.user_id
WHERE a.incident_number IN @intlist(:numbers) ORDER BY a.incident_number, a.at, a.user_id

-- name: incident_view_teams
SELECT i.number, t.id, t.name FROM incidents i JOIN policy_teams pt ON pt.policy_id = i.policy_id JOIN teams t ON t.id = pt.team_id
WHERE i.number IN @intlist(:numbers) AND t.deleted_at IS NULL ORDER BY i.number, t.name

-- name: incident_view_timers
SELECT t.incident_number, t.kind, t.due_at FROM timers t
WHERE t.kind IN @list(:kinds) AND t.incident_number IN @intlist(:numbers) ORDER BY t.incident_number, t.due_at

-- name: incident_view_responders
SELECT r.incident_number, r.user_id, u.name, r.requested_by, q.name AS requester_name, r.requested_at, r.state, r.message
FROM responders r LEFT JOIN users u ON u.id = r.user_id LEFT JOIN users q ON q.id = r.requested_by
WHERE r.incident_number IN @intlist(:numbers) ORDER BY r.incident_number, r.requested_at, r.user_id

-- What a request names must exist: one query per noun for all of its references.

-- name: incident_ref_user
SELECT u.id FROM users u WHERE u.deleted_at IS NULL AND u.id IN @list(:ids)

-- name: incident_ref_service
SELECT s.id FROM services s WHERE s.deleted_at IS NULL AND s.id IN @list(:ids)

-- name: incident_ref_escalation_policy
SELECT p.id FROM escalation_policies p WHERE p.deleted_at IS NULL AND p.id IN @list(:ids)

-- name: incident_ref_priority
SELECT p.id FROM priorities p WHERE p.id IN @list(:ids)

-- name: incident_ref_incident
SELECT i.number FROM incidents i WHERE i.number IN @intlist(:ids)

-- name: incident_priority_named
SELECT p.id FROM priorities p WHERE lower(p.name) = lower(:name) ORDER BY p.rank LIMIT 1

-- name: incident_level_targets
SELECT t.target_type, t.target_id FROM policy_targets t WHERE t.policy_id = :policy_id AND t.level = 1 ORDER BY t.target_type, t.target_id

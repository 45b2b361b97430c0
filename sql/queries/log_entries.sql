-- The ledger as it is shown: log entries of PagerDuty's shape and our own timeline.

-- fragment: log_entry_filters
WHERE l.incident_number IS NOT NULL
-- if: since
AND l.at >= :since
-- end
-- if: until
AND l.at < :until
-- end
AND l.kind IN @list(:kinds)
AND l.incident_number NOT IN (SELECT c.number FROM incidents c WHERE c.service_id = 'PCANARY')
-- if: hidden_policies
AND EXISTS (SELECT 1 FROM incidents i WHERE i.number = l.incident_number AND (i.policy_id NOT IN @list(:hidden_policies)
  OR EXISTS (SELECT 1 FROM assignments va WHERE va.incident_number = i.number AND va.user_id = :viewer)
  OR EXISTS (SELECT 1 FROM pages vg WHERE vg.incident_number = i.number AND vg.user_id = :viewer)
  OR EXISTS (SELECT 1 FROM responders vr WHERE vr.incident_number = i.number AND vr.user_id = :viewer)))
-- end
-- if: incident
AND l.incident_number = :incident
-- end
-- if: seq_from
AND l.seq >= :seq_from
-- end
-- if: seq_before
AND l.seq < :seq_before
-- end
-- if: team_ids
AND EXISTS (SELECT 1 FROM incidents i JOIN policy_teams pt ON pt.policy_id = i.policy_id
  WHERE i.number = l.incident_number AND pt.team_id IN @list(:team_ids))
-- end

-- scan ledger: from its newest entry on; ends with the page
-- name: log_entry_list
SELECT l.seq FROM ledger l
@{log_entry_filters}
ORDER BY l.seq DESC LIMIT :limit OFFSET :offset

-- scan ledger: a total over all time was asked for
-- name: log_entry_count
SELECT COUNT(*) FROM ledger l
@{log_entry_filters}

-- Numbers grow with time, so the first entry of a day is found without an index (api/seek.h).
-- name: log_entry_seek
SELECT l.seq, l.at FROM ledger l WHERE l.seq >= :number ORDER BY l.seq LIMIT 1

-- name: log_entry_seek_last
SELECT COALESCE(MAX(l.seq), 0) FROM ledger l

-- fragment: log_entry_columns
l.seq, l.incident_number, l.at, l.kind, l.actor_type, l.actor_id, l.actor_name, l.channel, l.user_id, u.name AS user_name, l.doc,
i.title, i.service_id, s.name AS service_name, i.policy_id, g.service_id AS agent_service_id, gs.name AS agent_service_name,
d.details AS channel_details

-- fragment: log_entry_joins
FROM ledger l
LEFT JOIN incidents i ON i.number = l.incident_number
LEFT JOIN services s ON s.id = i.service_id
LEFT JOIN users u ON u.id = l.user_id
LEFT JOIN integrations g ON g.id = l.actor_id
LEFT JOIN services gs ON gs.id = g.service_id
LEFT JOIN log_entry_details d ON d.ledger_seq = l.seq

-- name: log_entry_rows
SELECT @{log_entry_columns} @{log_entry_joins} WHERE l.seq IN @intlist(:numbers)

-- name: log_entry_teams
SELECT l.seq, t.id, t.name FROM ledger l JOIN incidents i ON i.number = l.incident_number
JOIN policy_teams pt ON pt.policy_id = i.policy_id JOIN teams t ON t.id = pt.team_id
WHERE l.seq IN @intlist(:numbers) AND t.deleted_at IS NULL ORDER BY l.seq, t.name

-- name: log_entry_get
SELECT l.seq, l.incident_number, l.kind, l.channel FROM ledger l WHERE l.seq = :seq

-- name: log_entry_timeline
SELECT @{log_entry_columns} @{log_entry_joins} WHERE l.incident_number = :incident AND l.seq < :before
ORDER BY l.seq DESC LIMIT :limit

-- name: log_entry_set_channel_details
INSERT INTO log_entry_details (ledger_seq, details, changed_by, changed_at) VALUES (:seq, :details, :by, :at)
ON CONFLICT (ledger_seq) DO UPDATE SET details = excluded.details, changed_by = excluded.changed_by, changed_at = excluded.changed_at

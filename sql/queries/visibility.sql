-- What somebody who does not administer may not see (api/visibility.h). `open`: only what belongs to private teams is hidden; else everything of other teams.

-- name: sight_private_teams
SELECT t.id FROM teams t @along(teams_private) WHERE t.default_role = 'none' AND t.deleted_at IS NULL LIMIT 1

-- fragment: out_of_sight_policy
NOT EXISTS (SELECT 1 FROM policy_teams x JOIN team_members m ON m.team_id = x.team_id WHERE x.policy_id = p.id AND m.user_id = :viewer)
-- if: open
AND EXISTS (SELECT 1 FROM policy_teams x JOIN teams t ON t.id = x.team_id WHERE x.policy_id = p.id AND t.default_role = 'none' AND t.deleted_at IS NULL)
-- end

-- name: sight_hidden_policies
SELECT p.id FROM escalation_policies p WHERE p.id <> 'PCANARY' AND @{out_of_sight_policy}

-- name: sight_hidden_services
SELECT s.id FROM services s JOIN escalation_policies p ON p.id = s.policy_id WHERE s.id <> 'PCANARY' AND @{out_of_sight_policy}

-- name: sight_hidden_schedules
SELECT s.id FROM schedules s
WHERE NOT EXISTS (SELECT 1 FROM schedule_teams x JOIN team_members m ON m.team_id = x.team_id WHERE x.schedule_id = s.id AND m.user_id = :viewer)
AND NOT EXISTS (SELECT 1 FROM schedule_users u WHERE u.schedule_id = s.id AND u.user_id = :viewer)
-- if: open
AND EXISTS (SELECT 1 FROM schedule_teams x JOIN teams t ON t.id = x.team_id WHERE x.schedule_id = s.id AND t.default_role = 'none' AND t.deleted_at IS NULL)
-- end

-- name: sight_hidden_teams
SELECT t.id FROM teams t WHERE t.deleted_at IS NULL
AND NOT EXISTS (SELECT 1 FROM team_members m WHERE m.team_id = t.id AND m.user_id = :viewer)
-- if: open
AND t.default_role = 'none'
-- end

-- name: sight_incident
SELECT i.policy_id,
CASE WHEN EXISTS (SELECT 1 FROM assignments a WHERE a.incident_number = i.number AND a.user_id = :viewer)
OR EXISTS (SELECT 1 FROM pages g WHERE g.incident_number = i.number AND g.user_id = :viewer)
OR EXISTS (SELECT 1 FROM responders r WHERE r.incident_number = i.number AND r.user_id = :viewer) THEN 1 ELSE 0 END
FROM incidents i WHERE i.number = :number

-- name: sight_log_entry
SELECT l.incident_number FROM ledger l WHERE l.seq = :number

-- What these are about: one row for each thing; out of sight when all of them are. An account's webhooks hear of everything.
-- name: sight_webhook
SELECT CASE WHEN w.filter_type = 'account' THEN '' ELSE w.filter_id END FROM webhook_subscriptions w WHERE w.id = :id

-- name: sight_heartbeat
SELECT h.service_id FROM heartbeats h WHERE h.id = :id

-- name: sight_window
SELECT x.service_id FROM maintenance_window_services x WHERE x.window_id = :id

-- name: sight_grouping
SELECT s.id FROM services s WHERE s.grouping_setting_id = :id

-- Of incidents i, in a list.
-- fragment: incidents_in_sight
-- if: hidden_policies
AND (@unindexed(i.policy_id) NOT IN @list(:hidden_policies)
OR EXISTS (SELECT 1 FROM assignments va WHERE va.incident_number = i.number AND va.user_id = :viewer)
OR EXISTS (SELECT 1 FROM pages vg WHERE vg.incident_number = i.number AND vg.user_id = :viewer)
OR EXISTS (SELECT 1 FROM responders vr WHERE vr.incident_number = i.number AND vr.user_id = :viewer))
-- end

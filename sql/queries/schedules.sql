-- Schedules, their versions and overrides. The document of a version: core/schedule.h.

-- name: schedule_head
-- remembered
SELECT name, deleted_at FROM schedules WHERE id = :id

-- The version in force at :since (or the first one) and all that follow until :until.
-- name: schedule_versions_between
-- remembered
SELECT version, effective_from, doc FROM schedule_versions
WHERE schedule_id = :id AND effective_from < :until
  AND version >= (SELECT COALESCE(MAX(v.version), 1) FROM schedule_versions v WHERE v.schedule_id = :id AND v.effective_from <= :since)
ORDER BY version LIMIT :limit

-- name: schedule_version_first
-- remembered
SELECT version, effective_from, doc FROM schedule_versions WHERE schedule_id = :id
ORDER BY effective_from, version DESC LIMIT 1

-- name: schedule_overrides_between
-- remembered
SELECT COALESCE(o.origin, o.number), o.start_at, o.end_at, o.user_id, o.created_at, o.deleted_at, u.deleted_at, o.kind, o.rotation_id, o.shift_number,
  o.replaced_id
FROM schedule_overrides o LEFT JOIN users u ON u.id = o.user_id
WHERE o.schedule_id = :id AND o.end_at > :since AND o.start_at < :until
ORDER BY COALESCE(o.origin, o.number), o.number LIMIT :limit

-- name: schedule_leavers
-- remembered
SELECT u.id, u.deleted_at FROM users u WHERE u.deleted_at IS NOT NULL AND u.id IN @list(:ids) ORDER BY u.deleted_at, u.id

-- Writing -----------------------------------------------------------------------------------------------

-- name: schedule_current
SELECT s.version, v.doc FROM schedules s JOIN schedule_versions v ON v.schedule_id = s.id AND v.version = s.version
WHERE s.id = :id AND s.deleted_at IS NULL

-- name: schedule_name_taken
SELECT id FROM schedules WHERE lower(name) = lower(:name) AND deleted_at IS NULL AND id <> :id

-- name: schedule_known_user
SELECT 1 FROM users WHERE id = :id AND deleted_at IS NULL

-- name: schedule_known_team
SELECT 1 FROM teams WHERE id = :id AND deleted_at IS NULL

-- name: schedule_insert
INSERT INTO schedules (id, type, name, description, time_zone, version, created_at, updated_at)
VALUES (:id, :type, :name, :description, :time_zone, 1, :now, :now)

-- name: schedule_update
UPDATE schedules SET name = :name, description = :description, time_zone = :time_zone, version = :version, updated_at = :now
WHERE id = :id

-- name: schedule_version_insert
INSERT INTO schedule_versions (schedule_id, version, effective_from, doc) VALUES (:id, :version, :now, :doc)

-- name: schedule_users_clear
DELETE FROM schedule_users WHERE schedule_id = :id

-- name: schedule_user_insert
INSERT INTO schedule_users (schedule_id, user_id) VALUES (:id, :user_id) ON CONFLICT (schedule_id, user_id) DO NOTHING

-- name: schedule_teams_clear
DELETE FROM schedule_teams WHERE schedule_id = :id

-- name: schedule_team_insert
INSERT INTO schedule_teams (schedule_id, team_id) VALUES (:id, :team_id) ON CONFLICT (schedule_id, team_id) DO NOTHING

-- name: schedule_delete
UPDATE schedules SET deleted_at = :now, updated_at = :now WHERE id = :id AND deleted_at IS NULL

-- name: schedule_policies
SELECT DISTINCT p.id, p.name FROM policy_targets t JOIN escalation_policies p ON p.id = t.policy_id
WHERE t.target_type = 'schedule' AND t.target_id = :id AND p.deleted_at IS NULL
ORDER BY p.name, p.id

-- name: schedule_override_insert
INSERT INTO schedule_overrides (schedule_id, kind, origin, start_at, end_at, user_id, rotation_id, shift_number, replaced_id, created_at, created_by)
VALUES (:id, :kind, :origin, :start_at, :end_at, :user_id, :rotation_id, :shift_number, :replaced_id, :now, :created_by) RETURNING number

-- name: schedule_override_get
SELECT start_at, end_at FROM schedule_overrides WHERE number = :number AND schedule_id = :id AND deleted_at IS NULL

-- name: schedule_override_end
UPDATE schedule_overrides SET end_at = :now WHERE number = :number

-- name: schedule_override_delete
UPDATE schedule_overrides SET deleted_at = :now WHERE number = :number

-- Showing -----------------------------------------------------------------------------------------------

-- name: schedule_list
SELECT s.id, s.name,
@{list_total}
FROM schedules s WHERE s.deleted_at IS NULL AND s.type = :type
-- if: hidden_ids
AND s.id NOT IN @list(:hidden_ids)
-- end
-- if: query
AND @contains(s.name, :query)
-- end
-- if: team_ids
AND s.id IN (SELECT t.schedule_id FROM schedule_teams t WHERE t.team_id IN @list(:team_ids))
-- end
ORDER BY lower(s.name) LIMIT :limit OFFSET :offset

-- name: schedule_show
SELECT name, description, time_zone, type FROM schedules WHERE id = :id AND deleted_at IS NULL

-- name: schedule_show_users
SELECT u.id, u.name FROM schedule_users s JOIN users u ON u.id = s.user_id
WHERE s.schedule_id = :id AND u.deleted_at IS NULL ORDER BY u.name, u.id

-- name: schedule_show_teams
SELECT t.id, t.name FROM schedule_teams s JOIN teams t ON t.id = s.team_id
WHERE s.schedule_id = :id AND t.deleted_at IS NULL ORDER BY t.name, t.id

-- People who left keep their name in what was.
-- name: schedule_user_names
SELECT id, name FROM users WHERE id IN @list(:ids)

-- name: schedule_override_list
SELECT o.number, o.start_at, o.end_at, o.user_id, u.name FROM schedule_overrides o JOIN users u ON u.id = o.user_id
WHERE o.schedule_id = :id AND o.deleted_at IS NULL AND o.end_at > :since AND o.start_at < :until
ORDER BY o.start_at, o.number LIMIT :limit

-- name: oncall_policies
-- remembered
SELECT p.id, p.name, v.doc FROM escalation_policies p JOIN policy_versions v ON v.policy_id = p.id AND v.version = p.version
WHERE p.deleted_at IS NULL AND p.id <> 'PCANARY'
-- if: policy_ids
AND p.id IN @list(:policy_ids)
-- end
-- if: schedule_ids
AND p.id IN (SELECT t.policy_id FROM policy_targets t WHERE t.target_type = 'schedule' AND t.target_id IN @list(:schedule_ids))
-- end
-- if: user_ids
AND p.id IN (SELECT t.policy_id FROM policy_targets t WHERE t.target_type = 'user' AND t.target_id IN @list(:user_ids)
  UNION SELECT t.policy_id FROM schedule_users s JOIN policy_targets t ON t.target_type = 'schedule' AND t.target_id = s.schedule_id
  WHERE s.user_id IN @list(:user_ids)
  UNION SELECT t.policy_id FROM schedule_overrides o JOIN policy_targets t ON t.target_type = 'schedule' AND t.target_id = o.schedule_id
  WHERE o.user_id IN @list(:user_ids))
-- end
ORDER BY lower(p.name)

-- name: schedules_in_use
-- remembered
SELECT DISTINCT s.id, s.name FROM schedules s JOIN policy_targets t ON t.target_type = 'schedule' AND t.target_id = s.id
JOIN escalation_policies p ON p.id = t.policy_id
WHERE s.deleted_at IS NULL AND p.deleted_at IS NULL
ORDER BY s.name, s.id

-- name: oncall_everybody
-- remembered
SELECT id FROM users WHERE deleted_at IS NULL

-- name: oncall_people
SELECT id, name FROM users WHERE id IN @list(:ids) AND deleted_at IS NULL

-- Handoff notices -----------------------------------------------------------------------------------------

-- name: handoff_rules_of
SELECT r.id, r.user_id, r.contact_method_id, r.advance_s, r.handoff_type, c.verified_at, u.time_zone
FROM handoff_rules r JOIN users u ON u.id = r.user_id JOIN contact_methods c ON c.id = r.contact_method_id
WHERE u.deleted_at IS NULL AND c.deleted_at IS NULL AND r.user_id IN @list(:ids)
ORDER BY r.user_id, r.id

-- A schedule whose shifts matter to somebody: a policy says always, or it has a service.
-- name: handoff_policies
SELECT v.doc, (SELECT COUNT(*) FROM services s WHERE s.policy_id = p.id AND s.deleted_at IS NULL)
FROM escalation_policies p JOIN policy_versions v ON v.policy_id = p.id AND v.version = p.version
WHERE p.deleted_at IS NULL AND p.id IN (SELECT t.policy_id FROM policy_targets t WHERE t.target_type = 'schedule' AND t.target_id = :id)

-- name: handoff_notice_insert
INSERT INTO handoff_notices (schedule_id, rule_id, boundary_at, direction) VALUES (:schedule_id, :rule_id, :boundary_at, :direction)
ON CONFLICT (schedule_id, rule_id, boundary_at, direction) DO NOTHING

-- name: handoff_notices_forget
DELETE FROM handoff_notices WHERE schedule_id = :schedule_id AND boundary_at < :before

-- name: handoff_schedules_of_user
SELECT s.id FROM schedules s WHERE s.deleted_at IS NULL AND (
  s.id IN (SELECT u.schedule_id FROM schedule_users u WHERE u.user_id = :user_id)
  OR s.id IN (SELECT o.schedule_id FROM schedule_overrides o WHERE o.user_id = :user_id AND o.deleted_at IS NULL AND o.end_at > :now))
ORDER BY s.id

-- Shift-based schedules -----------------------------------------------------------------------------------

-- Of deleted ones too: history names them.
-- name: schedule_type
SELECT type FROM schedules WHERE id = :id

-- The row that counts now.
-- name: schedule_shift_get
SELECT number, start_at, end_at, user_id, rotation_id, shift_number, replaced_id FROM schedule_overrides
WHERE schedule_id = :id AND kind = :kind AND deleted_at IS NULL AND (number = :number OR origin = :number)
ORDER BY number DESC LIMIT 1

-- name: schedule_shift_list
SELECT COALESCE(origin, number), start_at, end_at, user_id, rotation_id, shift_number, replaced_id FROM schedule_overrides
WHERE schedule_id = :id AND kind = :kind AND deleted_at IS NULL AND end_at > :since AND start_at < :until
ORDER BY start_at, number LIMIT :limit OFFSET :offset

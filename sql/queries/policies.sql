-- Escalation policies: the newest version is in force, every version stays.

-- fragment: policy_columns
p.id, p.name, p.description, p.version, p.created_at, p.updated_at, v.doc

-- The page is cut before its documents are read.
-- name: escalation_policy_list
SELECT @{policy_columns}, page.total FROM (
SELECT p.id,
@{list_total}
FROM escalation_policies p WHERE p.deleted_at IS NULL AND p.id <> 'PCANARY'
-- if: hidden_ids
AND p.id NOT IN @list(:hidden_ids)
-- end
-- if: query
AND @contains(p.name, :query)
-- end
-- if: team_ids
AND EXISTS (SELECT 1 FROM policy_teams t WHERE t.policy_id = p.id AND t.team_id IN @list(:team_ids))
-- end
-- if: user_ids
AND EXISTS (SELECT 1 FROM policy_targets t WHERE t.policy_id = p.id AND t.target_type = 'user' AND t.target_id IN @list(:user_ids))
-- end
ORDER BY
-- if: sort_name_asc
lower(p.name) ASC,
-- end
-- if: sort_name_desc
lower(p.name) DESC,
-- end
lower(p.name) LIMIT :limit OFFSET :offset
) page JOIN escalation_policies p ON p.id = page.id JOIN policy_versions v ON v.policy_id = p.id AND v.version = p.version
ORDER BY
-- if: sort_name_asc
lower(p.name) ASC,
-- end
-- if: sort_name_desc
lower(p.name) DESC,
-- end
lower(p.name), p.id

-- name: escalation_policy_get
SELECT @{policy_columns} FROM escalation_policies p JOIN policy_versions v ON v.policy_id = p.id AND v.version = p.version
WHERE p.id = :id AND p.deleted_at IS NULL

-- name: escalation_policy_current
SELECT p.version, v.doc FROM escalation_policies p JOIN policy_versions v ON v.policy_id = p.id AND v.version = p.version WHERE p.id = :id

-- name: escalation_policy_insert
INSERT INTO escalation_policies (id, name, description, version, created_at, updated_at) VALUES (:id, :name, :description, :version, :now, :now)

-- name: escalation_policy_update
UPDATE escalation_policies SET name = :name, description = :description, version = :version, updated_at = :now WHERE id = :id

-- name: escalation_policy_delete
UPDATE escalation_policies SET deleted_at = :now, updated_at = :now WHERE id = :id

-- name: policy_version_insert
INSERT INTO policy_versions (policy_id, version, effective_from, doc) VALUES (:policy_id, :version, :now, :doc)

-- name: policy_targets_clear
DELETE FROM policy_targets WHERE policy_id = :id

-- name: policy_target_add
INSERT INTO policy_targets (policy_id, level, target_type, target_id) VALUES (:id, :level, :target_type, :target_id)

-- name: policy_services
SELECT id, name FROM services WHERE policy_id = :id AND deleted_at IS NULL ORDER BY lower(name), id

-- name: policy_teams
SELECT t.id, t.name FROM policy_teams x JOIN teams t ON t.id = x.team_id WHERE x.policy_id = :id AND t.deleted_at IS NULL ORDER BY lower(t.name), t.id

-- name: policy_teams_clear
DELETE FROM policy_teams WHERE policy_id = :id

-- name: policy_teams_add
INSERT INTO policy_teams (policy_id, team_id) VALUES (:id, :value)

-- Names of targets, gone ones too: a policy may still name somebody who left.
-- name: policy_target_user
SELECT name FROM users WHERE id = :id

-- name: policy_target_schedule
SELECT name, type FROM schedules WHERE id = :id

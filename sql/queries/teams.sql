-- Teams and who is in them.

-- fragment: team_columns
t.id, t.name, t.description, t.default_role

-- name: team_list
SELECT @{team_columns},
@{list_total}
FROM teams t WHERE t.deleted_at IS NULL
-- if: hidden_ids
AND t.id NOT IN @list(:hidden_ids)
-- end
-- if: query
AND @contains(t.name, :query)
-- end
ORDER BY lower(t.name) LIMIT :limit OFFSET :offset

-- name: team_get
SELECT @{team_columns} FROM teams t WHERE t.id = :id AND t.deleted_at IS NULL

-- name: team_insert
INSERT INTO teams (id, name, description, default_role, created_at) VALUES (:id, :name, :description, :default_role, :now)

-- name: team_update
UPDATE teams SET name = :name, description = :description, default_role = :default_role WHERE id = :id

-- name: team_delete
UPDATE teams SET deleted_at = :now WHERE id = :id

-- What keeps a team from being deleted.
-- name: team_uses
SELECT 'escalation policy' AS kind, p.name FROM policy_teams x JOIN escalation_policies p ON p.id = x.policy_id
WHERE x.team_id = :id AND p.deleted_at IS NULL
UNION ALL
SELECT 'schedule' AS kind, s.name FROM schedule_teams x JOIN schedules s ON s.id = x.schedule_id
WHERE x.team_id = :id AND s.deleted_at IS NULL
UNION ALL
SELECT 'business service' AS kind, b.name FROM business_services b WHERE b.team_id = :id AND b.deleted_at IS NULL

-- name: team_members_clear
DELETE FROM team_members WHERE team_id = :id

-- name: team_member_list
SELECT m.user_id, u.name, m.role,
@{list_total}
FROM team_members m JOIN users u ON u.id = m.user_id
WHERE m.team_id = :id AND u.deleted_at IS NULL
ORDER BY lower(u.name), u.id LIMIT :limit OFFSET :offset

-- name: team_member_set
INSERT INTO team_members (team_id, user_id, role) VALUES (:team_id, :user_id, :role)
ON CONFLICT (team_id, user_id) DO UPDATE SET role = excluded.role

-- name: team_member_delete
DELETE FROM team_members WHERE team_id = :team_id AND user_id = :user_id

-- name: team_policy_add
INSERT INTO policy_teams (policy_id, team_id) VALUES (:policy_id, :team_id) ON CONFLICT (policy_id, team_id) DO NOTHING

-- name: team_policy_delete
DELETE FROM policy_teams WHERE policy_id = :policy_id AND team_id = :team_id

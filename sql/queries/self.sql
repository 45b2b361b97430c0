-- What the self-check found (engine/self_report.h), and the built-in service that tells it.

-- name: self_findings
SELECT name, found_in, schedule_id, start_at, end_at FROM self_findings ORDER BY name LIMIT :limit

-- name: self_finding_set
INSERT INTO self_findings (name, found_in, schedule_id, start_at, end_at, found_at) VALUES (:name, :found_in, :schedule_id, :start_at, :end_at, :now)
ON CONFLICT (name) DO UPDATE SET start_at = excluded.start_at, end_at = excluded.end_at

-- name: self_finding_forget
DELETE FROM self_findings WHERE name = :name

-- name: self_findings_of_group
SELECT COUNT(*) FROM self_findings WHERE found_in = :found_in

-- name: self_policy
INSERT INTO escalation_policies (id, name, version, created_at, updated_at)
VALUES ('PMUSTER', 'Muster itself', 1, :now, :now) ON CONFLICT DO NOTHING

-- name: self_policy_version
INSERT INTO policy_versions (policy_id, version, effective_from, doc)
SELECT p.id, 1, CAST(:now AS BIGINT), CAST(:doc AS TEXT) FROM escalation_policies p WHERE p.id = 'PMUSTER' ON CONFLICT DO NOTHING

-- name: self_policy_target
INSERT INTO policy_targets (policy_id, level, target_type, target_id)
SELECT p.id, 1, 'user', CAST(:user_id AS TEXT) FROM escalation_policies p
WHERE p.id = 'PMUSTER' AND NOT EXISTS (SELECT 1 FROM policy_targets t WHERE t.policy_id = p.id)

-- name: self_service
INSERT INTO services (id, name, description, policy_id, created_at, updated_at)
SELECT 'PMUSTER', 'Muster itself', 'What Muster finds wrong with itself', p.id, CAST(:now AS BIGINT), CAST(:now AS BIGINT) FROM escalation_policies p
WHERE p.id = 'PMUSTER' AND (NOT EXISTS (SELECT 1 FROM services s WHERE lower(s.name) = 'muster itself' AND s.deleted_at IS NULL AND s.id <> 'PMUSTER'))
ON CONFLICT (id) DO UPDATE SET deleted_at = NULL

-- name: self_services
SELECT COUNT(*) FROM services WHERE id = 'PMUSTER' AND deleted_at IS NULL

-- Whom a gap in a schedule concerns: the managers of its teams.
-- name: self_schedule_managers
SELECT DISTINCT u.id FROM schedule_teams t JOIN team_members m ON m.team_id = t.team_id AND m.role = 'manager'
JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL WHERE t.schedule_id = :schedule_id ORDER BY u.id

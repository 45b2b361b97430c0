-- What a new installation is filled with: its administrator, priorities, a first service, the sample organisation.

-- name: setup_priority_insert
INSERT INTO priorities (id, name, description, color, rank) VALUES (:id, :name, :description, :color, :rank)

-- name: setup_policy_insert
INSERT INTO escalation_policies (id, name, description, version, created_at, updated_at) VALUES (:id, :name, :description, 1, :now, :now)

-- name: setup_policy_version_insert
INSERT INTO policy_versions (policy_id, version, effective_from, doc) VALUES (:policy_id, 1, :now, :doc)

-- name: setup_policy_target_insert
INSERT INTO policy_targets (policy_id, level, target_type, target_id) VALUES (:policy_id, :level, :target_type, :target_id)

-- name: setup_policy_team_insert
INSERT INTO policy_teams (policy_id, team_id) VALUES (:policy_id, :team_id)

-- name: setup_service_insert
INSERT INTO services (id, name, description, policy_id, acknowledgement_timeout_s, urgency, grouping_setting_id, created_at, updated_at)
VALUES (:id, :name, :description, :policy_id, :acknowledgement_timeout_s, :urgency, :grouping_setting_id, :now, :now)

-- name: setup_grouping_insert
INSERT INTO alert_grouping_settings (id, type, timeout_s, rolling, fields, created_at, updated_at) VALUES (:id, 'time', :timeout_s, 0, '[]', :now, :now)

-- name: setup_integration_insert
INSERT INTO integrations (id, service_id, type, name, integration_key, created_at)
VALUES (:id, :service_id, 'events_api_v2_inbound_integration', :name, :integration_key, :now)

-- name: setup_rule_insert
INSERT INTO notification_rules (id, user_id, urgency, start_delay_s, contact_method_id, created_at)
VALUES (:id, :user_id, :urgency, :start_delay_s, :contact_method_id, :now)

-- name: setup_team_insert
INSERT INTO teams (id, name, description, created_at) VALUES (:id, :name, :description, :now)

-- name: setup_team_member_insert
INSERT INTO team_members (team_id, user_id, role) VALUES (:team_id, :user_id, :role)

-- The key that a script is told, as long as its integration exists.
-- name: setup_integration_key
SELECT g.integration_key FROM installation i JOIN integrations g ON g.id = i.value
WHERE i.name = 'first_integration' AND g.deleted_at IS NULL

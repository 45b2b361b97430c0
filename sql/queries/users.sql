-- People, how to reach them and when.

-- fragment: user_columns
u.id, u.name, u.email, u.time_zone, u.color, u.role, u.description, u.job_title, u.created_at

-- name: user_list
SELECT @{user_columns},
@{list_total}
FROM users u WHERE u.deleted_at IS NULL AND u.id <> 'PCANARY'
-- if: query
AND (@contains(u.name, :query) OR @contains(u.email, :query))
-- end
-- if: team_ids
AND EXISTS (SELECT 1 FROM team_members m WHERE m.user_id = u.id AND m.team_id IN @list(:team_ids))
-- end
ORDER BY lower(u.name), u.id LIMIT :limit OFFSET :offset

-- name: user_get
SELECT @{user_columns} FROM users u WHERE u.id = :id AND u.deleted_at IS NULL

-- name: license_allocations
SELECT u.id, u.name, u.created_at FROM users u WHERE u.deleted_at IS NULL AND u.id <> 'PCANARY' ORDER BY u.created_at, u.id LIMIT :limit OFFSET :offset

-- name: license_count
SELECT COUNT(*) FROM users u WHERE u.deleted_at IS NULL AND u.id <> 'PCANARY'

-- name: user_insert
INSERT INTO users (id, name, email, role, time_zone, color, job_title, description, created_at, updated_at)
VALUES (:id, :name, :email, :role, :time_zone, :color, :job_title, :description, :now, :now)

-- name: user_update
UPDATE users SET name = :name, email = :email, role = :role, time_zone = :time_zone, color = :color, job_title = :job_title,
description = :description, updated_at = :now WHERE id = :id

-- name: user_delete
UPDATE users SET deleted_at = :now, updated_at = :now WHERE id = :id

-- name: user_other_administrators
SELECT COUNT(*) FROM users WHERE id <> :id AND role IN ('owner', 'admin') AND deleted_at IS NULL

-- name: user_open_assignments
SELECT i.number FROM assignments a JOIN incidents i ON i.number = a.incident_number
WHERE a.user_id = :id AND i.status <> 'resolved' ORDER BY i.number LIMIT 20

-- name: user_leaves_teams
DELETE FROM team_members WHERE user_id = :id

-- name: user_tokens_revoke
UPDATE api_tokens SET revoked_at = :now WHERE user_id = :id AND revoked_at IS NULL

-- name: user_contact_methods_delete
UPDATE contact_methods SET deleted_at = :now WHERE user_id = :id AND deleted_at IS NULL

-- name: user_teams
SELECT t.id, t.name FROM team_members m JOIN teams t ON t.id = m.team_id
WHERE m.user_id = :id AND t.deleted_at IS NULL ORDER BY lower(t.name), t.id

-- fragment: contact_method_type
CASE c.channel WHEN 'email' THEN 'email_contact_method' WHEN 'sms' THEN 'sms_contact_method' WHEN 'phone' THEN 'phone_contact_method'
WHEN 'push' THEN 'push_notification_contact_method' ELSE 'webhook_contact_method' END

-- name: user_contact_methods
SELECT c.id, c.label, @{contact_method_type} AS type, '/users/' || c.user_id || '/contact_methods/' || c.id AS path
FROM contact_methods c WHERE c.user_id = :id AND c.deleted_at IS NULL ORDER BY c.created_at, c.id

-- name: user_notification_rules
SELECT r.id, c.label, 'assignment_notification_rule' AS type, '/users/' || r.user_id || '/notification_rules/' || r.id AS path
FROM notification_rules r JOIN contact_methods c ON c.id = r.contact_method_id
WHERE r.user_id = :id ORDER BY r.urgency, r.start_delay_s, r.id

-- fragment: contact_method_columns
c.id, c.user_id AS parent_id, c.channel, @{contact_method_type} AS type, c.label, c.address, c.country_code, c.send_short_email, c.verified_at,
c.blocked_reason, c.created_at

-- name: contact_method_list
SELECT @{contact_method_columns},
@{list_total}
FROM contact_methods c
WHERE c.user_id = :parent_id AND c.deleted_at IS NULL ORDER BY c.created_at, c.id LIMIT :limit OFFSET :offset

-- name: contact_method_get
SELECT @{contact_method_columns} FROM contact_methods c WHERE c.id = :id AND c.deleted_at IS NULL

-- name: contact_method_insert
INSERT INTO contact_methods (id, user_id, channel, label, address, country_code, send_short_email, verified_at, created_at)
VALUES (:id, :parent_id, :channel, :label, :address, :country_code, :send_short_email, CASE WHEN :vouched = 1 THEN CAST(:now AS BIGINT) ELSE NULL END, :now)

-- A new address has to prove itself again.
-- name: contact_method_update
UPDATE contact_methods SET channel = :channel, label = :label, send_short_email = :send_short_email,
verified_at = CASE WHEN :vouched = 1 THEN :now WHEN address = :address AND country_code = :country_code THEN verified_at ELSE NULL END,
blocked_reason = CASE WHEN :vouched = 0 AND address = :address AND country_code = :country_code THEN blocked_reason ELSE NULL END,
address = :address, country_code = :country_code WHERE id = :id

-- name: contact_method_delete
UPDATE contact_methods SET deleted_at = :now WHERE id = :id

-- name: contact_method_rules_delete
DELETE FROM notification_rules WHERE contact_method_id = :id

-- name: contact_method_handoff_rules_delete
DELETE FROM handoff_rules WHERE contact_method_id = :id

-- name: contact_method_code_set
UPDATE contact_methods SET code_hash = :code_hash, code_sent_at = :now, code_tries = 0 WHERE id = :id

-- name: contact_method_code
SELECT code_hash, code_sent_at, code_tries FROM contact_methods WHERE id = :id AND deleted_at IS NULL

-- name: contact_method_code_failed
UPDATE contact_methods SET code_tries = code_tries + 1 WHERE id = :id

-- name: contact_method_verified
UPDATE contact_methods SET verified_at = :now, blocked_reason = NULL, code_hash = NULL, code_sent_at = NULL, code_tries = 0 WHERE id = :id

-- fragment: notification_rule_columns
r.id, r.user_id AS parent_id, r.urgency, r.start_delay_s, r.contact_method_id, c.label AS name, c.label AS contact_method_id_summary, r.created_at

-- name: notification_rule_list
SELECT @{notification_rule_columns},
@{list_total}
FROM notification_rules r JOIN contact_methods c ON c.id = r.contact_method_id WHERE r.user_id = :parent_id
-- if: urgency_high
AND r.urgency = 'high'
-- end
-- if: urgency_low
AND r.urgency = 'low'
-- end
-- if: urgency_all
AND 1 = 1
-- end
ORDER BY r.urgency, r.start_delay_s, r.created_at, r.id LIMIT :limit OFFSET :offset

-- name: notification_rule_get
SELECT @{notification_rule_columns} FROM notification_rules r JOIN contact_methods c ON c.id = r.contact_method_id WHERE r.id = :id

-- name: notification_rule_same
SELECT id FROM notification_rules WHERE user_id = :user_id AND urgency = :urgency AND start_delay_s = :start_delay_s
AND contact_method_id = :contact_method_id AND id <> :id

-- name: notification_rule_insert
INSERT INTO notification_rules (id, user_id, urgency, start_delay_s, contact_method_id, created_at)
VALUES (:id, :parent_id, :urgency, :start_delay_s, :contact_method_id, :now)

-- name: notification_rule_update
UPDATE notification_rules SET urgency = :urgency, start_delay_s = :start_delay_s, contact_method_id = :contact_method_id
WHERE id = :id

-- name: notification_rule_delete
DELETE FROM notification_rules WHERE id = :id

-- fragment: handoff_rule_columns
r.id, r.user_id AS parent_id, r.handoff_type, r.advance_s, r.contact_method_id, c.label AS name, c.label AS contact_method_id_summary

-- name: handoff_rule_list
SELECT @{handoff_rule_columns},
@{list_total}
FROM handoff_rules r JOIN contact_methods c ON c.id = r.contact_method_id WHERE r.user_id = :parent_id
ORDER BY r.advance_s, r.id LIMIT :limit OFFSET :offset

-- name: handoff_rule_get
SELECT @{handoff_rule_columns} FROM handoff_rules r JOIN contact_methods c ON c.id = r.contact_method_id WHERE r.id = :id

-- name: handoff_rule_insert
INSERT INTO handoff_rules (id, user_id, contact_method_id, advance_s, handoff_type, created_at)
VALUES (:id, :parent_id, :contact_method_id, :advance_s, :handoff_type, :now)

-- name: handoff_rule_update
UPDATE handoff_rules SET contact_method_id = :contact_method_id, advance_s = :advance_s, handoff_type = :handoff_type
WHERE id = :id

-- name: handoff_rule_delete
DELETE FROM handoff_rules WHERE id = :id

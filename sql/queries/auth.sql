-- Who is asking: tokens, sessions, passwords.

-- name: auth_token
SELECT t.id, t.name, t.role, t.last_used_at, u.id AS user_id, u.name AS user_name, u.email, u.time_zone, u.role AS user_role
FROM api_tokens t LEFT JOIN users u ON u.id = t.user_id
WHERE t.token_hash = :token_hash AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > :now)
AND (t.user_id IS NULL OR u.deleted_at IS NULL)

-- name: auth_token_touch
UPDATE api_tokens SET last_used_at = :now WHERE id = :id

-- name: auth_session
SELECT u.id, u.name, u.email, u.time_zone, u.role, s.proven_by
FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.token_hash = :token_hash AND s.expires_at > :now AND u.deleted_at IS NULL

-- name: auth_session_insert
INSERT INTO sessions (token_hash, user_id, proven_by, created_at, expires_at) VALUES (:token_hash, :user_id, :proven_by, :created_at, :expires_at)

-- name: auth_session_delete
DELETE FROM sessions WHERE token_hash = :token_hash

-- name: auth_session_expire
DELETE FROM sessions WHERE expires_at <= :now

-- name: auth_sessions_of_user_delete
DELETE FROM sessions WHERE user_id = :user_id

-- name: auth_user_by_email
SELECT id, name, email, time_zone, role, password_hash FROM users WHERE lower(email) = lower(:email) AND deleted_at IS NULL

-- name: auth_role
SELECT role FROM users WHERE id = :id AND deleted_at IS NULL

-- name: auth_password_set
UPDATE users SET password_hash = :password_hash, updated_at = :now WHERE id = :id AND deleted_at IS NULL

-- name: auth_session_proven
UPDATE sessions SET proven_by = :proven_by WHERE token_hash = :token_hash

-- name: auth_other_sessions_delete
DELETE FROM sessions WHERE user_id = :user_id AND token_hash <> :token_hash

-- name: second_factor
SELECT f.secret, f.confirmed_at, f.offered_secret, f.last_step, f.offered_at,
(SELECT COUNT(*) FROM recovery_codes c WHERE c.user_id = f.user_id AND c.used_at IS NULL) AS recovery_codes_left
FROM second_factors f WHERE f.user_id = :user_id

-- name: second_factor_offer
INSERT INTO second_factors (user_id, offered_secret, offered_at) VALUES (:user_id, :secret, :now)
ON CONFLICT (user_id) DO UPDATE SET offered_secret = excluded.offered_secret, offered_at = excluded.offered_at

-- name: second_factor_confirm
UPDATE second_factors SET secret = offered_secret, offered_secret = NULL, offered_at = NULL, confirmed_at = :now, last_step = :step WHERE user_id = :user_id

-- name: second_factor_used
UPDATE second_factors SET last_step = :step WHERE user_id = :user_id

-- name: second_factor_delete
DELETE FROM second_factors WHERE user_id = :user_id

-- name: identity
SELECT u.id, u.name FROM identities x JOIN users u ON u.id = x.user_id WHERE x.issuer = :issuer AND x.subject = :subject AND u.deleted_at IS NULL

-- name: identity_of_user
SELECT subject FROM identities WHERE user_id = :user_id AND issuer = :issuer

-- name: identity_insert
INSERT INTO identities (issuer, subject, user_id, created_at) VALUES (:issuer, :subject, :user_id, :now)

-- name: identities_of_user_delete
DELETE FROM identities WHERE user_id = :user_id

-- name: recovery_code_insert
INSERT INTO recovery_codes (user_id, code_hash) VALUES (:user_id, :code_hash)

-- name: recovery_code_use
UPDATE recovery_codes SET used_at = :now WHERE user_id = :user_id AND code_hash = :code_hash AND used_at IS NULL

-- name: recovery_codes_delete
DELETE FROM recovery_codes WHERE user_id = :user_id

-- What the asker is in the teams of one object.
-- name: auth_team_role_team
SELECT m.role FROM team_members m WHERE m.team_id = :id AND m.user_id = :user_id

-- name: auth_team_role_policy
SELECT m.role FROM policy_teams x JOIN team_members m ON m.team_id = x.team_id WHERE x.policy_id = :id AND m.user_id = :user_id

-- name: auth_team_role_service
SELECT m.role FROM services s JOIN policy_teams x ON x.policy_id = s.policy_id JOIN team_members m ON m.team_id = x.team_id
WHERE s.id = :id AND m.user_id = :user_id

-- name: auth_team_role_schedule
SELECT m.role FROM schedule_teams x JOIN team_members m ON m.team_id = x.team_id WHERE x.schedule_id = :id AND m.user_id = :user_id

-- name: auth_team_role_incident
SELECT m.role FROM incidents i JOIN policy_teams x ON x.policy_id = i.policy_id JOIN team_members m ON m.team_id = x.team_id
WHERE i.number = :number AND m.user_id = :user_id

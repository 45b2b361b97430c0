-- What the command line does to an installation: people and tokens, by hand.

-- name: token_admin_insert
INSERT INTO api_tokens (id, token_hash, name, user_id, role, created_at, expires_at)
VALUES (:id, :token_hash, :name, :user_id, :role, :now, :expires_at)

-- name: token_admin_valid
SELECT id FROM api_tokens WHERE token_hash = :token_hash AND revoked_at IS NULL

-- name: token_admin_list
SELECT t.id, t.name, u.email, t.role, t.created_at, t.last_used_at, CASE WHEN t.revoked_at IS NULL THEN 0 ELSE 1 END AS revoked
FROM api_tokens t LEFT JOIN users u ON u.id = t.user_id ORDER BY t.created_at, t.id

-- name: token_admin_revoke
UPDATE api_tokens SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL

-- name: user_admin_insert
INSERT INTO users (id, name, email, role, time_zone, job_title, password_hash, created_at, updated_at)
VALUES (:id, :name, :email, :role, :time_zone, :job_title, :password_hash, :now, :now)

-- name: user_admin_list
SELECT id, name, email, role, time_zone FROM users WHERE deleted_at IS NULL AND id <> 'PCANARY' ORDER BY lower(name), id

-- name: user_admin_role
UPDATE users SET role = :role, updated_at = :now WHERE id = :id

-- name: contact_method_admin_insert
INSERT INTO contact_methods (id, user_id, channel, label, address, country_code, verified_at, created_at)
VALUES (:id, :user_id, :channel, :label, :address, :country_code, :now, :now)

-- name: contact_method_admin_verify
UPDATE contact_methods SET verified_at = :now, blocked_reason = NULL, code_hash = NULL
WHERE address = :address AND deleted_at IS NULL
AND user_id IN (SELECT id FROM users WHERE lower(email) = lower(:email) AND deleted_at IS NULL)

-- API tokens as their owners see them: never the secret.

-- fragment: token_columns
t.id, t.name, t.user_id, u.name AS user_name, t.role, t.created_at, t.last_used_at, t.expires_at

-- name: token_list
SELECT @{token_columns},
@{list_total}
FROM api_tokens t LEFT JOIN users u ON u.id = t.user_id WHERE t.revoked_at IS NULL
-- if: user_id
AND t.user_id = :user_id
-- end
ORDER BY t.created_at, t.id LIMIT :limit OFFSET :offset

-- name: token_get
SELECT @{token_columns} FROM api_tokens t LEFT JOIN users u ON u.id = t.user_id WHERE t.id = :id AND t.revoked_at IS NULL

-- name: token_insert
INSERT INTO api_tokens (id, token_hash, name, user_id, role, created_at, expires_at)
VALUES (:id, :token_hash, :name, :user_id, :role, :now, :expires_at)

-- name: token_revoke
UPDATE api_tokens SET revoked_at = :now WHERE id = :id

-- Tags, and what carries them.

-- fragment: tag_columns
t.id, t.label

-- name: tag_list
SELECT @{tag_columns},
@{list_total}
FROM tags t WHERE 1 = 1
-- if: query
AND @contains(t.label, :query)
-- end
ORDER BY lower(t.label) LIMIT :limit OFFSET :offset

-- name: tag_get
SELECT @{tag_columns} FROM tags t WHERE t.id = :id

-- name: tag_by_label
SELECT t.id FROM tags t WHERE lower(t.label) = lower(:label)

-- name: tag_insert
INSERT INTO tags (id, label, created_at) VALUES (:id, :label, :now)

-- name: tag_delete
DELETE FROM tags WHERE id = :id

-- name: tag_clear
DELETE FROM tagged WHERE tag_id = :id

-- name: tags_of
SELECT @{tag_columns},
@{list_total}
FROM tagged x JOIN tags t ON t.id = x.tag_id
WHERE x.entity_type = :entity_type AND x.entity_id = :entity_id
ORDER BY lower(t.label), t.id LIMIT :limit OFFSET :offset

-- name: tagged_users
SELECT u.id, u.name,
@{list_total}
FROM tagged x JOIN users u ON u.id = x.entity_id
WHERE x.tag_id = :id AND x.entity_type = 'users' AND u.deleted_at IS NULL
ORDER BY lower(u.name), u.id LIMIT :limit OFFSET :offset

-- name: tagged_teams
SELECT m.id, m.name,
@{list_total}
FROM tagged x JOIN teams m ON m.id = x.entity_id
WHERE x.tag_id = :id AND x.entity_type = 'teams' AND m.deleted_at IS NULL
ORDER BY lower(m.name), m.id LIMIT :limit OFFSET :offset

-- name: tagged_escalation_policies
SELECT p.id, p.name,
@{list_total}
FROM tagged x JOIN escalation_policies p ON p.id = x.entity_id
WHERE x.tag_id = :id AND x.entity_type = 'escalation_policies' AND p.deleted_at IS NULL
ORDER BY lower(p.name), p.id LIMIT :limit OFFSET :offset

-- name: tagged_add
INSERT INTO tagged (entity_type, entity_id, tag_id) VALUES (:entity_type, :entity_id, :tag_id)
ON CONFLICT (entity_type, entity_id, tag_id) DO NOTHING

-- name: tagged_remove
DELETE FROM tagged WHERE entity_type = :entity_type AND entity_id = :entity_id AND tag_id = :tag_id

-- Priorities of incidents, most urgent first.

-- fragment: priority_columns
p.id, p.name, p.description, p.color, p.rank

-- name: priority_list
SELECT @{priority_columns},
@{list_total}
FROM priorities p ORDER BY p.rank, p.id LIMIT :limit OFFSET :offset

-- name: priority_get
SELECT @{priority_columns} FROM priorities p WHERE p.id = :id

-- name: priority_next_rank
SELECT COALESCE(MAX(rank), 0) + 1 FROM priorities

-- name: priority_insert
INSERT INTO priorities (id, name, description, color, rank) VALUES (:id, :name, :description, :color, :rank)

-- name: priority_update
UPDATE priorities SET name = :name, description = :description, color = :color, rank = :rank WHERE id = :id

-- name: priority_delete
DELETE FROM priorities WHERE id = :id

-- name: priority_uses
SELECT COUNT(*) FROM incidents WHERE priority_id = :id

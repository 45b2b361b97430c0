-- Notes on incidents. They are written by the engine's note command; here they are shown, corrected and withdrawn.

-- fragment: note_columns
n.number, n.user_id, u.name AS user_name, n.channel, n.content, n.created_at, n.updated_at

-- name: note_list
SELECT @{note_columns} FROM notes n LEFT JOIN users u ON u.id = n.user_id
WHERE n.incident_number = :incident AND n.deleted_at IS NULL ORDER BY n.number

-- name: note_get
SELECT @{note_columns} FROM notes n LEFT JOIN users u ON u.id = n.user_id
WHERE n.incident_number = :incident AND n.number = :number AND n.deleted_at IS NULL

-- name: note_insert
INSERT INTO notes (incident_number, user_id, channel, content, created_at, updated_at) VALUES (:incident, :user_id, :channel, :content, :now, :now)
@returning(number)

-- name: note_newest
SELECT MAX(n.number) FROM notes n WHERE n.incident_number = :incident

-- name: note_update
UPDATE notes SET content = :content, updated_at = :at WHERE incident_number = :incident AND number = :number AND deleted_at IS NULL

-- name: note_delete
UPDATE notes SET deleted_at = :at WHERE incident_number = :incident AND number = :number AND deleted_at IS NULL

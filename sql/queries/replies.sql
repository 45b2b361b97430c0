-- What people answer to our messages.

-- fragment: reply_message_columns
m.number, m.kind, m.channel, m.address, m.user_id, u.name, m.provider, m.provider_ref, m.reply_code, m.content, m.contact_method_id, m.state, m.cause

-- name: reply_message
SELECT @{reply_message_columns} FROM messages m LEFT JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL WHERE m.number = :number

-- Pages that went to this address lately, newest first. Someone who left, or gave the number back, answers nothing any more.
-- name: reply_messages_to
SELECT @{reply_message_columns} FROM messages m JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL
JOIN contact_methods c ON c.id = m.contact_method_id AND c.deleted_at IS NULL
WHERE m.address = :address AND m.channel = :channel AND m.kind = 'page' AND m.state NOT IN ('queued', 'cancelled') AND m.created_at > :since
ORDER BY m.number DESC LIMIT :limit

-- What a message speaks of. Its notifications may have moved on to a later attempt of the same message.
-- name: reply_incidents
WITH RECURSIVE attempts (number) AS (
  SELECT number FROM messages WHERE number = :number
  UNION
  SELECT m.number FROM messages m JOIN attempts a ON m.previous_number = a.number)
SELECT DISTINCT i.number, i.status, i.title, s.name, i.status_changed_at, i.status_changed_by_type, i.status_changed_by_id, i.urgency, i.created_at
FROM notifications n JOIN incidents i ON i.number = n.incident_number JOIN services s ON s.id = i.service_id
WHERE n.message_number IN (SELECT a.number FROM attempts a) ORDER BY i.number

-- name: reply_acknowledgers
SELECT a.user_id, u.name, a.at FROM acknowledgements a JOIN users u ON u.id = a.user_id WHERE a.incident_number = :incident_number ORDER BY a.at

-- name: reply_user_name
SELECT name FROM users WHERE id = :id

-- name: reply_reader
-- remembered
SELECT name, time_zone FROM users WHERE id = :id

-- name: reply_mark_answered
UPDATE messages SET answered_at = COALESCE(answered_at, :now), answer = :answer WHERE number = :number

-- A call that rang and was not taken by a person stays accepted: nobody was reached, and the ladder goes on at its own pace.
-- name: reply_note_unanswered
UPDATE messages SET error = :error WHERE number = :number AND state = 'accepted'

-- name: reply_block_contact
UPDATE contact_methods SET blocked_reason = :reason WHERE id = :id AND blocked_reason IS NULL

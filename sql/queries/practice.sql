-- The practice phone: what its provider took, as each person would hold it in their hands.

-- fragment: practice_columns
m.number, m.kind, m.user_id, u.name AS user_name, m.incident_number, i.title, m.channel, m.address, m.urgent, m.content, m.reply_code, m.provider,
m.state, m.cause, m.created_at, m.sent_at, m.answered_at, m.answer

-- scan messages: newest first, up to a page; where there is no practice phone nobody asks
-- name: practice_messages
SELECT @{practice_columns} FROM messages m LEFT JOIN users u ON u.id = m.user_id LEFT JOIN incidents i ON i.number = m.incident_number
WHERE m.provider IN @list(:providers)
-- if: user
AND m.user_id = :user
-- end
-- if: since
AND m.created_at > :since
-- end
-- if: not_codes
AND m.kind <> 'code'
-- end
ORDER BY m.number DESC LIMIT :limit

-- name: practice_message
SELECT @{practice_columns} FROM messages m LEFT JOIN users u ON u.id = m.user_id LEFT JOIN incidents i ON i.number = m.incident_number
WHERE m.number = :number AND m.provider IN @list(:providers)

-- name: practice_users
SELECT u.id, u.name, u.email, u.time_zone, c.id, c.channel, c.label, c.address, c.verified_at
FROM users u JOIN contact_methods c ON c.user_id = u.id AND c.deleted_at IS NULL
WHERE u.deleted_at IS NULL AND u.id <> 'PCANARY' AND c.channel IN @list(:channels) ORDER BY lower(u.name), u.id, c.channel, c.id

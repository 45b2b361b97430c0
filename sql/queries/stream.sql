-- name: stream_newest
SELECT COALESCE(MAX(seq), 0) FROM ledger

-- name: stream_since
SELECT seq, incident_number FROM ledger WHERE seq > :seq ORDER BY seq LIMIT :limit

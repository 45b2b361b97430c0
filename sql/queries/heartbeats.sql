-- Heartbeats: what must report regularly.

-- fragment: heartbeat_columns
h.id, h.name, h.service_id, s.name AS service_id_summary, h.interval_s, h.grace_s, h.state, h.last_beat_at, h.created_at, i.integration_key

-- fragment: heartbeat_source
FROM heartbeats h JOIN services s ON s.id = h.service_id JOIN integrations i ON i.id = h.integration_id
WHERE h.deleted_at IS NULL AND s.deleted_at IS NULL AND i.deleted_at IS NULL

-- name: heartbeat_list
SELECT @{heartbeat_columns},
@{list_total}
@{heartbeat_source}
-- if: query
AND @contains(h.name, :query)
-- end
-- if: service_ids
AND h.service_id IN @list(:service_ids)
-- end
ORDER BY lower(h.name), h.id LIMIT :limit OFFSET :offset

-- name: heartbeat_get
SELECT @{heartbeat_columns} @{heartbeat_source} AND h.id = :id

-- name: heartbeat_insert
INSERT INTO heartbeats (id, name, service_id, integration_id, interval_s, grace_s, state, created_at, updated_at)
VALUES (:id, :name, :service_id, :integration_id, :interval_s, :grace_s, 'waiting', :now, :now)

-- name: heartbeat_update
UPDATE heartbeats SET name = :name, service_id = :service_id, interval_s = :interval_s, grace_s = :grace_s, updated_at = :now WHERE id = :id

-- name: heartbeat_delete
UPDATE heartbeats SET deleted_at = :now, updated_at = :now WHERE id = :id

-- name: heartbeat_integration_insert
INSERT INTO integrations (id, service_id, type, name, integration_key, created_at)
VALUES (:id, :service_id, 'event_transformer_api_inbound_integration', :name, :integration_key, :now)

-- name: heartbeat_integration_delete
UPDATE integrations SET deleted_at = :now WHERE id = (SELECT integration_id FROM heartbeats WHERE id = :id) AND deleted_at IS NULL

-- fragment: heartbeat_row
h.id, h.name, i.integration_key, h.state, h.interval_s, h.grace_s, h.last_beat_at, CASE WHEN h.deleted_at IS NULL THEN 0 ELSE 1 END

-- name: heartbeat_load
SELECT @{heartbeat_row} FROM heartbeats h JOIN integrations i ON i.id = h.integration_id WHERE h.id = :id

-- name: heartbeat_by_key
SELECT @{heartbeat_row} FROM heartbeats h JOIN integrations i ON i.id = h.integration_id
WHERE i.integration_key = :key AND i.deleted_at IS NULL AND h.deleted_at IS NULL

-- name: heartbeat_set_state
UPDATE heartbeats SET state = :state, last_beat_at = :last_beat_at WHERE id = :id

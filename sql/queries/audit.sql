-- Who changed which configuration.

-- name: audit_insert
INSERT INTO audit (at, actor_type, actor_id, actor_name, channel, peer, action, resource_type, resource_id, before_doc, after_doc)
VALUES (:at, :actor_type, :actor_id, :actor_name, :channel, :peer, :action, :resource_type, :resource_id, :before_doc, :after_doc)

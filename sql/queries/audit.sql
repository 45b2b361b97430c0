-- Who changed which configuration.

-- name: audit_insert
INSERT INTO audit (at, actor_type, actor_id, actor_name, channel, peer, action, resource_type, resource_id, root_type, root_id, before_doc, after_doc)
VALUES (:at, :actor_type, :actor_id, :actor_name, :channel, :peer, :action, :resource_type, :resource_id, :root_type, :root_id, :before_doc, :after_doc)

-- The words of PagerDuty's clients for what was done and how it came in.
-- fragment: audit_action
CASE a.action WHEN 'add' THEN 'update' WHEN 'remove' THEN 'update' ELSE a.action END

-- fragment: audit_method
CASE a.channel WHEN 'web' THEN 'browser' WHEN 'api' THEN 'api_token' ELSE 'other' END

-- Newest first; numbers and times have the same order.
-- name: audit_list
SELECT a.seq, a.at, a.actor_type, a.actor_id, a.actor_name, a.peer, @{audit_action} AS action, @{audit_method} AS method, a.channel,
  a.resource_type, a.resource_id, a.root_type, a.root_id, a.before_doc, a.after_doc
FROM audit a WHERE a.seq >= :seq_from AND a.seq < :seq_before AND a.at >= :since AND a.at < :until
-- if: root_id
AND a.root_type = :root_type AND a.root_id = :root_id
-- end
-- if: root_types
AND a.root_type IN @list(:root_types)
-- end
-- if: actor_type
AND a.actor_type = :actor_type
-- end
-- if: actor_id
AND a.actor_id = :actor_id
-- end
-- if: method_type
AND @{audit_method} = :method_type
-- end
-- if: actions
AND @{audit_action} IN @list(:actions)
-- end
ORDER BY a.seq DESC LIMIT :limit

-- name: audit_seek
SELECT a.seq, a.at FROM audit a WHERE a.seq >= :number ORDER BY a.seq LIMIT 1

-- name: audit_seek_last
SELECT COALESCE(MAX(a.seq), 0) FROM audit a

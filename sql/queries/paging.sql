-- name: decision_insert
INSERT INTO decisions (number, incident_number, at, level, cause, doc) VALUES (:new_number, :incident_number, :now, :level, :cause, :doc)

-- name: decision_insert_gathered [postgres]
INSERT INTO decisions (number, incident_number, at, level, cause, doc)
SELECT * FROM unnest(CAST(:new_number AS BIGINT[]), CAST(:incident_number AS BIGINT[]), CAST(:now AS BIGINT[]), CAST(:level AS BIGINT[]),
  CAST(:cause AS TEXT[]), CAST(:doc AS TEXT[]))

-- name: decision_candidate_insert
INSERT INTO decision_candidates (decision_number, position, incident_number, at, user_id, chosen, reason, doc)
VALUES (:decision_number, :position, :incident_number, :now, :user_id, :chosen, :reason, :doc)

-- name: decision_candidate_insert_gathered [postgres]
INSERT INTO decision_candidates (decision_number, position, incident_number, at, user_id, chosen, reason, doc)
SELECT * FROM unnest(CAST(:decision_number AS BIGINT[]), CAST(:position AS BIGINT[]), CAST(:incident_number AS BIGINT[]), CAST(:now AS BIGINT[]),
  CAST(:user_id AS TEXT[]), CAST(:chosen AS BIGINT[]), CAST(:reason AS TEXT[]), CAST(:doc AS TEXT[]))

-- name: page_insert
INSERT INTO pages (number, incident_number, user_id, epoch, level, urgency, role, started_at, ladder_done_s, decision_number, candidate_position)
VALUES (:new_number, :incident_number, :user_id, :epoch, :level, :urgency, :role, :now, :done_s, :decision_number, :candidate_position)

-- name: page_insert_gathered [postgres]
INSERT INTO pages (number, incident_number, user_id, epoch, level, urgency, role, started_at, ladder_done_s, decision_number, candidate_position)
SELECT * FROM unnest(CAST(:new_number AS BIGINT[]), CAST(:incident_number AS BIGINT[]), CAST(:user_id AS TEXT[]), CAST(:epoch AS BIGINT[]),
  CAST(:level AS BIGINT[]), CAST(:urgency AS TEXT[]), CAST(:role AS TEXT[]), CAST(:now AS BIGINT[]), CAST(:done_s AS BIGINT[]),
  CAST(:decision_number AS BIGINT[]), CAST(:candidate_position AS BIGINT[]))

-- name: pages_called
SELECT user_id FROM pages WHERE incident_number = :incident_number AND epoch = :epoch AND stopped_at IS NULL

-- name: page_load
SELECT p.number, p.incident_number, p.user_id, p.epoch, p.urgency, p.role, p.started_at, p.ladder_done_s, p.stopped_at,
  CASE WHEN s.deleted_at IS NULL AND s.status <> 'disabled' AND u.deleted_at IS NULL THEN 1 ELSE 0 END
FROM pages p JOIN incidents i ON i.number = p.incident_number JOIN services s ON s.id = i.service_id JOIN users u ON u.id = p.user_id
WHERE p.number = :number

-- name: page_set_cursor
UPDATE pages SET ladder_done_s = :done_s WHERE number = :number

-- Pages to be stopped: of assignees, of everybody, or of one person.
-- name: pages_active_of_incident
SELECT number FROM pages WHERE incident_number = :incident_number AND stopped_at IS NULL
-- if: assignees_only
AND role <> 'responder'
-- end
-- if: user_id
AND user_id = :user_id
-- end
ORDER BY number

-- name: pages_active_of_user
SELECT number FROM pages @along(pages_once) WHERE user_id = :user_id AND stopped_at IS NULL ORDER BY number

-- name: page_stop
UPDATE pages SET stopped_at = :now, stop_reason = :reason WHERE number = :number AND stopped_at IS NULL

-- What a provider is told: numbers are stored without their country code.
-- fragment: dialled_address
CASE WHEN c.channel IN ('sms', 'phone') THEN '+' || CAST(c.country_code AS TEXT) || c.address ELSE c.address END AS address

-- Rules of a person, in the order of the ladder. The last column: its contact method cannot be used.
-- name: ladder_rules
-- remembered
SELECT r.id, r.start_delay_s, c.id, c.channel, @{dialled_address}, CASE WHEN c.verified_at IS NULL OR c.blocked_reason IS NOT NULL THEN 1 ELSE 0 END
FROM notification_rules r JOIN contact_methods c ON c.id = r.contact_method_id
WHERE r.user_id = :user_id AND r.urgency = :urgency AND c.deleted_at IS NULL
ORDER BY r.start_delay_s, r.created_at, r.id LIMIT 50

-- Notifications are found by their incident.
-- fragment: incident_of_page
(SELECT incident_number FROM pages WHERE number = :page_number)

-- Rules of this ladder that were used earlier than their time.
-- name: ladder_advanced
SELECT rule_id, rule_delay_s FROM notifications WHERE incident_number = @{incident_of_page} AND page_number = :page_number AND advanced = 1

-- For a person who has no usable rule of this urgency: every usable contact method at once.
-- name: ladder_fallback
-- remembered
SELECT '', 0, c.id, c.channel, @{dialled_address}, 0 FROM contact_methods c
WHERE c.user_id = :user_id AND c.verified_at IS NOT NULL AND c.blocked_reason IS NULL AND c.deleted_at IS NULL
ORDER BY c.created_at, c.id LIMIT 10

-- name: notification_insert
INSERT INTO notifications (number, page_number, incident_number, user_id, contact_method_id, channel, rule_id, rule_delay_s, advanced, created_at,
  state, message_number)
VALUES (:new_number, :page_number, :incident_number, :user_id, :contact_method_id, :channel, :rule_id, :rule_delay_s, :advanced, :now, :state,
  :message_number)

-- name: notification_insert_gathered [postgres]
INSERT INTO notifications (number, page_number, incident_number, user_id, contact_method_id, channel, rule_id, rule_delay_s, advanced, created_at,
  state, message_number)
SELECT * FROM unnest(CAST(:new_number AS BIGINT[]), CAST(:page_number AS BIGINT[]), CAST(:incident_number AS BIGINT[]), CAST(:user_id AS TEXT[]),
  CAST(:contact_method_id AS TEXT[]), CAST(:channel AS TEXT[]), CAST(:rule_id AS TEXT[]), CAST(:rule_delay_s AS BIGINT[]),
  CAST(:advanced AS BIGINT[]), CAST(:now AS BIGINT[]), CAST(:state AS TEXT[]), CAST(:message_number AS BIGINT[]))

-- name: notifications_cancel_of_page
UPDATE notifications SET state = 'cancelled' WHERE incident_number = @{incident_of_page} AND page_number = :page_number AND state = 'held'

-- name: notifications_held
SELECT n.number, n.incident_number, n.page_number, p.urgency FROM notifications n JOIN pages p ON p.number = n.page_number
WHERE n.contact_method_id = :contact_method_id AND n.state = 'held' AND p.stopped_at IS NULL ORDER BY n.incident_number, n.number LIMIT :limit

-- name: notification_sent
UPDATE notifications SET state = 'sent', message_number = :message_number WHERE number = :number

-- name: notifications_follow
UPDATE notifications SET message_number = :message_number WHERE message_number = :previous_number

-- name: notifications_failed
UPDATE notifications SET state = 'failed' WHERE message_number = :message_number

-- The pages a message speaks for that are still being called.
-- name: pages_of_message
SELECT p.number, p.incident_number, p.user_id, p.urgency, p.ladder_done_s, p.started_at, n.number FROM notifications n JOIN pages p ON p.number = n.page_number
WHERE n.message_number = :message_number AND p.stopped_at IS NULL ORDER BY n.number

-- name: message_incidents
SELECT DISTINCT incident_number FROM notifications WHERE message_number = :message_number ORDER BY incident_number

-- name: contact_recent_pages
SELECT created_at FROM messages
WHERE user_id = :user_id AND created_at > :since AND contact_method_id = :contact_method_id AND kind = 'page' AND cause = 'first'
ORDER BY created_at DESC LIMIT :limit

-- name: contact_load
-- remembered
SELECT c.user_id, c.channel, @{dialled_address}, c.verified_at, c.blocked_reason, c.deleted_at,
  (SELECT u.time_zone FROM users u WHERE u.id = c.user_id)
FROM contact_methods c WHERE c.id = :id

-- name: contact_block
UPDATE contact_methods SET blocked_reason = :reason WHERE id = :id AND blocked_reason IS NULL

-- name: address_last_code
SELECT reply_code FROM messages WHERE address = :address AND reply_code IS NOT NULL AND cause = 'first' ORDER BY number DESC LIMIT 1

-- name: message_insert
INSERT INTO messages (number, kind, user_id, contact_method_id, incident_number, channel, address, urgent, content, reply_code, previous_number,
  attempt, cause, state, not_before, created_at)
VALUES (:new_number, :kind, :user_id, :contact_method_id, :incident_number, :channel, :address, :urgent, :content, :reply_code, :previous_number,
  :attempt, :cause, 'queued', :not_before, :now)

-- name: message_insert_gathered [postgres]
INSERT INTO messages (number, kind, user_id, contact_method_id, incident_number, channel, address, urgent, content, reply_code, previous_number,
  attempt, cause, state, not_before, created_at)
SELECT m.number, m.kind, m.user_id, m.contact_method_id, m.incident_number, m.channel, m.address, m.urgent, m.content, m.reply_code, m.previous_number,
  m.attempt, m.cause, 'queued', m.not_before, m.at
FROM unnest(CAST(:new_number AS BIGINT[]), CAST(:kind AS TEXT[]), CAST(:user_id AS TEXT[]), CAST(:contact_method_id AS TEXT[]),
  CAST(:incident_number AS BIGINT[]), CAST(:channel AS TEXT[]), CAST(:address AS TEXT[]), CAST(:urgent AS BIGINT[]), CAST(:content AS TEXT[]),
  CAST(:reply_code AS BIGINT[]), CAST(:previous_number AS BIGINT[]), CAST(:attempt AS BIGINT[]), CAST(:cause AS TEXT[]), CAST(:not_before AS BIGINT[]),
  CAST(:now AS BIGINT[]))
  AS m (number, kind, user_id, contact_method_id, incident_number, channel, address, urgent, content, reply_code, previous_number, attempt, cause, not_before, at)

-- name: message_load
SELECT number, kind, user_id, contact_method_id, incident_number, channel, address, urgent, content, reply_code, provider, attempt, cause, state,
  provider_ref, error, sent_at, created_at FROM messages WHERE number = :number

-- name: messages_claimable
SELECT number, kind, user_id, contact_method_id, incident_number, address, urgent, content, reply_code, attempt, cause, previous_number, created_at,
  COALESCE((SELECT CASE WHEN c.deleted_at IS NOT NULL OR (messages.kind <> 'code' AND c.blocked_reason IS NOT NULL) THEN 1 ELSE 0 END
            FROM contact_methods c WHERE c.id = messages.contact_method_id), 0), not_before
FROM messages WHERE state = 'queued' AND channel = :channel AND not_before <= :now ORDER BY urgent DESC, number LIMIT :limit

-- name: messages_next_due
SELECT MIN(not_before) FROM messages WHERE state = 'queued' AND not_before > :now

-- name: message_claim
UPDATE messages SET state = 'sending', provider = :provider, sent_at = :now WHERE number = :number AND state = 'queued'

-- name: message_claim_gathered [postgres]
UPDATE messages SET state = 'sending', provider = c.provider, sent_at = c.at
FROM unnest(CAST(:provider AS TEXT[]), CAST(:now AS BIGINT[]), CAST(:number AS BIGINT[])) AS c (provider, at, number)
WHERE messages.number = ANY (CAST(:number AS BIGINT[])) AND messages.number = c.number AND messages.state = 'queued'

-- name: message_outcome
UPDATE messages SET state = :state, finished_at = :now, provider_ref = COALESCE(:provider_ref, provider_ref), error = :error WHERE number = :number

-- name: message_cancel_queued_of_page
UPDATE messages SET state = 'cancelled', finished_at = :now, error = :reason
WHERE state = 'queued' AND number IN (SELECT n.message_number FROM notifications n WHERE n.incident_number = @{incident_of_page} AND n.page_number = :page_number)
  AND NOT EXISTS (SELECT 1 FROM notifications n JOIN pages p ON p.number = n.page_number
                  WHERE n.message_number = messages.number AND p.stopped_at IS NULL)

-- name: messages_sending
SELECT number FROM messages WHERE state = 'sending' ORDER BY number LIMIT :limit

-- Which providers the attempts of this chain have used (newest first).
-- name: message_chain
WITH RECURSIVE chain (number, previous_number, provider, state, cause, attempt, kind, depth) AS (
  SELECT number, previous_number, provider, state, cause, attempt, kind, 1 FROM messages WHERE number = :number
  UNION ALL
  SELECT m.number, m.previous_number, m.provider, m.state, m.cause, m.attempt, m.kind, c.depth + 1
  FROM messages m JOIN chain c ON m.number = c.previous_number WHERE c.depth < :history_max)
SELECT number, provider, state, cause, attempt, kind FROM chain ORDER BY number DESC

-- name: incident_brief
SELECT i.title, i.urgency, s.name, i.alerts_all, i.created_at FROM incidents i JOIN services s ON s.id = i.service_id WHERE i.number = :number

-- name: page_why
SELECT c.reason, c.doc, d.doc, r.message FROM pages p
JOIN decision_candidates c ON c.decision_number = p.decision_number AND c.position = p.candidate_position
JOIN decisions d ON d.number = p.decision_number
LEFT JOIN responders r ON p.role = 'responder' AND r.incident_number = p.incident_number AND r.user_id = p.user_id WHERE p.number = :number

-- Triggered incidents of this message whose called people all have no usable contact method left.
-- name: incidents_without_reach
SELECT DISTINCT n.incident_number FROM notifications n JOIN incidents i ON i.number = n.incident_number
WHERE n.message_number = :message_number AND i.status = 'triggered' AND NOT EXISTS (
  SELECT 1 FROM pages p JOIN contact_methods c ON c.user_id = p.user_id
  WHERE p.incident_number = n.incident_number AND p.stopped_at IS NULL AND c.verified_at IS NOT NULL AND c.blocked_reason IS NULL
    AND c.deleted_at IS NULL)

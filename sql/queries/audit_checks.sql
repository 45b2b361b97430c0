-- The invariants that the stored state must keep, as questions for what breaks them: each row is one violation, as (what, why).
-- Names and sentences: audit/audit.c. `recent` limits the checks over rows that only grow to the newest of them.

-- name: audit_E1
SELECT 'event ' || CAST(e.number AS TEXT) AS subject, 'accepted, disposition ' || e.disposition || ', alert '
  || COALESCE(CAST(e.alert_number AS TEXT), 'none') || ', incident ' || COALESCE(CAST(e.incident_number AS TEXT), 'none') AS finding
FROM events e
WHERE (e.disposition NOT IN ('opened', 'merged', 'acknowledged', 'resolved', 'no_op', 'suppressed', 'change')
  OR (e.disposition IN ('opened', 'merged', 'acknowledged', 'resolved') AND NOT EXISTS (
    SELECT 1 FROM alerts a JOIN incidents i ON i.number = a.incident_number WHERE a.number = e.alert_number)))
-- if: recent
AND e.number > (SELECT MAX(x.number) FROM events x) - CAST(:recent AS BIGINT)
-- end
ORDER BY e.number LIMIT 100

-- Events have no index by alert: they are counted in one pass, from the first event of the alerts in question.
-- name: audit_E1_counts
SELECT 'alert ' || CAST(a.number AS TEXT), 'counts ' || COALESCE(CAST(t.trigger_count AS TEXT), 'no') || ' triggers, stored are ' || CAST(COALESCE(s.stored, 0) AS TEXT)
FROM alerts a LEFT JOIN alert_triggers t ON t.alert_number = a.number LEFT JOIN (
  SELECT e.alert_number, COUNT(*) AS stored FROM events e WHERE e.disposition IN ('opened', 'merged')
-- if: recent
  AND e.number >= (SELECT COALESCE(MIN(f.first_event_number), 0) FROM alerts f WHERE f.number > (SELECT MAX(x.number) FROM alerts x) - CAST(:recent AS BIGINT))
-- end
  GROUP BY e.alert_number) s ON s.alert_number = a.number
WHERE COALESCE(t.trigger_count, 0) <> COALESCE(s.stored, 0)
-- if: recent
AND a.number > (SELECT MAX(x.number) FROM alerts x) - CAST(:recent AS BIGINT)
-- end
ORDER BY a.number LIMIT 100

-- Events of a key are applied in the order of their acceptance: the first opened the alert, nothing joins it after the one that ended it.
-- name: audit_E4
SELECT 'event ' || CAST(e.number AS TEXT), e.disposition || ' in alert ' || CAST(a.number AS TEXT) || ', which goes from event '
  || CAST(a.first_event_number AS TEXT) || ' to ' || CAST(t.last_event_number AS TEXT) || ' and ends with '
  || COALESCE('event ' || CAST(a.resolve_event_number AS TEXT), 'none')
FROM events e JOIN alerts a ON a.number = e.alert_number JOIN alert_triggers t ON t.alert_number = a.number
WHERE ((e.disposition IN ('opened', 'merged') AND (e.number < a.first_event_number OR e.number > t.last_event_number
    OR (e.disposition = 'opened') <> (e.number = a.first_event_number)))
  OR (e.disposition = 'resolved' AND (e.number <> COALESCE(a.resolve_event_number, 0) OR e.number < t.last_event_number)))
-- if: recent
AND e.number > (SELECT MAX(x.number) FROM events x) - CAST(:recent AS BIGINT)
-- end
ORDER BY e.number LIMIT 100

-- name: audit_I1
SELECT 'alert key ' || a.dedup_key, CAST(COUNT(*) AS TEXT) || ' open alerts of integration ' || COALESCE(a.integration_id, 'none')
FROM alerts a WHERE a.status <> 'resolved' GROUP BY a.integration_id, a.dedup_key HAVING COUNT(*) > 1 LIMIT 100

-- name: audit_I2
SELECT 'incident ' || CAST(i.number AS TEXT), 'is ' || i.status || ', its record ends ' || COALESCE((SELECT CASE
    WHEN l.kind IN ('acknowledge', 'snooze') THEN 'acknowledged' WHEN l.kind IN ('resolve', 'merge') THEN 'resolved' ELSE 'triggered' END
  FROM ledger l WHERE l.incident_number = i.number AND (l.kind IN ('trigger', 'acknowledge', 'unacknowledge', 'resolve', 'assign', 'escalate', 'snooze',
    'snooze_end', 'maintenance_hold') OR (l.kind = 'merge' AND l.doc LIKE '%"merged_into"%')
    OR (l.kind = 'skip' AND l.doc LIKE '%"service_disabled"%')) ORDER BY l.seq DESC LIMIT 1), 'nowhere')
FROM incidents i
WHERE i.status <> COALESCE((SELECT CASE
    WHEN l.kind IN ('acknowledge', 'snooze') THEN 'acknowledged' WHEN l.kind IN ('resolve', 'merge') THEN 'resolved' ELSE 'triggered' END
  FROM ledger l WHERE l.incident_number = i.number AND (l.kind IN ('trigger', 'acknowledge', 'unacknowledge', 'resolve', 'assign', 'escalate', 'snooze',
    'snooze_end', 'maintenance_hold') OR (l.kind = 'merge' AND l.doc LIKE '%"merged_into"%')
    OR (l.kind = 'skip' AND l.doc LIKE '%"service_disabled"%')) ORDER BY l.seq DESC LIMIT 1), 'nowhere')
-- if: recent
AND i.number > (SELECT MAX(x.number) FROM incidents x) - CAST(:recent AS BIGINT)
-- end
ORDER BY i.number LIMIT 100

-- Resolved is final: nothing moves or calls after it.
-- name: audit_I2_final
SELECT 'incident ' || CAST(l.incident_number AS TEXT), l.kind || ' (entry ' || CAST(l.seq AS TEXT) || ') after its end'
FROM ledger e JOIN ledger l ON l.incident_number = e.incident_number AND l.seq > e.seq
WHERE (e.kind = 'resolve' OR (e.kind = 'merge' AND e.doc LIKE '%"merged_into"%'))
  AND l.kind IN ('trigger', 'acknowledge', 'unacknowledge', 'resolve', 'assign', 'escalate', 'snooze', 'snooze_end', 'maintenance_hold', 'alert')
-- if: recent
AND e.seq > (SELECT MAX(x.seq) FROM ledger x) - CAST(:recent AS BIGINT)
-- end
ORDER BY l.seq LIMIT 100

-- name: audit_I2_row
SELECT 'incident ' || CAST(i.number AS TEXT), 'is ' || i.status || CASE WHEN i.resolved_at IS NULL THEN ', without an end' ELSE ', with an end' END
  || CASE WHEN i.snoozed_until IS NULL THEN '' ELSE ', snoozed' END || CASE WHEN i.first_ledger_seq = 0 THEN ', without a first entry' ELSE '' END
FROM incidents i
WHERE ((i.status = 'resolved') <> (i.resolved_at IS NOT NULL) OR (i.snoozed_until IS NOT NULL AND i.status <> 'acknowledged')
  OR (i.status = 'resolved' AND (i.exhausted = 1 OR i.held_by_window IS NOT NULL OR i.alerts_triggered <> 0))
  OR (i.status = 'triggered' AND EXISTS (SELECT 1 FROM acknowledgements k WHERE k.incident_number = i.number))
  OR NOT EXISTS (SELECT 1 FROM ledger l WHERE l.seq = i.first_ledger_seq AND l.incident_number = i.number AND l.kind = 'trigger'))
-- if: recent
AND i.number > (SELECT MAX(x.number) FROM incidents x) - CAST(:recent AS BIGINT)
-- end
ORDER BY i.number LIMIT 100

-- name: audit_I4
SELECT 'incident ' || CAST(i.number AS TEXT), 'counts ' || CAST(i.alerts_all AS TEXT) || ' alerts, ' || CAST(i.alerts_triggered AS TEXT) || ' open; it has '
  || CAST((SELECT COUNT(*) FROM alerts a WHERE a.incident_number = i.number) AS TEXT) || ', '
  || CAST((SELECT COUNT(*) FROM alerts a WHERE a.incident_number = i.number AND a.status <> 'resolved') AS TEXT)
FROM incidents i
WHERE (i.alerts_all <> (SELECT COUNT(*) FROM alerts a WHERE a.incident_number = i.number)
  OR i.alerts_triggered <> (SELECT COUNT(*) FROM alerts a WHERE a.incident_number = i.number AND a.status <> 'resolved'))
-- if: recent
AND i.number > (SELECT MAX(x.number) FROM incidents x) - CAST(:recent AS BIGINT)
-- end
ORDER BY i.number LIMIT 100

-- name: audit_I4_alone
SELECT 'alert ' || CAST(a.number AS TEXT), 'belongs to no incident'
FROM alerts a LEFT JOIN incidents i ON i.number = a.incident_number WHERE i.number IS NULL
-- if: recent
AND a.number > (SELECT MAX(x.number) FROM alerts x) - CAST(:recent AS BIGINT)
-- end
ORDER BY a.number LIMIT 100

-- Calls go on until somebody answers: a clock runs, or the catch-all was called and the alarm stands.
-- name: audit_N1
SELECT 'incident ' || CAST(i.number AS TEXT), 'nobody answered, and nothing will happen'
FROM incidents i @along(incidents_unresolved) JOIN services s ON s.id = i.service_id
WHERE i.status <> 'resolved' AND i.status = 'triggered' AND i.urgency = 'high' AND i.exhausted = 0 AND i.held_by_window IS NULL AND s.status <> 'disabled' AND s.deleted_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM timers t WHERE t.kind = 'escalate' AND t.incident_number = i.number AND t.page_number = 0 AND t.ref = '')
ORDER BY i.number LIMIT 100

-- name: audit_N1_held
SELECT 'incident ' || CAST(i.number AS TEXT), 'is held by window ' || i.held_by_window || ', which is not in force'
FROM incidents i @along(incidents_unresolved) WHERE i.status <> 'resolved' AND i.held_by_window IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM timers t WHERE t.kind = 'window_end' AND t.incident_number = 0 AND t.page_number = 0 AND t.ref = i.held_by_window)
ORDER BY i.number LIMIT 100

-- name: audit_N1_ladder
SELECT 'page ' || CAST(p.number AS TEXT), 'incident ' || CAST(p.incident_number AS TEXT) || ', person ' || p.user_id || ': the rule after '
  || CAST(r.start_delay_s AS TEXT) || ' s is still to come and no clock runs'
FROM pages p @along(pages_once) JOIN notification_rules r ON r.user_id = p.user_id AND r.urgency = p.urgency AND r.start_delay_s > p.ladder_done_s
JOIN contact_methods c ON c.id = r.contact_method_id JOIN users u ON u.id = p.user_id
JOIN incidents i ON i.number = p.incident_number JOIN services s ON s.id = i.service_id
WHERE p.stopped_at IS NULL AND c.verified_at IS NOT NULL AND c.blocked_reason IS NULL AND c.deleted_at IS NULL AND u.deleted_at IS NULL
  AND s.status <> 'disabled' AND s.deleted_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.incident_number = p.incident_number AND n.page_number = p.number AND n.rule_id = r.id AND n.rule_delay_s = r.start_delay_s AND n.advanced = 1)
  AND NOT EXISTS (SELECT 1 FROM timers t WHERE t.kind = 'ladder' AND t.incident_number = p.incident_number AND t.page_number = p.number AND t.ref = ''
    AND t.due_at <= p.started_at + r.start_delay_s * 1000000)
  AND p.started_at + r.start_delay_s * 1000000 > CAST(:now AS BIGINT)
ORDER BY p.number LIMIT 100

-- name: audit_N1_held_notice
SELECT 'notification ' || CAST(n.number AS TEXT), 'waits for a bundle that no clock releases'
FROM notifications n JOIN pages p ON p.number = n.page_number
WHERE n.state = 'held' AND p.stopped_at IS NULL AND NOT EXISTS (
  SELECT 1 FROM timers t WHERE t.kind = 'bundle' AND t.incident_number = 0 AND t.page_number = 0 AND t.ref = n.contact_method_id)
ORDER BY n.number LIMIT 100

-- Whoever has a triggered incident is being called about it.
-- name: audit_N1_assignees
SELECT 'incident ' || CAST(i.number AS TEXT), 'assigned to ' || a.user_id || ', who is not being called'
FROM incidents i @along(incidents_unresolved) JOIN services s ON s.id = i.service_id JOIN assignments a ON a.incident_number = i.number
WHERE i.status <> 'resolved' AND i.status = 'triggered' AND i.held_by_window IS NULL AND i.exhausted = 0 AND s.status <> 'disabled' AND s.deleted_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM pages p WHERE p.incident_number = i.number AND p.user_id = a.user_id AND p.epoch = i.epoch AND p.stopped_at IS NULL)
ORDER BY i.number LIMIT 100

-- name: audit_N1_pages
SELECT 'page ' || CAST(p.number AS TEXT), 'calls ' || p.user_id || ' who does not have incident ' || CAST(i.number AS TEXT)
FROM pages p JOIN incidents i ON i.number = p.incident_number
WHERE p.stopped_at IS NULL AND p.role <> 'responder' AND NOT EXISTS (
  SELECT 1 FROM assignments a WHERE a.incident_number = i.number AND a.user_id = p.user_id)
ORDER BY p.number LIMIT 100

-- name: audit_N2
SELECT 'page ' || CAST(n.page_number AS TEXT), 'rule ' || n.rule_id || ' was used ' || CAST(COUNT(*) AS TEXT) || ' times on contact method ' || n.contact_method_id
FROM pages p JOIN notifications n ON n.incident_number = p.incident_number AND n.page_number = p.number
WHERE 1 = 1
-- if: recent
AND p.number > (SELECT MAX(x.number) FROM pages x) - CAST(:recent AS BIGINT)
-- end
GROUP BY n.page_number, n.rule_id, n.rule_delay_s, n.contact_method_id HAVING COUNT(*) > 1 ORDER BY n.page_number LIMIT 100

-- name: audit_N2_again
SELECT 'message ' || CAST(m.number AS TEXT), m.cause || ' of message ' || CAST(b.number AS TEXT) || ', which had arrived'
FROM messages m JOIN messages b ON b.number = m.previous_number
WHERE m.cause <> 'doubt' AND b.state IN ('accepted', 'delivered')
-- if: recent
AND m.number > (SELECT MAX(x.number) FROM messages x) - CAST(:recent AS BIGINT)
-- end
ORDER BY m.number LIMIT 100

-- The canary is not repeated: the next round says more.
-- name: audit_N3
SELECT 'message ' || CAST(m.number AS TEXT), 'in doubt, and neither repeated nor known to be'
FROM messages m
WHERE m.state = 'unknown' AND m.kind = 'page' AND m.attempt < 300 AND m.user_id <> 'PCANARY'
  AND NOT EXISTS (SELECT 1 FROM messages f WHERE f.previous_number = m.number)
  AND EXISTS (SELECT 1 FROM notifications n JOIN pages p ON p.number = n.page_number
    WHERE n.message_number = m.number AND (p.stopped_at IS NULL OR p.stopped_at > m.finished_at))
  AND NOT EXISTS (WITH RECURSIVE chain (number, previous_number, cause) AS (
      SELECT b.number, b.previous_number, b.cause FROM messages b WHERE b.number = m.number
      UNION ALL SELECT b.number, b.previous_number, b.cause FROM messages b JOIN chain c ON b.number = c.previous_number)
    SELECT 1 FROM chain WHERE cause = 'doubt')
-- if: recent
AND m.number > (SELECT MAX(x.number) FROM messages x) - CAST(:recent AS BIGINT)
-- end
ORDER BY m.number LIMIT 100

-- name: audit_N3_once
SELECT 'message ' || CAST(f.previous_number AS TEXT), 'was followed ' || CAST(COUNT(*) AS TEXT) || ' times'
FROM messages f WHERE f.previous_number IS NOT NULL
-- if: recent
AND f.number > (SELECT MAX(x.number) FROM messages x) - CAST(:recent AS BIGINT)
-- end
GROUP BY f.previous_number HAVING COUNT(*) > 1 ORDER BY f.previous_number LIMIT 100

-- One repeat for one doubt; only what Muster itself interrupted is tried further (core/failover.h).
-- name: audit_N3_doubts
SELECT 'message ' || CAST(f.number AS TEXT), 'repeats message ' || CAST(m.number AS TEXT) || ' in doubt, which was such a repeat itself'
FROM messages f JOIN messages m ON m.number = f.previous_number
WHERE f.cause = 'doubt' AND m.cause = 'doubt' AND m.state = 'unknown' AND COALESCE(m.error, '') <> 'interrupted while it was being sent'
-- if: recent
AND f.number > (SELECT MAX(x.number) FROM messages x) - CAST(:recent AS BIGINT)
-- end
ORDER BY f.number LIMIT 100

-- Every page names the decision that chose this person.
-- name: audit_N4
SELECT 'page ' || CAST(p.number AS TEXT), 'calls ' || p.user_id || ' whom its decision did not choose'
FROM pages p WHERE NOT EXISTS (
  SELECT 1 FROM decision_candidates c WHERE c.decision_number = p.decision_number AND c.position = p.candidate_position AND c.chosen = 1
    AND c.user_id = p.user_id AND c.incident_number = p.incident_number)
-- if: recent
AND p.number > (SELECT MAX(x.number) FROM pages x) - CAST(:recent AS BIGINT)
-- end
ORDER BY p.number LIMIT 100

-- Decisions because of time, with what stood before them; the delay is in the policy's document (audit/levels.c).
-- name: audit_N5_decisions
SELECT d.number, d.incident_number, d.at, d.level, d.doc, b.at, b.level, b.doc
FROM decisions d JOIN decisions b ON b.number = (SELECT MAX(x.number) FROM decisions x WHERE x.incident_number = d.incident_number AND x.number < d.number
  AND x.cause <> 'responder')
WHERE d.cause = 'timeout'
-- if: recent
AND d.number > (SELECT MAX(x.number) FROM decisions x) - CAST(:recent AS BIGINT)
-- end
ORDER BY d.number

-- name: audit_N6
SELECT 'message ' || CAST(m.number AS TEXT), 'was handed over after ' || CASE WHEN c.deleted_at < m.sent_at THEN 'contact method ' || c.id ELSE 'person ' || u.id END
  || ' was deleted'
FROM messages m JOIN contact_methods c ON c.id = m.contact_method_id JOIN users u ON u.id = c.user_id
WHERE m.kind = 'page' AND (c.deleted_at < m.sent_at OR u.deleted_at < m.sent_at)
-- if: recent
AND m.number > (SELECT MAX(x.number) FROM messages x) - CAST(:recent AS BIGINT)
-- end
ORDER BY m.number LIMIT 100

-- After an outage an incident climbs once, not once for each level that time has passed.
-- name: audit_N8
SELECT 'incident ' || CAST(d.incident_number AS TEXT), 'climbed ' || CAST(COUNT(*) AS TEXT) || ' times in one instant'
FROM decisions d WHERE d.cause = 'timeout'
-- if: recent
AND d.number > (SELECT MAX(x.number) FROM decisions x) - CAST(:recent AS BIGINT)
-- end
GROUP BY d.incident_number, d.at HAVING COUNT(*) > 1 ORDER BY d.incident_number LIMIT 100

-- name: audit_K1
SELECT 'message ' || CAST(m.number AS TEXT), 'was handed over after everything it speaks of had been stopped'
FROM messages m
WHERE m.kind = 'page' AND m.sent_at IS NOT NULL AND EXISTS (SELECT 1 FROM notifications n WHERE n.message_number = m.number)
  AND NOT EXISTS (SELECT 1 FROM notifications n JOIN pages p ON p.number = n.page_number
    WHERE n.message_number = m.number AND (p.stopped_at IS NULL OR p.stopped_at >= m.sent_at))
-- if: recent
AND m.number > (SELECT MAX(x.number) FROM messages x) - CAST(:recent AS BIGINT)
-- end
ORDER BY m.number LIMIT 100

-- name: audit_K1_notices
SELECT 'notification ' || CAST(n.number AS TEXT), 'was made after page ' || CAST(p.number AS TEXT) || ' had been stopped'
FROM notifications n JOIN pages p ON p.number = n.page_number WHERE p.stopped_at < n.created_at
-- if: recent
AND n.number > (SELECT MAX(x.number) FROM notifications x) - CAST(:recent AS BIGINT)
-- end
ORDER BY n.number LIMIT 100

-- name: audit_K1_pages
SELECT 'page ' || CAST(p.number AS TEXT), 'still calls ' || p.user_id || ' about incident ' || CAST(i.number AS TEXT) || ', which is ' || i.status
FROM pages p @along(pages_once) JOIN incidents i ON i.number = p.incident_number
WHERE p.stopped_at IS NULL AND (i.status = 'resolved' OR (i.status = 'acknowledged' AND p.role <> 'responder'))
ORDER BY p.number LIMIT 100

-- name: audit_S1
SELECT 'override ' || CAST(o.number AS TEXT), 'of schedule ' || o.schedule_id || ' ends before it begins'
FROM schedule_overrides o WHERE o.end_at < o.start_at AND o.deleted_at IS NULL ORDER BY o.number LIMIT 100

-- name: audit_Q2
SELECT 'timer ' || t.kind || ' ' || t.ref, 'of incident ' || CAST(t.incident_number AS TEXT) || ' is overdue by '
  || CAST((CAST(:now AS BIGINT) - t.due_at) / 1000000 AS TEXT) || ' s'
FROM timers t WHERE t.due_at < CAST(:now AS BIGINT) - CAST(:slack_us AS BIGINT) ORDER BY t.due_at LIMIT 100

-- name: audit_Q2_messages
SELECT 'message ' || CAST(m.number AS TEXT), m.state || ' for ' || CAST((CAST(:now AS BIGINT) - m.not_before) / 1000000 AS TEXT) || ' s'
FROM messages m @along(messages_queued) WHERE m.state = 'queued' AND m.not_before < CAST(:now AS BIGINT) - 10 * CAST(:slack_us AS BIGINT) ORDER BY m.number LIMIT 100

-- name: audit_Q2_sending
SELECT 'message ' || CAST(m.number AS TEXT), m.state || ' for ' || CAST((CAST(:now AS BIGINT) - m.sent_at) / 1000000 AS TEXT) || ' s'
FROM messages m WHERE m.state = 'sending' AND m.sent_at < CAST(:now AS BIGINT) - 10 * CAST(:slack_us AS BIGINT) ORDER BY m.number LIMIT 100

-- name: audit_T_heartbeats
SELECT 'heartbeat ' || h.id, h.state || CASE WHEN t.due_at IS NULL THEN ' without a clock' ELSE ' with a clock' END
FROM heartbeats h LEFT JOIN timers t ON t.kind = 'heartbeat' AND t.ref = h.id
WHERE (h.deleted_at IS NULL AND h.state = 'beating' AND t.due_at IS NULL) OR (t.due_at IS NOT NULL AND (h.deleted_at IS NOT NULL OR h.state <> 'beating'))
ORDER BY h.id LIMIT 100

-- Timers of what is over would act on nothing; one that is left says that an ending was not complete.
-- name: audit_T_orphans
SELECT 'timer ' || t.kind, 'of incident ' || CAST(t.incident_number AS TEXT) || ', which is ' || COALESCE(i.status, 'unknown')
FROM timers t LEFT JOIN incidents i ON i.number = t.incident_number
WHERE t.incident_number > 0 AND (i.number IS NULL OR i.status = 'resolved' OR (t.kind = 'escalate' AND i.status <> 'triggered')
  OR (t.kind IN ('ack_timeout', 'snooze_end') AND i.status <> 'acknowledged'))
ORDER BY t.incident_number, t.kind LIMIT 100

-- name: audit_I5_groups
SELECT 'incident ' || CAST(x.incident_number AS TEXT), 'takes alerts in and is ' || COALESCE(i.status, 'unknown') || ', grouping ' || COALESCE(i.grouping_type, 'nothing')
FROM incident_groups x LEFT JOIN incidents i ON i.number = x.incident_number
WHERE i.number IS NULL OR i.status = 'resolved' OR i.grouping_type IS NULL ORDER BY x.incident_number LIMIT 100

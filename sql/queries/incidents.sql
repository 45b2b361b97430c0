-- The engine's own view of incidents: load one, save one. Lists and filters for people are in incident_views.sql.

-- fragment: incident_state
i.number, i.service_id, i.status, i.urgency, i.title, i.incident_key, i.policy_id, i.policy_version, i.level, i.loop, i.epoch,
i.exhausted, i.on_policy, i.priority_id, i.held_by_window, i.snoozed_until, i.grouping_type, i.grouping_until, i.alerts_all,
i.alerts_triggered, i.created_at, i.updated_at, i.status_changed_at, i.resolved_at, i.status_changed_by_type,
i.status_changed_by_id, i.resolve_reason, i.merged_into

-- name: incident_load
SELECT @{incident_state} FROM incidents i WHERE i.number = :number

-- name: incident_insert
INSERT INTO incidents (number, service_id, status, urgency, title, incident_key, body, policy_id, policy_version, level, loop, epoch, exhausted, on_policy,
  priority_id, held_by_window, snoozed_until, grouping_type, grouping_until, alerts_all, alerts_triggered, created_at, updated_at,
  status_changed_at, status_changed_by_type, status_changed_by_id, resolved_at, resolve_reason, merged_into, first_ledger_seq)
VALUES (:new_number, :service_id, :status, :urgency, :title, :incident_key, :body, :policy_id, :policy_version, :level, :loop, :epoch, :exhausted, :on_policy,
  :priority_id, :held_by_window, :snoozed_until, :grouping_type, :grouping_until, :alerts_all, :alerts_triggered, :now, :updated_at,
  :status_changed_at, :status_changed_by_type, :status_changed_by_id, :resolved_at, :resolve_reason, :merged_into, :first_ledger_seq)

-- name: incident_insert_gathered [postgres]
INSERT INTO incidents (number, service_id, status, urgency, title, incident_key, body, policy_id, policy_version, level, loop, epoch, exhausted, on_policy,
  priority_id, held_by_window, snoozed_until, grouping_type, grouping_until, alerts_all, alerts_triggered, created_at, updated_at,
  status_changed_at, status_changed_by_type, status_changed_by_id, resolved_at, resolve_reason, merged_into, first_ledger_seq)
SELECT * FROM unnest(
  CAST(:new_number AS BIGINT[]), CAST(:service_id AS TEXT[]), CAST(:status AS TEXT[]), CAST(:urgency AS TEXT[]), CAST(:title AS TEXT[]),
  CAST(:incident_key AS TEXT[]), CAST(:body AS TEXT[]), CAST(:policy_id AS TEXT[]), CAST(:policy_version AS BIGINT[]), CAST(:level AS BIGINT[]),
  CAST(:loop AS BIGINT[]), CAST(:epoch AS BIGINT[]), CAST(:exhausted AS BIGINT[]), CAST(:on_policy AS BIGINT[]), CAST(:priority_id AS TEXT[]),
  CAST(:held_by_window AS TEXT[]), CAST(:snoozed_until AS BIGINT[]), CAST(:grouping_type AS TEXT[]), CAST(:grouping_until AS BIGINT[]),
  CAST(:alerts_all AS BIGINT[]), CAST(:alerts_triggered AS BIGINT[]), CAST(:now AS BIGINT[]), CAST(:updated_at AS BIGINT[]),
  CAST(:status_changed_at AS BIGINT[]), CAST(:status_changed_by_type AS TEXT[]), CAST(:status_changed_by_id AS TEXT[]),
  CAST(:resolved_at AS BIGINT[]), CAST(:resolve_reason AS TEXT[]), CAST(:merged_into AS BIGINT[]), CAST(:first_ledger_seq AS BIGINT[]))

-- name: incident_save
UPDATE incidents SET status = :status, urgency = :urgency, title = :title, policy_id = :policy_id, policy_version = :policy_version,
  level = :level, loop = :loop, epoch = :epoch, exhausted = :exhausted, on_policy = :on_policy, priority_id = :priority_id,
  held_by_window = :held_by_window, snoozed_until = :snoozed_until, grouping_until = :grouping_until, alerts_all = :alerts_all,
  alerts_triggered = :alerts_triggered, updated_at = :updated_at, status_changed_at = :status_changed_at,
  status_changed_by_type = :status_changed_by_type, status_changed_by_id = :status_changed_by_id, resolved_at = :resolved_at,
  resolve_reason = :resolve_reason, merged_into = :merged_into
WHERE number = :number

-- name: incident_assignees
SELECT user_id FROM assignments WHERE incident_number = :number ORDER BY assigned_at, user_id

-- name: incident_unassign
DELETE FROM assignments WHERE incident_number = :number AND user_id = :user_id

-- name: incident_assign
INSERT INTO assignments (incident_number, user_id, assigned_at) VALUES (:number, :user_id, :now)

-- name: incident_assign_gathered [postgres]
INSERT INTO assignments (incident_number, user_id, assigned_at)
SELECT * FROM unnest(CAST(:number AS BIGINT[]), CAST(:user_id AS TEXT[]), CAST(:now AS BIGINT[]))

-- name: incident_acknowledgers
SELECT user_id FROM acknowledgements WHERE incident_number = :number ORDER BY at, user_id

-- name: incident_acknowledgement_remove
DELETE FROM acknowledgements WHERE incident_number = :number AND user_id = :user_id

-- name: incident_acknowledge
INSERT INTO acknowledgements (incident_number, user_id, at) VALUES (:number, :user_id, :now) ON CONFLICT DO NOTHING

-- name: incident_add_responder
INSERT INTO responders (incident_number, user_id, requested_by, requested_at, state, message)
VALUES (:number, :user_id, :requested_by, :now, 'pending', :message) ON CONFLICT (incident_number, user_id) DO UPDATE SET message = excluded.message

-- name: incident_responder_joined
UPDATE responders SET state = 'joined' WHERE incident_number = :number AND user_id = :user_id AND state = 'pending'

-- name: incident_open_by_key
SELECT number FROM incidents WHERE incident_key = :incident_key AND resolved_at IS NULL AND service_id = :service_id LIMIT 1

-- name: incidents_open_of_window_services
SELECT i.number FROM maintenance_window_services ws JOIN incidents i @along(incidents_open) ON i.service_id = ws.service_id
WHERE ws.window_id = :window_id AND i.status <> 'resolved' ORDER BY i.number

-- name: incidents_triggered_of_service
SELECT number FROM incidents @along(incidents_open) WHERE service_id = :service_id AND status <> 'resolved' AND status = 'triggered' ORDER BY number

-- name: incidents_held_by_window
SELECT number FROM incidents @along(incidents_unresolved) WHERE held_by_window = :window_id AND status <> 'resolved' ORDER BY number

-- name: ledger_insert
INSERT INTO ledger (seq, incident_number, at, kind, actor_type, actor_id, actor_name, channel, user_id, doc)
VALUES (:new_number, :incident_number, :at, :kind, :actor_type, :actor_id, :actor_name, :channel, :user_id, :doc)

-- name: ledger_insert_gathered [postgres]
INSERT INTO ledger (seq, incident_number, at, kind, actor_type, actor_id, actor_name, channel, user_id, doc)
SELECT * FROM unnest(CAST(:new_number AS BIGINT[]), CAST(:incident_number AS BIGINT[]), CAST(:at AS BIGINT[]), CAST(:kind AS TEXT[]),
  CAST(:actor_type AS TEXT[]), CAST(:actor_id AS TEXT[]), CAST(:actor_name AS TEXT[]), CAST(:channel AS TEXT[]), CAST(:user_id AS TEXT[]),
  CAST(:doc AS TEXT[]))

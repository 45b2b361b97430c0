-- name: timer_set
INSERT INTO timers (due_at, kind, incident_number, page_number, ref) VALUES (:due_at, :kind, :incident_number, :page_number, :ref)
ON CONFLICT (kind, incident_number, page_number, ref) DO UPDATE SET due_at = excluded.due_at

-- name: timer_clear
DELETE FROM timers WHERE kind = :kind AND incident_number = :incident_number AND page_number = :page_number AND ref = :ref

-- name: timer_take
DELETE FROM timers WHERE kind = :kind AND incident_number = :incident_number AND page_number = :page_number AND ref = :ref AND due_at = :due_at

-- The order of kinds at one instant: a person's last step (ladder) comes before the next level is called (escalate), and joins the bundle that leaves then.
-- name: timers_due
SELECT due_at, kind, incident_number, page_number, ref FROM timers WHERE due_at <= :now ORDER BY due_at, kind DESC, incident_number, page_number, ref LIMIT :limit

-- name: timer_next_due
SELECT due_at FROM timers ORDER BY due_at LIMIT 1

-- name: timer_set
INSERT INTO timers (due_at, kind, incident_number, page_number, ref) VALUES (:due_at, :kind, :incident_number, :page_number, :ref)
ON CONFLICT (kind, incident_number, page_number, ref) DO UPDATE SET due_at = excluded.due_at

-- The last of those for one thing.
-- name: timer_set_gathered [postgres]
INSERT INTO timers (due_at, kind, incident_number, page_number, ref)
SELECT DISTINCT ON (t.incident, t.page, t.kind, t.ref) t.due_at, t.kind, t.incident, t.page, t.ref
FROM unnest(CAST(:due_at AS BIGINT[]), CAST(:kind AS TEXT[]), CAST(:incident_number AS BIGINT[]), CAST(:page_number AS BIGINT[]), CAST(:ref AS TEXT[]))
  WITH ORDINALITY AS t (due_at, kind, incident, page, ref, place)
ORDER BY t.incident, t.page, t.kind, t.ref, t.place DESC
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

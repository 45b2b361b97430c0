-- Schedules, with versions as escalation policies have them; schedule_users only indexes what the newest document names.

CREATE TABLE schedules (
  id TEXT PRIMARY KEY,
  type TEXT NOT NULL DEFAULT 'schedule', -- schedule (layers) | schedule_v3 (rotations); never changes
  name TEXT NOT NULL,
  description TEXT,
  time_zone TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE UNIQUE INDEX schedules_name ON schedules (lower(name)) WHERE deleted_at IS NULL;

-- doc: see core/schedule.h (schedule_from_json)
CREATE TABLE schedule_versions (
  schedule_id TEXT NOT NULL REFERENCES schedules (id),
  version BIGINT NOT NULL,
  effective_from BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (schedule_id, version)
);

CREATE TABLE schedule_users (
  schedule_id TEXT NOT NULL REFERENCES schedules (id),
  user_id TEXT NOT NULL,
  PRIMARY KEY (schedule_id, user_id)
);
CREATE INDEX schedule_users_user ON schedule_users (user_id);

CREATE TABLE schedule_teams (
  schedule_id TEXT NOT NULL REFERENCES schedules (id),
  team_id TEXT NOT NULL REFERENCES teams (id),
  PRIMARY KEY (schedule_id, team_id)
);

-- What holds for a time, beside the versions. Of a shift-based schedule a change is a new row, so that what was stays true.
CREATE TABLE schedule_overrides (
  number @autoid,
  schedule_id TEXT NOT NULL REFERENCES schedules (id),
  kind TEXT NOT NULL DEFAULT 'layers', -- layers | shift (a custom shift) | member (replaces one person)
  origin BIGINT,                 -- number of the first row of the same override or shift; NULL: this is it
  start_at BIGINT NOT NULL,
  end_at BIGINT NOT NULL,
  user_id TEXT REFERENCES users (id), -- NULL: nobody (an empty member)
  rotation_id TEXT,              -- member: whose shifts
  shift_number BIGINT,           -- member: or the custom shift
  replaced_id TEXT,              -- member: who is replaced; NULL: an empty member
  created_at BIGINT NOT NULL,
  created_by TEXT,
  deleted_at BIGINT              -- what it did before that stays true (S7)
);
CREATE INDEX schedule_overrides_schedule ON schedule_overrides (schedule_id, end_at);
CREATE INDEX schedule_overrides_user ON schedule_overrides (user_id, end_at);

-- Handoff notices already sent: one for each rule, boundary and direction, whatever is edited in between.
CREATE TABLE handoff_notices (
  schedule_id TEXT NOT NULL,
  rule_id TEXT NOT NULL,
  boundary_at BIGINT NOT NULL,
  direction TEXT NOT NULL,       -- oncall | offcall
  PRIMARY KEY (schedule_id, rule_id, boundary_at, direction)
);

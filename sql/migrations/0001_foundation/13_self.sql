-- What the self-check finds now: told once (engine/self_report.h).
CREATE TABLE self_findings (
  name TEXT PRIMARY KEY,
  found_in TEXT NOT NULL,        -- the group that is one incident
  schedule_id TEXT,              -- of a gap
  start_at BIGINT,
  end_at BIGINT,
  found_at BIGINT NOT NULL
);

-- Everything that must happen later. A restart reads these rows; nothing else is needed to go on.
CREATE TABLE timers (
  kind TEXT NOT NULL,            -- core/timer.h
  incident_number BIGINT NOT NULL DEFAULT 0,
  page_number BIGINT NOT NULL DEFAULT 0,
  ref TEXT NOT NULL DEFAULT '',  -- window, schedule, contact method, ... by kind
  due_at BIGINT NOT NULL,
  PRIMARY KEY (kind, incident_number, page_number, ref)
) @by_key;
CREATE INDEX timers_due ON timers (due_at, kind DESC);

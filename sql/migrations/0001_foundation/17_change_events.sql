-- What was deployed or configured elsewhere. Nobody is called; shown beside the incidents that follow.
CREATE TABLE change_events (
  number @autoid,
  received_at BIGINT NOT NULL,
  occurred_at BIGINT NOT NULL,   -- as the sender says, else received_at
  integration_id TEXT NOT NULL,
  service_id TEXT NOT NULL,
  summary TEXT NOT NULL,
  source TEXT,
  links TEXT,                    -- [{"href", "text"}]
  images TEXT,                   -- [{"src", "href", "alt"}]
  custom_details TEXT,           -- an object
  event_number BIGINT NOT NULL
);
CREATE INDEX change_events_time ON change_events (occurred_at);
CREATE INDEX change_events_service ON change_events (service_id, occurred_at);

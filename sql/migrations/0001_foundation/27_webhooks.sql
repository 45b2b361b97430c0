-- Webhook subscriptions, and what is to be told to them.

-- Programs that want to be told what happens to incidents and services (engine/webhooks.h).
CREATE TABLE webhook_subscriptions (
  id TEXT PRIMARY KEY,
  delivery_method_id TEXT NOT NULL,
  url TEXT NOT NULL,
  secret TEXT NOT NULL,          -- sealed (base/seal.h), as are the next two
  previous_secret TEXT,          -- also signs until previous_secret_until
  custom_headers TEXT,           -- JSON [{"name","value"}]
  previous_secret_until BIGINT,
  description TEXT,
  events TEXT NOT NULL,          -- JSON array of names; core/webhook_event.h
  filter_type TEXT NOT NULL,     -- account | service | team
  filter_id TEXT,
  active BIGINT NOT NULL,
  refused_in_a_row BIGINT NOT NULL DEFAULT 0,
  disabled_at BIGINT,            -- by Muster, because nothing can be delivered
  disabled_until BIGINT,         -- NULL: until somebody enables it
  disabled_reason TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);

-- One thing that happened and that some subscription wants to hear of, as it was at that moment.
CREATE TABLE webhook_events (
  number @autoid,
  at BIGINT NOT NULL,
  event_type TEXT NOT NULL,
  body TEXT NOT NULL             -- the JSON to be posted
);
CREATE INDEX webhook_events_at ON webhook_events (at);

CREATE TABLE webhook_deliveries (
  number @autoid,
  subscription_id TEXT NOT NULL,
  event_number BIGINT NOT NULL,
  resource TEXT NOT NULL,        -- what the event is about; those of one resource arrive in order
  state TEXT NOT NULL,           -- waiting (for an earlier one of its resource) | queued | sending | delivered | dropped
  attempts BIGINT NOT NULL DEFAULT 0,
  not_before BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  sent_at BIGINT,                -- of the last attempt
  finished_at BIGINT,
  status_code BIGINT,            -- of the last answer
  error TEXT
);
CREATE INDEX webhook_deliveries_open ON webhook_deliveries (subscription_id, resource, number) WHERE finished_at IS NULL;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (subscription_id, not_before, number) WHERE state = 'queued';
CREATE INDEX webhook_deliveries_sending ON webhook_deliveries (number) WHERE state = 'sending';
CREATE INDEX webhook_deliveries_log ON webhook_deliveries (subscription_id, number);
CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (finished_at) WHERE finished_at IS NOT NULL;

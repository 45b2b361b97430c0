-- People, how to reach them and when.

CREATE TABLE users (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  role TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  color TEXT NOT NULL DEFAULT 'purple',
  job_title TEXT,
  description TEXT,
  password_hash TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT             -- people leave; the record of what they did stays
);
CREATE UNIQUE INDEX users_email ON users (lower(email)) WHERE deleted_at IS NULL;
CREATE INDEX users_role ON users (role) WHERE deleted_at IS NULL; -- the account's catch-all is looked up with every incident

CREATE TABLE contact_methods (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  channel TEXT NOT NULL,         -- email | sms | phone | push | webhook
  label TEXT NOT NULL,
  address TEXT NOT NULL,
  country_code BIGINT NOT NULL DEFAULT 0,
  send_short_email BIGINT NOT NULL DEFAULT 0,
  verified_at BIGINT,            -- NULL: never paged
  code_hash TEXT,                -- the outstanding verification code
  code_sent_at BIGINT,
  code_tries BIGINT NOT NULL DEFAULT 0,
  blocked_reason TEXT,           -- set by a permanent refusal of a provider ("STOP", bad number); cleared by verifying again
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX contact_methods_user ON contact_methods (user_id);
CREATE INDEX contact_methods_address ON contact_methods (address);

CREATE TABLE notification_rules (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  urgency TEXT NOT NULL,         -- high | low
  start_delay_s BIGINT NOT NULL,
  contact_method_id TEXT NOT NULL REFERENCES contact_methods (id),
  created_at BIGINT NOT NULL
);
CREATE INDEX notification_rules_user ON notification_rules (user_id, urgency, start_delay_s);

CREATE TABLE handoff_rules (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  contact_method_id TEXT NOT NULL REFERENCES contact_methods (id),
  advance_s BIGINT NOT NULL,
  handoff_type TEXT NOT NULL,    -- both | oncall | offcall
  created_at BIGINT NOT NULL
);
CREATE INDEX handoff_rules_user ON handoff_rules (user_id);

-- Decisions, and the pages, notifications and messages that follow from them.

-- One decision of the engine about whom to call, with everything it knew: the answer to "why me?".
CREATE TABLE decisions (
  number @numbered,
  incident_number BIGINT NOT NULL,
  at BIGINT NOT NULL,
  level BIGINT NOT NULL,
  cause TEXT NOT NULL,           -- trigger | timeout | escalate | reassign | responder | unacknowledge | window_end | ...
  doc TEXT NOT NULL              -- service, policy and version, rule, urgency and its rule, maintenance, ...
);
CREATE INDEX decisions_incident ON decisions (incident_number, number);

-- Every person who came into question, chosen or not: the answer to "why not her?".
CREATE TABLE decision_candidates (
  decision_number BIGINT NOT NULL,
  position BIGINT NOT NULL,
  incident_number BIGINT NOT NULL,
  at BIGINT NOT NULL,
  user_id TEXT,                  -- NULL: a schedule with a gap
  chosen BIGINT NOT NULL,
  reason TEXT NOT NULL,          -- core/escalation.h
  doc TEXT NOT NULL,             -- level, target, schedule, layer or override, ...
  PRIMARY KEY (decision_number, position)
) @by_key;

-- One person is being called about one incident in one epoch.
CREATE TABLE pages (
  number @numbered,
  incident_number BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  level BIGINT NOT NULL,
  urgency TEXT NOT NULL,
  role TEXT NOT NULL DEFAULT 'assignee', -- assignee | responder | catch_all
  started_at BIGINT NOT NULL,
  ladder_done_s BIGINT NOT NULL DEFAULT -1, -- rules with a greater delay are still to come
  stopped_at BIGINT,
  stop_reason TEXT,
  decision_number BIGINT NOT NULL,
  candidate_position BIGINT NOT NULL
);
-- Called once at a time; somebody whose page was stopped may be asked for help in the same epoch.
CREATE UNIQUE INDEX pages_once ON pages (incident_number, user_id, epoch) WHERE stopped_at IS NULL;
CREATE INDEX pages_incident ON pages (incident_number, number);

-- One step of a person's ladder that came due: this contact method is to be used for this page.
CREATE TABLE notifications (
  number @numbered,
  page_number BIGINT NOT NULL,
  incident_number BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  contact_method_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  rule_id TEXT NOT NULL,         -- notification rule; empty: fallback because the person has none
  rule_delay_s BIGINT NOT NULL,
  advanced BIGINT NOT NULL DEFAULT 0, -- pulled forward because an earlier step failed
  created_at BIGINT NOT NULL,
  state TEXT NOT NULL,           -- held (waits for a bundle) | sent (see message) | cancelled | failed
  message_number BIGINT          -- the newest message that carries it
);
CREATE INDEX notifications_message ON notifications (message_number) WHERE message_number IS NOT NULL;
CREATE INDEX notifications_held ON notifications (contact_method_id) WHERE state = 'held';
CREATE INDEX notifications_incident ON notifications (incident_number, number);

-- What is handed to a provider: the outbox. A bundle carries several notifications; a failover or repeat is a new message that names
-- the one before it.
CREATE TABLE messages (
  number @numbered,
  kind TEXT NOT NULL,            -- page | code | handoff | alarm | notice
  user_id TEXT,
  contact_method_id TEXT,
  incident_number BIGINT,        -- NULL for bundles and others
  channel TEXT NOT NULL,
  address TEXT NOT NULL,
  urgent BIGINT NOT NULL,        -- urgent ones go first
  content TEXT NOT NULL,         -- JSON; channel/frames.h
  reply_code BIGINT,             -- short number a person can answer with; unique among the recent ones of an address
  provider TEXT,                 -- NULL until claimed
  previous_number BIGINT,        -- the attempt before this one
  attempt BIGINT NOT NULL DEFAULT 1,
  cause TEXT NOT NULL DEFAULT 'first', -- first | retry | failover | doubt (possible repeat)
  state TEXT NOT NULL,           -- queued | sending | accepted | delivered | temporary | permanent | unknown | cancelled
  not_before BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  sent_at BIGINT,
  finished_at BIGINT,
  provider_ref TEXT,
  error TEXT,
  answered_at BIGINT,            -- the person reacted to it
  answer TEXT
);
CREATE INDEX messages_queued ON messages (channel, urgent, number) WHERE state = 'queued';
CREATE INDEX messages_sending ON messages (number) WHERE state = 'sending';
CREATE INDEX messages_address ON messages (address, number);
CREATE INDEX messages_user ON messages (user_id, created_at); -- each page asks what this person's contact got in the last minutes
CREATE INDEX messages_previous ON messages (previous_number) WHERE previous_number IS NOT NULL;

-- The state of one Muster installation. Instants: BIGINT microseconds UTC. Booleans: BIGINT 0/1. Documents: JSON text.
-- Hot rows (events, alerts, incidents, ledger, pages, notifications, messages) have sequential integer keys; their public ids
-- are computed (base/id.h), so no random index grows with traffic.

-- Facts of the installation itself: set_up_at, created_at, test_now, ...
CREATE TABLE installation (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- People ------------------------------------------------------------------------------------------------

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

CREATE TABLE teams (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT,
  default_role TEXT NOT NULL DEFAULT 'manager', -- none: private, its things are there for members and administrators only
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE UNIQUE INDEX teams_name ON teams (lower(name)) WHERE deleted_at IS NULL;
CREATE INDEX teams_private ON teams (id) WHERE default_role = 'none' AND deleted_at IS NULL; -- asked with every request of who does not administer

CREATE TABLE team_members (
  team_id TEXT NOT NULL REFERENCES teams (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  role TEXT NOT NULL,            -- manager | responder | observer
  PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_members_user ON team_members (user_id);

-- Words by which users, teams and escalation policies are found again.
CREATE TABLE tags (
  id TEXT PRIMARY KEY,
  label TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX tags_label ON tags (lower(label));

CREATE TABLE tagged (
  entity_type TEXT NOT NULL,     -- users | teams | escalation_policies
  entity_id TEXT NOT NULL,
  tag_id TEXT NOT NULL REFERENCES tags (id),
  PRIMARY KEY (entity_type, entity_id, tag_id)
);
CREATE INDEX tagged_tag ON tagged (tag_id, entity_type);

CREATE TABLE api_tokens (
  id TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE, -- SHA-256, hex
  name TEXT NOT NULL,
  user_id TEXT REFERENCES users (id), -- NULL: account level
  role TEXT,                     -- of an account-level token
  created_at BIGINT NOT NULL,
  last_used_at BIGINT,
  expires_at BIGINT,
  revoked_at BIGINT
);

CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  proven_by TEXT NOT NULL,       -- password | code: a second factor as well | provider: an account elsewhere
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

-- What proves a person beside the password (base/totp.h). Secrets are sealed (base/seal.h).
CREATE TABLE second_factors (
  user_id TEXT PRIMARY KEY REFERENCES users (id),
  secret TEXT,                   -- NULL: none is in force yet
  confirmed_at BIGINT,
  offered_secret TEXT,           -- shown, and not proven by a code yet
  offered_at BIGINT,             -- NULL: nothing is
  last_step BIGINT NOT NULL DEFAULT 0 -- no code of this step or an earlier one is taken again
);

-- Accounts at providers of OpenID Connect by which people sign in.
CREATE TABLE identities (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,         -- the provider's name for the account, never given to another one
  user_id TEXT NOT NULL REFERENCES users (id),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE UNIQUE INDEX identities_user ON identities (user_id, issuer);

-- For whoever lost the device; each is taken once.
CREATE TABLE recovery_codes (
  user_id TEXT NOT NULL REFERENCES users (id),
  code_hash TEXT NOT NULL,       -- SHA-256, hex
  used_at BIGINT,
  PRIMARY KEY (user_id, code_hash)
);

CREATE TABLE audit (
  seq @autoid,
  at BIGINT NOT NULL,
  actor_type TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  channel TEXT NOT NULL,
  peer TEXT NOT NULL,
  action TEXT NOT NULL,          -- create | update | delete | verify | sign_in | ...
  resource_type TEXT NOT NULL,
  resource_id TEXT NOT NULL,
  root_type TEXT NOT NULL,       -- whose it is: the user of a contact method; else the resource itself
  root_id TEXT NOT NULL,
  before_doc TEXT,
  after_doc TEXT
);
CREATE INDEX audit_root ON audit (root_type, root_id, seq);

-- Who is responsible --------------------------------------------------------------------------------------

-- The newest version of a policy or schedule is the one in force; the versions are the fact and the history (invariant S7), the
-- *_targets and *_users tables only index what the newest document names. One function writes both (store them together).
CREATE TABLE escalation_policies (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE UNIQUE INDEX escalation_policies_name ON escalation_policies (lower(name)) WHERE deleted_at IS NULL;

-- doc: {"name","num_loops":0..9,"on_call_handoff_notifications":"if_has_services|always","catch_all":{"type":"user|schedule","id"}|null,
--  "rules":[{"id","delay_s","strategy":"everyone|round_robin","targets":[{"type":"user|schedule","id"}]}]}
CREATE TABLE policy_versions (
  policy_id TEXT NOT NULL REFERENCES escalation_policies (id),
  version BIGINT NOT NULL,
  effective_from BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (policy_id, version)
);

CREATE TABLE policy_targets (
  policy_id TEXT NOT NULL REFERENCES escalation_policies (id),
  level BIGINT NOT NULL,         -- from 1; 0 is the catch-all
  target_type TEXT NOT NULL,     -- user | schedule
  target_id TEXT NOT NULL
);
CREATE INDEX policy_targets_policy ON policy_targets (policy_id);
CREATE INDEX policy_targets_target ON policy_targets (target_type, target_id);

CREATE TABLE policy_teams (
  policy_id TEXT NOT NULL REFERENCES escalation_policies (id),
  team_id TEXT NOT NULL REFERENCES teams (id),
  PRIMARY KEY (policy_id, team_id)
);
CREATE INDEX policy_teams_team ON policy_teams (team_id);

-- Whose turn is next at a round-robin level.
CREATE TABLE round_robin (
  policy_id TEXT NOT NULL,
  rule_id TEXT NOT NULL,
  turn BIGINT NOT NULL,
  PRIMARY KEY (policy_id, rule_id)
);

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

-- How alerts become incidents together (core/grouping.h). A service is in one at most; what a service says by itself is one of its own.
CREATE TABLE alert_grouping_settings (
  id TEXT PRIMARY KEY,
  name TEXT,
  description TEXT,
  type TEXT NOT NULL,            -- time | content_based
  timeout_s BIGINT NOT NULL,     -- 0: until the incident is resolved (time), the recommended window (content_based)
  rolling BIGINT NOT NULL,       -- of type time: the window restarts with each alert
  aggregate TEXT,                -- of type content_based: all | any
  fields TEXT NOT NULL,          -- JSON array
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE services (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT,
  status TEXT NOT NULL DEFAULT 'active', -- active | disabled; warning, critical and maintenance are computed
  policy_id TEXT NOT NULL REFERENCES escalation_policies (id),
  auto_resolve_timeout_s BIGINT,
  acknowledgement_timeout_s BIGINT,
  urgency_type TEXT NOT NULL DEFAULT 'constant', -- constant | use_support_hours
  urgency TEXT NOT NULL DEFAULT 'high',          -- high | low | severity_based
  urgency_during TEXT,
  urgency_outside TEXT,
  support_time_zone TEXT,
  support_days TEXT,             -- JSON array, 1 = Monday .. 7
  support_start TEXT,            -- "09:00:00"
  support_end TEXT,
  scheduled_actions TEXT NOT NULL DEFAULT '[]',  -- urgency raised when support hours begin
  alert_creation TEXT NOT NULL DEFAULT 'create_alerts_and_incidents',
  grouping_setting_id TEXT REFERENCES alert_grouping_settings (id), -- NULL: every alert is an incident
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE UNIQUE INDEX services_name ON services (lower(name)) WHERE deleted_at IS NULL;
CREATE INDEX services_policy ON services (policy_id);
CREATE INDEX services_grouping ON services (grouping_setting_id) WHERE grouping_setting_id IS NOT NULL;

CREATE TABLE integrations (
  id TEXT PRIMARY KEY,
  service_id TEXT NOT NULL REFERENCES services (id),
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  integration_key TEXT NOT NULL,
  vendor_id TEXT,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE UNIQUE INDEX integrations_key ON integrations (integration_key);
CREATE INDEX integrations_service ON integrations (service_id);

-- What the organisation sells or promises, and what rests on what. A business service receives no events.
CREATE TABLE business_services (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT,
  point_of_contact TEXT NOT NULL,
  team_id TEXT REFERENCES teams (id),
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX business_services_team ON business_services (team_id);

-- Either side is a service or a business service; no chain leads back to its start.
CREATE TABLE service_dependencies (
  id TEXT PRIMARY KEY,
  supporting_id TEXT NOT NULL,
  supporting_kind TEXT NOT NULL, -- service | business_service
  dependent_id TEXT NOT NULL,
  dependent_kind TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX service_dependencies_pair ON service_dependencies (dependent_id, supporting_id);
CREATE INDEX service_dependencies_supporting ON service_dependencies (supporting_id);

-- What the self-check finds now: told once (engine/self_report.h).
CREATE TABLE self_findings (
  name TEXT PRIMARY KEY,
  found_in TEXT NOT NULL,        -- the group that is one incident
  schedule_id TEXT,              -- of a gap
  start_at BIGINT,
  end_at BIGINT,
  found_at BIGINT NOT NULL
);

-- What must report regularly (engine/heartbeats.h).
CREATE TABLE heartbeats (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  service_id TEXT NOT NULL REFERENCES services (id),
  integration_id TEXT NOT NULL REFERENCES integrations (id), -- its key is the heartbeat's
  interval_s BIGINT NOT NULL,
  grace_s BIGINT NOT NULL,
  state TEXT NOT NULL,           -- waiting | beating | missed
  last_beat_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX heartbeats_integration ON heartbeats (integration_id);

CREATE TABLE maintenance_windows (
  id TEXT PRIMARY KEY,
  sequence_number BIGINT NOT NULL,
  start_at BIGINT NOT NULL,
  end_at BIGINT NOT NULL,
  description TEXT,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX maintenance_windows_start ON maintenance_windows (start_at DESC, id) WHERE deleted_at IS NULL;
CREATE TABLE maintenance_window_services (
  window_id TEXT NOT NULL REFERENCES maintenance_windows (id),
  service_id TEXT NOT NULL REFERENCES services (id),
  PRIMARY KEY (window_id, service_id)
);
CREATE INDEX maintenance_window_services_service ON maintenance_window_services (service_id);

CREATE TABLE priorities (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  color TEXT NOT NULL,
  rank BIGINT NOT NULL           -- 1 is the most urgent
);

-- What is reported ------------------------------------------------------------------------------------------

-- Every accepted event and what became of it, for ever (invariant E1). Bodies only here. No index but the key: one by alert would change a page
-- somewhere in the whole past for each event.
CREATE TABLE events (
  number @numbered,
  received_at BIGINT NOT NULL,
  integration_id TEXT NOT NULL,
  action TEXT NOT NULL,          -- trigger | acknowledge | resolve | change
  format TEXT NOT NULL,
  dedup_key TEXT,
  disposition TEXT NOT NULL,     -- engine/intake.h
  alert_number BIGINT,
  incident_number BIGINT,
  severity TEXT,                 -- of a trigger
  summary TEXT,                  -- of a trigger
  body TEXT NOT NULL
);

CREATE TABLE change_events (
  number @autoid,
  received_at BIGINT NOT NULL,
  occurred_at BIGINT NOT NULL,
  integration_id TEXT NOT NULL,
  service_id TEXT NOT NULL,
  summary TEXT NOT NULL,
  source TEXT,
  links TEXT,
  custom_details TEXT,
  event_number BIGINT NOT NULL
);

CREATE TABLE alerts (
  number @numbered,
  integration_id TEXT,
  service_id TEXT NOT NULL,
  incident_number BIGINT,        -- NULL only between the statements of one transaction
  dedup_key TEXT NOT NULL,
  status TEXT NOT NULL,          -- triggered | resolved
  suppressed BIGINT NOT NULL DEFAULT 0,
  source TEXT,
  component TEXT,
  alert_group TEXT,
  alert_class TEXT,
  client TEXT,
  client_url TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,    -- apart from its triggers
  resolved_at BIGINT,
  first_event_number BIGINT NOT NULL,
  resolve_event_number BIGINT    -- NULL: no event ended it
);
-- Invariant I1: at most one open alert per integration and key. One index, also for whoever looks for a key: each page that an event changes is written in its commit.
CREATE UNIQUE INDEX alerts_key ON alerts (dedup_key, integration_id, (CASE WHEN status <> 'resolved' THEN 0 ELSE number END));
CREATE INDEX alerts_incident ON alerts (incident_number, number);

-- What changes with each event that repeats an alert, and nothing else: 200 of these rows share a page, only 11 alerts do, and each event writes one.
-- How severe the alert is and what it says stand in the row of its newest trigger.
CREATE TABLE alert_triggers (
  alert_number @key,
  trigger_count BIGINT NOT NULL,
  last_event_number BIGINT NOT NULL -- the newest trigger
);

-- The response -----------------------------------------------------------------------------------------------

CREATE TABLE incidents (
  number @numbered,
  service_id TEXT NOT NULL,
  status TEXT NOT NULL,          -- triggered | acknowledged | resolved
  urgency TEXT NOT NULL,         -- high | low
  title TEXT NOT NULL,
  incident_key TEXT NOT NULL,
  body TEXT,
  policy_id TEXT NOT NULL,
  policy_version BIGINT NOT NULL, -- the snapshot this incident climbs (edits apply to later incidents)
  level BIGINT NOT NULL,         -- 1-based rule in force; 0: none yet
  loop BIGINT NOT NULL,          -- how often the policy has been repeated
  epoch BIGINT NOT NULL,         -- grows with every assignment: pages of an older epoch are void
  exhausted BIGINT NOT NULL DEFAULT 0, -- the whole policy passed without an answer: shown as an alarm
  on_policy BIGINT NOT NULL DEFAULT 1, -- 0: assigned to people by hand; the policy does not climb
  priority_id TEXT,
  held_by_window TEXT,           -- maintenance window that holds its pages back
  snoozed_until BIGINT,
  grouping_type TEXT,            -- NULL: takes no further alerts in
  grouping_until BIGINT,         -- NULL: until it is resolved
  alerts_all BIGINT NOT NULL DEFAULT 0,
  alerts_triggered BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  status_changed_at BIGINT NOT NULL,
  status_changed_by_type TEXT NOT NULL, -- user | integration | system
  status_changed_by_id TEXT NOT NULL,
  resolved_at BIGINT,
  resolve_reason TEXT,           -- JSON
  merged_into BIGINT,
  conference_number TEXT,
  conference_url TEXT,
  first_ledger_seq BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX incidents_open ON incidents (service_id, number) WHERE status <> 'resolved';
-- Lists and counts of open incidents, however they are filtered and sorted, read nothing but this.
CREATE INDEX incidents_unresolved ON incidents (created_at, number, status, urgency, service_id, policy_id, snoozed_until, held_by_window, exhausted)
  WHERE status <> 'resolved';
CREATE INDEX incidents_resolved ON incidents (resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX incidents_service ON incidents (service_id, created_at);
CREATE INDEX incidents_policy ON incidents (policy_id, created_at); -- a team's incidents
CREATE INDEX incidents_low ON incidents (created_at) WHERE urgency = 'low';
CREATE INDEX incidents_priority ON incidents (priority_id) WHERE priority_id IS NOT NULL;
CREATE INDEX incidents_created ON incidents (created_at);
CREATE INDEX incidents_key ON incidents (incident_key, resolved_at); -- open ones of a key: without an end

-- What alerts are compared by when they look for an open incident to join (core/grouping.h); gone when it is resolved.
CREATE TABLE incident_groups (
  key TEXT NOT NULL,
  incident_number BIGINT NOT NULL,
  PRIMARY KEY (key, incident_number)
);
CREATE INDEX incident_groups_incident ON incident_groups (incident_number);

CREATE TABLE assignments (
  incident_number BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  assigned_at BIGINT NOT NULL,
  PRIMARY KEY (incident_number, user_id)
) @by_key;
CREATE INDEX assignments_user ON assignments (user_id);

CREATE TABLE acknowledgements (
  incident_number BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (incident_number, user_id)
);

CREATE TABLE responders (
  incident_number BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  requested_at BIGINT NOT NULL,
  state TEXT NOT NULL,           -- pending | joined | declined
  message TEXT NOT NULL,
  PRIMARY KEY (incident_number, user_id)
);

-- Who is told what is said about an incident, without being called for it.
CREATE TABLE incident_subscribers (
  incident_number BIGINT NOT NULL,
  subscriber_type TEXT NOT NULL, -- user | team: whoever is in it by then
  subscriber_id TEXT NOT NULL,
  subscribed_at BIGINT NOT NULL,
  PRIMARY KEY (incident_number, subscriber_type, subscriber_id)
);

-- The one append-only record. Kinds: core/ledger.h. doc holds the reason and the details.
CREATE TABLE ledger (
  seq @numbered,
  incident_number BIGINT,        -- NULL: about the installation (alarms, provider health)
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  actor_type TEXT NOT NULL,      -- user | integration | system
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  channel TEXT NOT NULL,
  user_id TEXT,                  -- the person it is about
  doc TEXT NOT NULL
);
CREATE INDEX ledger_incident ON ledger (incident_number, seq);

-- Words added to a trigger later (PUT /log_entries/{id}/channel). Beside the ledger, which is never changed.
CREATE TABLE log_entry_details (
  ledger_seq BIGINT PRIMARY KEY,
  details TEXT NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at BIGINT NOT NULL
);

CREATE TABLE notes (
  number @autoid,
  incident_number BIGINT NOT NULL,
  user_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  content TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX notes_incident ON notes (incident_number, number);

-- What an organisation wants to know of each incident beyond what every incident has (core/custom_field.h).
CREATE TABLE custom_fields (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  display_name TEXT NOT NULL,
  description TEXT,
  data_type TEXT NOT NULL,
  field_type TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX custom_fields_name ON custom_fields (name);

-- What may be chosen for a field with fixed options.
CREATE TABLE custom_field_options (
  id TEXT PRIMARY KEY,
  field_id TEXT NOT NULL REFERENCES custom_fields (id),
  value TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX custom_field_options_value ON custom_field_options (field_id, value);

-- The default in force since an instant: an incident has the one of its creation, and opening one writes nothing.
CREATE TABLE custom_field_defaults (
  field_id TEXT NOT NULL REFERENCES custom_fields (id),
  effective_from BIGINT NOT NULL,
  value TEXT NOT NULL,           -- JSON; null: none
  PRIMARY KEY (field_id, effective_from)
);

-- What somebody set; the ledger has who and when.
CREATE TABLE custom_field_values (
  incident_number BIGINT NOT NULL,
  field_id TEXT NOT NULL,
  value TEXT NOT NULL,           -- JSON; null: cleared, whatever the default is
  PRIMARY KEY (incident_number, field_id)
);
CREATE INDEX custom_field_values_field ON custom_field_values (field_id);

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

-- Paging -------------------------------------------------------------------------------------------------------

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

-- Webhooks -----------------------------------------------------------------------------------------------------

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

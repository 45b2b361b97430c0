-- Escalation policies. The newest version is the one in force; the versions are the fact and the history (invariant S7), policy_targets
-- only indexes what the newest document names. One function writes both.

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

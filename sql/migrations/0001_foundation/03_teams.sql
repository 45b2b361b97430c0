-- Teams and who is in them.

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

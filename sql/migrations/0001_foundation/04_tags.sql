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

-- How much an incident matters, in the words of the organisation.
CREATE TABLE priorities (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  color TEXT NOT NULL,
  rank BIGINT NOT NULL           -- 1 is the most urgent
);

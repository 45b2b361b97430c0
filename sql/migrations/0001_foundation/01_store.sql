-- Facts of the installation itself: set_up_at, created_at, test_now, ...
CREATE TABLE installation (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

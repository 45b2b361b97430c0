-- What the store knows about itself.

-- name: schema_migrations_exist [sqlite]
SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'

-- name: schema_migrations_exist [postgres]
SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'schema_migrations'

-- name: schema_migrations_create
CREATE TABLE IF NOT EXISTS schema_migrations (
  version BIGINT PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at BIGINT NOT NULL
)

-- name: schema_migration_list
SELECT version, name, checksum FROM schema_migrations ORDER BY version

-- The database's own clock: no decision depends on it.
-- name: schema_migration_add [sqlite]
INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (:version, :name, :checksum, unixepoch() * 1000000)

-- name: schema_migration_add [postgres]
INSERT INTO schema_migrations (version, name, checksum, applied_at)
VALUES (:version, :name, :checksum, CAST(extract(epoch FROM now()) * 1000000 AS BIGINT))

-- name: installation_get
SELECT value FROM installation WHERE name = :name

-- What may be remembered between requests counts as long as this is the same (store/db.h).
-- name: configuration_version
SELECT value FROM installation WHERE name IN ('configuration_changes', 'configuration_changes_beside')

-- name: configuration_changed
INSERT INTO installation (name, value) VALUES (:name, '1')
ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(installation.value AS BIGINT) + 1 AS TEXT)

-- name: installation_set
INSERT INTO installation (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value

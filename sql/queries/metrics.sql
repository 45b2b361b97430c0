-- What /metrics asks the database.

-- name: metrics_database_size
SELECT c.page_count * s.page_size FROM pragma_page_count() c, pragma_page_size() s

-- name: metrics_database_size [postgres]
SELECT pg_database_size(current_database())

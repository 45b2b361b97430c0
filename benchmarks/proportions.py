"""Why: an organisation with thousands of services also has teams, tokens, windows, overrides, tags and a long record of who changed what. These rows are not what the
engine makes under load, so they are written straight into the file: as many of each as such an organisation has, and each list has one owner with a great many."""
import sqlite3

NOW = "(SELECT MAX(created_at) FROM incidents)"
# (table, how many, {column: SQL with n}); nth_X is the n-th row of X, going round.
ROWS = [
    ("teams", 300, {"id": "printf('PTEAM%04d', n)", "name": "printf('Team %d', n)", "created_at": NOW}),
    ("team_members", 3000, {"team_id": "printf('PTEAM%04d', n % 300)", "user_id": "(SELECT id FROM nth_users WHERE n = k.n % 1999 )", "role": "'responder'"}),
    ("team_members", 1500, {"team_id": "(SELECT id FROM teams WHERE name = 'Bench')", "user_id": "(SELECT id FROM nth_users WHERE n = k.n)", "role": "'manager'"}),
    ("handoff_rules", 2000, {"id": "printf('PHAND%05d', n)", "user_id": "(SELECT id FROM nth_users WHERE n = k.n)",
                             "contact_method_id": "(SELECT c.id FROM contact_methods c JOIN nth_users u ON u.id = c.user_id WHERE u.n = k.n)", "advance_s": "0",
                             "handoff_type": "'both'", "created_at": NOW}),
    ("contact_methods", 4000, {"id": "printf('PCONT%05d', n)", "user_id": "(SELECT id FROM nth_users WHERE n = k.n % 2000)", "channel": "'webhook'", "label": "'Work'",
                               "address": "printf('p%d@elsewhere.example', n)", "verified_at": NOW, "created_at": NOW}),
    ("api_tokens", 1000, {"id": "printf('PTOKN%05d', n)", "token_hash": "printf('%064d', n)", "name": "printf('Token %d', n)", "user_id": "(SELECT id FROM nth_users WHERE n = k.n)",
                          "created_at": NOW}),
    ("business_services", 1000, {"id": "printf('PBUSI%05d', n)", "name": "printf('Business service %d', n)", "point_of_contact": "'the desk'",
                                 "team_id": "printf('PTEAM%04d', n % 300)", "created_at": NOW}),
    ("service_dependencies", 1000, {"id": "printf('PDEPE%05d', n)", "supporting_id": "(SELECT id FROM nth_services WHERE n = k.n)", "supporting_kind": "'service'",
                                    "dependent_id": "printf('PBUSI%05d', n / 50)", "dependent_kind": "'business_service'", "created_at": NOW}),
    ("maintenance_windows", 11000, {"id": "printf('PWIND%05d', n)", "sequence_number": "n", "start_at": NOW + " + (n - 10900) * 3600000000",
                                    "end_at": NOW + " + (n - 10899) * 3600000000", "created_at": NOW}),
    ("maintenance_window_services", 22000, {"window_id": "printf('PWIND%05d', n / 2)", "service_id": "(SELECT id FROM nth_services WHERE n = k.n % 5000)"}),
    ("schedule_overrides", 300, {"schedule_id": "(SELECT id FROM nth_schedules WHERE n = 0)", "start_at": NOW + " + (n - 150) * 7200000000", "end_at": NOW + " + (n - 149) * 7200000000",
                                   "user_id": "(SELECT id FROM nth_users WHERE n = k.n % 2000)", "created_at": NOW}),
    ("heartbeats", 1000, {"id": "printf('PBEAT%05d', n)", "name": "printf('Heartbeat %d', n)", "service_id": "(SELECT id FROM nth_services WHERE n = k.n)",
                          "integration_id": "(SELECT i.id FROM integrations i JOIN nth_services s ON s.id = i.service_id WHERE s.n = k.n)", "interval_s": "60", "grace_s": "60",
                          "state": "'beating'", "last_beat_at": NOW, "created_at": NOW, "updated_at": NOW}),
    ("integrations", 10000, {"id": "printf('PINTE%05d', n)", "service_id": "(SELECT id FROM nth_services WHERE n = k.n % 5000)", "type": "'events_api_v2_inbound_integration'",
                             "name": "printf('Integration %d', n)", "integration_key": "printf('%032d', n)", "created_at": NOW}),
    ("tags", 11000, {"id": "printf('PTAGS%05d', n)", "label": "printf('tag %d', n)", "created_at": NOW}),
    ("tagged", 2000, {"entity_type": "'users'", "entity_id": "(SELECT id FROM nth_users WHERE n = k.n)", "tag_id": "'PTAGS00000'"}),
    ("tagged", 2000, {"entity_type": "'teams'", "entity_id": "printf('PTEAM%04d', n % 300)", "tag_id": "printf('PTAGS%05d', n / 10)"}),
    ("tagged", 5000, {"entity_type": "'escalation_policies'", "entity_id": "(SELECT id FROM nth_escalation_policies WHERE n = k.n)", "tag_id": "'PTAGS00000'"}),
    ("custom_fields", 30, {"id": "printf('PFIEL%05d', n)", "owner": "CASE WHEN n < 15 THEN 'incident' ELSE 'service' END", "name": "printf('field_%d', n)", "display_name": "printf('Field %d', n)", "data_type": "'string'",
                           "field_type": "'single_value_fixed'", "enabled": "1", "created_at": NOW, "updated_at": NOW}),
    ("custom_field_options", 300, {"id": "printf('POPTI%05d', n)", "field_id": "printf('PFIEL%05d', n % 30)", "position": "n / 30", "value": "printf('\"option %d\"', n)", "created_at": NOW, "updated_at": NOW}),
    ("custom_field_service_values", 15, {"service_id": "(SELECT id FROM nth_services WHERE n = 0)", "field_id": "printf('PFIEL%05d', n + 15)", "value": "'\"option 1\"'"}),
    ("webhook_subscriptions", 200, {"id": "printf('PWEBH%05d', n)", "delivery_method_id": "printf('PDELI%05d', n)", "url": "'https://hooks.example/in'", "secret": "''",
                                    "events": "'[\"incident.triggered\"]'", "filter_type": "'account'", "active": "0", "created_at": NOW, "updated_at": NOW}),
    ("webhook_events", 12000, {"at": NOW, "event_type": "'incident.triggered'", "body": "'{}'"}),
    ("webhook_deliveries", 12000, {"subscription_id": "'PWEBH00000'", "event_number": "n + 1", "resource": "printf('incident %d', n)", "state": "'delivered'", "attempts": "1",
                                   "not_before": NOW, "created_at": NOW, "sent_at": NOW, "finished_at": NOW, "status_code": "200"}),
    ("audit", 60000, {"at": NOW + " - (60000 - n) * 60000000", "actor_type": "'user'", "actor_id": "(SELECT id FROM nth_users WHERE n = k.n % 2000)", "actor_name": "'Somebody'",
                      "channel": "'api'", "peer": "'192.0.2.1'", "action": "'update'", "resource_type": "'%s'", "root_type": "'%s'",
                      "resource_id": "(SELECT id FROM nth_%s WHERE n = 0)", "root_id": "(SELECT id FROM nth_%s WHERE n = 0)",
                      "before_doc": "'{\"name\":\"before\",\"description\":\"of it\"}'", "after_doc": "'{\"name\":\"after\",\"description\":\"of it\"}'"}),
    ("change_events", 50000, {"received_at": NOW, "occurred_at": NOW + " - (50000 - n) * 60000000", "integration_id": "(SELECT id FROM integrations LIMIT 1)",
                              "service_id": "(SELECT id FROM nth_services WHERE n = k.n % 5000)", "summary": "printf('Deployed %d', n)", "source": "'builder'",
                              "links": "'[{\"href\":\"https://build.example/1\"}]'", "custom_details": "'{\"commit\":\"8f1c2d\"}'", "event_number": "(SELECT MIN(number) FROM events)"}),
    # Of the newest incident everything there can be of one.
    ("ledger", 11000, {"incident_number": "(SELECT MAX(number) FROM incidents)", "at": NOW, "kind": "'noted'", "actor_type": "'user'", "actor_id": "(SELECT id FROM nth_users WHERE n = 1)",
                       "actor_name": "'Somebody'", "channel": "'api'", "doc": "'{}'"}),
    ("notes", 1000, {"incident_number": "(SELECT MAX(number) FROM incidents)", "user_id": "(SELECT id FROM nth_users WHERE n = k.n)", "channel": "'api'",
                     "content": "printf('Note %d', n)", "created_at": NOW, "updated_at": NOW}),
    ("alerts", 1000, {"number": "10000000 + n", "integration_id": "(SELECT id FROM integrations LIMIT 1)", "service_id": "(SELECT service_id FROM integrations LIMIT 1)",
                      "incident_number": "(SELECT MAX(number) FROM incidents)", "dedup_key": "printf('of one %d', n)", "status": "'triggered'",
                      "created_at": NOW, "updated_at": NOW, "first_event_number": "(SELECT MIN(number) FROM events)"}),
    ("alert_triggers", 1000, {"alert_number": "10000000 + n", "trigger_count": "1", "last_event_number": "(SELECT MIN(number) FROM events)"}),
    ("change_events", 11000, {"received_at": NOW, "occurred_at": NOW + " - (11000 - n) * 1000000", "integration_id": "(SELECT id FROM integrations LIMIT 1)",
                              "service_id": "(SELECT service_id FROM incidents ORDER BY number DESC LIMIT 1)", "summary": "printf('Deployed %d', n)", "event_number": "(SELECT MIN(number) FROM events)"}),
    ("subscribers", 1000, {"subscribable_type": "'incident'", "subscribable_id": "CAST((SELECT MAX(number) FROM incidents) AS TEXT)", "subscriber_type": "'user'",
                           "subscriber_id": "(SELECT id FROM nth_users WHERE n = k.n)", "subscribed_at": NOW}),
]
AUDITED = {"user": "users", "team": "teams", "service": "services", "schedule": "schedules", "escalation_policy": "escalation_policies"}


def columns_of(connection, table):
    """{name: default} of what must be written: without a default and not the number of the row."""
    return [row[1] for row in connection.execute("PRAGMA table_info(%s)" % table) if row[3] and row[4] is None and not row[5]]


def insert(connection, table, count, columns):
    names = list(columns)
    lacking = set(columns_of(connection, table)) - set(names)
    if lacking:
        raise AssertionError("%s has new columns that benchmarks/proportions.py does not fill: %s" % (table, ", ".join(sorted(lacking))))
    connection.execute("WITH RECURSIVE k(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM k WHERE n + 1 < %d) INSERT OR IGNORE INTO %s (%s) SELECT %s FROM k" % (
        count, table, ", ".join(names), ", ".join(columns[name] for name in names)))


def fill(path, share=1.0):
    """`share`: of the usual number of rows."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN")
    for table in AUDITED.values():
        connection.execute("CREATE TEMP TABLE nth_%s AS SELECT ROW_NUMBER() OVER (ORDER BY rowid) - 1 AS n, id FROM %s" % (table, table))
        connection.execute("CREATE UNIQUE INDEX temp.nth_%s_n ON nth_%s (n)" % (table, table))
    for table, count, columns in ROWS:
        if table != "audit":
            insert(connection, table, max(1, int(count * share)), columns)
            continue
        for kind, of in AUDITED.items():
            insert(connection, table, max(1, int(count / len(AUDITED) * share)), {name: value % (kind if name.endswith("type") else of) if "%s" in value else value for name, value in columns.items()})
    connection.execute("COMMIT")
    connection.close()

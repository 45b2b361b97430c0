"""Why: databases with a long past, made in minutes instead of days. A real server takes real incidents with all that belongs to them (five events each, pages, messages, record,
99 of 100 resolved); this then doubles them until there are enough. The copies go by SQL straight into the file, past the engine: each row gets new numbers and keys and
a later time, everything else stays what the engine wrote, so sizes, indexes and references are those of real traffic. Time runs with the numbers, 1,000
incidents a day, and ends today: a million are the past of 33 months, and 30,000 of them are within the month that lists show by default."""
import sqlite3

# Columns that hold numbers of rows, and of which table.
NUMBERS = {
    "events": {"number": "events", "alert_number": "alerts", "incident_number": "incidents"},
    "incidents": {"number": "incidents", "first_ledger_seq": "ledger"},
    "assignments": {"incident_number": "incidents"},
    "acknowledgements": {"incident_number": "incidents"},
    "alerts": {"number": "alerts", "incident_number": "incidents", "first_event_number": "events", "resolve_event_number": "events"},
    "alert_triggers": {"alert_number": "alerts", "last_event_number": "events"},
    "ledger": {"seq": "ledger", "incident_number": "incidents"},
    "decisions": {"number": "decisions", "incident_number": "incidents"},
    "decision_candidates": {"decision_number": "decisions", "incident_number": "incidents"},
    "pages": {"number": "pages", "incident_number": "incidents", "decision_number": "decisions"},
    "notifications": {"number": "notifications", "page_number": "pages", "incident_number": "incidents", "message_number": "messages"},
    "messages": {"number": "messages", "incident_number": "incidents"},
}
# Whether a row belongs to an incident up to this number.
BELONGS = {"incidents": "number <= %d", "alert_triggers": "alert_number IN (SELECT number FROM alerts WHERE incident_number <= %d)"}
KEYS = {"dedup_key", "incident_key"}
TIMES = {"received_at", "created_at", "updated_at", "status_changed_at", "resolved_at", "at", "assigned_at", "started_at", "stopped_at", "sent_at", "finished_at"}


DAY_US = 86400 * 10**6
INCIDENTS_PER_DAY = 1000


def shift(connection, tables, days):
    """The originals into the past, so that the copies can come after them."""
    for table, columns in tables.items():
        times = [column for column in columns if column in TIMES]
        if times:
            connection.execute("UPDATE %s SET %s" % (table, ", ".join("%s = %s - %d" % (column, column, days * DAY_US) for column in times)))


def highest(connection):
    tables = {table for columns in NUMBERS.values() for table in columns.values()}
    return {table: connection.execute("SELECT COALESCE(MAX(%s), 0) FROM %s" % ("seq" if table == "ledger" else "number", table)).fetchone()[0]
            for table in tables}


def multiply(path, incidents_wanted):
    """Doubles everything (the last time a part) until there are that many incidents. Returns (incidents, events)."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000", "foreign_keys = OFF"):
        connection.execute("PRAGMA " + pragma)
    tables = {table: [row[1] for row in connection.execute("PRAGMA table_info(%s)" % table)] for table in NUMBERS}
    have, turn = connection.execute("SELECT COUNT(*) FROM incidents").fetchone()[0], 0
    shift(connection, tables, incidents_wanted // INCIDENTS_PER_DAY)
    while have < incidents_wanted:
        offsets, turn = highest(connection), turn + 1
        later = have * DAY_US // INCIDENTS_PER_DAY
        take = min(have, incidents_wanted - have)
        last = connection.execute("SELECT number FROM incidents ORDER BY number LIMIT 1 OFFSET ?", (take - 1,)).fetchone()[0]
        connection.execute("BEGIN")
        for table, columns in tables.items():
            values = []
            for column in columns:
                if column in NUMBERS[table]:
                    values.append("%s + %d" % (column, offsets[NUMBERS[table][column]]))
                elif column in KEYS:
                    values.append("%s || '-%d'" % (column, turn))
                elif column in TIMES:
                    values.append("%s + %d" % (column, later))
                else:
                    values.append(column)
            connection.execute("INSERT INTO %s (%s) SELECT %s FROM %s WHERE %s ORDER BY %s" % (
                table, ", ".join(columns), ", ".join(values), table, BELONGS.get(table, "incident_number <= %d") % last, columns[0]))  # its key
        connection.execute("COMMIT")
        have += take
    events = connection.execute("SELECT COUNT(*) FROM events").fetchone()[0]
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    return have, events

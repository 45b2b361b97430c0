/* Why: a second opinion about which incident an alert joins. It knows no keys and no windows that are stored: it reads every alert that opened or joined an
 * incident, with its words and its time, and compares them one by one. Moved and merged alerts do not count: an event keeps the incident it led to. */
#include "sim.h"

#include <stdio.h>
#include <string.h>

struct subject { /* an alert as its event came in */
    int64_t event, at_us, incident;
    char service[40], setting[40], words[3][40]; /* source, component, class; "": it has none */
};

struct setting {
    bool by_time, any;
    int64_t timeout_s;
    bool field[3];
};

static const char *const field_names[] = {"source", "component", "class"};

static void copy_column(sqlite3_stmt *row, int column, char *ret, size_t size)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    snprintf(ret, size, "%s", text ? text : "");
}

#define SUBJECTS "SELECT e.number, e.received_at, e.incident_number, s.id, COALESCE(s.grouping_setting_id, ''), a.source, a.component, a.alert_class FROM events e " \
                 "JOIN alerts a ON a.number = e.alert_number JOIN services s ON s.id = a.service_id WHERE e.disposition = 'opened' "

static void read_subject(sqlite3_stmt *row, struct subject *ret)
{
    *ret = (struct subject){.event = sqlite3_column_int64(row, 0), .at_us = sqlite3_column_int64(row, 1), .incident = sqlite3_column_int64(row, 2)};
    copy_column(row, 3, ret->service, sizeof ret->service);
    copy_column(row, 4, ret->setting, sizeof ret->setting);
    for (int f = 0; f < 3; f++)
        copy_column(row, 5 + f, ret->words[f], sizeof ret->words[f]);
}

static struct setting read_setting(struct sim *sim, const struct subject *subject)
{
    struct setting setting = {0};
    char text[120];
    const char *sql = "SELECT type || ' ' || COALESCE(aggregate, '') || ' ' || fields FROM alert_grouping_settings WHERE id = ?3";
    if (!judge_about_text(sim, sql, 0, subject->setting, text, sizeof text))
        return setting;
    setting.by_time = strncmp(text, "time", 4) == 0;
    setting.any = strstr(text, " any ") != NULL;
    setting.timeout_s = judge_about(sim, "SELECT timeout_s FROM alert_grouping_settings WHERE id = ?3", 0, 0, subject->setting);
    for (int f = 0; f < 3; f++)
        setting.field[f] = strstr(text, field_names[f]) != NULL;
    return setting;
}

static bool belong_together(const struct setting *setting, const struct subject *a, const struct subject *b)
{
    bool all = true, any = false;
    for (int f = 0; f < 3; f++) {
        bool same = a->words[f][0] && strcmp(a->words[f], b->words[f]) == 0;
        all = all && (same || !setting->field[f]);
        any = any || (same && setting->field[f]);
    }
    return setting->by_time || (setting->any ? any : all);
}

/* Would this open incident take the alert in? Its members are read in the order they came. */
static bool takes(struct sim *sim, const struct setting *setting, const struct subject *alert, int64_t incident)
{
    struct subject member, first = {0}, last = {0};
    bool alike = false;
    sqlite3_stmt *rows = judge_ask(sim, SUBJECTS "AND e.incident_number = ?1 AND e.number < ?2 ORDER BY e.number", incident, alert->event);
    while (judge_row(sim, rows)) {
        read_subject(rows, &member);
        last = member;
        first = first.event == 0 ? member : first;
        alike = alike || belong_together(setting, alert, &member);
    }
    sqlite3_reset(rows);
    int64_t window_s = !setting->by_time && setting->timeout_s == 0 ? 300 : setting->timeout_s, since_us = setting->by_time ? first.at_us : last.at_us;
    bool open = window_s == 0 || alert->at_us < since_us + window_s * SECOND_US;
    return alike && open && (setting->by_time || alert->at_us < first.at_us + 86400 * SECOND_US);
}

/* Open incidents of services in the setting, the newest first; those that are quiet take only what is their service's own. */
#define OPEN "SELECT i.number FROM incidents i JOIN services s ON s.id = i.service_id WHERE i.status <> 'resolved' AND i.number <> ?1 AND s.grouping_setting_id = ?3 " \
             "AND (s.id = ?4 OR (i.held_by_window IS NULL AND s.status <> 'disabled')) ORDER BY i.number DESC"

static int64_t expected_incident(struct sim *sim, const struct subject *alert, int64_t opened)
{
    struct setting setting = read_setting(sim, alert);
    int64_t candidates[200], chosen = 0;
    int count = 0;
    sqlite3_stmt *rows = judge_ask(sim, OPEN, opened, 0);
    sqlite3_bind_text(rows, 3, alert->setting, -1, SQLITE_STATIC);
    sqlite3_bind_text(rows, 4, alert->service, -1, SQLITE_STATIC);
    while (judge_row(sim, rows) && count < 200)
        candidates[count++] = sqlite3_column_int64(rows, 0);
    sqlite3_reset(rows);
    for (int c = 0; c < count && chosen == 0; c++)
        if (takes(sim, &setting, alert, candidates[c]))
            chosen = candidates[c];
    return chosen;
}

void judge_grouping(struct sim *sim, int64_t event)
{
    struct subject alert;
    sqlite3_stmt *rows = judge_ask(sim, SUBJECTS "AND e.number = ?1", event, 0);
    bool found = judge_row(sim, rows);
    if (found)
        read_subject(rows, &alert);
    sqlite3_reset(rows);
    /* What was resolved in the same instant may have been open when the alert came, or not. */
    if (!found || judge_number(sim, "SELECT COUNT(*) FROM incidents WHERE resolved_at = ?1", alert.at_us, 0, 0) > 0)
        return;
    bool is_first = judge_number(sim, "SELECT COUNT(*) FROM events WHERE disposition = 'opened' AND incident_number = ?1 AND number < ?2", alert.incident, event, 0) == 0;
    int64_t expected = alert.setting[0] ? expected_incident(sim, &alert, is_first ? alert.incident : 0) : 0, joined = is_first ? 0 : alert.incident;
    sim_counts.judged_groups += joined > 0;
    if (joined != expected)
        sim_fail(sim, "I5", "event %lld joined incident %lld, it belongs to %lld (0: one of its own)", (long long)event, (long long)joined, (long long)expected);
}

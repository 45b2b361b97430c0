/* Why: see sentence.h. This is the ledger; why somebody was called or not is in sentence_why.c. */
#include "core/sentence.h"

enum { SENTENCE_BYTES_MAX = 2048 };

const char *sentence_channel(struct text channel)
{
    static const struct {
        const char *channel, *words;
    } table[] = {
        {"api", "through the API"},     {"web", "in the browser"},      {"sms", "by SMS"},
        {"phone", "by phone"},          {"email", "by e-mail"},         {"push", "by push message"},
        {"events", "by an event"},      {"timeout", "by timeout"},      {"auto", "automatically"},
        {"webhook", "by webhook"},      {"practice", "on the practice phone"}, {"link", "by the link in an e-mail"},
        {"cli", "on the command line"}, {"maintenance", "at the end of a maintenance window"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (text_is(channel, table[i].channel))
            return table[i].words;
    return "";
}

struct text sentence_duration(struct arena *arena, int64_t seconds)
{
    static const struct {
        int64_t seconds;
        const char *one;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    struct builder b = builder_new(arena, 96);
    int parts = 0;
    int64_t left = seconds < 0 ? 0 : seconds;
    for (size_t i = 0; i < sizeof units / sizeof *units && parts < 2; i++) {
        int64_t count = left / units[i].seconds;
        if (count == 0)
            continue;
        left -= count * units[i].seconds;
        builder_printf(&b, "%s%lld %s%s", parts ? " " : "", (long long)count, units[i].one, count == 1 ? "" : "s");
        parts++;
    }
    if (parts == 0)
        builder_add_string(&b, "0 seconds");
    return builder_text(&b);
}

/* The ledger ------------------------------------------------------------------------------------------------ */

struct line {
    struct builder text;
    const struct sentence_entry *entry;
};

static struct text field(const struct line *line, const char *key)
{
    return json_text_at(line->entry->doc, key);
}

static void add(struct line *line, const char *words)
{
    builder_add_string(&line->text, words);
}

static void add_text(struct line *line, const char *before, struct text value)
{
    if (value.size == 0)
        return;
    add(line, before);
    builder_add(&line->text, value);
}

/* " by Ana by SMS"; nothing for what Muster did by itself. */
static void add_actor(struct line *line)
{
    const struct sentence_entry *entry = line->entry;
    if (!text_is(entry->actor_type, "system"))
        add_text(line, " by ", entry->actor_name);
    const char *how = sentence_channel(entry->channel);
    if (*how && !(text_is(entry->actor_type, "integration") && text_is(entry->channel, "events"))) {
        add(line, " ");
        add(line, how);
    }
}

/* " to Ana and Ben" from a list of names or of {"name"} in the document, else the entry's subject. */
static void add_people(struct line *line, const char *before, const char *key)
{
    const json_t *people = json_at(line->entry->doc, key);
    size_t count = json_array_size(people);
    if (count == 0) {
        add_text(line, before, line->entry->subject);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *person = json_array_get(people, i);
        struct text name = json_is_object(person) ? json_text_at(person, "name") : json_text_value(person);
        add_text(line, i == 0 ? before : i + 1 == count ? " and " : ", ", name);
    }
}

/* "Region set to EU, Impact cleared". */
static void add_fields(struct line *line)
{
    const json_t *fields = json_at(line->entry->doc, "fields");
    for (size_t f = 0; f < json_array_size(fields); f++) {
        const json_t *changed = json_array_get(fields, f), *value = json_object_get(changed, "after");
        add_text(line, f == 0 ? "" : ", ", json_text_at(changed, "name"));
        if (json_is_null(value))
            add(line, " cleared");
        else if (json_is_string(value))
            add_text(line, " set to ", json_text_value(value));
        else if (!json_is_array(value))
            add_text(line, " set to ", json_write(line->text.arena, value));
        for (size_t i = 0; i < json_array_size(value); i++)
            add_text(line, i == 0 ? " set to " : i + 1 == json_array_size(value) ? " and " : ", ", json_text_value(json_array_get(value, i)));
    }
}

static void add_level(struct line *line, const char *before)
{
    int64_t level = json_int_at(line->entry->doc, "level", 0);
    if (level > 0)
        builder_printf(&line->text, "%s%lld", before, (long long)level);
}

static void add_number(struct line *line, const char *before, const char *key)
{
    int64_t number = json_int_at(line->entry->doc, key, 0);
    if (number > 0)
        builder_printf(&line->text, "%s%lld", before, (long long)number);
}

/* What set off an assignment. A person's doing names the person, everything else the cause. */
static void add_cause(struct line *line)
{
    static const struct {
        const char *cause, *words;
    } causes[] = {
        {"timeout", ": no answer in time"},
        {"unreachable", ": nobody who was called can be reached"},
        {"acknowledgement_timeout", ": the acknowledgement timed out"},
        {"snooze_end", ": the snooze ended"},
        {"window_end", ": the maintenance window ended"},
        {"urgency", ": the urgency rose"},
        {"service_enabled", ": the service was enabled again"},
    };
    struct text cause = field(line, "cause");
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        if (text_is(cause, causes[i].cause)) {
            add(line, causes[i].words);
            return;
        }
    }
    if (!text_is(cause, "trigger"))
        add_actor(line);
}

/* Codes: CHOICE_REASONS in core/escalation.h. */
static const char *skip_words(struct text reason)
{
    return text_is(reason, "nobody_on_call")      ? ": nobody is on call there"
           : text_is(reason, "deleted")           ? ": no longer exists"
           : text_is(reason, "no_usable_contact") ? ": no verified contact method"
                                                  : "";
}

static void add_skipped(struct line *line)
{
    struct text name = field(line, "name").size ? field(line, "name") : field(line, "target");
    if (text_is(field(line, "reason"), "service_disabled")) {
        add(line, "Nobody is called: the service is disabled");
        return;
    }
    add(line, "Skipped");
    add_text(line, " ", name.size ? name : line->entry->subject);
    add_level(line, " on level ");
    add(line, skip_words(field(line, "reason")));
}

/* A quoted detail, cut so that one long note does not drown the list. */
static void add_quoted(struct line *line, const char *before, struct text value)
{
    if (value.size == 0)
        return;
    struct text shown = text_utf8_cut(value, 200);
    add(line, before);
    add(line, "\"");
    builder_add(&line->text, shown);
    add(line, shown.size < value.size ? "...\"" : "\"");
}

static void notify(struct line *line, const char *verb)
{
    add(line, verb);
    add_text(line, " ", line->entry->subject);
    struct text used = field(line, "channel");
    const char *how = sentence_channel(used.size ? used : line->entry->channel);
    if (*how) {
        add(line, " ");
        add(line, how);
    }
}

static void write_entry(struct line *line, enum ledger_kind kind)
{
    switch (kind) {
    case LEDGER_TRIGGER:
        add(line, "Triggered");
        add_actor(line);
        return;
    case LEDGER_ALERT:
        add(line, "Alert joined");
        add_quoted(line, ": ", field(line, "summary"));
        add_text(line, ", grouped: ", field(line, "grouped"));
        return;
    case LEDGER_ALERT_RESOLVED:
        add(line, "Alert resolved");
        add_actor(line);
        add_quoted(line, ": ", field(line, "summary"));
        return;
    case LEDGER_ACKNOWLEDGE:
        add(line, "Acknowledged");
        add_actor(line);
        return;
    case LEDGER_UNACKNOWLEDGE:
        add(line, "Back to triggered");
        add_cause(line);
        return;
    case LEDGER_RESOLVE:
        add(line, "Resolved");
        add_actor(line);
        add_quoted(line, ": ", field(line, "note"));
        add_text(line, ": ", field(line, "cause"));
        return;
    case LEDGER_ASSIGN:
        add(line, "Assigned");
        add_people(line, " to ", "assignees");
        add_level(line, ", level ");
        add_cause(line);
        return;
    case LEDGER_ESCALATE:
        add(line, "Escalated");
        add_level(line, " to level ");
        add_people(line, json_int_at(line->entry->doc, "level", 0) > 0 ? ", to " : " to ", "assignees");
        add_cause(line);
        return;
    case LEDGER_REPEAT:
        add(line, "Nobody answered; the escalation policy starts again");
        return;
    case LEDGER_EXHAUST:
        add(line, "Nobody answered on any level; the escalation policy is exhausted");
        return;
    case LEDGER_SKIP:
        add_skipped(line);
        return;
    case LEDGER_NOTIFY:
        notify(line, "Notified");
        return;
    case LEDGER_NOTIFY_FAILED:
        notify(line, "Could not notify");
        add_text(line, ": ", field(line, "error"));
        return;
    case LEDGER_SNOOZE:
        add(line, "Snoozed");
        if (json_int_at(line->entry->doc, "seconds", 0) > 0)
            add_text(line, " for ", sentence_duration(line->text.arena, json_int_at(line->entry->doc, "seconds", 0)));
        add_actor(line);
        return;
    case LEDGER_SNOOZE_END:
        add(line, "The snooze ended");
        return;
    case LEDGER_NOTE:
        add(line, "Note");
        add_actor(line);
        add_quoted(line, ": ", field(line, "note"));
        return;
    case LEDGER_STATUS_UPDATE:
        add(line, "Status update");
        add_actor(line);
        add_quoted(line, ": ", field(line, "message"));
        add_number(line, ", sent to people: ", "told");
        return;
    case LEDGER_URGENCY:
        add_text(line, "Urgency set to ", field(line, "urgency"));
        if (text_is(field(line, "cause"), "by hand"))
            add_actor(line);
        else
            add_text(line, ": ", field(line, "cause"));
        return;
    case LEDGER_PRIORITY:
        if (field(line, "priority").size && !text_is(field(line, "priority"), "none"))
            add_text(line, "Priority set to ", field(line, "priority"));
        else
            add(line, "Priority cleared");
        add_actor(line);
        return;
    case LEDGER_FIELDS:
        add_fields(line);
        add_actor(line);
        return;
    case LEDGER_TYPE:
        add_text(line, "Incident type changed from ", field(line, "before"));
        add_text(line, " to ", field(line, "after"));
        add_actor(line);
        return;
    case LEDGER_TITLE:
        add(line, "Title changed");
        add_quoted(line, " from ", field(line, "before"));
        add_quoted(line, " to ", field(line, "after"));
        add_actor(line);
        return;
    case LEDGER_MERGE:
        add_number(line, "Merged into #", "merged_into");
        add_number(line, "Took in #", "merged_from");
        add_actor(line);
        return;
    case LEDGER_RESPONDER:
        add(line, "Asked");
        add_people(line, " ", "assignees");
        add(line, " to join");
        add_actor(line);
        return;
    case LEDGER_BRIDGE:
        if (field(line, "url").size || field(line, "number").size)
            add_text(line, "Conference bridge set to ", field(line, "url").size ? field(line, "url") : field(line, "number"));
        else
            add(line, "Conference bridge cleared");
        add_actor(line);
        return;
    case LEDGER_HOLD:
        add(line, "Nobody is paged during maintenance");
        add_quoted(line, ": ", field(line, "description"));
        return;
    case LEDGER_HOLD_END:
        add(line, "The maintenance window ended; paging starts");
        return;
    case LEDGER_ALARM:
        add(line, "Alarm");
        add_text(line, ": ", field(line, "alarm"));
        return;
    case LEDGER_PROVIDER_DOWN:
        add_text(line, "Provider fails: ", field(line, "provider"));
        return;
    case LEDGER_PROVIDER_UP:
        add_text(line, "Provider works again: ", field(line, "provider"));
        return;
    case LEDGER_WEBHOOK_OFF:
        add_text(line, "Webhook subscription disabled: ", field(line, "subscription"));
        add_text(line, ", ", field(line, "reason"));
        return;
    case LEDGER_WEBHOOK_ON:
        add_text(line, "Webhook subscription enabled again: ", field(line, "subscription"));
        return;
    case LEDGER_KIND_COUNT:
        return;
    }
}

struct text sentence_ledger(struct arena *arena, const struct sentence_entry *entry)
{
    struct line line = {.text = builder_new(arena, SENTENCE_BYTES_MAX), .entry = entry};
    enum ledger_kind kind;
    if (ledger_parse(entry->kind, &kind)) {
        write_entry(&line, kind);
    } else {
        builder_add(&line.text, entry->kind);
        add_actor(&line);
    }
    return builder_text(&line.text);
}

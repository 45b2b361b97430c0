/* Why: see sentence.h. */
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
        {"acknowledgement_timeout", ": the acknowledgement timed out"},
        {"snooze_end", ": the snooze ended"},
        {"window_end", ": the maintenance window ended"},
        {"urgency", ": the urgency rose"},
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
        add_people(line, ", to ", "assignees");
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
    case LEDGER_URGENCY:
        add_text(line, "Urgency set to ", field(line, "urgency"));
        if (text_is(field(line, "cause"), "by hand"))
            add_actor(line);
        else
            add_text(line, ": ", field(line, "cause"));
        return;
    case LEDGER_PRIORITY:
        if (field(line, "priority").size)
            add_text(line, "Priority set to ", field(line, "priority"));
        else
            add(line, "Priority cleared");
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

/* Why and why not --------------------------------------------------------------------------------------------- */

struct sentence_candidate sentence_candidate_read(struct text name, struct text reason, const json_t *decision, const json_t *candidate)
{
    const json_t *policy = json_at(decision, "policy");
    bool by_schedule = text_is(json_text_at(candidate, "target_type"), "schedule");
    return (struct sentence_candidate){
        .name = name,
        .reason = reason,
        .level = json_int_at(candidate, "level", 0),
        .after_s = json_int_at(candidate, "after_s", -1),
        .policy_name = json_text_at(policy, "name"),
        .policy_version = json_int_at(policy, "version", 0),
        .service_name = json_text_at(json_at(decision, "service"), "name"),
        .schedule_name = by_schedule ? json_text_at(candidate, "target_name") : TEXT_NONE,
        .layer_name = json_text_at(candidate, "layer_name"),
        .is_override = json_text_at(candidate, "override_id").size > 0,
        .detail = text_is(reason, "maintenance") ? json_text_at(json_at(decision, "maintenance"), "name") : TEXT_NONE,
    };
}

struct text sentence_decision(struct arena *arena, struct text cause, int64_t level, const json_t *decision)
{
    static const struct {
        const char *cause, *words;
    } causes[] = {
        {"trigger", "The incident began"},
        {"timeout", "Nobody answered in time"},
        {"escalate", "Somebody escalated"},
        {"reassign", "The incident was reassigned"},
        {"responder", "Somebody asked for help"},
        {"unacknowledge", "The acknowledgement was taken back"},
        {"acknowledgement_timeout", "The acknowledgement timed out"},
        {"snooze_end", "The snooze ended"},
        {"window_start", "A maintenance window began"},
        {"window_end", "The maintenance window ended"},
        {"urgency", "The urgency rose"},
    };
    struct builder b = builder_new(arena, SENTENCE_BYTES_MAX);
    const char *words = NULL;
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (text_is(cause, causes[i].cause))
            words = causes[i].words;
    if (words)
        builder_add_string(&b, words);
    else
        builder_add(&b, cause);
    if (json_is_object(json_at(decision, "maintenance")))
        builder_add_string(&b, ": nobody was called because of maintenance.");
    else if (json_bool_at(decision, "exhausted", false))
        builder_add_string(&b, ": every level had passed, the catch-all was called.");
    else if (level > 0)
        builder_printf(&b, ": level %lld was called.", (long long)level);
    else
        builder_add_string(&b, ": people were called by name.");
    return builder_text(&b);
}

/* "service checkout uses escalation policy Payments (version 3)" */
static void add_policy(struct builder *b, const struct sentence_candidate *c)
{
    if (c->service_name.size)
        builder_printf(b, "service %.*s uses ", TEXT_ARG(c->service_name));
    builder_printf(b, "escalation policy %.*s", TEXT_ARG(c->policy_name));
    if (c->policy_version > 0)
        builder_printf(b, " (version %lld)", (long long)c->policy_version);
}

/* "schedule Payments primary, where layer weekly has Ana on call" or "Ana by name" */
static void add_way(struct builder *b, const struct sentence_candidate *c)
{
    if (c->schedule_name.size == 0) {
        builder_printf(b, "%.*s by name", TEXT_ARG(c->name));
        return;
    }
    builder_printf(b, "schedule %.*s", TEXT_ARG(c->schedule_name));
    if (c->is_override)
        builder_printf(b, ", where an override puts %.*s on call", TEXT_ARG(c->name));
    else if (c->layer_name.size)
        builder_printf(b, ", where layer %.*s has %.*s on call", TEXT_ARG(c->layer_name), TEXT_ARG(c->name));
}

static void add_rule(struct builder *b, const struct sentence_candidate *c, bool would)
{
    const char *how = sentence_channel(c->rule_channel);
    if (!*how)
        return;
    builder_printf(b, "; the notification rules of %.*s %s it %s", TEXT_ARG(c->name), would ? "send" : "sent", how);
    if (c->rule_delay_s > 0) {
        struct text after = sentence_duration(b->arena, c->rule_delay_s);
        builder_printf(b, " after %.*s", TEXT_ARG(after));
    } else {
        builder_add_string(b, " at once");
    }
}

struct text sentence_paged(struct arena *arena, const struct sentence_candidate *c, bool would)
{
    struct builder b = builder_new(arena, SENTENCE_BYTES_MAX);
    builder_printf(&b, "%.*s %s paged because ", TEXT_ARG(c->name), would ? "would be" : "was");
    if (text_is(c->reason, "assigned_by_hand")) {
        if (c->detail.size)
            builder_printf(&b, "%.*s assigned the incident to %.*s", TEXT_ARG(c->detail), TEXT_ARG(c->name));
        else
            builder_add_string(&b, "the incident was assigned by hand");
    } else if (text_is(c->reason, "responder_request")) {
        builder_printf(&b, "%.*s was asked to join", TEXT_ARG(c->name));
        if (c->detail.size)
            builder_printf(&b, " by %.*s", TEXT_ARG(c->detail));
    } else if (text_is(c->reason, "catch_all")) {
        add_policy(&b, c);
        builder_printf(&b, ", nobody answered on any of its levels, and its catch-all is ");
        add_way(&b, c);
    } else {
        add_policy(&b, c);
        builder_printf(&b, ", whose level %lld calls ", (long long)c->level);
        add_way(&b, c);
        if (text_is(c->reason, "round_robin_turn"))
            builder_printf(&b, ", and it %s the turn of %.*s", would ? "would be" : "was", TEXT_ARG(c->name));
    }
    add_rule(&b, c, would);
    builder_add_string(&b, ".");
    return builder_text(&b);
}

static void add_obstacle(struct builder *b, const struct sentence_candidate *c, bool would)
{
    const char *was = would ? "is" : "was";
    struct text reason = c->reason;
    if (text_is(reason, "later_level")) {
        builder_printf(b, "level %lld is reached only", (long long)c->level);
        if (c->after_s > 0) {
            struct text after = sentence_duration(b->arena, c->after_s);
            builder_printf(b, " after %.*s without an acknowledgement", TEXT_ARG(after));
        } else {
            builder_add_string(b, " when nobody acknowledges before");
        }
    } else if (text_is(reason, "earlier_level")) {
        builder_printf(b, "level %lld %s passed before", (long long)c->level, was);
    } else if (text_is(reason, "no_usable_contact")) {
        builder_printf(b, "%.*s has no verified contact method", TEXT_ARG(c->name));
    } else if (text_is(reason, "deleted")) {
        builder_printf(b, "%.*s no longer exists in Muster", TEXT_ARG(c->name));
    } else if (text_is(reason, "already_chosen")) {
        builder_printf(b, "%.*s %s called already on this level", TEXT_ARG(c->name), was);
    } else if (text_is(reason, "round_robin_others_turn")) {
        builder_printf(b, "on level %lld one person is called in turn, and it %s the turn of somebody else", (long long)c->level, was);
    } else if (text_is(reason, "maintenance")) {
        builder_printf(b, "the service %s in a maintenance window", was);
        if (c->detail.size)
            builder_printf(b, " (%.*s)", TEXT_ARG(c->detail));
    } else if (text_is(reason, "service_disabled")) {
        builder_printf(b, "the service %s disabled", was);
    } else if (text_is(reason, "acknowledged_before")) {
        builder_printf(b, "level %lld %s not reached, because %.*s acknowledged before", (long long)c->level, was,
                       TEXT_ARG(c->detail.size ? c->detail : TEXT("somebody")));
    } else if (text_is(reason, "not_responsible")) {
        builder_printf(b, "no level of ");
        add_policy(b, &(struct sentence_candidate){.policy_name = c->policy_name, .policy_version = c->policy_version});
        builder_printf(b, " %s to %.*s at that time", would ? "leads" : "led", TEXT_ARG(c->name));
    } else {
        builder_add(b, reason);
    }
}

struct text sentence_not_paged(struct arena *arena, const struct sentence_candidate *c, bool would)
{
    struct builder b = builder_new(arena, SENTENCE_BYTES_MAX);
    if (c->name.size == 0) {
        builder_printf(&b, "Nobody %s paged on level %lld through schedule %.*s: nobody %s on call there", would ? "would be" : "was",
                       (long long)c->level, TEXT_ARG(c->schedule_name), would ? "is" : "was");
    } else {
        builder_printf(&b, "%.*s %s not %spaged: ", TEXT_ARG(c->name), would ? "would" : "was", would ? "be " : "");
        add_obstacle(&b, c, would);
    }
    builder_add_string(&b, ".");
    return builder_text(&b);
}

struct text sentence_why_you(struct arena *arena, struct text reason, const json_t *candidate, const json_t *decision)
{
    struct text policy = json_text_at(json_at(decision, "policy"), "name");
    struct text target = json_text_at(candidate, "target_name");
    int64_t level = json_int_at(candidate, "level", 0);
    if (text_is(reason, "catch_all"))
        return text_printf(arena, "Nobody of %.*s answered: you are the catch-all", TEXT_ARG(policy));
    if (text_is(reason, "assigned_by_hand"))
        return text_copy(arena, TEXT("It was assigned to you"));
    if (text_is(reason, "responder_request"))
        return text_copy(arena, TEXT("Your help was asked for"));
    if (text_is(json_text_at(candidate, "target_type"), "schedule"))
        return text_printf(arena, "You are on call: %.*s%s, level %lld of %.*s", TEXT_ARG(target),
                           json_text_at(candidate, "override_id").size ? " (override)" : "", (long long)level, TEXT_ARG(policy));
    return text_printf(arena, "You are level %lld of %.*s", (long long)level, TEXT_ARG(policy));
}

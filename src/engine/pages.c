/* Why: see pages.h. Messages themselves are made in messages.c. */
#include "engine/pages.h"

#include <assert.h>

#include "base/id.h"
#include "base/json_writer.h"
#include "core/bundle.h"
#include "core/ladder.h"
#include "engine/messages.h"
#include "engine/rows.h"
#include "engine/timers.h"

struct page {
    int64_t number, incident_number;
    bool is_new; /* nobody was notified for it */
    struct text user_id, urgency, role;
    instant started_at;
    int64_t done_s;
    bool stopped;
};

static enum err load_page(struct tx *tx, int64_t number, struct page *ret)
{
    struct query *q = db_query(tx->db, "page_load");
    query_bind_int(q, "number", number);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    *ret = (struct page){.number = number, .incident_number = query_int(q, 1), .user_id = text_copy(tx->arena, query_text(q, 2)),
                         .urgency = text_copy(tx->arena, query_text(q, 4)), .role = text_copy(tx->arena, query_text(q, 5)),
                         .started_at = query_instant(q, 6), .done_s = query_int(q, 7),
                         .stopped = !query_is_null(q, 8) || !query_bool(q, 9)};
    return OK;
}

/* The ladder --------------------------------------------------------------------------------------------------- */

struct advanced { /* rules that were used earlier than their time */
    struct ladder_rule rules[LADDER_RULES_MAX];
    size_t count;
};

static enum err load_advanced(struct tx *tx, const struct page *page, struct advanced *ret)
{
    ret->count = 0;
    if (page->is_new)
        return OK;
    struct query *q = db_query(tx->db, "ladder_advanced");
    query_bind_int(q, "page_number", page->number);
    while (ret->count < LADDER_RULES_MAX && query_next(q))
        ret->rules[ret->count++] = (struct ladder_rule){.rule_id = text_copy(tx->arena, query_text(q, 0)), .delay_s = query_int(q, 1)};
    return query_failed(q) ? query_err(q) : OK;
}

static bool is_advanced(const struct advanced *advanced, const struct ladder_rule *rule)
{
    for (size_t i = 0; i < advanced->count; i++)
        if (advanced->rules[i].delay_s == rule->delay_s && text_equal(advanced->rules[i].rule_id, rule->rule_id))
            return true;
    return false;
}

static enum err load_rules(struct tx *tx, const struct page *page, struct ladder_rule **ret, size_t *ret_count)
{
    struct ladder_rule *rules = ARENA_ARRAY(tx->arena, struct ladder_rule, LADDER_RULES_MAX);
    size_t count = 0;
    bool usable = false;
    struct advanced *advanced = ARENA_NEW(tx->arena, struct advanced);
    enum err err = load_advanced(tx, page, advanced);
    if (err != OK)
        return err;
    for (int fallback = 0; fallback <= 1 && !usable; fallback++) {
        count = 0;
        struct query *q = db_query(tx->db, fallback ? "ladder_fallback" : "ladder_rules");
        query_bind_text(q, "user_id", page->user_id);
        if (!fallback)
            query_bind_text(q, "urgency", page->urgency);
        while (count < LADDER_RULES_MAX && query_next(q)) {
            rules[count] = (struct ladder_rule){
                .rule_id = text_copy(tx->arena, query_text(q, 0)), .delay_s = query_int(q, 1),
                .contact_method_id = text_copy(tx->arena, query_text(q, 2)), .channel = text_copy(tx->arena, query_text(q, 3)),
                .address = text_copy(tx->arena, query_text(q, 4)), .is_unusable = query_bool(q, 5)};
            if (!fallback && is_advanced(advanced, &rules[count]))
                continue;
            usable = !rules[count++].is_unusable || usable;
        }
        if (query_failed(q))
            return query_err(q);
    }
    *ret = rules;
    *ret_count = count;
    return OK;
}

static enum err notify(struct tx *tx, const struct page *page, const struct ladder_rule *rule, bool advanced)
{
    struct query *q = db_query(tx->db, "contact_recent_pages");
    query_bind_text(q, "user_id", page->user_id);
    query_bind_text(q, "contact_method_id", rule->contact_method_id);
    query_bind_instant(q, "since", instant_add_s(tx->now, -BUNDLE_WINDOW_S));
    instant hold_until = INSTANT_NONE;
    if (query_next(q))
        hold_until = bundle_hold_until(query_int(q, 0), query_instant(q, 1));
    if (query_failed(q))
        return query_err(q);
    bool held = instant_is_set(hold_until);
    q = db_query(tx->db, "notification_insert");
    query_bind_int(q, "page_number", page->number);
    query_bind_int(q, "incident_number", page->incident_number);
    query_bind_text(q, "user_id", page->user_id);
    query_bind_text(q, "contact_method_id", rule->contact_method_id);
    query_bind_text(q, "channel", rule->channel);
    query_bind_text(q, "rule_id", rule->rule_id);
    query_bind_int(q, "rule_delay_s", rule->delay_s);
    query_bind_bool(q, "advanced", advanced);
    query_bind_instant(q, "now", tx->now);
    query_bind_text(q, "state", held ? TEXT("held") : TEXT("sent"));
    query_bind_null(q, "message_number");
    int64_t notification;
    enum err err = query_insert(q, &notification);
    if (err != OK)
        return err;
    if (held)
        return timer_set(tx, &(struct timer_key){.kind = TIMER_BUNDLE, .ref = rule->contact_method_id}, hold_until);
    struct message_page carried = {.notification_number = notification, .incident_number = page->incident_number, .page_number = page->number};
    return messages_send_page(tx, rule->contact_method_id, text_is(page->urgency, "high"), &carried, 1, 1);
}

static enum err set_cursor(struct tx *tx, const struct page *page, int64_t done_s)
{
    struct query *q = db_query(tx->db, "page_set_cursor");
    query_bind_int(q, "number", page->number);
    query_bind_int(q, "done_s", done_s);
    return query_run_later(q);
}

static enum err set_ladder_timer(struct tx *tx, const struct page *page, instant next_at)
{
    struct timer_key key = {.kind = TIMER_LADDER, .page_number = page->number, .incident_number = page->incident_number};
    if (!instant_is_set(next_at))
        return page->is_new ? OK : timer_clear(tx, &key);
    return timer_set(tx, &key, next_at);
}

/* When the first of the rules that are still to come is due. */
static instant next_step(const struct page *page, const struct ladder_rule *rules, size_t count, const struct ladder_rule *except, instant after)
{
    for (size_t i = 0; i < count; i++) {
        instant at = instant_add_s(page->started_at, rules[i].delay_s);
        if (&rules[i] != except && rules[i].delay_s > page->done_s && instant_before(after, at))
            return at;
    }
    return INSTANT_NONE;
}

static enum err run_ladder(struct tx *tx, const struct page *page)
{
    struct ladder_rule *rules;
    size_t count;
    enum err err = load_rules(tx, page, &rules, &count);
    if (err != OK)
        return err;
    struct ladder_step step;
    ladder_step(tx->arena, rules, count, page->started_at, page->done_s, tx->now, &step);
    for (size_t i = 0; i < step.due_count && err == OK; i++)
        err = notify(tx, page, step.due[i], false);
    const struct ladder_rule *instead = step.is_gap ? ladder_pull_forward(rules, count, step.done_s, TEXT("")) : NULL;
    if (instead && err == OK)
        err = notify(tx, page, instead, true);
    if (err == OK && step.done_s != page->done_s)
        err = set_cursor(tx, page, step.done_s);
    if (instead && err == OK) {
        struct page moved = *page;
        moved.done_s = step.done_s;
        return set_ladder_timer(tx, page, next_step(&moved, rules, count, instead, INSTANT_NONE));
    }
    return err == OK ? set_ladder_timer(tx, page, step.next_at) : err;
}

enum err pages_ladder_due(struct tx *tx, int64_t page_number)
{
    struct page page;
    enum err err = load_page(tx, page_number, &page);
    if (err == ERR_NOT_FOUND)
        return OK;
    return err != OK || page.stopped ? err : run_ladder(tx, &page);
}

enum err pages_ladder_changed(struct tx *tx, struct text user_id)
{
    struct query *q = db_query(tx->db, "pages_active_of_user");
    query_bind_text(q, "user_id", user_id);
    int64_t *pages;
    size_t count;
    enum err err = rows_take_all(q, tx->arena, &pages, &count);
    for (size_t i = 0; i < count && err == OK; i++) {
        struct page page;
        struct ladder_rule *rules = NULL;
        size_t rule_count = 0;
        err = load_page(tx, pages[i], &page);
        if (err == OK)
            err = load_rules(tx, &page, &rules, &rule_count);
        if (err == OK)
            err = set_ladder_timer(tx, &page, next_step(&page, rules, rule_count, NULL, tx->now));
    }
    return err;
}

/* The rule is used now instead of later; those around it keep their time. */
static enum err pull_page_forward(struct tx *tx, int64_t page_number, struct text channel)
{
    struct page page;
    struct ladder_rule *rules;
    size_t count;
    enum err err = load_page(tx, page_number, &page);
    if (err == OK && !page.stopped)
        err = load_rules(tx, &page, &rules, &count);
    if (err != OK || page.stopped)
        return err;
    const struct ladder_rule *rule = ladder_pull_forward(rules, count, page.done_s, channel);
    if (!rule)
        return OK;
    err = notify(tx, &page, rule, true);
    return err == OK ? set_ladder_timer(tx, &page, next_step(&page, rules, count, rule, INSTANT_NONE)) : err;
}

enum err pages_pull_forward(struct tx *tx, int64_t message_number, struct text channel)
{
    struct query *q = db_query(tx->db, "pages_of_message");
    query_bind_int(q, "message_number", message_number);
    int64_t *pages;
    size_t count;
    enum err err = rows_take_all(q, tx->arena, &pages, &count);
    for (size_t i = 0; i < count && err == OK; i++)
        err = pull_page_forward(tx, pages[i], channel);
    return err;
}

enum err pages_bundle_due(struct tx *tx, struct text contact_method_id)
{
    struct query *q = db_query(tx->db, "notifications_held");
    query_bind_text(q, "contact_method_id", contact_method_id);
    query_bind_int(q, "limit", BUNDLE_TAKE_MAX);
    struct message_page *carried = NULL;
    size_t count = 0, capacity = 0;
    bool urgent = false;
    while (query_next(q)) {
        carried = arena_grow(tx->arena, carried, count, &capacity, sizeof *carried);
        carried[count++] = (struct message_page){.notification_number = query_int(q, 0), .incident_number = query_int(q, 1), .page_number = query_int(q, 2)};
        urgent = urgent || text_is(query_text(q, 3), "high");
    }
    if (query_failed(q))
        return query_err(q);
    /* One incident may be held twice for one contact method (two steps of a ladder); it is named once. */
    size_t incidents = 0;
    for (size_t i = 0; i < count; i++)
        incidents += i == 0 || carried[i].incident_number != carried[i - 1].incident_number;
    return count > 0 ? messages_send_page(tx, contact_method_id, urgent, carried, count, incidents) : OK;
}

/* Decisions ------------------------------------------------------------------------------------------------------ */

static void begin_named(struct json_writer *doc, const char *key, struct text id, struct text name)
{
    json_begin_object(doc, key);
    json_add_text(doc, "id", id);
    json_add_text(doc, "name", name);
}

static struct text decision_doc(struct tx *tx, const struct incident *incident, const struct plan *plan, const struct choice *choice)
{
    struct json_writer doc = json_writer_new(tx->arena);
    json_begin_object(&doc, NULL);
    begin_named(&doc, "service", plan->service_id, plan->service_name);
    json_end_object(&doc);
    begin_named(&doc, "policy", plan->policy_id, plan->policy_name);
    json_add_int(&doc, "version", plan->policy_version);
    json_end_object(&doc);
    json_add_text(&doc, "rule_id", choice->rule_id.size ? choice->rule_id : TEXT_NONE);
    json_add_int(&doc, "loop", choice->loop);
    json_add_bool(&doc, "repeated", choice->repeated);
    json_add_bool(&doc, "exhausted", choice->exhausted);
    json_add_string(&doc, "urgency", urgency_name(incident->urgency));
    if (plan->window_id.size > 0) {
        begin_named(&doc, "maintenance", plan->window_id, plan->window_description);
        json_add_instant(&doc, "end", plan->window_end);
        json_end_object(&doc);
    }
    json_end_object(&doc);
    return json_written(&doc);
}

static struct text candidate_doc(struct tx *tx, const struct verdict *verdict)
{
    const struct candidate *c = verdict->candidate;
    struct json_writer doc = json_writer_new(tx->arena);
    json_begin_object(&doc, NULL);
    json_add_int(&doc, "level", verdict->level);
    json_add_text(&doc, "user_name", c->user_name);
    json_add_string(&doc, "target_type", c->target_kind == TARGET_SCHEDULE ? "schedule" : "user");
    json_add_text(&doc, "target_id", c->target_id);
    json_add_text(&doc, "target_name", c->target_name);
    if (c->target_kind == TARGET_SCHEDULE) {
        if (c->duty != DUTY_LAYER)
            json_add_string(&doc, "duty", duty_code(c->duty));
        json_add_text(&doc, "layer_id", c->layer_id);
        json_add_text(&doc, "layer_name", c->layer_name);
        if (c->override_number > 0)
            json_add_text(&doc, "override_id", id_public(tx->arena, ID_OVERRIDE, c->override_number));
        json_add_instant(&doc, "from", c->from);
        json_add_instant(&doc, "until", instant_equal(c->until, INSTANT_MAX) ? INSTANT_NONE : c->until);
    }
    if (verdict->reason == REASON_LATER_LEVEL)
        json_add_int(&doc, "after_s", verdict->after_s);
    json_end_object(&doc);
    return json_written(&doc);
}

static enum err store_decision(struct tx *tx, const struct incident *incident, const struct plan *plan, const struct choice *choice,
                               const char *cause, int64_t *ret_number)
{
    struct query *q = db_query(tx->db, "decision_insert");
    query_bind_int(q, "incident_number", incident->number);
    query_bind_instant(q, "now", tx->now);
    query_bind_int(q, "level", choice->level);
    query_bind_text(q, "cause", text_of(cause));
    query_bind_text(q, "doc", decision_doc(tx, incident, plan, choice));
    int64_t number;
    enum err err = query_insert(q, &number);
    for (size_t v = 0; v < choice->verdict_count && err == OK; v++) {
        const struct verdict *verdict = &choice->verdicts[v];
        q = db_query(tx->db, "decision_candidate_insert");
        query_bind_int(q, "decision_number", number);
        query_bind_int(q, "position", (int64_t)v);
        query_bind_int(q, "incident_number", incident->number);
        query_bind_instant(q, "now", tx->now);
        query_bind_text(q, "user_id", verdict->candidate->user_id.size ? verdict->candidate->user_id : TEXT_NONE);
        query_bind_bool(q, "chosen", verdict->chosen);
        query_bind_text(q, "reason", text_of(choice_reason_code(verdict->reason)));
        query_bind_text(q, "doc", candidate_doc(tx, verdict));
        err = query_run_later(q);
    }
    if (err == OK)
        *ret_number = number;
    return err;
}

static enum err start_page(struct tx *tx, const struct incident *incident, const struct choice *choice, size_t position, int64_t decision,
                           const char *role)
{
    const struct candidate *candidate = choice->verdicts[position].candidate;
    struct query *q = db_query(tx->db, "page_insert");
    query_bind_int(q, "incident_number", incident->number);
    query_bind_text(q, "user_id", candidate->user_id);
    query_bind_int(q, "epoch", incident->epoch);
    query_bind_int(q, "level", choice->level);
    query_bind_text(q, "urgency", text_of(urgency_name(incident->urgency)));
    query_bind_text(q, "role", text_of(role));
    query_bind_instant(q, "now", tx->now);
    query_bind_int(q, "decision_number", decision);
    query_bind_int(q, "candidate_position", (int64_t)position);
    struct page page = {.incident_number = incident->number, .is_new = true, .user_id = candidate->user_id,
                        .urgency = text_of(urgency_name(incident->urgency)), .role = text_of(role), .started_at = tx->now, .done_s = -1};
    enum err err = query_insert(q, &page.number);
    if (err == ERR_NOT_FOUND)
        return OK; /* already being called in this epoch */
    return err == OK ? run_ladder(tx, &page) : err;
}

enum err pages_start(struct tx *tx, const struct incident *incident, const struct plan *plan, const struct choice *choice, const char *cause,
                     const char *role)
{
    int64_t decision;
    enum err err = store_decision(tx, incident, plan, choice, cause, &decision);
    if (err == OK && choice->turn_taken) {
        struct query *q = db_query(tx->db, "round_robin_advance");
        query_bind_text(q, "policy_id", plan->policy_id);
        query_bind_text(q, "rule_id", choice->rule_id);
        err = query_run_later(q);
    }
    for (size_t v = 0; v < choice->verdict_count && err == OK; v++)
        if (choice->verdicts[v].chosen)
            err = start_page(tx, incident, choice, v, decision, role);
    return err;
}

static enum err stop_page(struct tx *tx, int64_t incident_number, int64_t page_number, struct text reason)
{
    struct query *q = db_query(tx->db, "page_stop");
    query_bind_int(q, "number", page_number);
    query_bind_instant(q, "now", tx->now);
    query_bind_text(q, "reason", reason);
    enum err err = query_run_later(q);
    if (err == OK)
        err = timer_clear(tx, &(struct timer_key){.kind = TIMER_LADDER, .page_number = page_number, .incident_number = incident_number});
    if (err == OK) {
        q = db_query(tx->db, "notifications_cancel_of_page");
        query_bind_int(q, "page_number", page_number);
        err = query_run_later(q);
    }
    if (err == OK) {
        q = db_query(tx->db, "message_cancel_queued_of_page");
        query_bind_int(q, "page_number", page_number);
        query_bind_instant(q, "now", tx->now);
        query_bind_text(q, "reason", reason);
        err = query_run_later(q);
    }
    return err;
}

enum err pages_stop(struct tx *tx, int64_t incident_number, bool responders_too, struct text user_id, struct text reason)
{
    struct query *q = db_query(tx->db, "pages_active_of_incident");
    query_bind_int(q, "incident_number", incident_number);
    if (!responders_too)
        query_enable(q, "assignees_only");
    if (user_id.size > 0)
        query_bind_text(q, "user_id", user_id);
    int64_t *pages;
    size_t count;
    enum err err = rows_take_all(q, tx->arena, &pages, &count);
    for (size_t i = 0; i < count && err == OK; i++)
        err = stop_page(tx, incident_number, pages[i], reason);
    return err;
}

/* Why: see pages.h. Messages themselves are made in messages.c. */
#include "engine/pages.h"

#include "base/id.h"
#include "core/bundle.h"
#include "core/ladder.h"
#include "engine/decisions.h"
#include "engine/messages.h"
#include "engine/recent_pages.h"
#include "engine/rows.h"
#include "engine/timers.h"

/* What a page that begins is stored with, and says. */
struct beginning {
    int64_t epoch, level, decision_number, candidate_position;
    const struct page_words *words; /* NULL: they are to be read */
};

struct page {
    int64_t number, incident_number;
    const struct beginning *begins; /* it is not stored yet, and nobody was notified for it; NULL: it is */
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
    if (page->begins)
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
    instant hold_until;
    int64_t message = 0, notification;
    enum err err = recent_pages_hold_until(tx, page->user_id, rule->contact_method_id, &hold_until);
    bool held = err == OK && instant_is_set(hold_until);
    if (err == OK && !held)
        err = db_new_number(tx->db, "messages", &message);
    if (err != OK)
        return err;
    struct query *q = db_query(tx->db, "notification_insert");
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
    if (held)
        query_bind_null(q, "message_number");
    else
        query_bind_int(q, "message_number", message);
    err = query_insert(q, &notification);
    if (err != OK)
        return err;
    if (held)
        return timer_set(tx, &(struct timer_key){.kind = TIMER_BUNDLE, .ref = rule->contact_method_id}, hold_until);
    struct message_page carried = {.notification_number = notification, .incident_number = page->incident_number, .page_number = page->number,
                                   .names_message = true, .words = page->begins ? page->begins->words : NULL};
    return messages_send_page(tx, message, rule->contact_method_id, text_is(page->urgency, "high"), &carried, 1, 1);
}

static enum err insert_page(struct tx *tx, const struct page *page, int64_t done_s)
{
    struct query *q = db_query(tx->db, "page_insert");
    query_bind_int(q, "new_number", page->number);
    query_bind_int(q, "incident_number", page->incident_number);
    query_bind_text(q, "user_id", page->user_id);
    query_bind_int(q, "epoch", page->begins->epoch);
    query_bind_int(q, "level", page->begins->level);
    query_bind_text(q, "urgency", page->urgency);
    query_bind_text(q, "role", page->role);
    query_bind_instant(q, "now", page->started_at);
    query_bind_int(q, "done_s", done_s);
    query_bind_int(q, "decision_number", page->begins->decision_number);
    query_bind_int(q, "candidate_position", page->begins->candidate_position);
    return query_run_later(q);
}

static enum err store_cursor(struct tx *tx, const struct page *page, int64_t done_s)
{
    if (page->begins)
        return insert_page(tx, page, done_s);
    if (done_s == page->done_s)
        return OK;
    struct query *q = db_query(tx->db, "page_set_cursor");
    query_bind_int(q, "number", page->number);
    query_bind_int(q, "done_s", done_s);
    return query_run_later(q);
}

static enum err set_ladder_timer(struct tx *tx, const struct page *page, instant next_at)
{
    struct timer_key key = {.kind = TIMER_LADDER, .page_number = page->number, .incident_number = page->incident_number};
    if (!instant_is_set(next_at))
        return page->begins ? OK : timer_clear(tx, &key);
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
    err = store_cursor(tx, page, step.done_s);
    for (size_t i = 0; i < step.due_count && err == OK; i++)
        err = notify(tx, page, step.due[i], false);
    const struct ladder_rule *instead = step.is_gap ? ladder_pull_forward(rules, count, step.done_s, TEXT("")) : NULL;
    if (instead && err == OK)
        err = notify(tx, page, instead, true);
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
    if (count == 0)
        return OK;
    int64_t message;
    enum err err = db_new_number(tx->db, "messages", &message);
    return err == OK ? messages_send_page(tx, message, contact_method_id, urgent, carried, count, incidents) : err;
}

/* Starting and stopping --------------------------------------------------------------------------------------- */

struct called { /* people who are being called in this epoch */
    struct text *list;
    size_t count, capacity;
};

static bool is_called(const struct called *called, struct text user_id)
{
    for (size_t i = 0; i < called->count; i++)
        if (text_equal(called->list[i], user_id))
            return true;
    return false;
}

static void add_called(struct tx *tx, struct called *called, struct text user_id)
{
    called->list = arena_grow(tx->arena, called->list, called->count, &called->capacity, sizeof *called->list);
    called->list[called->count++] = user_id;
}

static enum err load_called(struct tx *tx, const struct incident *incident, struct called *called)
{
    struct query *q = db_query(tx->db, "pages_called");
    query_bind_int(q, "incident_number", incident->number);
    query_bind_int(q, "epoch", incident->epoch);
    while (query_next(q))
        add_called(tx, called, text_copy(tx->arena, query_text(q, 0)));
    return query_err(q);
}

static enum err start_page(struct tx *tx, const struct incident *incident, const struct plan *plan, const struct verdict *verdict, const char *role,
                           struct beginning *begins, const struct decision *decision)
{
    struct text urgency = text_of(urgency_name(incident->urgency));
    struct page_words words = {.title = incident->title, .urgency = urgency, .service_name = plan->service_name, .alerts = incident->alerts_all,
                               .since = incident->created_at, .reason = text_of(choice_reason_code(verdict->reason)),
                               .candidate = decision->candidates[begins->candidate_position], .decision = decision->doc};
    bool was_asked_for = strcmp(role, "responder") == 0; /* with words that only the database has */
    begins->words = was_asked_for ? NULL : &words;
    struct page page = {.incident_number = incident->number, .begins = begins, .user_id = verdict->candidate->user_id, .urgency = urgency,
                        .role = text_of(role), .started_at = tx->now, .done_s = -1};
    enum err err = db_new_number(tx->db, "pages", &page.number);
    return err == OK ? run_ladder(tx, &page) : err;
}

enum err pages_start(struct tx *tx, const struct incident *incident, const struct plan *plan, const struct choice *choice, const char *cause,
                     const char *role, bool is_first)
{
    struct decision decision = {0};
    struct called called = {0};
    enum err err = decision_store(tx, incident, plan, choice, cause, &decision);
    if (err == OK && choice->turn_taken) {
        struct query *q = db_query(tx->db, "round_robin_advance");
        query_bind_text(q, "policy_id", plan->policy_id);
        query_bind_text(q, "rule_id", choice->rule_id);
        err = query_run_later(q);
    }
    if (err == OK && !is_first && choice->chosen_count > 0)
        err = load_called(tx, incident, &called);
    for (size_t v = 0; v < choice->verdict_count && err == OK; v++) {
        const struct verdict *verdict = &choice->verdicts[v];
        if (!verdict->chosen || is_called(&called, verdict->candidate->user_id))
            continue;
        add_called(tx, &called, verdict->candidate->user_id);
        struct beginning begins = {.epoch = incident->epoch, .level = choice->level, .decision_number = decision.number, .candidate_position = (int64_t)v};
        err = start_page(tx, incident, plan, verdict, role, &begins, &decision);
    }
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

/* Why: see why_record.h. */
#include "api/why_record.h"

#include "core/sentence.h"

static json_t *document_in(struct arena *arena, struct query *q, const char *column)
{
    struct text document = query_text_in(arena, q, column);
    return document.size ? json_read(arena, document, problem_new(arena)) : NULL;
}

/* A decision under construction: what its candidates need is kept beside what is shown. */
struct decision {
    int64_t number;
    json_t *doc, *shown, *candidates;
};

struct record {
    const struct view *view;
    struct decision *list;
    size_t count, capacity;
    json_t *pages; /* page number -> its list of calls */
};

static void add_decision(struct record *record, struct query *q)
{
    struct arena *arena = record->view->call->arena;
    struct decision decision = {.number = query_int(q, 0), .doc = document_in(arena, q, "doc"), .shown = json_object_in(arena),
                                .candidates = json_array_in(arena)};
    struct text cause = query_text_in(arena, q, "cause");
    int64_t level = query_int(q, query_column(q, "level"));
    view_put_instant(record->view, decision.shown, "at", query_instant(q, query_column(q, "at")));
    json_put_int(decision.shown, "level", level);
    json_put_text(decision.shown, "cause", cause);
    json_put_text(decision.shown, "text", sentence_decision(arena, cause, level, decision.doc));
    static const char *const facts[] = {"service", "policy", "rule_id", "loop", "exhausted", "urgency", "maintenance"};
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        json_put(decision.shown, facts[i], json_at(decision.doc, facts[i]));
    json_put(decision.shown, "candidates", decision.candidates);
    record->list = arena_grow(arena, record->list, record->count, &record->capacity, sizeof *record->list);
    record->list[record->count++] = decision;
}

static enum err load_decisions(struct record *record, const struct why_scope *scope)
{
    struct query *q = db_query(record->view->call->db, "why_decisions");
    query_bind_int(q, "incident", scope->incident);
    if (text_is_present(scope->decisions))
        query_bind_text(q, "decisions", scope->decisions);
    if (instant_is_set(scope->until))
        query_bind_instant(q, "until", scope->until);
    while (query_next(q))
        add_decision(record, q);
    return query_err(q);
}

static json_t *call_of(const struct view *view, struct query *q)
{
    struct arena *arena = view->call->arena;
    struct text state = query_text_in(arena, q, "message_state");
    json_t *call = json_object_in(arena);
    json_put_text(call, "id", id_public(arena, ID_NOTIFICATION, query_int(q, 0)));
    json_put_text(call, "channel", query_text_in(arena, q, "channel"));
    json_put_text(call, "rule_id", query_text_in(arena, q, "rule_id"));
    json_put_int(call, "rule_delay_s", query_int(q, query_column(q, "rule_delay_s")));
    json_put_bool(call, "advanced", query_bool(q, query_column(q, "advanced")));
    view_put_instant(view, call, "at", query_instant(q, query_column(q, "created_at")));
    json_put_text(call, "state", text_is_present(state) ? state : query_text_in(arena, q, "state"));
    json_put_text(call, "provider", query_text_in(arena, q, "provider"));
    json_put_text(call, "error", query_text_in(arena, q, "error"));
    view_put_instant(view, call, "answered_at", query_instant(q, query_column(q, "answered_at")));
    json_put_text(call, "answer", query_text_in(arena, q, "answer"));
    return call;
}

static const char *page_key(struct arena *arena, int64_t page)
{
    return arena_printf(arena, "%lld", (long long)page);
}

static enum err load_calls(struct record *record, int64_t incident)
{
    struct arena *arena = record->view->call->arena;
    record->pages = json_object_in(arena);
    struct query *q = db_query(record->view->call->db, "why_calls");
    query_bind_int(q, "incident", incident);
    while (query_next(q)) {
        const char *key = page_key(arena, query_int(q, 1));
        if (!json_at(record->pages, key))
            json_put(record->pages, key, json_array_in(arena));
        json_append(json_at(record->pages, key), call_of(record->view, q));
    }
    return query_err(q);
}

static json_t *page_of(const struct record *record, struct query *q)
{
    const struct view *view = record->view;
    struct arena *arena = view->call->arena;
    int64_t number = query_int(q, query_column(q, "page_number"));
    if (number == 0)
        return NULL;
    json_t *page = json_object_in(arena), *calls = json_at(record->pages, page_key(arena, number));
    json_put_text(page, "id", id_public(arena, ID_PAGE, number));
    json_put_text(page, "role", query_text_in(arena, q, "role"));
    json_put_text(page, "urgency", query_text_in(arena, q, "urgency"));
    view_put_instant(view, page, "started_at", query_instant(q, query_column(q, "started_at")));
    view_put_instant(view, page, "stopped_at", query_instant(q, query_column(q, "stopped_at")));
    json_put_text(page, "stop_reason", query_text_in(arena, q, "stop_reason"));
    json_put(page, "calls", calls ? calls : json_array_in(arena));
    return page;
}

/* The way to the person: named by the policy, or through a schedule's layer or override. */
static json_t *via(const struct view *view, const json_t *doc)
{
    static const char *const facts[] = {"duty", "layer_id", "layer_name", "override_id", "from", "until"};
    json_t *via = json_object_in(view->call->arena);
    bool by_schedule = text_is(json_text_at(doc, "target_type"), "schedule");
    json_put(via, "schedule", by_schedule ? view_schedule(view, json_text_at(doc, "target_id"), json_text_at(doc, "target_name")) : NULL);
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        json_put(via, facts[i], json_at(doc, facts[i]));
    return via;
}

static void add_candidate(const struct record *record, const struct decision *decision, struct query *q)
{
    struct arena *arena = record->view->call->arena;
    json_t *doc = document_in(arena, q, "doc"), *shown = json_object_in(arena), *page = page_of(record, q);
    struct text id = query_text_in(arena, q, "user_id"), reason = query_text_in(arena, q, "reason"), name = query_text_in(arena, q, "user_name");
    if (name.size == 0)
        name = json_text_at(doc, "user_name");
    bool chosen = query_bool(q, query_column(q, "chosen"));
    struct sentence_candidate facts = sentence_candidate_read(name, reason, decision->doc, doc);
    const json_t *first_call = json_array_get(json_at(page, "calls"), 0);
    facts.rule_channel = json_text_at(first_call, "channel");
    facts.rule_delay_s = json_int_at(first_call, "rule_delay_s", 0);
    struct text sent = json_text_at(first_call, "state");
    facts.rule_failed = text_is(sent, "temporary") || text_is(sent, "permanent");
    json_put(shown, "user", view_user(record->view, id, name));
    json_put_bool(shown, "chosen", chosen);
    json_put_text(shown, "reason", reason);
    json_put_text(shown, "text", chosen ? sentence_paged(arena, &facts, false) : sentence_not_paged(arena, &facts, false));
    json_put_int(shown, "level", facts.level);
    json_put(shown, "after_s", json_at(doc, "after_s"));
    json_put(shown, "via", via(record->view, doc));
    json_put(shown, "page", page);
    json_append(decision->candidates, shown);
}

static enum err load_candidates(struct record *record, struct text user_id)
{
    int64_t *numbers = ARENA_ARRAY(record->view->call->arena, int64_t, record->count + 1);
    for (size_t i = 0; i < record->count; i++)
        numbers[i] = record->list[i].number;
    struct text list = view_numbers(record->view->call->arena, numbers, record->count);
    struct query *q = db_query(record->view->call->db, "why_candidates");
    query_bind_text(q, "decisions", list);
    if (user_id.size)
        query_bind_text(q, "user_id", user_id);
    size_t at = 0; /* both lists are in the order of the decisions */
    while (query_next(q)) {
        while (at < record->count && record->list[at].number != query_int(q, 0))
            at++;
        if (at < record->count)
            add_candidate(record, &record->list[at], q);
    }
    return query_err(q);
}

enum err why_record_load(const struct view *view, const struct why_scope *scope, json_t **ret_decisions)
{
    struct record record = {.view = view};
    enum err err = load_decisions(&record, scope);
    if (err == OK)
        err = load_calls(&record, scope->incident);
    if (err == OK && record.count > 0)
        err = load_candidates(&record, scope->user_id);
    if (err != OK)
        return err;
    json_t *decisions = json_array_in(view->call->arena);
    for (size_t i = 0; i < record.count; i++)
        json_append(decisions, record.list[i].shown);
    *ret_decisions = decisions;
    return OK;
}

static bool is_said(const json_t *sentences, const json_t *sentence)
{
    size_t index;
    json_t *said;
    json_array_foreach(sentences, index, said)
        if (json_same(said, sentence))
            return true;
    return false;
}

json_t *why_record_sentences(struct arena *arena, const json_t *decisions, bool chosen_only)
{
    json_t *sentences = json_array_in(arena), *decision, *candidate;
    size_t d, c;
    json_array_foreach(decisions, d, decision)
    {
        json_array_foreach(json_at(decision, "candidates"), c, candidate)
            if ((!chosen_only || json_bool_at(candidate, "chosen", false)) && !is_said(sentences, json_at(candidate, "text")))
                json_append(sentences, json_at(candidate, "text"));
    }
    return sentences;
}

/* Why: see replies.h. First which message is meant, then what would change, then the commands, then what to say. */
#include "engine/replies.h"

#include <assert.h>

#include "channel/twilio.h"
#include "core/reply_grammar.h"
#include "engine/incidents.h"
#include "engine/outbox.h"
#include "engine/reply_view.h"

struct answering {
    struct tx *tx;
    enum reply_source source;
    enum reply_verb verb;
    struct reply_message message;
    int64_t only_incident; /* 0: all */
    struct reply_result *result;
};

static void say(struct answering *a, enum reply_outcome outcome, struct text answer)
{
    a->result->outcome = outcome;
    a->result->answer = answer;
}

/* Acting ------------------------------------------------------------------------------------------------------ */

static enum incident_verb command_of(enum reply_verb verb)
{
    switch (verb) {
    case REPLY_ACKNOWLEDGE: return INCIDENT_ACKNOWLEDGE;
    case REPLY_RESOLVE: return INCIDENT_RESOLVE;
    case REPLY_ESCALATE: return INCIDENT_ESCALATE;
    }
    return INCIDENT_ACKNOWLEDGE;
}

static const char *done_word(enum reply_verb verb)
{
    switch (verb) {
    case REPLY_ACKNOWLEDGE: return "acknowledged";
    case REPLY_RESOLVE: return "resolved";
    case REPLY_ESCALATE: return "escalated";
    }
    return "";
}

static bool acknowledged_by(struct tx *tx, int64_t incident_number, struct text user_id)
{
    struct query *q = db_query(tx->db, "reply_acknowledgers");
    bool found = false;
    query_bind_int(q, "incident_number", incident_number);
    while (query_next(q))
        found |= text_equal(query_text(q, 0), user_id);
    return found;
}

/* Whether the answer would do something to this incident; see the rule on late answers in replies.h. */
static bool is_open_for(const struct answering *a, const struct reply_message *message, const struct reply_incident *incident)
{
    if (text_is(incident->status, "resolved"))
        return false;
    if (!text_is(incident->status, "acknowledged"))
        return true;
    if (a->verb == REPLY_ACKNOWLEDGE)
        return false;
    return a->source == REPLY_BY_LINK || acknowledged_by(a->tx, incident->number, message->user_id);
}

static struct actor actor_of(const struct answering *a)
{
    static const char *const channels[] = {[REPLY_BY_SMS] = "sms", [REPLY_BY_KEY] = "phone", [REPLY_BY_LINK] = "email"};
    struct text address = a->message.address;
    bool is_number = a->source != REPLY_BY_LINK && address.size > 4;
    return (struct actor){
        .kind = ACTOR_USER,
        .id = a->message.user_id,
        .name = a->message.user_name,
        .channel = channels[a->source],
        .detail = is_number ? text_printf(a->tx->arena, "...%.*s", TEXT_ARG(text_slice(address, address.size - 4, address.size))) : TEXT(""),
    };
}

struct tally {
    size_t wanted, done;
    const struct reply_incident *first_done, *first_late;
    struct text refusal; /* why a command was refused */
};

static enum err act_on(struct answering *a, const struct reply_incident *incident, struct tally *tally)
{
    struct incident_command command = {.verb = command_of(a->verb), .actor = actor_of(a)};
    struct problem *problem = problem_new(a->tx->arena);
    bool changed = false;
    tally->wanted++;
    if (!is_open_for(a, &a->message, incident)) {
        tally->first_late = tally->first_late ? tally->first_late : incident;
        return OK;
    }
    enum err err = incident_command(a->tx, incident->number, &command, problem, &changed);
    if (err == ERR_CONFLICT || err == ERR_INVALID) {
        if (!problem_is_empty(problem))
            tally->refusal = problem_line(problem, 0);
        return OK;
    }
    if (err != OK)
        return err;
    if (changed) {
        tally->done++;
        tally->first_done = tally->first_done ? tally->first_done : incident;
    } else {
        tally->first_late = tally->first_late ? tally->first_late : incident;
    }
    return OK;
}

static struct text title_of(struct tx *tx, const struct reply_incident *incident)
{
    return text_printf(tx->arena, "#%lld %.*s: %.*s", (long long)incident->number, TEXT_ARG(incident->service),
                       TEXT_ARG(text_utf8_cut(incident->title, 80)));
}

static void tell(struct answering *a, const struct tally *tally)
{
    struct tx *tx = a->tx;
    struct builder b = builder_new(tx->arena, 1024);
    if (tally->done == 1 && tally->wanted == 1)
        builder_printf(&b, "%.*s is %s.", TEXT_ARG(title_of(tx, tally->first_done)), done_word(a->verb));
    else if (tally->done > 0)
        builder_printf(&b, "%zu of %zu incidents %s.", tally->done, tally->wanted, done_word(a->verb));
    else if (tally->first_late)
        builder_printf(&b, "Nothing changed: %s%.*s is already %.*s.", tally->wanted > 1 ? "for one, " : "", TEXT_ARG(title_of(tx, tally->first_late)),
                       TEXT_ARG(replies_state(tx->db, tx->arena, tally->first_late, tx->now)));
    else
        builder_add_string(&b, "Nothing changed.");
    if (tally->refusal.size)
        builder_printf(&b, " Refused: %.*s.", TEXT_ARG(tally->refusal));
    say(a, tally->done ? REPLY_DONE : REPLY_NO_CHANGE, builder_text(&b));
}

static enum err act(struct answering *a)
{
    struct tx *tx = a->tx;
    struct reply_incident *incidents;
    struct tally tally = {0};
    size_t count;
    enum err err = replies_incidents(tx->db, tx->arena, a->message.number, &incidents, &count);
    for (size_t i = 0; i < count && err == OK; i++)
        if (a->only_incident == 0 || incidents[i].number == a->only_incident)
            err = act_on(a, &incidents[i], &tally);
    if (err != OK)
        return err;
    if (tally.wanted == 0) {
        say(a, REPLY_REFUSED, TEXT("This message is not about such an incident."));
        return OK;
    }
    tell(a, &tally);
    struct query *q = db_query(tx->db, "reply_mark_answered");
    query_bind_int(q, "number", a->message.number);
    query_bind_instant(q, "now", tx->now);
    query_bind_text(q, "answer", text_of(done_word(a->verb)));
    return query_run(q);
}

/* Text messages: which page is meant ------------------------------------------------------------------------------ */

struct open_page {
    const struct reply_message *message;
    struct reply_incident *incidents; /* only those the answer would change */
    size_t count;
};

static enum err find_open(const struct answering *a, const struct reply_message *messages, size_t count, struct open_page *ret, size_t *ret_count)
{
    size_t found = 0;
    for (size_t m = 0; m < count; m++) {
        struct open_page page = {.message = &messages[m]};
        size_t all;
        enum err err = replies_incidents(a->tx->db, a->tx->arena, messages[m].number, &page.incidents, &all);
        if (err != OK)
            return err;
        for (size_t i = 0; i < all; i++)
            if (is_open_for(a, &messages[m], &page.incidents[i]))
                page.incidents[page.count++] = page.incidents[i];
        if (page.count)
            ret[found++] = page;
    }
    *ret_count = found;
    return OK;
}

static bool page_has(const struct open_page *page, int64_t incident_number)
{
    for (size_t i = 0; i < page->count; i++)
        if (page->incidents[i].number == incident_number)
            return true;
    return false;
}

/* An older page that speaks of nothing the newest does not say: a repeat, or a step of the same ladder. */
static bool is_covered(const struct open_page *older, const struct open_page *newest)
{
    for (size_t i = 0; i < older->count; i++)
        if (!page_has(newest, older->incidents[i].number))
            return false;
    return true;
}

static void ask_which(struct answering *a, const char *start, const struct open_page *pages, size_t count)
{
    enum { NAMED_MAX = 3 };
    struct tx *tx = a->tx;
    struct builder b = builder_new(tx->arena, 2048);
    size_t named = 0;
    builder_add_string(&b, start);
    for (size_t i = 0; i < count && named < NAMED_MAX; i++) {
        if (pages[i].message->code <= 0)
            continue;
        struct text whole = pages[i].incidents[0].title, title = text_utf8_cut(whole, 40);
        builder_printf(&b, " %lld %.*s: %.*s%s%s;", (long long)pages[i].message->code, TEXT_ARG(pages[i].incidents[0].service), TEXT_ARG(text_trim(title)),
                       title.size < whole.size ? "..." : "", pages[i].count > 1 ? " and more" : "");
        named++;
    }
    if (named)
        builder_printf(&b, " reply with a code, for example: 4 %lld", (long long)pages[0].message->code);
    say(a, REPLY_UNCLEAR, builder_text(&b));
}

static enum err choose_without_code(struct answering *a, const struct reply_message *messages, size_t count)
{
    struct open_page pages[REPLY_MESSAGES_MAX];
    size_t open;
    enum err err = find_open(a, messages, count, pages, &open);
    if (err != OK)
        return err;
    for (size_t i = 1; i < open; i++)
        if (!is_covered(&pages[i], &pages[0])) {
            ask_which(a, text_printf(a->tx->arena, "Several pages are open:").data, pages, open);
            return OK;
        }
    a->message = open ? *pages[0].message : messages[0];
    return act(a);
}

static enum err choose_by_code(struct answering *a, const struct reply_message *messages, size_t count, int64_t code)
{
    struct open_page pages[REPLY_MESSAGES_MAX];
    size_t open;
    for (size_t i = 0; i < count; i++)
        if (messages[i].code == code) {
            a->message = messages[i];
            return act(a);
        }
    enum err err = find_open(a, messages, count, pages, &open);
    if (err == OK)
        ask_which(a, text_printf(a->tx->arena, "No page of yours has the code %lld.%s", (long long)code, open ? " Open:" : "").data, pages, open);
    return err;
}

static enum err apply_sms(struct answering *a, const struct reply *reply)
{
    struct tx *tx = a->tx;
    struct reply_message *messages = ARENA_ARRAY(tx->arena, struct reply_message, REPLY_MESSAGES_MAX);
    struct reply_words words;
    size_t count;
    enum err err = replies_messages_to(tx->db, tx->arena, reply->address, instant_add_s(tx->now, -REPLY_WINDOW_S), messages, &count);
    if (err != OK)
        return err;
    if (count == 0) {
        say(a, REPLY_REFUSED, TEXT("")); /* a stranger: not a word, each would cost money and tell something */
        return OK;
    }
    switch (reply_read(reply->words, &words)) {
    case REPLY_COMMAND:
        a->verb = words.verb;
        return words.code ? choose_by_code(a, messages, count, words.code) : choose_without_code(a, messages, count);
    case REPLY_NOT_UNDERSTOOD:
        say(a, REPLY_UNCLEAR, messages[0].code > 0 ? text_printf(tx->arena, "Not understood. Reply 4 %lld to acknowledge, 6 %lld to resolve, 8 %lld to escalate.",
                                                                 (long long)messages[0].code, (long long)messages[0].code, (long long)messages[0].code)
                                                   : TEXT("Not understood. Reply 4 to acknowledge, 6 to resolve, 8 to escalate."));
        return OK;
    case REPLY_TO_PROVIDER:
    case REPLY_CHATTER: say(a, REPLY_UNCLEAR, TEXT("")); return OK;
    }
    return ERR_INTERNAL;
}

/* Keys and links ------------------------------------------------------------------------------------------------- */

static bool may_answer(const struct reply_message *message)
{
    return text_is(message->kind, "page") && text_is_present(message->user_name);
}

static enum err apply_key(struct answering *a, const struct reply *reply)
{
    int64_t key;
    enum err err = replies_message(a->tx->db, a->tx->arena, reply->message_number, &a->message);
    if (err != OK && err != ERR_NOT_FOUND)
        return err;
    if (err == ERR_NOT_FOUND || !may_answer(&a->message) || !text_is(a->message.channel, "phone") || !text_equal(a->message.address, reply->address) ||
        !text_equal(a->message.provider, reply->provider)) {
        say(a, REPLY_REFUSED, TEXT("This call can not be answered any more."));
        return OK;
    }
    if (!text_to_int64(reply->words, &key) || !reply_verb_of_key(key, &a->verb)) {
        say(a, REPLY_UNCLEAR, TEXT("That key has no meaning here."));
        return OK;
    }
    return act(a);
}

static enum err apply_link(struct answering *a, const struct reply *reply)
{
    static const enum reply_verb verbs[] = {[LINK_ACKNOWLEDGE] = REPLY_ACKNOWLEDGE, [LINK_RESOLVE] = REPLY_RESOLVE, [LINK_ESCALATE] = REPLY_ESCALATE};
    enum err err = replies_message(a->tx->db, a->tx->arena, reply->link.message_number, &a->message);
    if (err != OK && err != ERR_NOT_FOUND)
        return err;
    if (err == ERR_NOT_FOUND || !may_answer(&a->message) || !text_equal(a->message.user_id, reply->link.user_id)) {
        say(a, REPLY_REFUSED, TEXT("This link is not valid any more."));
        return OK;
    }
    a->verb = verbs[reply->link.action];
    a->only_incident = reply->link.incident_number;
    return act(a);
}

enum err replies_apply(struct tx *tx, const struct reply *reply, struct reply_result *ret)
{
    struct reply_result result = {.outcome = REPLY_REFUSED};
    struct answering a = {.tx = tx, .source = reply->source, .result = &result};
    enum err err = ERR_INTERNAL;
    switch (reply->source) {
    case REPLY_BY_SMS: err = apply_sms(&a, reply); break;
    case REPLY_BY_KEY: err = apply_key(&a, reply); break;
    case REPLY_BY_LINK: err = apply_link(&a, reply); break;
    }
    if (err == OK)
        *ret = result;
    return err;
}

enum err replies_work(struct tx *tx, void *argument)
{
    struct reply_work *work = argument;
    enum err err = replies_apply(tx, &work->reply, &work->result);
    if (err == OK)
        work->result.answer = text_copy(work->arena, work->result.answer);
    return err;
}

/* Reports of providers ------------------------------------------------------------------------------------------- */

static enum err note_unanswered(struct tx *tx, int64_t number, const char *reason)
{
    struct query *q = db_query(tx->db, "reply_note_unanswered");
    query_bind_int(q, "number", number);
    query_bind_text(q, "error", text_of(reason));
    return query_run(q);
}

static enum err failed(struct tx *tx, const struct reply_message *message, const struct message_report *report)
{
    struct text error = text_printf(tx->arena, "%.*s%s%.0lld", TEXT_ARG(report->status), report->error_code ? ", error " : "", (long long)report->error_code);
    if (twilio_error_is_about_number(report->error_code)) {
        struct query *q = db_query(tx->db, "reply_block_contact");
        query_bind_text(q, "id", message->contact_method_id);
        query_bind_text(q, "reason", error);
        enum err err = query_run(q);
        if (err != OK)
            return err;
    }
    return outbox_status(tx, message->number, TEXT("permanent"), error);
}

enum err message_status(struct tx *tx, const struct message_report *report)
{
    struct reply_message message;
    enum twilio_progress progress;
    enum err err = replies_message(tx->db, tx->arena, report->message_number, &message);
    if (err != OK)
        return err;
    /* The reference is not stored yet when the report overtakes the answer to the request. */
    bool is_its_ref = message.provider_ref.size == 0 || text_equal(message.provider_ref, report->ref);
    if (!text_equal(message.provider, report->provider) || !text_equal(message.address, report->address) || !is_its_ref)
        return ERR_FORBIDDEN;
    /* A call is delivered when its words were fetched for a person; that it "completed" says nothing about who listened. */
    if (report->picked_up && report->answered_by_machine)
        return note_unanswered(tx, message.number, "a machine took the call");
    if (report->picked_up)
        return outbox_status(tx, message.number, TEXT("delivered"), TEXT_NONE);
    if (!twilio_progress_parse(report->status, &progress))
        return OK; /* a state the provider has added since: nothing we could conclude */
    switch (progress) {
    case TWILIO_UNDER_WAY: return OK;
    case TWILIO_NO_ANSWER: return note_unanswered(tx, message.number, "nobody took the call");
    case TWILIO_FAILED: return failed(tx, &message, report);
    case TWILIO_DELIVERED: return outbox_status(tx, message.number, TEXT("delivered"), TEXT_NONE);
    }
    return OK;
}

/* Why: the practice phone. A newcomer sees the whole loop without an account anywhere: the browser shows what each person would
 * have received, and an answer there goes through the same interpretation as a real one (engine/replies.h).
 *
 *   GET  /muster/practice/users                 {"users":[{"id","name","email","time_zone","contact_methods":[...]}]}
 *   GET  /muster/practice/messages?user=&since= {"messages":[{"id","channel","kind","state","text","content","answers",...}]}, newest first
 *   POST /muster/practice/messages/{id}/answer  {"text":"ack 42"} | {"digits":"4"} | {"action":"acknowledge"} | {"hang_up":true}
 *                                               | {"answer": as text or digits, whichever the channel takes}
 *        answers {"outcome":"done|no_change|unclear|refused","reply":"what the person would be told","message":{...}} */
#include "api/api_state.h"
#include "api/view.h"
#include "base/json_scan.h"
#include "channel/sms.h"
#include "channel/twiml.h"
#include "engine/replies.h"

enum { MESSAGES_MAX = 200 };

/* The names of the practice accounts, and the channels they serve. */
static struct text practice_providers(const struct call *call, json_t **ret_channels)
{
    const struct config *config = call->api->config;
    json_t *names = json_array_in(call->arena), *channels = json_array_in(call->arena);
    for (size_t i = 0; i < config->provider_count; i++) {
        const struct provider_config *provider = &config->providers[i];
        if (provider->type != PROVIDER_PRACTICE)
            continue;
        json_append_text(names, provider->name);
        for (int c = 0; c < CHANNEL_COUNT; c++)
            if (provider->channels & (1u << c))
                json_append_text(channels, text_of(channel_name((enum channel)c)));
    }
    if (ret_channels)
        *ret_channels = channels;
    return json_write(call->arena, names);
}

static enum err list_users(struct call *call)
{
    json_t *channels, *users = json_array_in(call->arena), *user = NULL, *methods = NULL;
    (void)practice_providers(call, &channels);
    struct text list = json_write(call->arena, channels);
    struct query *q = db_query(call->db, "practice_users");
    query_bind_text(q, "channels", list);
    while (query_next(q)) {
        if (!user || !text_equal(json_text_at(user, "id"), query_text(q, 0))) {
            user = json_object_in(call->arena);
            methods = json_array_in(call->arena);
            json_put_text(user, "id", query_text(q, 0));
            json_put_text(user, "name", query_text(q, 1));
            json_put_text(user, "email", query_text(q, 2));
            json_put_text(user, "time_zone", query_text(q, 3));
            json_put(user, "contact_methods", methods);
            json_append(users, user);
        }
        json_t *method = json_object_in(call->arena);
        json_put_text(method, "id", query_text(q, 4));
        json_put_text(method, "channel", query_text(q, 5));
        json_put_text(method, "label", query_text(q, 6));
        json_put_text(method, "address", query_text(q, 7));
        json_put_bool(method, "verified", !query_is_null(q, 8));
        json_append(methods, method);
    }
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "users", users);
    json_put(call->reply, "channels", channels);
    return query_err(q);
}

/* Messages ---------------------------------------------------------------------------------------------------------- */

static struct text plain_text(struct arena *arena, const struct content *content)
{
    struct builder b = builder_new(arena, 64 * 1024);
    builder_add(&b, content->subject);
    for (size_t i = 0; i < content->line_count; i++) {
        if (text_equal(content->lines[i], content->subject))
            continue;
        builder_add_string(&b, b.size ? "\n" : "");
        builder_add(&b, content->lines[i]);
    }
    return builder_text(&b);
}

/* As the person would see or hear it, made by the same code that makes the real message. */
static struct text seen(struct arena *arena, struct text channel, const struct content *content)
{
    if (text_is(channel, "sms"))
        return render_sms(arena, content);
    if (text_is(channel, "phone"))
        return twiml_words(arena, content);
    return plain_text(arena, content);
}

static json_t *answers(struct arena *arena, struct text kind, int64_t code)
{
    static const char *const table[][2] = {{"4", "acknowledge"}, {"6", "resolve"}, {"8", "escalate"}};
    json_t *answers = json_array_in(arena);
    for (size_t i = 0; text_is(kind, "page") && i < sizeof table / sizeof *table; i++) {
        json_t *answer = json_object_in(arena);
        json_put_string(answer, "action", table[i][1]);
        json_put_string(answer, "digits", table[i][0]);
        json_put_text(answer, "text", code ? text_printf(arena, "%s %lld", table[i][0], (long long)code) : text_of(table[i][0]));
        json_append(answers, answer);
    }
    return answers;
}

static json_t *message(const struct view *view, struct query *q)
{
    static const char *const copied[] = {"kind", "channel", "address", "provider", "state", "cause", "answer"};
    static const char *const instants[] = {"created_at", "answered_at"};
    struct arena *arena = view->call->arena;
    struct content content;
    instant sent_at = query_instant(q, query_column(q, "sent_at"));
    int64_t code = query_int(q, query_column(q, "reply_code"));
    struct text document = query_text_in(arena, q, "content"), kind = query_text_in(arena, q, "kind");
    json_t *item = json_object_in(arena), *parts = json_read(arena, document, problem_new(arena));
    json_put_text(item, "id", id_public(arena, ID_MESSAGE, query_int(q, query_column(q, "number"))));
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
        json_put_text(item, copied[i], query_text_in(arena, q, copied[i]));
    for (size_t i = 0; i < sizeof instants / sizeof *instants; i++)
        view_put_instant(view, item, instants[i], query_instant(q, query_column(q, instants[i])));
    view_put_instant(view, item, "sent_at", instant_is_set(sent_at) ? sent_at : query_instant(q, query_column(q, "created_at")));
    json_put_bool(item, "urgent", query_bool(q, query_column(q, "urgent")));
    json_put(item, "user", view_user(view, query_text_in(arena, q, "user_id"), query_text_in(arena, q, "user_name")));
    json_put(item, "incident", view_incident(view, query_int(q, query_column(q, "incident_number")), query_text_in(arena, q, "title")));
    json_put(item, "content", parts);
    const struct json_node *stored = NULL;
    if (json_scan(arena, document, problem_new(arena), &stored) != OK)
        stored = NULL;
    content_read(arena, stored, &content);
    content.kind = content_kind_of(kind);
    content.repeat = text_is(json_text_at(item, "cause"), "doubt");
    json_put_text(item, "text", seen(arena, json_text_at(item, "channel"), &content));
    json_put(item, "answers", answers(arena, kind, code));
    return item;
}

/* A verification code proves that an address is one's own, so it is shown to its owner (and to those who could set it anyway). */
static bool may_see_codes(const struct call *call, struct text user_id)
{
    return text_is(call->who.role, "owner") || text_is(call->who.role, "admin") || (user_id.size && text_equal(call->who.user_id, user_id));
}

static enum err list_messages(struct call *call)
{
    struct view view;
    instant since = INSTANT_NONE;
    struct text user = call_query(call, "user");
    enum err err = view_open(call, &view);
    if (err != OK)
        return err;
    view_query_instant(&view, "since", &since);
    if (!problem_is_empty(call->problem))
        return ERR_INVALID;
    struct text providers = practice_providers(call, NULL);
    struct query *q = db_query(call->db, "practice_messages");
    query_bind_text(q, "providers", providers);
    query_bind_int(q, "limit", MESSAGES_MAX);
    if (user.size)
        query_bind_text(q, "user", user);
    if (instant_is_set(since))
        query_bind_instant(q, "since", since);
    if (!may_see_codes(call, user))
        query_enable(q, "not_codes");
    json_t *messages = json_array_in(call->arena);
    bool any = !text_is(providers, "[]"); /* without a practice phone every message there is would be looked at */
    while (any && query_next(q))
        json_append(messages, message(&view, q));
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "messages", messages);
    return query_err(q);
}

static enum err load_message(const struct view *view, int64_t number, json_t **ret)
{
    struct call *call = view->call;
    struct text providers = practice_providers(call, NULL);
    struct query *q = db_query(call->db, "practice_message");
    query_bind_text(q, "providers", providers);
    query_bind_int(q, "number", number);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    *ret = message(view, q);
    return OK;
}

/* Answers ----------------------------------------------------------------------------------------------------------- */

static bool action_of(struct text written, enum link_action *ret)
{
    static const struct {
        const char *word, *digit;
        enum link_action action;
    } table[] = {{"acknowledge", "4", LINK_ACKNOWLEDGE}, {"resolve", "6", LINK_RESOLVE}, {"escalate", "8", LINK_ESCALATE}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (text_is(written, table[i].word) || text_is(written, table[i].digit)) {
            *ret = table[i].action;
            return true;
        }
    }
    return false;
}

static struct text digit_of(enum link_action action)
{
    switch (action) {
    case LINK_ACKNOWLEDGE: return TEXT("4");
    case LINK_RESOLVE: return TEXT("6");
    case LINK_ESCALATE: return TEXT("8");
    }
    return TEXT("");
}

/* What the person did with their thumb, as the channel would report it. */
static enum err reply_of(struct call *call, int64_t number, const json_t *shown, struct reply *ret)
{
    static const char *const ways[] = {"text", "digits", "action", "answer"};
    struct text said = TEXT_NONE, channel = json_text_at(shown, "channel");
    enum link_action action;
    for (size_t i = 0; i < sizeof ways / sizeof *ways && said.size == 0; i++)
        said = text_trim(json_text_at(call->body, ways[i]));
    if (said.size == 0) {
        problem_add(call->problem, NULL, "one of text, digits, action and hang_up is needed");
        return ERR_INVALID;
    }
    struct reply reply = {.provider = json_text_at(shown, "provider"), .address = json_text_at(shown, "address"), .words = said, .message_number = number};
    bool is_action = action_of(said, &action);
    if (text_is(channel, "sms")) {
        reply.source = REPLY_BY_SMS;
    } else if (text_is(channel, "phone")) {
        reply.source = REPLY_BY_KEY;
        reply.words = is_action ? digit_of(action) : said;
    } else if (is_action) {
        reply.source = REPLY_BY_LINK;
        reply.link = (struct link){.action = action, .message_number = number, .user_id = json_text_at(json_at(shown, "user"), "id")};
    } else {
        problem_add(call->problem, "action", "must be acknowledge, resolve or escalate");
        return ERR_INVALID;
    }
    *ret = reply;
    return OK;
}

static const char *outcome_word(enum reply_outcome outcome)
{
    switch (outcome) {
    case REPLY_DONE: return "done";
    case REPLY_NO_CHANGE: return "no_change";
    case REPLY_UNCLEAR: return "unclear";
    case REPLY_REFUSED: return "refused";
    }
    return "refused";
}

static enum err post_answer(struct call *call)
{
    struct view view;
    int64_t number;
    json_t *shown;
    if (!id_parse(ID_MESSAGE, call->path_parameters[0], &number))
        return ERR_NOT_FOUND;
    enum err err = view_open(call, &view);
    if (err == OK)
        err = load_message(&view, number, &shown);
    if (err != OK)
        return err;
    struct reply_work work = {.arena = call->arena, .result = {.outcome = REPLY_NO_CHANGE, .answer = TEXT("")}};
    if (!json_bool_at(call->body, "hang_up", false)) {
        err = reply_of(call, number, shown, &work.reply);
        if (err == OK)
            err = call_change(call, replies_work, &work);
        if (err == OK)
            err = load_message(&view, number, &shown);
    }
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put_string(call->reply, "outcome", outcome_word(work.result.outcome));
    json_put_text(call->reply, "reply", work.result.answer);
    json_put(call->reply, "message", shown);
    return OK;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/muster/practice/users", .permission = MAY_READ, .handle = list_users, .summary = "People whose phone can be practised on",
     .answers = "users:list"},
    {.method = "GET", .path = "/muster/practice/messages", .permission = MAY_READ, .handle = list_messages, .summary = "What the practice phone received",
     .query = "user since", .answers = "messages[]"},
    {.method = "POST", .path = "/muster/practice/messages/{id}/answer", .permission = MAY_RESPOND, .handle = post_answer, .summary = "Answer a message of the practice phone", .body_kind = "json",
     .takes = "text? digits? action? hang_up:boolean?", .answers = "outcome reply message:object"},
};
const struct route_table practice_routes = {routes, sizeof routes / sizeof *routes};

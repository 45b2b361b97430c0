/* Why: telling those who wait how an incident stands, and who they are. What is said is an entry of the record
 * (engine/status_updates.h); its id is the log entry's. */
#include "engine/status_updates.h"

#include "api/audit.h"
#include "api/incident_changes.h"
#include "api/incidents.h"
#include "api/resource.h"
#include "api/visibility.h"

enum { SUBJECT_CHARS_MAX = 255 };

/* Clients expect an account; an installation is one. */
#define ACCOUNT_ID "MUSTER"

struct publication {
    int64_t incident, seq;
    struct status_update update;
};

static enum err publish_work(struct tx *tx, void *argument)
{
    struct publication *publication = argument;
    return status_update_publish(tx, publication->incident, &publication->update, &publication->seq);
}

/* A text that may be left out. */
static struct text optional(struct call *call, const char *key, size_t chars_max)
{
    const json_t *value = json_at(call->body, key);
    bool is_absent = !value || json_is_null(value) || (json_is_string(value) && text_is_empty(json_text_value(value)));
    return !is_absent ? incident_text_parse(call->arena, call->body, NULL, key, chars_max, call->problem) : TEXT_NONE;
}

static enum err reply_update(const struct view *view, int64_t seq)
{
    struct call *call = view->call;
    struct query *q = db_query(call->db, "status_update_get");
    query_bind_int(q, "seq", seq);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    json_t *doc = json_read(call->arena, query_text(q, 4), call->problem), *update = json_object_in(call->arena);
    json_put_text(update, "id", id_public(call->arena, ID_LOG_ENTRY, seq));
    json_put_text(update, "message", json_text_at(doc, "message"));
    view_put_instant(view, update, "created_at", query_instant(q, 1));
    json_put(update, "sender", view_user(view, text_copy(call->arena, query_text(q, 2)), text_copy(call->arena, query_text(q, 3))));
    json_put_text(update, "subject", json_at(doc, "subject") ? json_text_at(doc, "subject") : TEXT(""));
    json_put_text(update, "html_message", json_at(doc, "html") ? json_text_at(doc, "html") : TEXT(""));
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "status_update", update);
    return OK;
}

static enum err post_update(struct call *call)
{
    struct incident_call c;
    enum err err = incident_call_begin(call, true, &c);
    if (err != OK)
        return err;
    struct publication publication = {.incident = c.number, .update = {.actor = c.actor}};
    publication.update.message = incident_text_parse(call->arena, call->body, NULL, "message", NOTE_CHARS_MAX, call->problem);
    publication.update.subject = optional(call, "subject", SUBJECT_CHARS_MAX);
    publication.update.html = optional(call, "html_message", NOTE_CHARS_MAX);
    if (!problem_is_empty(call->problem))
        return ERR_INVALID;
    err = call_change(call, publish_work, &publication);
    return err != OK ? err : reply_update(&c.view, publication.seq);
}

/* Subscribers ------------------------------------------------------------------------------------------------------ */

struct subscriber {
    struct text type, id;
};

struct subscribable {
    const char *type;
    struct text id, public_id;
};

struct subscribing {
    struct call *call;
    struct actor actor;
    struct subscribable of;
    bool remove;
    struct subscriber *list;
    size_t count;
    json_t *subscriptions;
    int64_t removed, missing;
};

/* Both nouns have the same three operations. */
static enum err subscribable_of_path(struct call *call, struct subscribable *ret)
{
    int64_t number;
    struct text name;
    *ret = (struct subscribable){.type = call->route->with, .id = call->path_parameters[0], .public_id = call->path_parameters[0]};
    if (strcmp(ret->type, "incident") != 0)
        return reference_summary(call->db, call->arena, ret->type, ret->id, &name);
    enum err err = incident_of_path(call, &number);
    if (err != OK)
        return err;
    ret->id = text_printf(call->arena, "%lld", (long long)number);
    ret->public_id = id_public(call->arena, ID_INCIDENT, number);
    return OK;
}

static void bind_subscribable(struct query *q, const struct subscribable *of)
{
    query_bind_text(q, "of_type", text_of(of->type));
    query_bind_text(q, "of_id", of->id);
}

static enum err list_subscribers(struct call *call)
{
    struct subscribable of;
    struct paging paging;
    enum err err = subscribable_of_path(call, &of);
    if (err == OK)
        err = call_paging(call, &paging);
    if (err != OK)
        return err;
    struct query *q = db_query(call->db, "subscriber_list");
    bind_subscribable(q, &of);
    query_bind_int(q, "limit", paging.limit + 1);
    query_bind_int(q, "offset", paging.offset);
    if (paging.want_total)
        query_enable(q, "with_total");
    json_t *subscribers = json_array_in(call->arena);
    int64_t count = 0, total = 0;
    while (query_next(q)) {
        total = query_int(q, 2);
        if (count++ >= paging.limit)
            continue;
        json_t *subscriber = json_object_in(call->arena);
        json_put_text(subscriber, "subscriber_id", query_text(q, 1));
        json_put_text(subscriber, "subscriber_type", query_text(q, 0));
        json_put_bool(subscriber, "has_indirect_subscription", false);
        json_put_null(subscriber, "subscribed_via");
        json_append(subscribers, subscriber);
    }
    if (query_failed(q))
        return query_err(q);
    call_reply_page(call, "subscribers", subscribers, &paging, count > paging.limit, total);
    json_put_string(call->reply, "account_id", ACCOUNT_ID);
    return OK;
}

static void read_subscriber(struct call *call, const json_t *body, size_t index, struct subscriber *ret)
{
    const char *path = arena_printf(call->arena, "subscribers[%zu]", index);
    *ret = (struct subscriber){.type = json_text_at(body, "subscriber_type"), .id = json_text_at(body, "subscriber_id")};
    if (!text_is(ret->type, "user") && !text_is(ret->type, "team"))
        problem_add(call->problem, arena_printf(call->arena, "%s.subscriber_type", path), "must be user or team");
    if (ret->id.size == 0)
        problem_add(call->problem, arena_printf(call->arena, "%s.subscriber_id", path), "cannot be empty");
}

static enum err read_subscribers(struct call *call, struct subscribing *s)
{
    const json_t *list = json_at(call->body, "subscribers");
    s->count = json_array_size(list);
    if (!json_is_array(list) || s->count == 0 || s->count > SUBSCRIBERS_MAX) {
        problem_add(call->problem, "subscribers", "must be a list of 1 to %d subscribers", SUBSCRIBERS_MAX);
        return ERR_INVALID;
    }
    s->list = ARENA_ARRAY(call->arena, struct subscriber, s->count);
    for (size_t i = 0; i < s->count; i++)
        read_subscriber(call, json_array_get(list, i), i, &s->list[i]);
    return problem_is_empty(call->problem) ? OK : ERR_INVALID;
}

/* Whoever is to follow must exist; whoever is to follow no longer may be gone. */
static enum err check_exists(struct tx *tx, struct subscribing *s)
{
    for (size_t i = 0; i < s->count && !s->remove; i++) {
        struct text name;
        enum err err = visibility_resolve(s->call, tx->db, NULL, text_is(s->list[i].type, "team") ? "team" : "user", s->list[i].id, &name);
        if (err == ERR_NOT_FOUND)
            problem_add(s->call->problem, arena_printf(s->call->arena, "subscribers[%zu].subscriber_id", i), "does not exist");
        else if (err != OK)
            return err;
    }
    return problem_is_empty(s->call->problem) ? OK : ERR_INVALID;
}

static void note_subscription(struct subscribing *s, const struct subscriber *subscriber, bool added)
{
    struct arena *arena = s->call->arena;
    json_t *subscription = json_object_in(arena);
    json_put_string(subscription, "account_id", ACCOUNT_ID);
    json_put_text(subscription, "subscribable_id", s->of.public_id);
    json_put_string(subscription, "subscribable_type", s->of.type);
    json_put_text(subscription, "subscriber_id", subscriber->id);
    json_put_text(subscription, "subscriber_type", subscriber->type);
    json_put_string(subscription, "result", added ? "success" : "duplicate");
    json_append(s->subscriptions, subscription);
}

static enum err change_one(struct tx *tx, struct subscribing *s, const struct subscriber *subscriber, json_t *changed)
{
    struct query *q = db_query(tx->db, s->remove ? "subscriber_remove" : "subscriber_add");
    bind_subscribable(q, &s->of);
    query_bind_text(q, "type", subscriber->type);
    query_bind_text(q, "id", subscriber->id);
    if (!s->remove)
        query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    if (err != OK)
        return err;
    bool done = query_changes(q) > 0;
    s->removed += done;
    s->missing += !done;
    note_subscription(s, subscriber, done);
    if (done)
        json_append_text(changed, text_printf(tx->arena, "%.*s %.*s", TEXT_ARG(subscriber->type), TEXT_ARG(subscriber->id)));
    return OK;
}

static enum err check_count(struct tx *tx, const struct subscribing *s)
{
    struct query *q = db_query(tx->db, "subscriber_count");
    bind_subscribable(q, &s->of);
    if (!query_next(q))
        return query_err(q);
    if (query_int(q, 0) <= SUBSCRIBERS_MAX || s->remove)
        return OK;
    problem_add(s->call->problem, "subscribers", "cannot be more than %d in all", SUBSCRIBERS_MAX);
    return ERR_INVALID;
}

static enum err subscribe_work(struct tx *tx, void *argument)
{
    struct subscribing *s = argument;
    s->call->problem->count = s->call->problem->dropped = 0;
    s->subscriptions = json_array_in(s->call->arena);
    s->removed = s->missing = 0;
    enum err err = check_exists(tx, s);
    if (err != OK) {
        tx->refused_clean = true;
        return err;
    }
    json_t *changed = json_array_in(tx->arena);
    for (size_t i = 0; i < s->count && err == OK; i++)
        err = change_one(tx, s, &s->list[i], changed);
    if (err == OK)
        err = check_count(tx, s);
    if (err != OK || json_array_size(changed) == 0)
        return err;
    json_t *what = json_object_in(tx->arena);
    json_put(what, "subscribers", changed);
    struct audit audit = {.actor = &s->actor, .peer = s->call->request->peer, .action = s->remove ? "unsubscribe" : "subscribe", .resource_type = s->of.type,
                          .resource_id = s->of.public_id, .before = s->remove ? what : NULL, .after = s->remove ? NULL : what};
    return audit_record(tx, &audit);
}

static enum err change(struct call *call, struct subscribing *s)
{
    enum err err = subscribable_of_path(call, &s->of);
    if (err == OK)
        err = read_subscribers(call, s);
    if (err == OK)
        err = call_actor(call, false, &s->actor);
    return err == OK ? call_change(call, subscribe_work, s) : err;
}

static enum err post_subscribers(struct call *call)
{
    struct subscribing s = {.call = call};
    enum err err = change(call, &s);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "subscriptions", s.subscriptions);
    return OK;
}

static enum err post_unsubscribe(struct call *call)
{
    struct subscribing s = {.call = call, .remove = true};
    enum err err = change(call, &s);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put_int(call->reply, "deleted_count", s.removed);
    json_put_int(call->reply, "unauthorized_count", 0);
    json_put_int(call->reply, "non_existent_count", s.missing);
    return OK;
}

static const struct route routes[] = {
    {.method = "POST", .path = "/incidents/{id}/status_updates", .permission = MAY_RESPOND, .handle = post_update,
     .summary = "Tell those who follow an incident how it stands", .body_kind = "json",
     .takes = "message subject? html_message?", .answers = "status_update"},
    {.method = "GET", .path = "/incidents/{id}/status_updates/subscribers", .permission = MAY_READ, .handle = list_subscribers, .with = "incident",
     .summary = "List who follows an incident",
     .query = "limit offset total", .answers = "subscribers[] account_id limit offset more total"},
    {.method = "POST", .path = "/incidents/{id}/status_updates/subscribers", .permission = MAY_RESPOND, .handle = post_subscribers, .with = "incident",
     .summary = "Let users and teams follow an incident", .body_kind = "json",
     .takes = "subscribers[]", .answers = "subscriptions[]"},
    {.method = "POST", .path = "/incidents/{id}/status_updates/unsubscribe", .permission = MAY_RESPOND, .handle = post_unsubscribe, .with = "incident",
     .summary = "End that users and teams follow an incident", .body_kind = "json",
     .takes = "subscribers[]", .answers = "deleted_count unauthorized_count non_existent_count"},
    {.method = "GET", .path = "/business_services/{id}/subscribers", .permission = MAY_READ, .handle = list_subscribers, .with = "business_service",
     .summary = "List who follows a business service",
     .query = "limit offset total", .answers = "subscribers[] account_id limit offset more total"},
    {.method = "POST", .path = "/business_services/{id}/subscribers", .permission = MAY_MANAGE, .handle = post_subscribers, .with = "business_service",
     .summary = "Let users and teams follow a business service: they are told of the incidents of what it rests on", .body_kind = "json",
     .takes = "subscribers[]", .answers = "subscriptions[]"},
    {.method = "POST", .path = "/business_services/{id}/unsubscribe", .permission = MAY_MANAGE, .handle = post_unsubscribe, .with = "business_service",
     .summary = "End that users and teams follow a business service", .body_kind = "json",
     .takes = "subscribers[]", .answers = "deleted_count unauthorized_count non_existent_count"},
};
const struct route_table status_update_routes = {routes, sizeof routes / sizeof *routes};

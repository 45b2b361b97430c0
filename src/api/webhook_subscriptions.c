/* Why: programs subscribe to what happens (engine/webhooks.h): PagerDuty's seven operations, and ours for what it has no word for: a new secret without a gap, and
 * the log of deliveries. */
#include "api/audit.h"
#include "api/auth.h"
#include "api/resources.h"
#include "api/visibility.h"
#include "api/webhook_fields.h"
#include "base/id.h"
#include "base/seal.h"
#include "engine/webhooks.h"

enum { KEEP_HOURS_DEFAULT = 24, KEEP_HOURS_MAX = 720 };

static const struct field fields[] = {
    {.name = "active", .kind = FIELD_BOOLEAN, .fallback = "1", .doc = "Whether what happens is told to it."},
    {.name = "delivery_method", .kind = FIELD_CUSTOM, .flags = FIELD_REQUIRED | FIELD_ON_CREATE,
     .doc = "http_delivery_method: url, custom_headers (values are hidden in answers), secret (only in the answer to the creation), temporarily_disabled. The path of the "
            "url is hidden from roles that may not manage."},
    {.name = "description", .kind = FIELD_TEXT, .flags = FIELD_NULLABLE, .max = 1024},
    {.name = "events", .kind = FIELD_CUSTOM, .flags = FIELD_REQUIRED, .doc = "Event types, e.g. incident.triggered."},
    {.name = "filter", .kind = FIELD_CUSTOM, .flags = FIELD_REQUIRED, .doc = "type account_reference, service_reference or team_reference, and its id."},
    {.name = "muster", .kind = FIELD_CUSTOM, .flags = FIELD_READ_ONLY, .doc = "Muster: disabled_reason and disabled_until."},
    {.name = "oauth_client", .kind = FIELD_FIXED, .fixed = "null", .doc = "Not supported; use a custom header."},
};

static const struct filter filters[] = {
    {.query = "filter_type", .kind = FILTER_TEXT, .parameter = "filter_type"},
    {.query = "filter_id", .kind = FILTER_TEXT, .parameter = "filter_id"},
};

/* Changes ------------------------------------------------------------------------------------------------------------------ */

static enum err check(struct change *change)
{
    if (change->kind == CHANGE_DELETE)
        return OK;
    struct webhook_fields *custom = ARENA_NEW(change->call->arena, struct webhook_fields);
    change->custom = custom;
    enum err err = webhook_fields_read(change, custom);
    if (err == OK && problem_is_empty(change->call->problem) && !visibility_allows(change->call, custom->filter_id)) {
        problem_add(change->call->problem, NULL, "it would tell more than you may see; an administrator can make it");
        return ERR_FORBIDDEN;
    }
    if (err != OK || change->kind != CHANGE_CREATE)
        return err;
    struct query *q = db_query(change->tx->db, "webhook_subscription_count");
    if (query_next(q) && query_int(q, 0) >= WEBHOOK_SUBSCRIPTIONS_MAX)
        problem_add(change->call->problem, NULL, "there are %d webhook subscriptions already, which is the most", WEBHOOK_SUBSCRIPTIONS_MAX);
    if (query_failed(q))
        return query_err(q);
    if (engine_seal_key(change->call->engine).size != SEAL_KEY_HEX)
        return ERR_UNAVAILABLE;
    return OK;
}

static struct text sealed(struct change *change, struct text place, struct text plain)
{
    return seal_close(change->tx->env, change->call->arena, engine_seal_key(change->call->engine), place, plain);
}

static void bind(struct change *change)
{
    const struct webhook_fields *custom = change->custom;
    struct arena *arena = change->call->arena;
    struct query *q = change->statement;
    query_bind_text(q, "events", custom->events);
    query_bind_text(q, "filter_type", text_of(custom->filter_type));
    query_bind_text(q, "filter_id", custom->filter_id);
    if (change->kind != CHANGE_CREATE)
        return;
    query_bind_text(q, "delivery_method_id", id_new_object(change->tx->env, arena));
    query_bind_text(q, "url", custom->url);
    query_bind_text(q, "secret", sealed(change, webhook_secret_place(arena, change->id), id_new_key(change->tx->env, arena, WEBHOOK_SECRET_CHARS)));
    query_bind_text(q, "custom_headers", custom->headers.size > 0 ? sealed(change, webhook_headers_place(arena, change->id), custom->headers) : TEXT_NONE);
}

static enum err write(struct change *change)
{
    switch (change->moment) {
    case MOMENT_CHECK: return check(change);
    case MOMENT_BIND: bind(change); return OK;
    case MOMENT_STORED:
        webhooks_changed(change->tx);
        return change->kind == CHANGE_DELETE ? webhooks_deleted(change->tx, change->id) : OK;
    }
    return OK;
}

/* Answers ------------------------------------------------------------------------------------------------------------------ */

/* Names only: values may be credentials. */
static json_t *shown_headers(struct call *call, struct text id, struct text sealed_headers)
{
    json_t *list = json_array_in(call->arena);
    struct text plain;
    if (sealed_headers.size == 0 || !seal_open(call->arena, engine_seal_key(call->engine), webhook_headers_place(call->arena, id), sealed_headers, &plain))
        return list;
    const json_t *headers = json_read(call->arena, plain, problem_new(call->arena));
    for (size_t i = 0; i < json_array_size(headers); i++) {
        json_t *header = json_object_in(call->arena);
        json_put_text(header, "name", json_text_at(json_array_get(headers, i), "name"));
        json_put_string(header, "value", "-- redacted --");
        json_append(list, header);
    }
    return list;
}

/* "https://host/..." for those who may not manage: such an address often is a credential. */
static struct text shown_url(struct call *call, struct text url)
{
    if (auth_may(&call->who, MAY_MANAGE))
        return url;
    size_t host = text_find(url, TEXT("://")) + 3, end = text_find_byte(url, '/', host), at = text_find_byte(url, '@', host);
    size_t begin = at < end ? at + 1 : host;
    return text_printf(call->arena, "%.*s%.*s/...", TEXT_ARG(text_slice(url, 0, host)), TEXT_ARG(text_slice(url, begin, end)));
}

static void show(struct call *call, struct query *row, json_t *object)
{
    struct arena *arena = call->arena;
    struct text id = text_copy(arena, query_text(row, query_column(row, "id")));
    json_t *method = json_object_in(arena), *filter = json_object_in(arena);
    json_put_text(method, "id", query_text(row, query_column(row, "delivery_method_id")));
    json_put_null(method, "secret");
    json_put_bool(method, "temporarily_disabled", !query_is_null(row, query_column(row, "disabled_at")));
    json_put_string(method, "type", "http_delivery_method");
    json_put_text(method, "url", shown_url(call, text_copy(arena, query_text(row, query_column(row, "url")))));
    json_put(method, "custom_headers", shown_headers(call, id, text_copy(arena, query_text(row, query_column(row, "custom_headers")))));
    json_put(object, "delivery_method", method);
    json_put(object, "events", json_read(arena, text_copy(arena, query_text(row, query_column(row, "events"))), call->problem));
    struct text filter_id = query_text(row, query_column(row, "filter_id"));
    json_put_text(filter, "id", filter_id.size > 0 ? text_copy(arena, filter_id) : TEXT_NONE);
    json_put_text(filter, "type", text_printf(arena, "%.*s_reference", TEXT_ARG(query_text(row, query_column(row, "filter_type")))));
    json_put(object, "filter", filter);
    json_t *ours = json_object_in(arena);
    json_put_text(ours, "disabled_reason", query_text(row, query_column(row, "disabled_reason")));
    json_put_instant(ours, "disabled_until", query_instant(row, query_column(row, "disabled_until")));
    json_put(object, "muster", ours);
}

static const struct resource subscription_resource = {
    .name = "webhook_subscription", .plural = "webhook_subscriptions", .path = "/webhook_subscriptions", .queries = "webhook_subscription", .fields = fields,
    .field_count = FIELD_COUNT(fields), .summary = "description", .filters = filters, .filter_count = FIELD_COUNT(filters), .paged = true, .write = write, .show = show,
};

/* The secret, once ----------------------------------------------------------------------------------------------------------- */

struct reading {
    struct call *call;
    struct text id, secret;
};

static enum err read_secret(struct tx *tx, void *argument)
{
    struct reading *reading = argument;
    struct arena *arena = reading->call->arena;
    tx->refused_clean = true;
    struct query *q = db_query(tx->db, "webhook_subscription_secrets");
    query_bind_text(q, "id", reading->id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    bool fine = seal_open(arena, engine_seal_key(tx->engine), webhook_secret_place(arena, reading->id), query_text(q, 0), &reading->secret);
    return fine ? OK : ERR_INTERNAL;
}

/* PagerDuty answers 200 here, not 201. */
static enum err create(struct call *call)
{
    enum err err = resource_create(call);
    if (err != OK)
        return err;
    json_t *made = json_at(call->reply, "webhook_subscription");
    struct reading reading = {.call = call, .id = json_text_at(made, "id")};
    err = call_change(call, read_secret, &reading);
    if (err != OK)
        return err;
    json_put_text(json_at(made, "delivery_method"), "secret", reading.secret);
    call->status = 200;
    return OK;
}

/* What is done to one ---------------------------------------------------------------------------------------------------------- */

struct deed {
    struct call *call;
    struct actor actor;
    struct text id;
    enum { DEED_ENABLE, DEED_PING, DEED_ROTATE } kind;
    int64_t keep_hours;
    struct text secret; /* the new one */
};

static enum err rotate(struct tx *tx, struct deed *deed)
{
    struct arena *arena = deed->call->arena;
    deed->secret = id_new_key(tx->env, arena, WEBHOOK_SECRET_CHARS);
    struct query *q = db_query(tx->db, "webhook_subscription_rotate");
    query_bind_text(q, "id", deed->id);
    query_bind_instant(q, "now", tx->now);
    query_bind_instant(q, "until", instant_add_s(tx->now, deed->keep_hours * 3600));
    query_bind_text(q, "secret", seal_close(tx->env, arena, engine_seal_key(tx->engine), webhook_secret_place(arena, deed->id), deed->secret));
    return query_run(q);
}

static enum err do_it(struct tx *tx, void *argument)
{
    static const char *const names[] = {[DEED_ENABLE] = "enable", [DEED_PING] = "ping", [DEED_ROTATE] = "rotate_secret"};
    struct deed *deed = argument;
    struct query *q = db_query(tx->db, "webhook_subscription_get");
    query_bind_text(q, "id", deed->id);
    if (!query_next(q)) {
        tx->refused_clean = true;
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    }
    enum err err = OK;
    switch (deed->kind) {
    case DEED_ENABLE: err = webhooks_enable(tx, deed->id); break;
    case DEED_PING: err = webhooks_ping(tx, deed->id); break;
    case DEED_ROTATE: err = rotate(tx, deed); break;
    }
    tx->refused_clean = err == ERR_CONFLICT;
    if (err != OK || deed->kind == DEED_PING)
        return err;
    struct audit audit = {.actor = &deed->actor, .peer = deed->call->request->peer, .action = names[deed->kind], .resource_type = "webhook_subscription", .resource_id = deed->id};
    err = audit_record(tx, &audit);
    if (err == OK)
        engine_note_change(tx, "configuration");
    return err;
}

static enum err run_deed(struct call *call, struct deed *deed)
{
    deed->call = call;
    deed->id = call->path_parameters[0];
    enum err err = call_actor(call, false, &deed->actor);
    return err == OK ? call_change(call, do_it, deed) : err;
}

static enum err reply_subscription(struct call *call, struct text id, struct text secret)
{
    json_t *subscription;
    enum err err = resource_read(call, &subscription_resource, TEXT_NONE, id, false, &subscription);
    if (err != OK)
        return err;
    if (secret.size > 0)
        json_put_text(json_at(subscription, "delivery_method"), "secret", secret);
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "webhook_subscription", subscription);
    return OK;
}

static enum err enable(struct call *call)
{
    struct deed deed = {.kind = DEED_ENABLE};
    enum err err = run_deed(call, &deed);
    return err == OK ? reply_subscription(call, deed.id, TEXT_NONE) : err;
}

static enum err ping(struct call *call)
{
    struct deed deed = {.kind = DEED_PING};
    enum err err = run_deed(call, &deed);
    if (err == ERR_CONFLICT)
        problem_add(call->problem, NULL, "The subscription is temporarily disabled; enable it first");
    if (err == OK)
        call->status = 202;
    return err;
}

static enum err rotate_secret(struct call *call)
{
    struct deed deed = {.kind = DEED_ROTATE, .keep_hours = json_int_at(call->body, "keep_old_for_in_hours", KEEP_HOURS_DEFAULT)};
    if (deed.keep_hours < 0 || deed.keep_hours > KEEP_HOURS_MAX) {
        problem_add(call->problem, "keep_old_for_in_hours", "must be from 0 to %d", KEEP_HOURS_MAX);
        return ERR_INVALID;
    }
    enum err err = run_deed(call, &deed);
    return err == OK ? reply_subscription(call, deed.id, deed.secret) : err;
}

/* The log -------------------------------------------------------------------------------------------------------------------- */

static json_t *delivery(struct call *call, struct query *q)
{
    struct arena *arena = call->arena;
    json_t *item = json_object_in(arena);
    json_put_text(item, "id", id_public(arena, ID_WEBHOOK, query_int(q, 0)));
    json_put_text(item, "event_type", query_text(q, 1));
    json_put_text(item, "resource", query_text(q, 2));
    json_put_text(item, "state", query_text(q, 3));
    json_put_int(item, "attempts", query_int(q, 4));
    json_put_instant(item, "created_at", query_instant(q, 5));
    json_put_instant(item, "last_attempt_at", query_instant(q, 6));
    json_put_instant(item, "finished_at", query_instant(q, 7));
    bool again = text_is(query_text(q, 3), "queued") && query_int(q, 4) > 0;
    json_put_instant(item, "next_attempt_at", again ? query_instant(q, 8) : INSTANT_NONE);
    if (query_is_null(q, 9))
        json_put_null(item, "status_code");
    else
        json_put_int(item, "status_code", query_int(q, 9));
    json_put_text(item, "error", query_text(q, 10));
    if (call_includes(call, "payload"))
        json_put(item, "payload", query_is_null(q, 11) ? NULL : json_read(arena, text_copy(arena, query_text(q, 11)), call->problem));
    return item;
}

static enum err list_deliveries(struct call *call)
{
    struct paging paging;
    json_t *subscription, *items = json_array_in(call->arena);
    enum err err = call_paging(call, &paging);
    if (err == OK)
        err = resource_read(call, &subscription_resource, TEXT_NONE, call->path_parameters[0], false, &subscription);
    if (err != OK)
        return err;
    struct query *q = db_query(call->db, "webhook_delivery_list");
    query_bind_text(q, "subscription_id", call->path_parameters[0]);
    query_bind_int(q, "limit", paging.limit + 1);
    query_bind_int(q, "offset", paging.offset);
    query_bind_text(q, "state", call_query(call, "state"));
    if (call_includes(call, "payload"))
        query_enable(q, "with_body");
    int64_t count = 0;
    while (query_next(q))
        if (count++ < paging.limit)
            json_append(items, delivery(call, q));
    if (query_failed(q))
        return query_err(q);
    paging.want_total = false; /* counting them would read them all */
    call_reply_page(call, "deliveries", items, &paging, count > paging.limit, 0);
    return OK;
}

static const struct route routes[] = {
    {"GET", "/webhook_subscriptions", MAY_READ, resource_list, .summary = "List webhook subscriptions", .resource = &subscription_resource},
    {"POST", "/webhook_subscriptions", MAY_MANAGE, create, .summary = "Create a webhook subscription; the answer shows its secret, once", .body_kind = "json",
     .resource = &subscription_resource},
    {"GET", "/webhook_subscriptions/{id}", MAY_READ, resource_get, .summary = "Get a webhook subscription", .resource = &subscription_resource},
    {"PUT", "/webhook_subscriptions/{id}", MAY_MANAGE, resource_update, .summary = "Update a webhook subscription, but not where it delivers to", .body_kind = "json",
     .resource = &subscription_resource},
    {"DELETE", "/webhook_subscriptions/{id}", MAY_MANAGE, resource_delete, .summary = "Delete a webhook subscription", .resource = &subscription_resource},
    {"POST", "/webhook_subscriptions/{id}/enable", MAY_MANAGE, enable, .summary = "Deliver again to one that was disabled", .answers = "webhook_subscription"},
    {"POST", "/webhook_subscriptions/{id}/ping", MAY_MANAGE, ping, .summary = "Send it a pagey.ping", .media = ROUTE_NOTHING},
    {"POST", "/muster/webhook_subscriptions/{id}/rotate_secret", MAY_MANAGE, rotate_secret,
     .summary = "Give it a new secret, shown once; the old one also signs for keep_old_for_in_hours (24)", .body_kind = "json",
     .takes = "keep_old_for_in_hours?", .answers = "webhook_subscription"},
    {"GET", "/muster/webhook_subscriptions/{id}/deliveries", MAY_READ, list_deliveries, .summary = "How its deliveries went, the newest first",
     .query = "state include[] limit offset total", .answers = "deliveries[] limit offset more total"},
};
const struct route_table webhook_subscription_routes = {routes, sizeof routes / sizeof *routes};

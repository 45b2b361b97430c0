/* Why: what answering needs to read; see replies.h. Used on the writer's connection and, for the pages behind links, on readers'. */
#include "engine/reply_view.h"

static struct reply_message take_message(struct arena *arena, struct query *q)
{
    return (struct reply_message){
        .number = query_int(q, 0),
        .kind = text_copy(arena, query_text(q, 1)),
        .channel = text_copy(arena, query_text(q, 2)),
        .address = text_copy(arena, query_text(q, 3)),
        .user_id = text_copy(arena, query_text(q, 4)),
        .user_name = query_is_null(q, 5) ? TEXT_NONE : text_copy(arena, query_text(q, 5)),
        .provider = text_copy(arena, query_text(q, 6)),
        .provider_ref = text_copy(arena, query_text(q, 7)),
        .code = query_int(q, 8),
        .content = text_copy(arena, query_text(q, 9)),
        .contact_method_id = text_copy(arena, query_text(q, 10)),
        .state = text_copy(arena, query_text(q, 11)),
        .possible_repeat = text_is(query_text(q, 12), "doubt"),
    };
}

enum err replies_message(struct db *db, struct arena *arena, int64_t number, struct reply_message *ret)
{
    struct query *q = db_query(db, "reply_message");
    query_bind_int(q, "number", number);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    *ret = take_message(arena, q);
    return OK;
}

enum err replies_messages_to(struct db *db, struct arena *arena, struct text address, instant since, struct reply_message *ret, size_t *ret_count)
{
    struct query *q = db_query(db, "reply_messages_to");
    query_bind_text(q, "address", address);
    query_bind_text(q, "channel", TEXT("sms"));
    query_bind_instant(q, "since", since);
    query_bind_int(q, "limit", REPLY_MESSAGES_MAX);
    size_t count = 0;
    while (query_next(q) && count < REPLY_MESSAGES_MAX)
        ret[count++] = take_message(arena, q);
    if (query_failed(q))
        return query_err(q);
    *ret_count = count;
    return OK;
}

enum err replies_incidents(struct db *db, struct arena *arena, int64_t message_number, struct reply_incident **ret, size_t *ret_count)
{
    struct query *q = db_query(db, "reply_incidents");
    struct reply_incident *list = NULL;
    size_t count = 0, capacity = 0;
    query_bind_int(q, "number", message_number);
    while (query_next(q) && count < REPLY_INCIDENTS_MAX) {
        list = arena_grow(arena, list, count, &capacity, sizeof *list);
        list[count++] = (struct reply_incident){
            .number = query_int(q, 0),
            .status = text_copy(arena, query_text(q, 1)),
            .title = text_copy(arena, query_text(q, 2)),
            .service = text_copy(arena, query_text(q, 3)),
            .changed_at = query_instant(q, 4),
            .changed_by_type = text_copy(arena, query_text(q, 5)),
            .changed_by_id = text_copy(arena, query_text(q, 6)),
            .urgency = text_copy(arena, query_text(q, 7)),
            .created_at = query_instant(q, 8),
        };
    }
    if (query_failed(q))
        return query_err(q);
    *ret = list;
    *ret_count = count;
    return OK;
}

const struct zone *replies_zone(struct db *db, struct text user_id)
{
    const struct zone *zone = zone_utc();
    struct query *q = db_query(db, "reply_reader");
    query_bind_text(q, "id", user_id);
    if (query_next(q) && zone_find(query_text(q, 1), &zone) != OK)
        return zone_utc();
    return zone;
}

static struct text ago(struct arena *arena, instant then, instant now)
{
    int64_t minutes = instant_seconds_between(then, now) / 60;
    if (minutes < 1)
        return TEXT("just now");
    if (minutes < 120)
        return text_printf(arena, "%lld min ago", (long long)minutes);
    return text_printf(arena, "%lld h ago", (long long)(minutes / 60));
}

static struct text user_name(struct db *db, struct arena *arena, struct text id)
{
    struct query *q = db_query(db, "reply_user_name");
    query_bind_text(q, "id", id);
    return query_next(q) ? text_copy(arena, query_text(q, 0)) : TEXT_NONE;
}

struct text replies_state(struct db *db, struct arena *arena, const struct reply_incident *incident, instant now)
{
    struct builder b = builder_new(arena, 1024);
    if (text_is(incident->status, "resolved")) {
        struct text name = text_is(incident->changed_by_type, "user") ? user_name(db, arena, incident->changed_by_id) : TEXT_NONE;
        builder_add_string(&b, "resolved");
        if (name.size)
            builder_printf(&b, " by %.*s", TEXT_ARG(name));
        builder_printf(&b, ", %.*s", TEXT_ARG(ago(arena, incident->changed_at, now)));
        return builder_text(&b);
    }
    if (!text_is(incident->status, "acknowledged"))
        return TEXT("open");
    struct query *q = db_query(db, "reply_acknowledgers");
    query_bind_int(q, "incident_number", incident->number);
    instant first = now;
    builder_add_string(&b, "acknowledged");
    for (int i = 0; query_next(q); i++) {
        builder_printf(&b, "%s%.*s", i ? " and " : " by ", TEXT_ARG(query_text(q, 1)));
        first = instant_min(first, query_instant(q, 2));
    }
    builder_printf(&b, ", %.*s", TEXT_ARG(ago(arena, first, now)));
    return builder_text(&b);
}

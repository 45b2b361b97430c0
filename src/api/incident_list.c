/* Why: GET /incidents must cost what its page costs, however long the past is. A request is cut into parts, each of which one index walks in the order
 * that was asked for and stops at the page's end; what the parts found is merged. Parts come from
 *   - the default window, which is the last month and, besides, whatever is still open: two walks;
 *   - several services or teams: each has an index of its own past;
 *   - a sort by urgency, or one by time of resolution (open ones have none): each value is a walk in the order of the second field.
 * Open incidents are few beside the past: what no index orders is sorted, and the open ones of a service have an index of their own. */
#include "api/incident_list.h"

#include <assert.h>
#include <stdlib.h>

#include "api/incident_json.h"
#include "api/page.h"
#include "api/seek.h"
#include "api/sort_order.h"
#include "api/visibility.h"

enum {
    DEFAULT_WINDOW_S = 31 * 86400,
    DRIVERS_MAX = 1000,
    OPEN_DRIVERS_MAX = 50, /* of more services all open incidents are walked instead */
};

static const struct sort_field sort_fields[] = {
    {"incident_number", "number"}, {"created_at", "created"}, {"resolved_at", "resolved"}, {"urgency", "urgency"}, {0}};

enum reach { REACH_ALL, REACH_OPEN, REACH_RESOLVED };

enum { STATUS_TRIGGERED = 1, STATUS_ACKNOWLEDGED = 2, STATUS_RESOLVED = 4, STATUS_OPEN = STATUS_TRIGGERED | STATUS_ACKNOWLEDGED };
static const char *const status_names[] = {"triggered", "acknowledged", "resolved", NULL};

struct request {
    struct page page;
    struct sort_order order;
    enum reach reach;
    unsigned status_set;         /* STATUS_...; 0: not asked for */
    struct text statuses, service_ids, team_ids, user_ids, key; /* absent: not asked for */
    const char *urgencies[2];
    size_t urgency_count;        /* 0: not asked for */
    instant since, until;        /* INSTANT_NONE: open */
    bool has_default_window;     /* `since` is a month ago, and open ones are shown however old they are */
    const char *driver;          /* the parameter that `drivers` are values of; NULL: none */
    struct text drivers[DRIVERS_MAX];
    size_t driver_count;
};

struct part {
    enum reach reach;
    instant since, until;
    const char *urgency;
    struct text driver;
};

struct found {
    int64_t number, keys[SORT_FIELDS_MAX];
};

/* The request ---------------------------------------------------------------------------------------------------------- */

static void check_words(struct call *call, const char *name, const char *const *words)
{
    for (size_t i = 0; i < call->query_count; i++) {
        if (!text_is(call->query[i].name, name))
            continue;
        bool known = false;
        for (const char *const *word = words; *word; word++)
            known = known || text_is(call->query[i].value, *word);
        if (!known)
            problem_add(call->problem, name, "cannot be \"%.*s\"", TEXT_ARG(text_utf8_cut(call->query[i].value, 64)));
    }
}

static void read_statuses(struct request *request)
{
    const struct call *call = request->page.view.call;
    for (size_t i = 0; i < call->query_count; i++)
        for (unsigned k = 0; status_names[k] && text_starts_with(call->query[i].name, TEXT("statuses[")); k++)
            if (text_is(call->query[i].value, status_names[k]))
                request->status_set |= 1U << k;
    bool open = request->status_set & STATUS_OPEN, resolved = request->status_set & STATUS_RESOLVED;
    request->reach = open == resolved ? REACH_ALL : open ? REACH_OPEN : REACH_RESOLVED;
    request->statuses = call_query_list(call, "statuses[]");
}

static void read_urgencies(struct request *request)
{
    static const char *const known[] = {"high", "low"};
    const struct call *call = request->page.view.call;
    for (size_t k = 0; k < 2; k++) {
        bool asked = false;
        for (size_t i = 0; i < call->query_count; i++)
            asked = asked || (text_starts_with(call->query[i].name, TEXT("urgencies[")) && text_is(call->query[i].value, known[k]));
        if (asked)
            request->urgencies[request->urgency_count++] = known[k];
    }
}

/* Without dates PagerDuty shows the last month. Open incidents are shown however old they are: hiding one by default would be the wrong surprise. */
static void read_window(struct request *request)
{
    struct call *call = request->page.view.call;
    request->since = request->until = INSTANT_NONE;
    if (text_is(call_query(call, "date_range"), "all"))
        return;
    view_query_instant(&request->page.view, "since", &request->since);
    view_query_instant(&request->page.view, "until", &request->until);
    if (instant_is_set(request->since) || instant_is_set(request->until) || request->reach == REACH_OPEN)
        return;
    request->since = instant_add_s(call->now, -DEFAULT_WINDOW_S);
    request->has_default_window = true;
}

/* A key or a person leads to a few incidents, which are looked at one by one. */
static bool has_few(const struct request *request)
{
    return text_is_present(request->key) || text_is_present(request->user_ids);
}

/* Services or teams as drivers, unless something narrower leads. A team's incidents are those of its escalation policies. */
static enum err choose_driver(struct request *request)
{
    struct call *call = request->page.view.call;
    if (has_few(request))
        return OK;
    if (text_is_present(request->service_ids)) {
        const json_t *ids = json_read(call->arena, request->service_ids, call->problem);
        request->driver = "service_id";
        for (size_t i = 0; i < json_array_size(ids); i++) {
            struct text id = json_text_value(json_array_get(ids, i));
            bool again = false;
            for (size_t k = 0; k < request->driver_count; k++)
                again = again || text_equal(request->drivers[k], id);
            if (!again)
                request->drivers[request->driver_count++] = id;
        }
        return OK;
    }
    if (!text_is_present(request->team_ids) || request->reach == REACH_OPEN)
        return OK;
    struct query *q = db_query(call->db, "incident_policies_of_teams");
    query_bind_text(q, "team_ids", request->team_ids);
    query_bind_int(q, "limit", DRIVERS_MAX + 1);
    request->driver = "policy_id";
    size_t count = 0;
    while (query_next(q) && count++ < DRIVERS_MAX)
        request->drivers[request->driver_count++] = text_copy(call->arena, query_text(q, 0));
    if (count > DRIVERS_MAX) { /* then they are most of all policies, and are checked on the way */
        request->driver = NULL;
        request->driver_count = 0;
    }
    return query_err(q);
}

/* Oldest first when nothing is said, and where values are equal. */
static void complete_order(struct sort_order *order)
{
    bool complete = order->count == SORT_FIELDS_MAX;
    for (size_t i = 0; i < order->count; i++)
        complete = complete || strcmp(order->keys[i].block, "number") == 0 || strcmp(order->keys[i].block, "created") == 0;
    bool down = order->count > 0 && order->keys[order->count - 1].down;
    if (!complete)
        order->keys[order->count++] = (struct sort_key){"created", down};
}

static enum err read_request(struct call *call, struct request *request)
{
    static const char *const urgencies[] = {"high", "low", NULL};
    enum err err = page_open(call, &request->page);
    if (err != OK)
        return err;
    check_words(call, "statuses[]", status_names);
    check_words(call, "urgencies[]", urgencies);
    read_statuses(request);
    request->service_ids = call_query_list(call, "service_ids[]");
    request->team_ids = call_query_list(call, "team_ids[]");
    request->user_ids = call_query_list(call, "user_ids[]");
    request->key = call_query(call, "incident_key");
    if (text_is_empty(request->key))
        request->key = TEXT_NONE;
    read_urgencies(request);
    read_window(request);
    err = sort_order_read(call, sort_fields, &request->order); /* last, so that every mistake is named */
    complete_order(&request->order);
    return err != OK ? err : choose_driver(request);
}

/* Its parts ------------------------------------------------------------------------------------------------------------ */

struct parts {
    struct part *items;
    size_t count, capacity;
};

static bool sorted_by(const struct request *request, const char *block)
{
    return request->order.count > 0 && strcmp(request->order.keys[0].block, block) == 0;
}

static void add_part(struct parts *parts, struct part part)
{
    assert(parts->count < parts->capacity);
    parts->items[parts->count++] = part;
}

static bool open_is_led(const struct request *request)
{
    return strcmp(request->driver, "service_id") == 0 && request->driver_count <= OPEN_DRIVERS_MAX;
}

static void add_drivers(const struct request *request, struct parts *parts, struct part part)
{
    bool is_led = request->driver && (part.reach != REACH_OPEN || open_is_led(request));
    if (!is_led) {
        add_part(parts, part);
        return;
    }
    for (size_t i = 0; i < request->driver_count; i++) {
        part.driver = request->drivers[i];
        add_part(parts, part);
    }
}

static void add_reach(const struct request *request, struct parts *parts, struct part part)
{
    bool split = false;
    for (size_t i = 0; i < request->order.count; i++)
        split = split || strcmp(request->order.keys[i].block, "resolved") == 0;
    if (part.reach != REACH_ALL || !split) {
        add_drivers(request, parts, part);
        return;
    }
    part.reach = REACH_OPEN;
    add_drivers(request, parts, part);
    part.reach = REACH_RESOLVED;
    add_drivers(request, parts, part);
}

static void add_window(const struct request *request, struct parts *parts, const char *urgency)
{
    if (request->has_default_window && request->reach == REACH_ALL)
        add_reach(request, parts, (struct part){.reach = REACH_OPEN, .since = INSTANT_NONE, .until = request->since, .urgency = urgency});
    add_reach(request, parts, (struct part){.reach = request->reach, .since = request->since, .until = request->until, .urgency = urgency});
}

/* Sorted by urgency, all parts of one stand before those of the other: the first may fill the page. */
static struct parts parts_of(const struct request *request)
{
    static const char *const both[] = {"high", "low"};
    struct parts parts = {.capacity = 6 * (request->driver_count + 1)}; /* high and low: open before the window, and open and resolved in it */
    parts.items = ARENA_ARRAY(request->page.view.call->arena, struct part, parts.capacity);
    bool split = sorted_by(request, "urgency");
    const char *const *values = request->urgency_count > 0 ? request->urgencies : both;
    size_t count = request->urgency_count > 0 ? request->urgency_count : 2;
    if (count == 2 && !split)
        add_window(request, &parts, NULL);
    for (size_t i = 0; i < count && (split || count == 1); i++)
        add_window(request, &parts, values[split && !request->order.keys[0].down ? count - 1 - i : i]);
    return parts;
}

/* One part ------------------------------------------------------------------------------------------------------------- */

static void bind_list(struct query *q, const char *parameter, struct text list)
{
    if (text_is_present(list))
        query_bind_text(q, parameter, list);
}

/* What orders nothing within the part is left out: the one urgency it has, the time of resolution of what is open. */
static struct sort_order order_within(const struct request *request, const struct part *part)
{
    struct sort_order order = {.count = 0};
    for (size_t i = 0; i < request->order.count; i++) {
        const char *block = request->order.keys[i].block;
        bool same = (part->reach == REACH_OPEN && strcmp(block, "resolved") == 0) || (part->urgency && strcmp(block, "urgency") == 0);
        if (!same)
            order.keys[order.count++] = request->order.keys[i];
    }
    return order;
}

/* Along numbers or times of resolution, the window is checked on the way, and where it can begin is sought first. */
static enum err bind_window(const struct request *request, const struct part *part, struct query *q, bool counting)
{
    struct db *db = request->page.view.call->db;
    bool few = has_few(request) || part->reach == REACH_OPEN || part->driver.size > 0;
    bool by_number = !few && !counting && sorted_by(request, "number");
    const struct sort_order within = order_within(request, part);
    bool by_resolution = !few && !counting && part->reach == REACH_RESOLVED && within.count > 0 && strcmp(within.keys[0].block, "resolved") == 0;
    bool on_the_way = by_number || by_resolution || has_few(request);
    int64_t number;
    enum err err = OK;
    if (instant_is_set(part->since))
        query_bind_instant(q, on_the_way ? "since_on_the_way" : "since", part->since);
    if (instant_is_set(part->until))
        query_bind_instant(q, on_the_way ? "until_on_the_way" : "until", part->until);
    if (by_resolution && instant_is_set(part->since))
        query_bind_instant(q, "resolved_from", instant_add_s(part->since, -SEEK_SLACK_S));
    if (by_number && instant_is_set(part->since)) {
        err = seek_from(db, "incident", part->since, &number);
        query_bind_int(q, "number_from", err == OK ? number : 0);
    }
    if (by_number && err == OK && instant_is_set(part->until)) {
        err = seek_before(db, "incident", part->until, &number);
        query_bind_int(q, "number_before", err == OK ? number : 0);
    }
    return err;
}

/* Whether the part holds incidents of a status that was not asked for. */
static bool has_other_statuses(const struct request *request, const struct part *part)
{
    unsigned held = part->reach == REACH_OPEN ? STATUS_OPEN : part->reach == REACH_RESOLVED ? STATUS_RESOLVED : STATUS_OPEN | STATUS_RESOLVED;
    return request->status_set != 0 && (held & ~request->status_set) != 0;
}

static enum err bind_part(const struct request *request, const struct part *part, struct query *q, bool counting)
{
    if (part->reach == REACH_OPEN || text_is_present(request->user_ids)) /* a resolved incident is assigned to nobody */
        query_enable(q, has_few(request) ? "open" : "along_open");
    if (part->reach == REACH_RESOLVED)
        query_enable(q, "resolved");
    visibility_bind(request->page.view.call, q);
    if (has_other_statuses(request, part))
        bind_list(q, "statuses", request->statuses);
    bool leads = part->driver.size > 0;
    if (leads)
        query_bind_text(q, request->driver, part->driver);
    if (!leads || strcmp(request->driver, "service_id") != 0)
        bind_list(q, "service_ids", request->service_ids);
    if (!leads || strcmp(request->driver, "policy_id") != 0)
        bind_list(q, "team_ids", request->team_ids);
    bind_list(q, "user_ids", request->user_ids);
    bind_list(q, "incident_key", request->key);
    if (part->urgency)
        query_bind_text(q, "urgency", text_of(part->urgency));
    return bind_window(request, part, q, counting);
}

static int64_t key_of(struct query *q, const char *block)
{
    if (strcmp(block, "created") == 0)
        return query_int(q, 1);
    if (strcmp(block, "urgency") == 0)
        return text_is(query_text(q, 2), "high") ? 1 : 0;
    if (strcmp(block, "resolved") == 0)
        return query_is_null(q, 3) ? INT64_MAX : query_int(q, 3); /* open: later than all */
    return query_int(q, 0);
}

static bool is_last_down(const struct sort_order *order)
{
    return order->count > 0 && order->keys[order->count - 1].down;
}

static enum err run_part(const struct request *request, const struct part *part, int64_t limit, struct found *found, size_t *count)
{
    const struct sort_order *order = &request->order;
    const struct sort_order within = order_within(request, part);
    bool is_led = part->reach == REACH_OPEN && part->driver.size > 0;
    struct query *q = db_query(request->page.view.call->db, is_led ? "incident_view_open_of_service" : "incident_view_list");
    enum err err = bind_part(request, part, q, false);
    if (err != OK)
        return err;
    sort_order_enable(request->page.view.call, q, &within);
    bool whole_past = part->reach != REACH_OPEN && !has_few(request) && part->driver.size == 0;
    if (part->urgency && strcmp(part->urgency, "low") == 0 && whole_past && within.count > 0 && strcmp(within.keys[0].block, "created") == 0)
        query_enable(q, "low"); /* where nearly all are urgent, the others are found by an index of their own */
    if (is_last_down(order))
        query_enable(q, "last_number_down");
    query_bind_int(q, "limit", limit);
    while (query_next(q)) {
        struct found *one = &found[(*count)++];
        one->number = query_int(q, 0);
        for (size_t i = 0; i < order->count; i++)
            one->keys[i] = key_of(q, order->keys[i].block);
    }
    return query_err(q);
}

/* Merging -------------------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b, void *context)
{
    const struct found *left = a, *right = b;
    const struct sort_order *order = context;
    for (size_t i = 0; i < order->count; i++)
        if (left->keys[i] != right->keys[i])
            return (left->keys[i] < right->keys[i]) != order->keys[i].down ? -1 : 1;
    return (left->number < right->number) != is_last_down(order) ? -1 : left->number == right->number ? 0 : 1;
}

/* The page is full of what stands before anything of that urgency. */
static bool is_beyond(const struct request *request, const struct part *part, const struct found *last)
{
    int64_t key = part->urgency && strcmp(part->urgency, "high") == 0;
    return sorted_by(request, "urgency") && last->keys[0] != key;
}

/* Every part reaches as far as the page could; beyond a few parts the best so far are kept, so memory is bounded by the page. */
static enum err find_numbers(struct request *request, const struct parts *parts, int64_t **ret, size_t *ret_count)
{
    const struct paging *paging = &request->page.paging;
    struct arena *arena = request->page.view.call->arena;
    size_t wanted = (size_t)(paging->offset + paging->limit + 1), count = 0;
    struct found *found = ARENA_ARRAY(arena, struct found, 2 * wanted);
    enum err err = OK;
    for (size_t i = 0; i < parts->count && err == OK; i++) {
        if (count == wanted && is_beyond(request, &parts->items[i], &found[count - 1]))
            break;
        err = run_part(request, &parts->items[i], (int64_t)wanted, found, &count);
        if (parts->count > 1)
            qsort_r(found, count, sizeof *found, compare, &request->order);
        count = count > wanted ? wanted : count;
    }
    int64_t *numbers = ARENA_ARRAY(arena, int64_t, (size_t)paging->limit + 1);
    size_t on_page = 0;
    for (size_t i = (size_t)paging->offset; i < count && i + 1 < wanted; i++)
        numbers[on_page++] = found[i].number;
    request->page.more = count == wanted;
    *ret = numbers;
    *ret_count = on_page;
    return err;
}

static enum err count_all(struct request *request, const struct parts *parts)
{
    enum err err = OK;
    for (size_t i = 0; i < parts->count && err == OK; i++) {
        struct query *q = db_query(request->page.view.call->db, "incident_view_count");
        err = bind_part(request, &parts->items[i], q, true);
        if (err == OK)
            err = page_count(&request->page, q);
    }
    return err;
}

enum err incident_list(struct call *call, const struct embed_place *places)
{
    struct request *request = ARENA_NEW(call->arena, struct request);
    enum err err = read_request(call, request);
    if (err != OK)
        return err;
    struct parts parts = parts_of(request);
    int64_t *numbers;
    size_t count;
    json_t *items = NULL;
    err = find_numbers(request, &parts, &numbers, &count);
    if (err == OK)
        err = incident_json_list(&request->page.view, numbers, count, &items);
    if (err == OK && request->page.paging.want_total)
        err = count_all(request, &parts);
    return err != OK ? err : page_reply(&request->page, "incidents", items, places);
}

/* Why: see router.h. The rows are sorted, so those that begin like the path lie together and are found by halving; of them each is looked at. All of them
 * were, twice for every event: a third of what its network thread did for it. */
#include "api/router.h"

#include <assert.h>
#include <stdlib.h>

#include "base/log.h"

enum segment_kind { SEGMENT_LITERAL, SEGMENT_PARAMETER, SEGMENT_REST };

struct segment {
    enum segment_kind kind;
    struct text text;
};

struct entry {
    const struct route *route;
    struct segment segments[PATH_SEGMENTS_MAX];
    size_t count;
};

struct router {
    struct entry *entries;
    size_t count;
    size_t literal_count; /* they begin with a literal, or are "/"; behind them the rest */
};

static void compile(const struct route *route, struct entry *ret)
{
    struct text rest = text_of(route->path), part;
    size_t parameters = 0;
    *ret = (struct entry){.route = route};
    assert(rest.size > 0 && rest.data[0] == '/');
    rest = text_slice(rest, 1, rest.size);
    while (rest.size > 0 && text_next(&rest, '/', &part)) {
        assert(ret->count < PATH_SEGMENTS_MAX);
        struct segment *segment = &ret->segments[ret->count++];
        segment->text = part;
        if (part.data[0] != '{')
            continue;
        parameters++;
        segment->kind = text_ends_with(part, TEXT("*}")) ? SEGMENT_REST : SEGMENT_PARAMETER;
        assert(segment->kind == SEGMENT_PARAMETER || rest.size == 0);
    }
    assert(parameters <= PATH_PARAMETERS_MAX);
}

static int compare_shapes(const struct entry *a, const struct entry *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        if (a->segments[i].kind != b->segments[i].kind)
            return a->segments[i].kind < b->segments[i].kind ? -1 : 1;
        int order = a->segments[i].kind == SEGMENT_LITERAL ? text_compare(a->segments[i].text, b->segments[i].text) : 0;
        if (order != 0)
            return order;
    }
    return (a->count > b->count) - (a->count < b->count);
}

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = compare_shapes(a, b);
    return order ? order : strcmp(a->route->method, b->route->method);
}

struct router *router_new(struct arena *arena, const struct route_table *const *tables, size_t table_count)
{
    struct router *router = ARENA_NEW(arena, struct router);
    size_t total = 0;
    for (size_t t = 0; t < table_count; t++)
        total += tables[t]->count;
    router->entries = ARENA_ARRAY(arena, struct entry, total);
    for (size_t t = 0; t < table_count; t++)
        for (size_t r = 0; r < tables[t]->count; r++)
            compile(&tables[t]->routes[r], &router->entries[router->count++]);
    qsort(router->entries, router->count, sizeof *router->entries, compare_entries);
    for (size_t i = 1; i < router->count; i++) {
        if (compare_entries(&router->entries[i - 1], &router->entries[i]) == 0) {
            log_error("router", "two routes for %s %s", router->entries[i].route->method, router->entries[i].route->path);
            abort();
        }
    }
    while (router->literal_count < router->count &&
           (router->entries[router->literal_count].count == 0 || router->entries[router->literal_count].segments[0].kind == SEGMENT_LITERAL))
        router->literal_count++;
    return router;
}

size_t router_count(const struct router *router)
{
    return router->count;
}

const struct route *router_at(const struct router *router, size_t index)
{
    assert(index < router->count);
    return router->entries[index].route;
}

/* What a received path is made of; `starts` lets a rest parameter take everything from its segment on. */
struct split {
    struct text parts[PATH_SEGMENTS_MAX];
    size_t count;
    struct text path;
};

static bool split_path(struct text path, struct split *ret)
{
    *ret = (struct split){.path = path};
    if (path.size == 0 || path.data[0] != '/' || path.size > PATH_BYTES_MAX)
        return false;
    struct text rest = text_slice(path, 1, path.size), part;
    if (text_ends_with(rest, TEXT("/")))
        rest.size--;
    if (rest.size == 0)
        return true;
    while (text_next(&rest, '/', &part)) {
        if (ret->count == PATH_SEGMENTS_MAX)
            return false;
        ret->parts[ret->count++] = part;
    }
    return true;
}

static bool entry_fits(const struct entry *entry, const struct split *split)
{
    bool has_rest = entry->count > 0 && entry->segments[entry->count - 1].kind == SEGMENT_REST;
    if (has_rest ? split->count < entry->count : split->count != entry->count)
        return false;
    for (size_t i = 0; i < entry->count; i++) {
        switch (entry->segments[i].kind) {
        case SEGMENT_LITERAL:
            if (!text_equal(entry->segments[i].text, split->parts[i]))
                return false;
            break;
        case SEGMENT_PARAMETER:
            if (split->parts[i].size == 0)
                return false;
            break;
        case SEGMENT_REST: break;
        }
    }
    return true;
}

static bool decode_parameters(const struct entry *entry, const struct split *split, struct arena *arena, struct route_match *ret)
{
    size_t filled = 0;
    for (size_t i = 0; i < entry->count; i++) {
        struct text raw = split->parts[i];
        if (entry->segments[i].kind == SEGMENT_LITERAL)
            continue;
        if (entry->segments[i].kind == SEGMENT_REST)
            raw.size = (size_t)(split->path.data + split->path.size - raw.data);
        ret->parameters[filled] = text_percent_decode(arena, raw, false);
        if (!text_is_utf8(ret->parameters[filled]))
            return false;
        filled++;
    }
    return true;
}

static void note_allowed(struct builder *allow, const struct route *route)
{
    if (text_find(builder_text(allow), text_of(route->method)) < allow->size)
        return;
    builder_printf(allow, "%s%s", allow->size > 0 ? ", " : "", route->method);
}

static bool begins_before(const struct entry *entry, struct text first)
{
    return entry->count == 0 || text_compare(entry->segments[0].text, first) < 0;
}

/* The first row that may fit: one that begins with the path's first segment. */
static size_t first_candidate(const struct router *router, const struct split *split)
{
    size_t low = 0, high = split->count > 0 ? router->literal_count : 0;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (begins_before(&router->entries[middle], split->parts[0]))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Behind the rows that begin like the path come those that begin with a parameter. */
static size_t next_candidate(const struct router *router, const struct split *split, size_t i)
{
    bool is_other = i < router->literal_count && split->count > 0 && !text_equal(router->entries[i].segments[0].text, split->parts[0]);
    return is_other ? router->literal_count : i;
}

enum route_outcome router_find(const struct router *router, struct arena *arena, struct text method, struct text path,
                               struct route_match *ret)
{
    struct split split;
    if (!split_path(path, &split))
        return ROUTE_NO_PATH;
    if (text_is(method, "HEAD"))
        method = TEXT("GET");
    enum route_outcome outcome = ROUTE_NO_PATH;
    struct builder allow = builder_new(arena, 128);
    for (size_t i = next_candidate(router, &split, first_candidate(router, &split)); i < router->count; i = next_candidate(router, &split, i + 1)) {
        const struct entry *entry = &router->entries[i];
        if (!entry_fits(entry, &split))
            continue;
        if (!text_is(method, entry->route->method)) {
            /* The catch-all of the browser app must not turn unknown paths into wrong methods. */
            if (entry->count > 0 && entry->segments[entry->count - 1].kind == SEGMENT_REST)
                continue;
            if (arena)
                note_allowed(&allow, entry->route);
            outcome = ROUTE_NO_METHOD;
            continue;
        }
        if (outcome == ROUTE_NO_METHOD && entry->count > 0 && entry->segments[entry->count - 1].kind == SEGMENT_REST)
            continue;
        struct route_match match = {.route = entry->route};
        if (arena && !decode_parameters(entry, &split, arena, &match))
            return ROUTE_NO_PATH;
        *ret = match;
        return ROUTE_FOUND;
    }
    if (outcome == ROUTE_NO_METHOD && arena)
        ret->allow = builder_text(&allow);
    return outcome;
}

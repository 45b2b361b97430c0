/* Why: see sort_order.h. */
#include "api/sort_order.h"

static const char *block_of(const struct sort_field *fields, struct text name)
{
    for (; fields->field; fields++)
        if (text_is(name, fields->field))
            return fields->block;
    return NULL;
}

static void take(struct call *call, const struct sort_field *fields, struct text part, struct sort_order *order)
{
    size_t colon = text_find_byte(part, ':', 0);
    struct text way = text_slice(part, colon + 1, part.size);
    const char *block = block_of(fields, text_trim(text_slice(part, 0, colon)));
    bool down = text_is(way, "desc");
    if (!block || (way.size && !down && !text_is(way, "asc")))
        problem_add(call->problem, "sort_by", "cannot be \"%.*s\"", TEXT_ARG(text_utf8_cut(part, 64)));
    else if (order->count == SORT_FIELDS_MAX)
        problem_add(call->problem, "sort_by", "cannot have more than %d fields", SORT_FIELDS_MAX);
    else
        order->keys[order->count++] = (struct sort_key){block, down};
}

enum err sort_order_read(struct call *call, const struct sort_field *fields, struct sort_order *ret)
{
    *ret = (struct sort_order){.count = 0};
    for (size_t p = 0; p < call->query_count; p++) {
        if (!text_is(call->query[p].name, "sort_by") && !text_is(call->query[p].name, "sort_by[]"))
            continue;
        struct text rest = call->query[p].value, part;
        while (text_next(&rest, ',', &part))
            take(call, fields, part, ret);
    }
    return problem_is_empty(call->problem) ? OK : ERR_INVALID;
}

void sort_order_enable(const struct call *call, struct query *q, const struct sort_order *order)
{
    static const char *const places[SORT_FIELDS_MAX] = {"first", "second"};
    for (size_t i = 0; i < order->count; i++)
        query_enable(q, arena_printf(call->arena, "%s_%s_%s", places[i], order->keys[i].block, order->keys[i].down ? "down" : "up"));
}

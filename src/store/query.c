/* Why: named queries (db.h): binding by name, choosing the text that the bound values call for. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "store/query_state.h"
#include "store/recall.h"

enum { VARIANTS_MAX = 32 }; /* prepared and kept per query: callers choose the combination of filters, and there are very many */

void query_programming_error(const char *what, const char *query, const char *name)
{
    log_error("store", "%s query=%s name=%s", what, query, name);
    abort();
}

void query_finish(struct query *q, enum query_state state)
{
    if (q->state == QUERY_ROW) {
        if (!q->answer)
            q->db->backend->reset(q->current->statement);
        q->db->running--;
    }
    q->state = state;
}

/* A statement left in the middle would keep its snapshot (or its change) open. */
void queries_finish(struct db *db)
{
    for (size_t i = 0; db->running > 0 && i < sql_library_count(db->library); i++)
        if (db->queries[i] && db->queries[i]->state == QUERY_ROW)
            query_finish(db->queries[i], QUERY_DONE);
    assert(db->running == 0);
}

static void drop_statement(struct db *db, struct variant *variant)
{
    db->backend->finalize(variant->statement);
    free(variant->names);
    variant->names = NULL;
}

void queries_close(struct db *db)
{
    for (size_t i = 0; i < sql_library_count(db->library); i++)
        for (struct variant *variant = db->queries[i] ? db->queries[i]->variants : NULL; variant; variant = variant->next)
            drop_statement(db, variant);
}

static struct query *make_query(struct db *db, int index)
{
    struct query *q = db->queries[index] = ARENA_NEW(db->arena, struct query);
    q->db = db;
    q->definition = sql_library_at(db->library, (size_t)index);
    return q;
}

/* "NAME_gathered" beside NAME. */
static struct query *find_rows(struct db *db, const char *name)
{
    char many[128];
    snprintf(many, sizeof many, "%s_gathered", name);
    int index = sql_library_find(db->library, many);
    return index < 0 ? NULL : make_query(db, index);
}

static struct query *find_query(struct db *db, const char *name)
{
    int index = sql_library_find(db->library, name);
    if (index < 0)
        query_programming_error("no such query", name, "");
    struct query *q = db->queries[index];
    if (!q) {
        q = make_query(db, index);
        for (size_t i = 0; i < q->definition->parameter_count; i++)
            q->takes_new_number = q->takes_new_number || strcmp(q->definition->parameters[i], "new_number") == 0;
        q->rows = db->gather ? find_rows(db, name) : NULL;
    }
    return q;
}

/* Names are literals: where one stands tells which it was the last time. */
static struct query *query_of(struct db *db, const char *name)
{
    struct query **recent = &db->recent[(uintptr_t)name / 8 % RECENT_QUERIES];
    if (!*recent || strcmp((*recent)->definition->name, name) != 0)
        *recent = find_query(db, name);
    return *recent;
}

uint64_t db_changes_to(struct db *db, const char *query)
{
    assert(db->recall && "a writer's question");
    return recall_changed_at(db->recall, &query_of(db, query)->definition->reads);
}

struct query *db_query(struct db *db, const char *name)
{
    struct query *q = query_of(db, name);
    query_finish(q, QUERY_READY);
    q->answer = NULL;
    q->bound = 0;
    q->later = false;
    q->err = OK;
    q->enabled = 0;
    q->changes = 0;
    memset(q->values, 0, sizeof q->values[0] * q->definition->parameter_count);
    return q;
}

static void bind(struct query *q, const char *parameter, struct value value)
{
    assert(q->state == QUERY_READY);
    const struct sql_query *definition = q->definition;
    size_t turn = q->bound < SQL_PARAMETERS_MAX ? q->bound++ : 0, i = q->binding_order[turn];
    if (i >= definition->parameter_count || strcmp(definition->parameters[i], parameter) != 0)
        for (i = 0; i < definition->parameter_count && strcmp(definition->parameters[i], parameter) != 0;)
            i++;
    if (i == definition->parameter_count)
        query_programming_error("no such parameter", definition->name, parameter);
    q->binding_order[turn] = (unsigned char)i;
    q->values[i] = value;
}

void query_bind_text(struct query *q, const char *parameter, struct text value)
{
    bind(q, parameter, (struct value){.kind = value.data ? VALUE_TEXT : VALUE_NULL, .text = value});
}

void query_bind_int(struct query *q, const char *parameter, int64_t value)
{
    bind(q, parameter, (struct value){.kind = VALUE_INT, .number = value});
}

void query_bind_bool(struct query *q, const char *parameter, bool value)
{
    query_bind_int(q, parameter, value ? 1 : 0);
}

void query_bind_instant(struct query *q, const char *parameter, instant value)
{
    bind(q, parameter, (struct value){.kind = instant_is_set(value) ? VALUE_INT : VALUE_NULL, .number = value.us});
}

void query_bind_null(struct query *q, const char *parameter)
{
    bind(q, parameter, (struct value){.kind = VALUE_NULL});
}

void query_enable(struct query *q, const char *block)
{
    assert(q->state == QUERY_READY);
    for (size_t i = 0; i < q->definition->block_count; i++) {
        if (strcmp(q->definition->blocks[i], block) == 0) {
            q->enabled |= UINT64_C(1) << i;
            return;
        }
    }
    query_programming_error("no such block", q->definition->name, block);
}

static uint64_t mask_of(const struct query *q)
{
    uint64_t mask = q->enabled;
    for (size_t i = 0; i < q->definition->block_count; i++) {
        int parameter = q->definition->block_parameters[i];
        if (parameter >= 0 && (q->values[parameter].kind == VALUE_INT || q->values[parameter].kind == VALUE_TEXT))
            mask |= UINT64_C(1) << i;
    }
    return mask;
}

/* A place for a new variant: a fresh one, or that of the one not used for longest. */
static struct variant *variant_place(struct query *q)
{
    if (q->variant_count < VARIANTS_MAX) {
        q->variant_count++;
        return ARENA_NEW(q->db->arena, struct variant);
    }
    struct variant **last = &q->variants;
    while ((*last)->next)
        last = &(*last)->next;
    struct variant *variant = *last;
    *last = NULL;
    drop_statement(q->db, variant);
    return variant;
}

static enum err add_variant(struct query *q, uint64_t mask)
{
    struct arena *scratch = arena_new(1024 * 1024);
    struct sql_variant sql;
    struct statement *statement;
    sql_variant_of(scratch, q->definition, mask, q->db->backend->dialect, &sql);
    enum err err = q->db->backend->prepare(q->db, sql.sql, &statement);
    arena_free(scratch);
    if (err != OK)
        return err;
    struct variant *variant = variant_place(q);
    *variant = (struct variant){.next = q->variants, .mask = mask, .parameter_count = sql.parameter_count, .statement = statement};
    memcpy(variant->parameters, sql.parameters, sizeof variant->parameters);
    q->variants = variant;
    return OK;
}

enum err query_choose_variant(struct query *q)
{
    uint64_t mask = mask_of(q);
    struct variant **place = &q->variants;
    while (*place && (*place)->mask != mask)
        place = &(*place)->next;
    if (*place) {
        struct variant *variant = *place;
        *place = variant->next;
        variant->next = q->variants;
        q->variants = variant;
    } else {
        enum err err = add_variant(q, mask);
        if (err != OK)
            return err;
    }
    q->current = q->variants;
    return OK;
}

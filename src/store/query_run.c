/* Why: named queries at work (db.h): at once, later or out of what is remembered; their rows and columns. */
#include <assert.h>
#include <limits.h>
#include <stdlib.h>

#include "base/log.h"
#include "store/gather.h"
#include "store/query_state.h"
#include "store/recall.h"

static bool query_fail(struct query *q, enum err err)
{
    query_finish(q, QUERY_FAILED);
    q->err = err;
    db_note_failure(q->db, err);
    if (err != ERR_CONFLICT)
        log_error("store", "query=%s %s: %s", q->definition->name, err_name(err), q->db->message);
    return false;
}

/* Bound values of the current variant in the order of its places. */
static enum err collect_values(struct query *q, const struct value **values)
{
    for (size_t i = 0; i < q->current->parameter_count; i++) {
        int parameter = q->current->parameters[i];
        values[i] = &q->values[parameter];
        if (values[i]->kind == VALUE_UNBOUND)
            return db_fail(q->db, ERR_INTERNAL, "parameter %s was not bound", q->definition->parameters[parameter]);
    }
    return OK;
}

/* As far as every kind of run goes: the statement and its values. */
static enum err prepare_run(struct query *q, const struct value **values)
{
    if (q->db->failed)
        return db_failed_before(q->db);
    if (q->db->recall)
        recall_note_question(q->db->recall, q->definition);
    enum err err = gather_make_way(q->db, q->definition, q->later && q->rows);
    if (err == OK)
        err = query_choose_variant(q);
    return err == OK ? collect_values(q, values) : err;
}

/* What may be remembered -------------------------------------------------------------------------------------------- */

static void note_change(struct query *q)
{
    if (q->db->recall)
        recall_note_change(q->db->recall, &q->definition->changes);
    if (q->definition->changes_remembered)
        q->db->changed_configuration = true;
}

/* The rows of the statement that has just been started, as far as they can be kept. */
static enum err read_rows(struct query *q, bool row, struct answer *answer, bool *ret_whole)
{
    const struct backend *backend = q->db->backend;
    const struct statement *statement = q->current->statement;
    int columns = backend->columns(statement);
    struct cell cells[RECALL_COLUMNS_MAX];
    *ret_whole = columns <= RECALL_COLUMNS_MAX;
    while (row && *ret_whole) {
        for (int i = 0; i < columns; i++)
            cells[i] = (struct cell){backend->is_null(statement, i), backend->number(statement, i), backend->text(statement, i)};
        *ret_whole = recall_add_row(q->db->recall, answer, cells, columns);
        enum err err = *ret_whole ? backend->next(q->current->statement, &row) : OK;
        if (err != OK)
            return err;
    }
    return OK;
}

/* The answer of before, or the one that is given now and kept. None: it is asked as any other question. */
static enum err remember(struct query *q, const struct value *const *values)
{
    struct db *db = q->db;
    struct question question = {.query = q->definition, .mask = q->current->mask, .values = values, .value_count = q->current->parameter_count};
    struct answer *keep = NULL;
    q->answer = recall_find(db->recall, &question, &keep);
    if (!keep)
        return OK;
    bool row = false, whole = false;
    enum err err = db->backend->start(q->current->statement, values, q->current->parameter_count, false, &row);
    if (err != OK)
        return err;
    err = read_rows(q, row, keep, &whole);
    db->backend->reset(q->current->statement);
    if (err == OK && whole) {
        recall_keep(db->recall, keep);
        q->answer = keep;
    }
    return err;
}

static bool start_answer(struct query *q)
{
    q->row = 0;
    q->columns = q->answer->columns;
    q->state = q->answer->rows > 0 ? QUERY_ROW : QUERY_DONE;
    q->db->running += q->answer->rows > 0;
    return q->answer->rows > 0;
}

const void *db_conclusion(struct db *db, struct text key, instant now)
{
    return db->recall && db->in_transaction ? recall_conclusion(db->recall, key, now) : NULL;
}

struct arena *db_conclusion_arena(struct db *db)
{
    return db->recall && db->in_transaction ? recall_conclusion_arena(db->recall) : NULL;
}

void db_conclude(struct db *db, struct instant_range range, const void *conclusion)
{
    recall_conclude(db->recall, range, conclusion);
}

/* Runs ---------------------------------------------------------------------------------------------------------------- */

static bool query_start(struct query *q, bool rows_wanted)
{
    struct db *db = q->db;
    const struct backend *backend = db->backend;
    const struct value *values[SQL_PARAMETERS_MAX];
    bool row = false;
    enum err err = prepare_run(q, values);
    if (err == OK && q->definition->remembered && db->recall && db->in_transaction)
        err = remember(q, values);
    if (err == OK && q->answer)
        return start_answer(q);
    note_change(q);
    /* Its change would stay open until somebody happens to run the query again. */
    if (err == OK && rows_wanted && !db->in_transaction && backend->changes_data(q->current->statement))
        err = db_fail(db, ERR_INTERNAL, "a change that returns rows needs a transaction around it");
    if (err == OK)
        err = backend->start(q->current->statement, values, q->current->parameter_count, !rows_wanted, &row);
    if (err != OK)
        return query_fail(q, err);
    q->changes = backend->changes(q->current->statement);
    if (!row) {
        backend->reset(q->current->statement);
        q->state = QUERY_DONE;
        err = db->in_transaction ? OK : db_count_change(db);
        if (err != OK)
            query_fail(q, err);
        return false;
    }
    q->state = QUERY_ROW;
    q->columns = backend->columns(q->current->statement);
    db->running++;
    return true;
}

static bool query_step(struct query *q)
{
    if (q->answer) {
        if (++q->row == q->answer->rows)
            query_finish(q, QUERY_DONE);
        return q->state == QUERY_ROW;
    }
    bool row = false;
    enum err err = q->db->backend->next(q->current->statement, &row);
    if (err != OK)
        return query_fail(q, err);
    if (!row) {
        q->changes = q->db->backend->changes(q->current->statement);
        query_finish(q, QUERY_DONE);
    }
    return row;
}

bool query_next(struct query *q)
{
    switch (q->state) {
    case QUERY_READY: return query_start(q, true);
    case QUERY_ROW: return query_step(q);
    case QUERY_DONE:
    case QUERY_FAILED: return false;
    }
    return false;
}

enum err query_run(struct query *q)
{
    if (q->state == QUERY_READY)
        query_start(q, false);
    while (q->state == QUERY_ROW)
        query_step(q);
    return q->err;
}

/* The statement for many rows is prepared with the first. */
static enum err add_to_gathered(struct query *q, const struct value *const *values)
{
    if (!q->rows->current) {
        enum err err = query_choose_variant(q->rows);
        if (err != OK)
            return err;
        for (size_t i = 0; i < SQL_PARAMETERS_MAX && i < q->current->parameter_count; i++)
            if (q->rows->current->parameter_count != q->current->parameter_count ||
                strcmp(q->definition->parameters[q->current->parameters[i]], q->rows->definition->parameters[q->rows->current->parameters[i]]) != 0)
                query_programming_error("other parameters than one row has", q->rows->definition->name, "");
    }
    return gather_add(q->db, &(struct gathered){q->definition, q->current->statement, q->rows->current->statement, q->current->parameter_count}, values);
}

enum err query_run_later(struct query *q)
{
    q->later = true;
    if (!q->db->backend->send || !q->db->in_transaction)
        return query_run(q);
    assert(q->state == QUERY_READY);
    const struct value *values[SQL_PARAMETERS_MAX];
    enum err err = prepare_run(q, values);
    note_change(q);
    if (err == OK && q->rows)
        err = add_to_gathered(q, values);
    else if (err == OK)
        err = q->db->backend->send(q->current->statement, values, q->current->parameter_count, q->definition->name);
    if (err != OK)
        query_fail(q, err);
    else
        q->state = QUERY_DONE;
    return err;
}

static const char *table_of(struct query *q)
{
    struct text sql = q->definition->pieces[0].text, insert = TEXT("INSERT INTO ");
    if (q->table)
        return q->table;
    if (!text_starts_with(sql, insert))
        query_programming_error("new_number outside an INSERT", q->definition->name, "");
    size_t begin = insert.size, end = begin;
    while (end < sql.size && sql.data[end] != ' ')
        end++;
    return q->table = text_cstring(q->db->arena, text_slice(sql, begin, end));
}

static enum err take_number(struct db *db, const char *table, int64_t *ret)
{
    return db->failed ? db_failed_before(db) : db->backend->new_number(db, table, ret);
}

enum err db_new_number(struct db *db, const char *table, int64_t *ret_number)
{
    assert(db->in_transaction);
    enum err err = take_number(db, table, ret_number);
    if (err != OK) {
        db_note_failure(db, err);
        log_error("store", "no number for table=%s %s: %s", table, err_name(err), db->message);
    }
    return err;
}

/* The number first, then an insert that need not answer. */
static enum err insert_later(struct query *q, int64_t *ret_number)
{
    int64_t number;
    enum err err = take_number(q->db, table_of(q), &number);
    if (err != OK) {
        query_fail(q, err);
        return err;
    }
    query_bind_int(q, "new_number", number);
    err = query_run_later(q);
    if (err == OK)
        *ret_number = number;
    return err;
}

enum err query_insert(struct query *q, int64_t *ret_number)
{
    const struct backend *backend = q->db->backend;
    if (q->takes_new_number)
        return insert_later(q, ret_number);
    bool found = !backend->inserted && query_next(q);
    int64_t number = found ? query_int(q, 0) : 0;
    enum err err = query_run(q);
    if (err == OK && backend->inserted && q->changes > 0) {
        number = backend->inserted(q->db);
        found = true;
    }
    if (err == OK && found)
        *ret_number = number;
    return err == OK && !found ? ERR_NOT_FOUND : err;
}

bool query_failed(const struct query *q)
{
    return q->state == QUERY_FAILED;
}

enum err query_err(const struct query *q)
{
    return q->err;
}

int64_t query_changes(const struct query *q)
{
    assert(!q->later);
    return q->changes;
}

/* Columns ---------------------------------------------------------------------------------------------------------------------- */

static const struct statement *row_of(struct query *q, int column)
{
    assert(q->state == QUERY_ROW);
    assert(column >= 0 && column < q->columns);
    return q->current->statement;
}

/* NULL: the row is the statement's. */
static const struct cell *cell_of(struct query *q, int column)
{
    const struct answer *answer = q->answer;
    if (!answer)
        return NULL;
    assert(q->state == QUERY_ROW);
    assert(column >= 0 && column < q->columns);
    return &answer->cells[q->row * (size_t)answer->columns + (size_t)column];
}

bool query_is_null(struct query *q, int column)
{
    const struct cell *cell = cell_of(q, column);
    return cell ? cell->is_null : q->db->backend->is_null(row_of(q, column), column);
}

int64_t query_int(struct query *q, int column)
{
    const struct cell *cell = cell_of(q, column);
    return cell ? cell->number : q->db->backend->number(row_of(q, column), column);
}

bool query_bool(struct query *q, int column)
{
    return query_int(q, column) != 0;
}

instant query_instant(struct query *q, int column)
{
    return query_is_null(q, column) ? INSTANT_NONE : (instant){query_int(q, column)};
}

struct text query_text(struct query *q, int column)
{
    const struct cell *cell = cell_of(q, column);
    return cell ? cell->text : q->db->backend->text(row_of(q, column), column);
}

int query_columns(struct query *q)
{
    assert(q->current);
    return q->answer ? q->answer->columns : q->db->backend->columns(q->current->statement);
}

const char *query_column_name(struct query *q, int column)
{
    assert(q->current && !q->answer); /* what is remembered has no names */
    return q->db->backend->column_name(q->current->statement, column);
}

/* Pointers and what they point to in one piece. */
static char **names_of(struct query *q, int count)
{
    size_t size = (size_t)count * sizeof(char *), used = size;
    for (int i = 0; i < count; i++)
        size += strlen(query_column_name(q, i)) + 1;
    char **names = malloc(size);
    if (!names)
        abort();
    for (int i = 0; i < count; i++) {
        const char *name = query_column_name(q, i);
        names[i] = (char *)names + used;
        used += strlen(name) + 1;
        memcpy(names[i], name, strlen(name) + 1);
    }
    return names;
}

int query_column(struct query *q, const char *name)
{
    int count = query_columns(q), last = q->last_column < COLUMNS_REMEMBERED ? q->last_column : 0;
    if (!q->current->names)
        q->current->names = names_of(q, count);
    for (int i = 0; i < count; i++) {
        int column = (q->current->asked_next[last] + i) % count;
        if (strcmp(q->current->names[column], name) != 0)
            continue;
        q->current->asked_next[last] = (unsigned char)(column <= UCHAR_MAX ? column : 0);
        q->last_column = column;
        return column;
    }
    query_programming_error("no such column", q->definition->name, name);
    return -1;
}

struct text query_text_in(struct arena *arena, struct query *q, const char *column)
{
    return text_copy(arena, query_text(q, query_column(q, column)));
}

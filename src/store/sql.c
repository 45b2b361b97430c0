/* Why: see sql.h: the library of queries, what a database is sent of one of them, and the migrations. */
#include "store/sql.h"

#include <assert.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "store/sql_expand.h"

enum { READING_BYTES_MAX = 64 * 1024 * 1024, STEP_BYTES_MAX = 1024 * 1024 };

/* The library ------------------------------------------------------------------------------------------------------ */

struct sql_library {
    struct sql_query **queries; /* by name */
    size_t count;
};

static const char **keep_names(struct arena *arena, const char **names, size_t count)
{
    const char **kept = ARENA_ARRAY(arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        kept[i] = arena_string(arena, names[i]);
    return kept;
}

/* There are hundreds, and they stay for good: in no more room than they need. */
static struct sql_query *keep_query(struct arena *arena, const struct sql_query *draft)
{
    struct sql_query *query = ARENA_NEW(arena, struct sql_query);
    size_t bytes = 0;
    *query = *draft;
    query->name = arena_string(arena, draft->name);
    query->parameters = keep_names(arena, draft->parameters, draft->parameter_count);
    query->blocks = keep_names(arena, draft->blocks, draft->block_count);
    query->block_parameters = arena_copy(arena, draft->block_parameters, draft->block_count * sizeof *draft->block_parameters);
    query->pieces = arena_copy(arena, draft->pieces, draft->piece_count * sizeof *draft->pieces);
    for (size_t i = 0; i < draft->piece_count; i++)
        bytes += draft->pieces[i].text.size;
    char *sql = arena_alloc(arena, bytes);
    for (size_t i = 0; i < draft->piece_count; i++) {
        struct text text = draft->pieces[i].text;
        if (text.size > 0)
            memcpy(sql, text.data, text.size);
        query->pieces[i].text.data = sql;
        sql += text.size;
    }
    return query;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct sql_query *const *)a)->name, (*(struct sql_query *const *)b)->name);
}

static void find_changes_of_what_is_remembered(const struct sql_library *library)
{
    struct sql_tables known = {0};
    for (size_t i = 0; i < library->count; i++)
        for (size_t w = 0; library->queries[i]->remembered && w < SQL_TABLES_MAX / 64; w++)
            known.words[w] |= library->queries[i]->reads.words[w];
    for (size_t i = 0; i < library->count; i++)
        for (size_t w = 0; w < SQL_TABLES_MAX / 64; w++)
            library->queries[i]->changes_remembered |= (library->queries[i]->changes.words[w] & known.words[w]) != 0;
}

enum err sql_library_read(struct arena *arena, const struct embedded_file *files, size_t count, enum sql_dialect dialect,
                          struct problem *problem, struct sql_library **ret)
{
    struct arena *scratch = arena_new(READING_BYTES_MAX), *draft = arena_new(READING_BYTES_MAX);
    struct sql_reader reader = {.arena = scratch, .dialect = dialect, .problem = problem};
    size_t mistakes_before = problem->count;
    if (!sql_table_names(files, count, &reader.tables))
        problem_add(problem, "migrations", "create more than %d tables", SQL_TABLES_MAX);
    for (size_t i = 0; i < count; i++)
        if (strncmp(files[i].name, "queries/", 8) == 0)
            sql_read_definitions(&reader, &files[i]);
    struct sql_library *library = ARENA_NEW(arena, struct sql_library);
    library->queries = ARENA_ARRAY(arena, struct sql_query *, reader.count);
    for (size_t i = 0; i < reader.count; i++) {
        const struct sql_definition *definition = &reader.definitions[i];
        if (!definition->is_fragment && sql_find_definition(&reader, definition->name, false) == definition)
            library->queries[library->count++] = keep_query(arena, sql_expand(&reader, definition, draft));
        arena_reset(draft);
    }
    arena_free(draft);
    arena_free(scratch);
    if (problem->count > mistakes_before)
        return ERR_INVALID;
    qsort(library->queries, library->count, sizeof *library->queries, by_name);
    find_changes_of_what_is_remembered(library);
    *ret = library;
    return OK;
}

size_t sql_library_count(const struct sql_library *library)
{
    return library->count;
}

const struct sql_query *sql_library_at(const struct sql_library *library, size_t index)
{
    assert(index < library->count);
    return library->queries[index];
}

int sql_library_find(const struct sql_library *library, const char *name)
{
    size_t low = 0, high = library->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(name, library->queries[middle]->name);
        if (order == 0)
            return (int)middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}

void sql_variant_of(struct arena *arena, const struct sql_query *query, uint64_t mask, enum sql_dialect dialect, struct sql_variant *ret)
{
    struct builder sql = builder_new(arena, SQL_QUERY_BYTES_MAX * 2);
    int place_of[SQL_PARAMETERS_MAX] = {0}; /* from 1 */
    *ret = (struct sql_variant){0};
    for (size_t i = 0; i < query->piece_count; i++) {
        const struct sql_piece *piece = &query->pieces[i];
        if (piece->block >= 0 && ((mask >> piece->block) & 1) == (piece->when_off ? 1 : 0))
            continue;
        if (piece->parameter < 0) {
            builder_add(&sql, piece->text);
            continue;
        }
        if (place_of[piece->parameter] == 0) {
            ret->parameters[ret->parameter_count++] = piece->parameter;
            place_of[piece->parameter] = (int)ret->parameter_count;
        }
        builder_printf(&sql, "%c%d", dialect == SQL_POSTGRES ? '$' : '?', place_of[piece->parameter]);
    }
    ret->sql = builder_text(&sql).data;
    assert(!sql.overflowed);
}

static struct sql_library *libraries[2]; /* by dialect */

/* It lives as long as the process. Only one of them is ever wanted there. */
static void read_embedded(enum sql_dialect dialect)
{
    struct arena *arena = arena_new(READING_BYTES_MAX);
    struct problem *problem = problem_new(arena);
    if (sql_library_read(arena, embedded_sql, embedded_sql_count, dialect, problem, &libraries[dialect]) == OK)
        return;
    for (size_t i = 0; i < problem->count; i++)
        log_error("store", "%.*s", TEXT_ARG(problem_line(problem, i)));
    abort();
}

static void read_embedded_sqlite(void)
{
    read_embedded(SQL_SQLITE);
}

static void read_embedded_postgres(void)
{
    read_embedded(SQL_POSTGRES);
}

const struct sql_library *sql_library_embedded(enum sql_dialect dialect)
{
    static pthread_once_t once[2] = {PTHREAD_ONCE_INIT, PTHREAD_ONCE_INIT};
    pthread_once(&once[dialect], dialect == SQL_POSTGRES ? read_embedded_postgres : read_embedded_sqlite);
    return libraries[dialect];
}

/* Migrations --------------------------------------------------------------------------------------------------------- */

/* "NNNN_name" of migrations/NNNN_name.sql and of each file in migrations/NNNN_name/; empty: not one of these. */
static struct text step_of(const struct embedded_file *file)
{
    struct text name = text_of(file->name);
    if (!text_starts_with(name, TEXT("migrations/")) || !text_ends_with(name, TEXT(".sql")))
        return TEXT_NONE;
    name = text_slice(name, strlen("migrations/"), name.size - strlen(".sql"));
    return text_slice(name, 0, text_find(name, TEXT("/")));
}

/* Only macros: a migration has no parameters and no blocks, and may hold several statements. */
static const char *file_sql(struct sql_reader *reader, const struct embedded_file *file)
{
    struct sql_definition definition = {.name = text_of(file->name), .file = file->name, .line = 1, .body = {file->data, file->size}};
    struct sql_query *query = sql_expand(reader, &definition, reader->arena);
    if (query->parameter_count > 0 || query->block_count > 0)
        sql_mistake(reader, &definition, "a migration has no parameters and no blocks", TEXT_NONE);
    struct sql_variant variant;
    sql_variant_of(reader->arena, query, 0, reader->dialect, &variant);
    return variant.sql;
}

static struct sql_migration read_step(struct sql_reader *reader, const struct embedded_file *files, size_t count)
{
    struct builder text = builder_new(reader->arena, STEP_BYTES_MAX), sql = builder_new(reader->arena, STEP_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        builder_add(&text, (struct text){files[i].data, files[i].size});
        builder_add_string(&sql, file_sql(reader, &files[i]));
        builder_add_byte(&sql, '\n');
    }
    if (text.overflowed || sql.overflowed)
        problem_add(reader->problem, files[0].name, "begins a migration of more than %d bytes", STEP_BYTES_MAX);
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)builder_text(&text).data, text.size, digest);
    return (struct sql_migration){.sql = builder_text(&sql).data, .checksum = text_hex(reader->arena, digest, sizeof digest).data};
}

enum err sql_migrations_read(struct arena *arena, const struct embedded_file *files, size_t count, enum sql_dialect dialect,
                             struct problem *problem, struct sql_migration **ret, size_t *ret_count)
{
    struct sql_reader reader = {.arena = arena, .dialect = dialect, .problem = problem};
    size_t mistakes_before = problem->count;
    struct sql_migration *migrations = ARENA_ARRAY(arena, struct sql_migration, count + 1);
    size_t found = 0;
    for (size_t i = 0, next; i < count; i = next) { /* the table is sorted by name */
        struct text step = step_of(&files[i]);
        for (next = i + 1; next < count && text_equal(step_of(&files[next]), step); next++)
            ;
        if (!text_starts_with(text_of(files[i].name), TEXT("migrations/")))
            continue;
        int64_t version;
        if (step.size < 6 || step.data[4] != '_' || !text_to_int64(text_slice(step, 0, 4), &version) || version != (int64_t)found + 1) {
            problem_add(problem, files[i].name, "is not migration %04zu_name.sql, nor an SQL file of a folder %04zu_name", found + 1, found + 1);
            continue;
        }
        migrations[found] = read_step(&reader, &files[i], next - i);
        migrations[found].version = (int)version;
        migrations[found++].name = text_cstring(arena, text_slice(step, 5, step.size));
    }
    if (problem->count > mistakes_before)
        return ERR_INVALID;
    *ret = migrations;
    *ret_count = found;
    return OK;
}

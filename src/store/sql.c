/* Why: see sql.h. One pass finds the definitions, a second expands each into pieces. The input is our own, from the
 * binary; it is checked as strictly as foreign input because a typing mistake here must be found at start, not at 3 a.m. */
#include "store/sql.h"

#include <assert.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "store/sql_macro.h"

enum { NESTING_MAX = 8, DEFINITIONS_MAX = 4096, READING_BYTES_MAX = 64 * 1024 * 1024 };

struct definition {
    struct text name;
    bool is_fragment;
    int dialect; /* enum sql_dialect, or -1: both */
    struct text body;
    const char *file;
    int line; /* of the heading */
};

struct sql_library {
    struct sql_query **queries; /* by name */
    size_t count;
};

struct reader {
    struct arena *arena;
    enum sql_dialect dialect;
    struct problem *problem;
    struct definition *definitions;
    size_t count, capacity;
    struct sql_table_names tables;
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_letter(char c)
{
    return is_word(c) && !(c >= '0' && c <= '9');
}

static void mistake(struct reader *reader, const struct definition *definition, const char *text, struct text what)
{
    problem_add(reader->problem, arena_printf(reader->arena, "%s:%d", definition->file, definition->line), "%.*s: %s %.*s",
                TEXT_ARG(definition->name), text, TEXT_ARG(what));
}

/* Definitions --------------------------------------------------------------------------------------------------- */

/* "name [postgres]" behind "-- name:". */
static bool heading(struct text line, const char *keyword, struct text *ret_rest)
{
    struct text trimmed = text_trim(line);
    if (!text_starts_with(trimmed, text_of(keyword)))
        return false;
    *ret_rest = text_trim(text_slice(trimmed, strlen(keyword), trimmed.size));
    return true;
}

static void begin_definition(struct reader *reader, struct text rest, bool is_fragment, const char *file, int line)
{
    struct definition definition = {.is_fragment = is_fragment, .dialect = -1, .file = file, .line = line};
    size_t space = text_find_byte(rest, ' ', 0);
    definition.name = text_slice(rest, 0, space);
    struct text tag = text_trim(text_slice(rest, space, rest.size));
    if (text_is(tag, "[sqlite]"))
        definition.dialect = SQL_SQLITE;
    else if (text_is(tag, "[postgres]"))
        definition.dialect = SQL_POSTGRES;
    else if (tag.size > 0)
        mistake(reader, &definition, "unknown tag", tag);
    bool good = definition.name.size > 0;
    for (size_t i = 0; i < definition.name.size; i++)
        good = good && is_word(definition.name.data[i]);
    if (!good)
        mistake(reader, &definition, "a name is letters, digits and underscores, not", rest);
    for (size_t i = 0; i < reader->count; i++) {
        const struct definition *other = &reader->definitions[i];
        if (other->is_fragment == is_fragment && other->dialect == definition.dialect && text_equal(other->name, definition.name))
            mistake(reader, &definition, "defined before at",
                    text_printf(reader->arena, "%s:%d", other->file, other->line));
    }
    reader->definitions = arena_grow(reader->arena, reader->definitions, reader->count, &reader->capacity, sizeof definition);
    reader->definitions[reader->count++] = definition;
}

static void read_file(struct reader *reader, const struct embedded_file *file)
{
    struct text rest = {file->data, file->size}, line;
    struct definition *open = NULL;
    for (int number = 1; text_next(&rest, '\n', &line); number++) {
        struct text name;
        bool is_fragment = heading(line, "-- fragment:", &name);
        if (is_fragment || heading(line, "-- name:", &name)) {
            begin_definition(reader, name, is_fragment, file->name, number);
            open = &reader->definitions[reader->count - 1];
            open->body = (struct text){line.data + line.size, 0};
        } else if (open) {
            open->body.size = (size_t)(line.data + line.size - open->body.data);
        } else if (text_trim(line).size > 0 && !text_starts_with(text_trim(line), TEXT("--"))) {
            problem_add(reader->problem, arena_printf(reader->arena, "%s:%d", file->name, number), "SQL before the first `-- name:`");
        }
    }
}

/* The definition for this dialect; an override wins. */
static const struct definition *find_definition(const struct reader *reader, struct text name, bool is_fragment)
{
    const struct definition *found = NULL;
    for (size_t i = 0; i < reader->count; i++) {
        const struct definition *definition = &reader->definitions[i];
        if (definition->is_fragment != is_fragment || !text_equal(definition->name, name))
            continue;
        if (definition->dialect == (int)reader->dialect)
            return definition;
        if (definition->dialect == -1)
            found = definition;
    }
    return found;
}

/* Expansion ------------------------------------------------------------------------------------------------------ */

struct expansion {
    struct reader *reader;
    struct arena *arena; /* of the draft */
    const struct definition *definition;
    struct sql_query *query; /* the draft: with room for whatever may come */
    size_t piece_capacity;
    struct builder text; /* not yet a piece */
    int block;           /* open block, or -1 */
    bool when_off;
};

static void add_piece(struct expansion *expansion, struct sql_piece piece)
{
    struct sql_query *query = expansion->query;
    query->pieces = arena_grow(expansion->arena, query->pieces, query->piece_count, &expansion->piece_capacity, sizeof piece);
    piece.block = expansion->block;
    piece.when_off = expansion->when_off;
    query->pieces[query->piece_count++] = piece;
}

static void flush_text(struct expansion *expansion)
{
    struct text text = builder_text(&expansion->text);
    if (expansion->text.overflowed)
        mistake(expansion->reader, expansion->definition, "is too long", TEXT_NONE);
    if (text.size > 0)
        add_piece(expansion, (struct sql_piece){.text = text, .parameter = -1});
    expansion->text = builder_new(expansion->arena, SQL_QUERY_BYTES_MAX);
}

static int index_of(struct expansion *expansion, struct text name, const char **names, size_t *count, size_t count_max)
{
    for (size_t i = 0; i < *count; i++)
        if (text_is(name, names[i]))
            return (int)i;
    if (*count == count_max) {
        mistake(expansion->reader, expansion->definition, "has too many parameters or blocks at", name);
        return 0;
    }
    names[*count] = text_cstring(expansion->arena, name);
    return (int)(*count)++;
}

/* A comment that steers: returns false for an ordinary one. */
static bool directive(struct expansion *expansion, struct text comment)
{
    struct text name;
    if (heading(comment, "-- if:", &name)) {
        flush_text(expansion);
        if (expansion->block >= 0)
            mistake(expansion->reader, expansion->definition, "a block inside a block:", name);
        expansion->block = index_of(expansion, name, expansion->query->blocks, &expansion->query->block_count, SQL_BLOCKS_MAX);
        expansion->when_off = false;
        return true;
    }
    if (text_is(text_trim(comment), "-- remembered")) {
        expansion->query->remembered = true;
        return true;
    }
    if (text_is(text_trim(comment), "-- else")) {
        flush_text(expansion);
        if (expansion->block < 0 || expansion->when_off)
            mistake(expansion->reader, expansion->definition, "`-- else` without `-- if:`", TEXT_NONE);
        expansion->when_off = true;
        return true;
    }
    if (text_is(text_trim(comment), "-- end")) {
        flush_text(expansion);
        if (expansion->block < 0)
            mistake(expansion->reader, expansion->definition, "`-- end` without `-- if:`", TEXT_NONE);
        expansion->block = -1;
        expansion->when_off = false;
        return true;
    }
    return false;
}

static void expand(struct expansion *expansion, struct text sql, int nesting);

/* At '@': a fragment or a macro. Returns the place behind it. */
static size_t expand_at(struct expansion *expansion, struct text sql, size_t i, int nesting)
{
    struct reader *reader = expansion->reader;
    if (nesting == NESTING_MAX) {
        mistake(reader, expansion->definition, "fragments are nested too deep", TEXT_NONE);
        return sql.size;
    }
    if (i + 1 < sql.size && sql.data[i + 1] == '{') {
        size_t end = text_find_byte(sql, '}', i);
        struct text name = text_trim(text_slice(sql, i + 2, end));
        const struct definition *fragment = find_definition(reader, name, true);
        if (fragment)
            expand(expansion, text_trim(fragment->body), nesting + 1);
        else
            mistake(reader, expansion->definition, "unknown fragment", name);
        return end + 1;
    }
    size_t end = i + 1;
    while (end < sql.size && is_word(sql.data[end]))
        end++;
    struct text name = text_slice(sql, i + 1, end), arguments[SQL_MACRO_ARGUMENTS_MAX];
    size_t count = 0;
    if (end < sql.size && sql.data[end] == '(' && !text_is(name, "autoid"))
        end = sql_take_arguments(sql, end, arguments, &count);
    struct text replaced = end == 0 ? TEXT_NONE : sql_macro(expansion->arena, reader->dialect, name, arguments, count);
    if (!text_is_present(replaced)) {
        mistake(reader, expansion->definition, "unknown macro or wrong arguments: @", name);
        return end == 0 ? sql.size : end;
    }
    expand(expansion, replaced, nesting + 1);
    return end;
}

/* Recursion is bounded by NESTING_MAX; the text is ours. */
static void expand(struct expansion *expansion, struct text sql, int nesting)
{
    size_t i = 0;
    while (i < sql.size) {
        char c = sql.data[i], next = i + 1 < sql.size ? sql.data[i + 1] : '\0';
        size_t end = i + 1;
        if (c == '\'' || c == '"') {
            end = sql_skip_quoted(sql, i);
            builder_add(&expansion->text, text_slice(sql, i, end));
        } else if (c == '-' && next == '-') {
            end = text_find_byte(sql, '\n', i);
            directive(expansion, text_slice(sql, i, end)); /* any other comment is dropped: it would swallow what follows a fragment */
        } else if (c == ':' && next == ':') {
            end = i + 2;
            builder_add_string(&expansion->text, "::");
        } else if (c == ':' && is_letter(next)) {
            while (end < sql.size && is_word(sql.data[end]))
                end++;
            flush_text(expansion);
            struct sql_query *query = expansion->query;
            int parameter = index_of(expansion, text_slice(sql, i + 1, end), query->parameters, &query->parameter_count, SQL_PARAMETERS_MAX);
            add_piece(expansion, (struct sql_piece){.parameter = parameter});
        } else if (c == '@' && (next == '{' || is_letter(next))) {
            end = expand_at(expansion, sql, i, nesting);
        } else {
            builder_add(&expansion->text, text_slice(sql, i, end));
        }
        i = end;
    }
}

static void find_tables(struct reader *reader, const struct definition *definition, struct sql_query *query)
{
    for (size_t i = 0; i < query->piece_count; i++)
        sql_tables_add(&reader->tables, query->pieces[i].text, &query->reads, &query->changes);
    if (query->remembered && (sql_tables_is_empty(&query->reads) || !sql_tables_is_empty(&query->changes)))
        mistake(reader, definition, "only what reads tables, and changes none, can be remembered", TEXT_NONE);
}

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

/* The draft is on `arena`. */
static struct sql_query *expand_definition(struct reader *reader, const struct definition *definition, struct arena *arena)
{
    struct sql_query *query = ARENA_NEW(arena, struct sql_query);
    query->name = text_cstring(arena, definition->name);
    query->parameters = ARENA_ARRAY(arena, const char *, SQL_PARAMETERS_MAX);
    query->blocks = ARENA_ARRAY(arena, const char *, SQL_BLOCKS_MAX);
    query->block_parameters = ARENA_ARRAY(arena, int, SQL_BLOCKS_MAX);
    struct expansion expansion = {.reader = reader, .arena = arena, .definition = definition, .query = query, .block = -1};
    expansion.text = builder_new(arena, SQL_QUERY_BYTES_MAX);
    expand(&expansion, text_trim(definition->body), 0);
    flush_text(&expansion);
    if (expansion.block >= 0)
        mistake(reader, definition, "no `-- end` for", text_of(query->blocks[expansion.block]));
    if (query->piece_count == 0)
        mistake(reader, definition, "is empty", TEXT_NONE);
    find_tables(reader, definition, query);
    for (size_t block = 0; block < query->block_count; block++) {
        query->block_parameters[block] = -1;
        for (size_t i = 0; i < query->parameter_count; i++)
            if (strcmp(query->parameters[i], query->blocks[block]) == 0)
                query->block_parameters[block] = (int)i;
    }
    return query;
}

/* The library ------------------------------------------------------------------------------------------------------ */

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
    struct reader reader = {.arena = scratch, .dialect = dialect, .problem = problem};
    size_t mistakes_before = problem->count;
    if (!sql_table_names(files, count, &reader.tables))
        problem_add(problem, "migrations", "create more than %d tables", SQL_TABLES_MAX);
    for (size_t i = 0; i < count; i++)
        if (strncmp(files[i].name, "queries/", 8) == 0)
            read_file(&reader, &files[i]);
    struct sql_library *library = ARENA_NEW(arena, struct sql_library);
    library->queries = ARENA_ARRAY(arena, struct sql_query *, reader.count);
    for (size_t i = 0; i < reader.count; i++) {
        const struct definition *definition = &reader.definitions[i];
        if (!definition->is_fragment && find_definition(&reader, definition->name, false) == definition)
            library->queries[library->count++] = keep_query(arena, expand_definition(&reader, definition, draft));
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

static const char *checksum_of(struct arena *arena, const struct embedded_file *file)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)file->data, file->size, digest);
    return text_hex(arena, digest, sizeof digest).data;
}

/* Only macros: a migration has no parameters and no blocks, and may hold several statements. */
static const char *migration_sql(struct reader *reader, const struct embedded_file *file)
{
    struct definition definition = {.name = text_of(file->name), .file = file->name, .line = 1, .body = {file->data, file->size}};
    struct sql_query *query = expand_definition(reader, &definition, reader->arena);
    if (query->parameter_count > 0 || query->block_count > 0)
        mistake(reader, &definition, "a migration has no parameters and no blocks", TEXT_NONE);
    struct sql_variant variant;
    sql_variant_of(reader->arena, query, 0, reader->dialect, &variant);
    return variant.sql;
}

enum err sql_migrations_read(struct arena *arena, const struct embedded_file *files, size_t count, enum sql_dialect dialect,
                             struct problem *problem, struct sql_migration **ret, size_t *ret_count)
{
    struct reader reader = {.arena = arena, .dialect = dialect, .problem = problem};
    size_t mistakes_before = problem->count;
    struct sql_migration *migrations = ARENA_ARRAY(arena, struct sql_migration, count + 1);
    size_t found = 0;
    for (size_t i = 0; i < count; i++) { /* the table is sorted by name */
        struct text name = text_of(files[i].name);
        if (!text_starts_with(name, TEXT("migrations/")))
            continue;
        name = text_slice(name, strlen("migrations/"), name.size);
        int64_t version;
        if (name.size < 10 || name.data[4] != '_' || !text_ends_with(name, TEXT(".sql")) ||
            !text_to_int64(text_slice(name, 0, 4), &version) || version != (int64_t)found + 1) {
            problem_add(problem, files[i].name, "is not migration %04zu_name.sql", found + 1);
            continue;
        }
        migrations[found++] = (struct sql_migration){
            .version = (int)version,
            .name = text_cstring(arena, text_slice(name, 5, name.size - 4)),
            .sql = migration_sql(&reader, &files[i]),
            .checksum = checksum_of(arena, &files[i]),
        };
    }
    if (problem->count > mistakes_before)
        return ERR_INVALID;
    *ret = migrations;
    *ret_count = found;
    return OK;
}

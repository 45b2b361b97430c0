/* Why: see sql_expand.h. One pass finds the definitions, a second expands each into pieces. */
#include "store/sql_expand.h"

#include "store/sql_macro.h"

enum { NESTING_MAX = 8 };

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_letter(char c)
{
    return is_word(c) && !(c >= '0' && c <= '9');
}

void sql_mistake(struct sql_reader *reader, const struct sql_definition *definition, const char *text, struct text what)
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

static void begin_definition(struct sql_reader *reader, struct text rest, bool is_fragment, const char *file, int line)
{
    struct sql_definition definition = {.is_fragment = is_fragment, .dialect = -1, .file = file, .line = line};
    size_t space = text_find_byte(rest, ' ', 0);
    definition.name = text_slice(rest, 0, space);
    struct text tag = text_trim(text_slice(rest, space, rest.size));
    if (text_is(tag, "[sqlite]"))
        definition.dialect = SQL_SQLITE;
    else if (text_is(tag, "[postgres]"))
        definition.dialect = SQL_POSTGRES;
    else if (tag.size > 0)
        sql_mistake(reader, &definition, "unknown tag", tag);
    bool good = definition.name.size > 0;
    for (size_t i = 0; i < definition.name.size; i++)
        good = good && is_word(definition.name.data[i]);
    if (!good)
        sql_mistake(reader, &definition, "a name is letters, digits and underscores, not", rest);
    for (size_t i = 0; i < reader->count; i++) {
        const struct sql_definition *other = &reader->definitions[i];
        if (other->is_fragment == is_fragment && other->dialect == definition.dialect && text_equal(other->name, definition.name))
            sql_mistake(reader, &definition, "defined before at",
                    text_printf(reader->arena, "%s:%d", other->file, other->line));
    }
    reader->definitions = arena_grow(reader->arena, reader->definitions, reader->count, &reader->capacity, sizeof definition);
    reader->definitions[reader->count++] = definition;
}

void sql_read_definitions(struct sql_reader *reader, const struct embedded_file *file)
{
    struct text rest = {file->data, file->size}, line;
    struct sql_definition *open = NULL;
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

const struct sql_definition *sql_find_definition(const struct sql_reader *reader, struct text name, bool is_fragment)
{
    const struct sql_definition *found = NULL;
    for (size_t i = 0; i < reader->count; i++) {
        const struct sql_definition *definition = &reader->definitions[i];
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
    struct sql_reader *reader;
    struct arena *arena; /* of the draft */
    const struct sql_definition *definition;
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
        sql_mistake(expansion->reader, expansion->definition, "is too long", TEXT_NONE);
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
        sql_mistake(expansion->reader, expansion->definition, "has too many parameters or blocks at", name);
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
            sql_mistake(expansion->reader, expansion->definition, "a block inside a block:", name);
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
            sql_mistake(expansion->reader, expansion->definition, "`-- else` without `-- if:`", TEXT_NONE);
        expansion->when_off = true;
        return true;
    }
    if (text_is(text_trim(comment), "-- end")) {
        flush_text(expansion);
        if (expansion->block < 0)
            sql_mistake(expansion->reader, expansion->definition, "`-- end` without `-- if:`", TEXT_NONE);
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
    struct sql_reader *reader = expansion->reader;
    if (nesting == NESTING_MAX) {
        sql_mistake(reader, expansion->definition, "fragments are nested too deep", TEXT_NONE);
        return sql.size;
    }
    if (i + 1 < sql.size && sql.data[i + 1] == '{') {
        size_t end = text_find_byte(sql, '}', i);
        struct text name = text_trim(text_slice(sql, i + 2, end));
        const struct sql_definition *fragment = sql_find_definition(reader, name, true);
        if (fragment)
            expand(expansion, text_trim(fragment->body), nesting + 1);
        else
            sql_mistake(reader, expansion->definition, "unknown fragment", name);
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
        sql_mistake(reader, expansion->definition, "unknown macro or wrong arguments: @", name);
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

static void find_tables(struct sql_reader *reader, const struct sql_definition *definition, struct sql_query *query)
{
    for (size_t i = 0; i < query->piece_count; i++)
        sql_tables_add(&reader->tables, query->pieces[i].text, &query->reads, &query->changes);
    if (query->remembered && (sql_tables_is_empty(&query->reads) || !sql_tables_is_empty(&query->changes)))
        sql_mistake(reader, definition, "only what reads tables, and changes none, can be remembered", TEXT_NONE);
}

struct sql_query *sql_expand(struct sql_reader *reader, const struct sql_definition *definition, struct arena *arena)
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
        sql_mistake(reader, definition, "no `-- end` for", text_of(query->blocks[expansion.block]));
    if (query->piece_count == 0)
        sql_mistake(reader, definition, "is empty", TEXT_NONE);
    find_tables(reader, definition, query);
    for (size_t block = 0; block < query->block_count; block++) {
        query->block_parameters[block] = -1;
        for (size_t i = 0; i < query->parameter_count; i++)
            if (strcmp(query->parameters[i], query->blocks[block]) == 0)
                query->block_parameters[block] = (int)i;
    }
    return query;
}

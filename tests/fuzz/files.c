/* Why: files that come from outside the program: the system's zone files, the configuration, the SQL that is read at start. */
#include <assert.h>

#include "base/config_file.h"
#include "base/config_table.h"
#include "base/zone_file.h"
#include "store/sql.h"
#include "target.h"

bool fuzz_zone_file(struct arena *arena, struct text input)
{
    enum { FIRST_S = 0 };
    const int64_t last_s = INT64_C(330) * 365 * 86400;
    struct zone_change *changes = ARENA_ARRAY(arena, struct zone_change, ZONE_CHANGES_MAX);
    size_t count = 0;
    if (!zone_file_read(input, FIRST_S, last_s, changes, &count))
        return false;
    assert(count >= 1 && count <= ZONE_CHANGES_MAX && changes[0].at_s == FIRST_S);
    for (size_t i = 0; i < count; i++) {
        assert(i == 0 || changes[i].at_s > changes[i - 1].at_s);
        assert(changes[i].at_s < last_s);
        assert(changes[i].offset_s > -86400 * 2 && changes[i].offset_s < 86400 * 2);
    }
    return true;
}

bool fuzz_config(struct arena *arena, struct text input)
{
    struct problem *problem = problem_new(arena);
    struct config_line *lines;
    size_t count = 0;
    config_file_lines(arena, input, "muster.conf", &lines, &count, problem);
    for (size_t i = 0; i < count; i++) {
        assert(lines[i].is_section || lines[i].key.size > 0);
        assert(lines[i].key.data >= input.data && lines[i].key.data + lines[i].key.size <= input.data + input.size);
        for (size_t c = 0; c < lines[i].value.size; c++)
            assert(lines[i].value.data[c] != '\n');
    }
    return count > 0 && problem_is_empty(problem);
}

/* Files are separated by a line "==== NAME". */
bool fuzz_sql_library(struct arena *arena, struct text input)
{
    enum { FILES_MAX = 8 };
    struct embedded_file files[FILES_MAX];
    size_t count = 0;
    struct text rest = input;
    while (count < FILES_MAX && rest.size > 0) {
        struct text name = fuzz_line(&rest);
        size_t end = text_find(rest, TEXT("\n==== "));
        struct text content = text_slice(rest, 0, end + 1);
        rest = text_slice(rest, end + 6, rest.size);
        files[count++] = (struct embedded_file){text_cstring(arena, name), text_cstring(arena, content), content.size};
    }
    bool accepted = false;
    for (int dialect = SQL_SQLITE; dialect <= SQL_POSTGRES; dialect++) {
        struct problem *problem = problem_new(arena);
        struct sql_library *library = NULL;
        enum err err = sql_library_read(arena, files, count, (enum sql_dialect)dialect, problem, &library);
        assert((err == OK) == problem_is_empty(problem));
        for (size_t i = 0; err == OK && i < sql_library_count(library); i++) {
            const struct sql_query *query = sql_library_at(library, i);
            struct sql_variant variant;
            assert(sql_library_find(library, query->name) == (int)i);
            sql_variant_of(arena, query, 0, (enum sql_dialect)dialect, &variant);
            sql_variant_of(arena, query, UINT64_MAX >> (64 - SQL_BLOCKS_MAX), (enum sql_dialect)dialect, &variant);
            assert(variant.parameter_count <= SQL_PARAMETERS_MAX);
            accepted = true;
        }
        struct sql_migration *migrations;
        size_t migration_count = 0;
        problem = problem_new(arena);
        err = sql_migrations_read(arena, files, count, (enum sql_dialect)dialect, problem, &migrations, &migration_count);
        assert((err == OK) == problem_is_empty(problem));
        for (size_t i = 0; err == OK && i < migration_count; i++)
            assert(migrations[i].version == (int)i + 1);
    }
    return accepted;
}

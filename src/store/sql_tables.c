/* Why: see sql_tables.h. */
#include "store/sql_tables.h"

#include <string.h>

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The next word of `sql` from `*at` on; empty at the end. */
static struct text next_word(struct text sql, size_t *at)
{
    while (*at < sql.size && !is_word(sql.data[*at]))
        (*at)++;
    size_t begin = *at;
    while (*at < sql.size && is_word(sql.data[*at]))
        (*at)++;
    return text_slice(sql, begin, *at);
}

static size_t place_of(const struct sql_table_names *names, struct text name)
{
    size_t place = 0;
    while (place < names->count && !text_equal(names->names[place], name))
        place++;
    return place;
}

bool sql_table_names(const struct embedded_file *files, size_t count, struct sql_table_names *ret)
{
    ret->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (strncmp(files[i].name, "migrations/", 11) != 0)
            continue;
        struct text rest = {files[i].data, files[i].size}, line;
        while (text_next(&rest, '\n', &line)) {
            size_t at = 0;
            if (!text_is(next_word(line, &at), "CREATE") || !text_is(next_word(line, &at), "TABLE"))
                continue;
            if (ret->count == SQL_TABLES_MAX)
                return false;
            ret->names[ret->count++] = next_word(line, &at);
        }
    }
    return true;
}

static void add(struct sql_tables *tables, size_t place)
{
    tables->words[place / 64] |= UINT64_C(1) << place % 64;
}

void sql_tables_add(const struct sql_table_names *names, struct text part, struct sql_tables *reads, struct sql_tables *changes)
{
    struct text before = TEXT_NONE, last = TEXT_NONE;
    size_t at = 0;
    for (struct text word = next_word(part, &at); word.size > 0; word = next_word(part, &at)) {
        size_t place = place_of(names, word);
        if (place < names->count) {
            add(reads, place);
            bool inserted = text_is(last, "INTO"), deleted = text_is(last, "FROM") && text_is(before, "DELETE");
            if (inserted || deleted || text_is(last, "UPDATE"))
                add(changes, place);
        }
        before = last;
        last = word;
    }
}

bool sql_tables_has(const struct sql_tables *tables, size_t place)
{
    return (tables->words[place / 64] >> place % 64) & 1;
}

bool sql_tables_is_empty(const struct sql_tables *tables)
{
    uint64_t any = 0;
    for (size_t i = 0; i < SQL_TABLES_MAX / 64; i++)
        any |= tables->words[i];
    return any == 0;
}

/* Why: the syntax of sql/README.md: definitions by name, fragments, macros, blocks. The input is our own, from the binary; it is checked as strictly as foreign input
 * because a typing mistake here must be found at start, not at 3 a.m. Internal to store/. */
#ifndef MUSTER_STORE_SQL_EXPAND_H
#define MUSTER_STORE_SQL_EXPAND_H

#include "store/sql.h"

struct sql_definition {
    struct text name;
    bool is_fragment;
    int dialect; /* enum sql_dialect, or -1: both */
    struct text body;
    const char *file;
    int line; /* of the heading */
};

struct sql_reader {
    struct arena *arena;
    enum sql_dialect dialect;
    struct problem *problem;
    struct sql_definition *definitions;
    size_t count, capacity;
    struct sql_table_names tables;
};

/* Adds the definitions of a file to those of the reader. */
void sql_read_definitions(struct sql_reader *reader, const struct embedded_file *file);
/* The definition for this dialect; an override wins. NULL: there is none. */
const struct sql_definition *sql_find_definition(const struct sql_reader *reader, struct text name, bool is_fragment);
/* On `arena`, with room for more than it has: a draft. Mistakes go to the reader's problem. */
struct sql_query *sql_expand(struct sql_reader *reader, const struct sql_definition *definition, struct arena *arena);
/* "file:line: name: text what". */
void sql_mistake(struct sql_reader *reader, const struct sql_definition *definition, const char *text, struct text what);

#endif

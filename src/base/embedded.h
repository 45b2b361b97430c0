/* Why: files that travel inside the binary (build-tools/embed.py writes the tables). A NUL follows each file's bytes. */
#ifndef MUSTER_BASE_EMBEDDED_H
#define MUSTER_BASE_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
    const char *name; /* path below the folder, e.g. "queries/users.sql" */
    const char *data;
    size_t size;
};

extern const struct embedded_file embedded_sql[]; /* sql/ */
extern const size_t embedded_sql_count;
extern const struct embedded_file embedded_web[]; /* web/dist/; empty when the browser app was not built */
extern const size_t embedded_web_count;
extern const struct embedded_file embedded_lists[]; /* lists/ */
extern const size_t embedded_lists_count;

#endif

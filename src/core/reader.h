/* Why: reading the members of a schedule's document: a value, or a mistake with its path. Used by schedule_json.c and rotation_json.c. */
#ifndef MUSTER_CORE_READER_H
#define MUSTER_CORE_READER_H

#include "base/json_node.h"
#include "base/problem.h"
#include "base/zone.h"

struct reader {
    struct arena *arena;
    struct problem *problem;
    const struct zone *zone; /* of times without an offset; UTC while it is unknown */
};

/* "path.key" and "path.key[index]". */
const char *reader_below(struct reader *r, const char *path, const char *key);
const char *reader_item(struct reader *r, const char *path, const char *key, size_t index);

bool reader_is_absent(const struct json_node *value); /* null too */
/* TEXT_NONE when absent or wrong. */
struct text reader_text(struct reader *r, const struct json_node *object, const char *path, const char *key, size_t chars_max);
/* `fallback` when absent or wrong. */
int64_t reader_int(struct reader *r, const struct json_node *object, const char *path, const char *key, int64_t min, int64_t max, int64_t fallback);
/* Whole seconds; INSTANT_NONE when absent or wrong. */
instant reader_instant(struct reader *r, const struct json_node *object, const char *path, const char *key, bool required);
/* Of the member time_zone; NULL when absent or wrong. */
const struct zone *reader_zone(struct reader *r, const struct json_node *object, const char *path, bool required);
/* NULL when absent or wrong; at most `max` items. */
const struct json_node *reader_list(struct reader *r, const struct json_node *object, const char *path, const char *key, size_t max);

#endif

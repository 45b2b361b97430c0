/* Why: the oracle's second pair of feet. model.py says what is right, but Python walks some hundred thousand minutes a second; this walks the same
 * minutes by the same rules in C, so that every minute of ten thousand schedules can be looked at. It includes nothing of Muster's and knows no
 * intervals: at each minute it looks at the clock on the wall, counts handoffs and asks every layer. Offsets come from Python's zoneinfo.
 *
 * The one idea, as in model.py: a clock on the wall that never goes back. When clocks are set back it waits until they have caught up. */
#ifndef MUSTER_TESTS_ORACLE_WALK_H
#define MUSTER_TESTS_ORACLE_WALK_H

#include <stddef.h>
#include <stdint.h>

enum { WALK_MINUTE = 60, WALK_DAY = 86400, WALK_WEEK_MINUTES = 7 * 24 * 60, WALK_NOBODY = -1, WALK_LAYERS_MAX = 8, WALK_ZONES_MAX = 8 };

/* Whole seconds everywhere; `at` ascending, the first no later than two days before the window. */
struct walk_zone {
    const int64_t *at, *offset;
    size_t count;
};

struct walk_restriction {
    int64_t weekday; /* 0 is Monday; -1: every day */
    int64_t minute, minutes;
};

struct walk_layer {
    size_t zone;
    int64_t start, end;
    const int64_t *users;
    size_t user_count;
    int64_t first, length;    /* wall of the first handoff, length of a turn; length 0: by `handoffs` */
    const int64_t *handoffs;  /* walls; the first is that of turn `number` */
    size_t handoff_count;
    int64_t number;
    const struct walk_restriction *restrictions;
    size_t restriction_count;
};

struct walk_override {
    int64_t start, end, user; /* the later one in the list wins */
};

struct walk {
    int64_t since, until;
    struct walk_zone zones[WALK_ZONES_MAX];
    size_t zone_count;
    struct walk_layer layers[WALK_LAYERS_MAX];
    size_t layer_count;
    const struct walk_override *overrides;
    size_t override_count;
};

/* Called at every minute: whom the whole schedule has, the overrides, and each layer. False stops the walk. */
typedef int walk_look(void *context, int64_t t, int64_t final, int64_t overridden, const int64_t *layers);
/* How many minutes were looked at. */
int64_t walk_minutes(const struct walk *walk, walk_look *look, void *context);

#endif

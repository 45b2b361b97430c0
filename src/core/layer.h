/* Why: one layer of a schedule by itself: whose turn it is, and when the layer has anybody at all. Used by schedule.c and rotation.c. */
#ifndef MUSTER_CORE_LAYER_H
#define MUSTER_CORE_LAYER_H

#include "core/schedule.h"

/* A growing list with the bound of one question. */
struct span_list {
    struct arena *arena;
    struct schedule_span *items;
    size_t count, capacity;
    size_t *intervals_left; /* of restrictions; shared by the layers of one question */
};
/* Joins with the last span when that ends where this begins and says the same. False at SCHEDULE_SPANS_MAX. */
bool span_list_add(struct span_list *list, struct schedule_span span);

/* When turn `n` begins (n may be negative). */
instant layer_handoff(const struct schedule_layer *layer, int64_t n);
/* The turn that holds at `t`: the last one that has begun. */
int64_t layer_turn_at(const struct schedule_layer *layer, instant t);
/* The layer has somebody at `t`; TEXT_NONE otherwise. */
struct text layer_user_at(const struct schedule_layer *layer, instant t);
/* All spans of the layer within [since, until), sorted. ERR_LIMIT: too many. */
enum err layer_spans(const struct schedule_layer *layer, instant since, instant until, struct span_list *list) MUST_CHECK;

#endif

/* Why: see walk.h. */
#include "walk.h"

#include <assert.h>
#include <stdlib.h>

struct turns {
    int64_t number, begin, end, user;
    size_t next; /* into `handoffs` */
};

struct legs {
    int64_t shown[WALK_ZONES_MAX];
    size_t rule[WALK_ZONES_MAX];
    struct turns turns[WALK_LAYERS_MAX];
    unsigned char *duty[WALK_LAYERS_MAX]; /* one byte for each minute of the week */
};

static unsigned char *week_of(const struct walk_layer *layer)
{
    if (layer->restriction_count == 0)
        return NULL;
    unsigned char *duty = calloc(WALK_WEEK_MINUTES, 1);
    assert(duty);
    for (size_t r = 0; r < layer->restriction_count; r++) {
        const struct walk_restriction *restriction = &layer->restrictions[r];
        for (int64_t day = 0; day < 7; day++)
            for (int64_t m = 0; m < restriction->minutes && (restriction->weekday < 0 || restriction->weekday == day); m++)
                duty[(day * 1440 + restriction->minute + m) % WALK_WEEK_MINUTES] = 1;
    }
    return duty;
}

static void name_user(const struct walk_layer *layer, struct turns *turns)
{
    int64_t count = (int64_t)layer->user_count, place = turns->number % count;
    turns->user = layer->users[place < 0 ? place + count : place];
}

static void first_turn(const struct walk_layer *layer, struct turns *turns)
{
    if (layer->length)
        *turns = (struct turns){.number = 0, .begin = layer->first, .end = layer->first + layer->length};
    else
        *turns = (struct turns){.number = layer->number, .begin = layer->handoffs[0], .end = layer->handoffs[1], .next = 2};
    if (layer->user_count > 0)
        name_user(layer, turns);
}

static int64_t user_at(const struct walk_layer *layer, struct turns *turns, int64_t shown)
{
    int64_t before = turns->number;
    while (shown < turns->begin) {
        assert(layer->length && "the list of handoffs begins too late");
        turns->number--;
        turns->end = turns->begin;
        turns->begin -= layer->length;
    }
    while (shown >= turns->end) {
        turns->number++;
        turns->begin = turns->end;
        assert((layer->length || turns->next < layer->handoff_count) && "the list of handoffs ends too early");
        turns->end = layer->length ? turns->end + layer->length : layer->handoffs[turns->next++];
    }
    if (turns->number != before)
        name_user(layer, turns);
    return turns->user;
}

static void look_at_wall(const struct walk *walk, struct legs *legs, int64_t t)
{
    for (size_t z = 0; z < walk->zone_count; z++) {
        const struct walk_zone *zone = &walk->zones[z];
        while (legs->rule[z] + 1 < zone->count && zone->at[legs->rule[z] + 1] <= t)
            legs->rule[z]++;
        int64_t wall = t + zone->offset[legs->rule[z]];
        if (wall > legs->shown[z])
            legs->shown[z] = wall;
    }
}

static int64_t of_layer(const struct walk_layer *layer, struct turns *turns, const unsigned char *duty, int64_t shown, int64_t t)
{
    const int64_t monday = 4 * WALK_DAY; /* 1970-01-05 */
    if (layer->user_count == 0 || t < layer->start || t >= layer->end)
        return WALK_NOBODY;
    if (duty) {
        int64_t minute = (shown - monday) / WALK_MINUTE % WALK_WEEK_MINUTES;
        if (!duty[minute < 0 ? minute + WALK_WEEK_MINUTES : minute])
            return WALK_NOBODY;
    }
    return user_at(layer, turns, shown);
}

int64_t walk_minutes(const struct walk *walk, walk_look *look, void *context)
{
    struct legs legs = {0};
    int64_t looked = 0, layers[WALK_LAYERS_MAX];
    for (size_t z = 0; z < walk->zone_count; z++)
        legs.shown[z] = INT64_MIN;
    for (size_t l = 0; l < walk->layer_count; l++) {
        legs.duty[l] = week_of(&walk->layers[l]);
        first_turn(&walk->layers[l], &legs.turns[l]);
    }
    /* Two days earlier, so that a clock set back just before the window is seen to wait. */
    for (int64_t t = walk->since - 2 * WALK_DAY; t < walk->since; t += WALK_MINUTE)
        look_at_wall(walk, &legs, t);
    for (int64_t t = walk->since; t < walk->until; t += WALK_MINUTE) {
        look_at_wall(walk, &legs, t);
        int64_t overridden = WALK_NOBODY, final = WALK_NOBODY;
        for (size_t l = 0; l < walk->layer_count; l++) {
            const struct walk_layer *layer = &walk->layers[l];
            layers[l] = of_layer(layer, &legs.turns[l], legs.duty[l], legs.shown[layer->zone], t);
            if (layers[l] != WALK_NOBODY)
                final = layers[l];
        }
        for (size_t o = 0; o < walk->override_count; o++)
            if (walk->overrides[o].start <= t && t < walk->overrides[o].end)
                overridden = walk->overrides[o].user;
        looked++;
        if (!look(context, t, overridden != WALK_NOBODY ? overridden : final, overridden, layers))
            break;
    }
    for (size_t l = 0; l < walk->layer_count; l++)
        free(legs.duty[l]);
    return looked;
}

/* Why: see recall.h. Entries live in one arena that is emptied as a whole, so nothing is freed while somebody reads it. */
#include "store/recall.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096 };

struct entry {
    struct answer answer; /* the first: callers hold only this */
    struct entry *next;
    const struct sql_query *query; /* NULL: a conclusion */
    struct sql_tables reads;
    uint64_t mask;
    uint32_t hash;
    size_t value_count;
    struct value *values;
    uint64_t asked_at;
    size_t bytes;
};

struct recall {
    struct arena *arena;
    struct entry *buckets[BUCKETS];
    uint64_t clock; /* of changes */
    uint64_t changed_at[SQL_TABLES_MAX];
    uint64_t forgotten_at; /* an answer asked before does not count */
    bool is_full, is_worthless; /* the arena */
    struct entry *concluding;   /* being worked out; NULL: nothing that can be kept */
    size_t concluding_since;    /* bytes of the arena */
};

struct recall *recall_new(void)
{
    struct recall *recall = calloc(1, sizeof *recall);
    if (!recall)
        abort();
    recall->arena = arena_new(2 * RECALL_BYTES_MAX);
    return recall;
}

void recall_free(struct recall *recall)
{
    if (!recall)
        return;
    arena_free(recall->arena);
    free(recall);
}

void recall_forget(struct recall *recall)
{
    recall->forgotten_at = ++recall->clock;
    recall->is_worthless = true;
}

void recall_begin(struct recall *recall, bool others_changed)
{
    if (others_changed)
        recall_forget(recall);
    recall->concluding = NULL;
    if (!recall->is_full && !recall->is_worthless)
        return;
    arena_reset(recall->arena);
    memset(recall->buckets, 0, sizeof recall->buckets);
    recall->is_full = recall->is_worthless = false;
}

void recall_note_change(struct recall *recall, const struct sql_tables *changes)
{
    for (size_t i = 0; i < SQL_TABLES_MAX / 64; i++)
        for (uint64_t left = changes->words[i]; left; left &= left - 1)
            recall->changed_at[i * 64 + (size_t)__builtin_ctzll(left)] = ++recall->clock;
}

uint64_t recall_changed_at(const struct recall *recall, const struct sql_tables *tables)
{
    uint64_t changed_at = recall->forgotten_at;
    for (size_t i = 0; i < SQL_TABLES_MAX / 64; i++)
        for (uint64_t left = tables->words[i]; left; left &= left - 1) {
            uint64_t at = recall->changed_at[i * 64 + (size_t)__builtin_ctzll(left)];
            changed_at = at > changed_at ? at : changed_at;
        }
    return changed_at;
}

static bool is_true(const struct recall *recall, const struct entry *entry, const struct question *question)
{
    if (entry->answer.conclusion && !instant_range_has(entry->answer.range, question->at))
        return false;
    return recall_changed_at(recall, &entry->reads) <= entry->asked_at;
}

/* Questions -------------------------------------------------------------------------------------------------------- */

static uint32_t hash_of(const struct question *question)
{
    uint64_t hash = (uintptr_t)question->query ^ question->mask * UINT64_C(0x9E3779B97F4A7C15);
    for (size_t i = 0; i < question->value_count; i++) {
        const struct value *value = question->values[i];
        uint64_t part = value->kind == VALUE_TEXT ? text_hash(value->text) : value->kind == VALUE_INT ? (uint64_t)value->number : 0;
        hash = (hash ^ part) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 32;
    }
    return (uint32_t)hash;
}

static bool same_value(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case VALUE_UNBOUND:
    case VALUE_NULL: return true;
    case VALUE_INT: return a->number == b->number;
    case VALUE_TEXT: return text_equal(a->text, b->text);
    }
    return false;
}

static bool asks(const struct entry *entry, const struct question *question)
{
    if (entry->query != question->query || entry->mask != question->mask || entry->value_count != question->value_count)
        return false;
    for (size_t i = 0; i < question->value_count; i++)
        if (!same_value(&entry->values[i], question->values[i]))
            return false;
    return true;
}

/* NULL: over the bound of one answer or of all. */
static void *take(struct recall *recall, struct entry *entry, size_t bytes)
{
    entry->bytes += bytes;
    recall->is_full = recall->is_full || arena_used(recall->arena) + bytes > RECALL_BYTES_MAX;
    return recall->is_full || entry->bytes > RECALL_ANSWER_BYTES_MAX ? NULL : arena_alloc(recall->arena, bytes);
}

static bool copy_text(struct recall *recall, struct entry *entry, struct text text, struct text *ret)
{
    if (!text_is_present(text)) {
        *ret = TEXT_NONE;
        return true;
    }
    char *copy = take(recall, entry, text.size + 1);
    if (copy)
        *ret = (struct text){memcpy(copy, text.data, text.size), text.size};
    return copy != NULL;
}

/* An entry that holds the question and no answer yet; NULL: no room. */
static struct entry *new_entry(struct recall *recall, const struct question *question, uint32_t hash)
{
    struct entry head = {.query = question->query, .mask = question->mask, .hash = hash, .value_count = question->value_count, .asked_at = recall->clock};
    if (question->query)
        head.reads = question->query->reads;
    struct entry *entry = take(recall, &head, sizeof *entry);
    if (!entry)
        return NULL;
    *entry = head;
    entry->values = take(recall, entry, sizeof *entry->values * (question->value_count + 1));
    for (size_t i = 0; entry->values && i < question->value_count; i++) {
        entry->values[i] = *question->values[i];
        if (entry->values[i].kind == VALUE_TEXT && !copy_text(recall, entry, question->values[i]->text, &entry->values[i].text))
            return NULL;
    }
    return entry->values ? entry : NULL;
}

const struct answer *recall_find(struct recall *recall, const struct question *question, struct answer **ret_keep)
{
    uint32_t hash = hash_of(question);
    struct entry **place = &recall->buckets[hash % BUCKETS];
    for (; *place; place = &(*place)->next)
        if ((*place)->hash == hash && asks(*place, question)) {
            if (is_true(recall, *place, question))
                return &(*place)->answer;
            *place = (*place)->next;
            break;
        }
    struct entry *entry = new_entry(recall, question, hash);
    *ret_keep = entry ? &entry->answer : NULL;
    return NULL;
}

/* Answers ---------------------------------------------------------------------------------------------------------- */

static struct entry *entry_of(struct answer *answer)
{
    return (struct entry *)answer;
}

bool recall_add_row(struct recall *recall, struct answer *answer, const struct cell *row, int columns)
{
    size_t width = (size_t)columns, rows = answer->rows;
    if ((rows & (rows - 1)) == 0) { /* it is full at each power of two */
        struct cell *cells = take(recall, entry_of(answer), sizeof *cells * width * (rows > 0 ? 2 * rows : 1));
        if (!cells)
            return false;
        if (rows > 0)
            memcpy(cells, answer->cells, sizeof *cells * width * rows);
        answer->cells = cells;
    }
    answer->columns = columns;
    for (size_t i = 0; i < width; i++) {
        struct cell *cell = &answer->cells[width * rows + i];
        *cell = row[i];
        if (!copy_text(recall, entry_of(answer), row[i].text, &cell->text))
            return false;
    }
    answer->rows++;
    return true;
}

void recall_keep(struct recall *recall, struct answer *answer)
{
    struct entry *entry = entry_of(answer), **bucket = &recall->buckets[entry->hash % BUCKETS];
    entry->next = *bucket;
    *bucket = entry;
}

/* Conclusions -------------------------------------------------------------------------------------------------------- */

void recall_note_question(struct recall *recall, const struct sql_query *query)
{
    struct entry *entry = recall->concluding;
    if (!entry)
        return;
    for (size_t i = 0; i < SQL_TABLES_MAX / 64; i++)
        entry->reads.words[i] |= query->reads.words[i];
    if (!query->remembered)
        recall->concluding = NULL;
}

const void *recall_conclusion(struct recall *recall, struct text key, instant now)
{
    const struct value value = {.kind = VALUE_TEXT, .text = key}, *values[] = {&value};
    struct answer *keep = NULL;
    const struct answer *known = recall_find(recall, &(struct question){.values = values, .value_count = 1, .at = now}, &keep);
    recall->concluding = keep ? entry_of(keep) : NULL;
    return known ? known->conclusion : NULL;
}

struct arena *recall_conclusion_arena(struct recall *recall)
{
    recall->concluding_since = arena_used(recall->arena);
    return recall->concluding ? recall->arena : NULL;
}

void recall_conclude(struct recall *recall, struct instant_range range, const void *conclusion)
{
    struct entry *entry = recall->concluding;
    assert(entry);
    assert(arena_used(recall->arena) - recall->concluding_since <= DB_CONCLUSION_BYTES_MAX);
    recall->concluding = NULL;
    recall->is_full = recall->is_full || arena_used(recall->arena) > RECALL_BYTES_MAX;
    entry->answer.conclusion = conclusion;
    entry->answer.range = range;
    recall_keep(recall, &entry->answer);
}

/* Why: see arena.h. A list of blocks; the newest is filled first; big requests get their own block. */
#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 16 * 1024, ALIGNMENT = 16 };
#ifdef MUSTER_SANITIZED
enum { BLOCKS_ARE_KEPT = 0 }; /* so that the sanitizer sees who reads what a reset took */
#else
enum { BLOCKS_ARE_KEPT = 1 };
#endif

struct block {
    struct block *older;
    size_t size;
    size_t used;
    _Alignas(ALIGNMENT) unsigned char data[];
};

struct arena {
    struct block *newest;
    struct block *spare; /* of BLOCK_BYTES each, for the next allocations */
    size_t spare_count, spare_max;
    size_t bytes_max;
    size_t used;
};

static void out_of_memory(const char *what)
{
    fprintf(stderr, "muster: fatal: %s\n", what);
    abort();
}

static struct block *block_new(size_t size)
{
    struct block *block = malloc(sizeof *block + size);
    if (!block)
        out_of_memory("out of memory");
    block->size = size;
    return block;
}

static void add_block(struct arena *arena, size_t size)
{
    struct block *block = size == BLOCK_BYTES ? arena->spare : NULL;
    if (block) {
        arena->spare = block->older;
        arena->spare_count--;
    } else {
        block = block_new(size);
    }
    block->older = arena->newest;
    block->used = 0;
    arena->newest = block;
}

static void drop_block(struct arena *arena, struct block *block)
{
    if (!BLOCKS_ARE_KEPT || block->size != BLOCK_BYTES || arena->spare_count >= arena->spare_max) {
        free(block);
        return;
    }
    block->older = arena->spare;
    arena->spare = block;
    arena->spare_count++;
}

struct arena *arena_new(size_t bytes_max)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (!arena)
        out_of_memory("out of memory");
    arena->bytes_max = bytes_max;
    arena->spare_max = 1;
    return arena;
}

void arena_keep(struct arena *arena, size_t bytes)
{
    arena->spare_max = bytes / BLOCK_BYTES > 0 ? bytes / BLOCK_BYTES : 1;
}

void arena_reset(struct arena *arena)
{
    while (arena->newest) {
        struct block *block = arena->newest;
        arena->newest = block->older;
        drop_block(arena, block);
    }
    arena->used = 0;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    arena->spare_max = 0;
    arena_reset(arena);
    while (arena->spare) {
        struct block *block = arena->spare;
        arena->spare = block->older;
        free(block);
    }
    free(arena);
}

static void *take(struct arena *arena, size_t size)
{
    assert(arena);
    if (size > SIZE_MAX - ALIGNMENT)
        out_of_memory("allocation size overflows");
    size_t rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (rounded == 0)
        rounded = ALIGNMENT;
    if (rounded > arena->bytes_max || arena->used > arena->bytes_max - rounded)
        out_of_memory("arena limit exceeded");
    if (!arena->newest || arena->newest->size - arena->newest->used < rounded)
        add_block(arena, rounded > BLOCK_BYTES ? rounded : BLOCK_BYTES);
    void *memory = arena->newest->data + arena->newest->used;
    arena->newest->used += rounded;
    arena->used += rounded;
    return memory;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return memset(take(arena, size), 0, size);
}

void *arena_space(struct arena *arena, size_t size)
{
    return take(arena, size);
}

void *arena_copy(struct arena *arena, const void *data, size_t size)
{
    void *copy = take(arena, size);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

char *arena_string(struct arena *arena, const char *string)
{
    return arena_copy(arena, string, strlen(string) + 1);
}

char *arena_vprintf(struct arena *arena, size_t *ret_length, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    assert(length >= 0);
    char *string = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(string, (size_t)length + 1, format, again);
    va_end(again);
    if (ret_length)
        *ret_length = (size_t)length;
    return string;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *string = arena_vprintf(arena, NULL, format, args);
    va_end(args);
    return string;
}

void *arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity, size_t item_size)
{
    if (count < *capacity)
        return items;
    size_t larger = *capacity ? *capacity * 2 : 8;
    void *copy = arena_alloc(arena, larger * item_size);
    if (count > 0)
        memcpy(copy, items, count * item_size);
    *capacity = larger;
    return copy;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}

/* Why: one arena per request or command. Everything a handler allocates dies together, so handlers
 * have no free() and no leak. Not thread-safe: an arena belongs to one thread at a time.
 *
 * Allocation never returns NULL: running out of memory or over the arena's own limit is fatal
 * (abort with a log line), because limits on outside input are enforced before memory is asked for. */
#ifndef MUSTER_BASE_ARENA_H
#define MUSTER_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/err.h"

struct arena;

/* `bytes_max`: hard limit over all allocations between two resets. */
struct arena *arena_new(size_t bytes_max);
/* Makes all memory reusable. Keeps one block of 16 KB, or what arena_keep said. */
void arena_reset(struct arena *arena);
/* Up to so many bytes stay with the arena at a reset: for one that is filled again at once, like that of the engine's batches. */
void arena_keep(struct arena *arena, size_t bytes);
void arena_free(struct arena *arena); /* NULL is allowed */

/* Zeroed, aligned to 16 bytes. */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_space(struct arena *arena, size_t size); /* not zeroed, for what is written at once */
void *arena_copy(struct arena *arena, const void *data, size_t size); /* only `size` bytes are defined */
/* NUL-terminated copy. */
char *arena_string(struct arena *arena, const char *string);
/* `ret_length`, which may be NULL, is without the NUL. */
char *arena_vprintf(struct arena *arena, size_t *ret_length, const char *format, va_list args) PRINTF_LIKE(3, 0);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
/* Grows `*items` (an arena array of `item_size`) so that it can hold `count + 1`; doubling; old array is abandoned. */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity, size_t item_size);

size_t arena_used(const struct arena *arena); /* bytes handed out since the last reset */

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_alloc((arena), sizeof(type) * (count)))

#endif

/* Why: see spare.h. */
#include "channel/spare.h"

CURL *spare_take_handle(struct spare *spare, size_t provider_index, bool *ret_is_new)
{
    struct spare_handles *handles = &spare->handles[provider_index];
    *ret_is_new = handles->count == 0;
    return handles->count > 0 ? handles->list[--handles->count] : curl_easy_init();
}

void spare_give_handle(struct spare *spare, size_t provider_index, CURL *easy)
{
    struct spare_handles *handles = &spare->handles[provider_index];
    if (handles->count == SPARE_MAX) {
        curl_easy_cleanup(easy);
        return;
    }
    handles->list[handles->count++] = easy;
}

struct arena *spare_take_arena(struct spare *spare, size_t bytes_max)
{
    return spare->arena_count > 0 ? spare->arenas[--spare->arena_count] : arena_new(bytes_max);
}

void spare_give_arena(struct spare *spare, struct arena *arena)
{
    if (spare->arena_count == SPARE_MAX) {
        arena_free(arena);
        return;
    }
    arena_reset(arena);
    spare->arenas[spare->arena_count++] = arena;
}

void spare_free(struct spare *spare)
{
    for (size_t p = 0; p < PROVIDERS_MAX; p++)
        for (struct spare_handles *handles = &spare->handles[p]; handles->count > 0;)
            curl_easy_cleanup(handles->list[--handles->count]);
    while (spare->arena_count > 0)
        arena_free(spare->arenas[--spare->arena_count]);
}

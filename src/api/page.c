/* Why: see page.h. */
#include "api/page.h"

enum err page_open(struct call *call, struct page *ret)
{
    *ret = (struct page){.total = 0};
    enum err err = view_open(call, &ret->view);
    return err != OK ? err : call_paging(call, &ret->paging);
}

/* One more than the page holds, to see whether there is more. */
static void bind_place(const struct page *page, struct query *q)
{
    query_bind_int(q, "limit", page->paging.limit + 1);
    query_bind_int(q, "offset", page->paging.offset);
}

enum err page_numbers(struct page *page, struct query *q, int64_t **ret, size_t *ret_count)
{
    int64_t *numbers = ARENA_ARRAY(page->view.call->arena, int64_t, (size_t)page->paging.limit + 1);
    size_t count = 0;
    bind_place(page, q);
    while (query_next(q))
        numbers[count++] = query_int(q, 0);
    page->more = (int64_t)count > page->paging.limit;
    *ret = numbers;
    *ret_count = page->more ? count - 1 : count;
    return query_err(q);
}

enum err page_items(struct page *page, struct query *q, page_item *item, json_t **ret)
{
    *ret = json_array_in(page->view.call->arena);
    bind_place(page, q);
    while (query_next(q)) {
        page->more = (int64_t)json_array_size(*ret) == page->paging.limit;
        if (!page->more)
            json_append(*ret, item(&page->view, q));
    }
    return query_err(q);
}

enum err page_count(struct page *page, struct query *q)
{
    if (query_next(q))
        page->total += query_int(q, 0);
    return query_err(q);
}

enum err page_reply(struct page *page, const char *name, json_t *items, const struct embed_place *places)
{
    struct call *call = page->view.call;
    enum err err = embed_all(&page->view, items, places);
    if (err == OK)
        call_reply_page(call, name, items, &page->paging, page->more, page->total);
    return err;
}

/* Why: the lists of incidents, alerts, log entries and notifications are fetched, cut and told in one way: a page, whether there is more, and
 * the total when it was asked for. */
#ifndef MUSTER_API_PAGE_H
#define MUSTER_API_PAGE_H

#include "api/embed.h"

struct page {
    struct view view;
    struct paging paging;
    bool more;
    int64_t total; /* page_count adds to it */
};

/* Reads limit, offset, total and time_zone of the request. */
enum err page_open(struct call *call, struct page *ret) MUST_CHECK;
/* Runs a query with parameters limit and offset (bound here). The numbers in its first column... */
enum err page_numbers(struct page *page, struct query *q, int64_t **ret, size_t *ret_count) MUST_CHECK;
/* ...or an item for each row. */
typedef json_t *page_item(const struct view *view, struct query *q);
enum err page_items(struct page *page, struct query *q, page_item *item, json_t **ret) MUST_CHECK;
/* Adds what a query counts. Only needed when page->paging.want_total. */
enum err page_count(struct page *page, struct query *q) MUST_CHECK;
/* The answer: the items, whole where include[] asks for it. */
enum err page_reply(struct page *page, const char *name, json_t *items, const struct embed_place *places) MUST_CHECK;

#endif

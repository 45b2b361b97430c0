/* Why: rows that are numbered as they are written have their times in the same order, so the rows of a span of time are found by guessing where they stand: some ten
 * looks instead of an index that every event would have to pay for. */
#ifndef MUSTER_API_SEEK_H
#define MUSTER_API_SEEK_H

#include "store/db.h"

/* A clock that was set back leaves rows out of order; they are found all the same while it was set back by less than this. */
enum { SEEK_SLACK_S = 2 * 3600 };

/* Every row of `since` or later has this number or a higher one. The queries NOUN_seek (number and time of the first row from :number on) and
 * NOUN_seek_last (the highest number). */
enum err seek_from(struct db *db, const char *noun, instant since, int64_t *ret_number) MUST_CHECK;
/* Every row before `until` has a lower number. */
enum err seek_before(struct db *db, const char *noun, instant until, int64_t *ret_number) MUST_CHECK;

#endif

/* Why: which days and hours an event of a rotation repeats on: the recurrence of RFC 5545 as far as on-call duty needs it. Pure.
 *
 * Read: exactly one RRULE, and EXDATE and RDATE lines. Of a rule: FREQ (HOURLY, DAILY, WEEKLY, MONTHLY, YEARLY), INTERVAL, COUNT or UNTIL,
 * BYDAY (with "2MO" or "-1FR" where a month is known: MONTHLY, or YEARLY with BYMONTH), BYMONTHDAY (also counted from the end), BYMONTH, WKST. Everything
 * else of the RFC (SECONDLY, BYSETPOS, BYHOUR, ...) is refused by name. Dates of EXDATE and RDATE may be UTC, local (the event's zone, or TZID=) or
 * whole days. Letter case does not matter.
 *
 * Occurrences are times on the wall of the event's zone; base/zone.h makes instants of them. A day that a month does not have is left out (the 31st, 29
 * February), as the RFC says. The first time of the event is an occurrence only if the rule says so. EXDATE takes occurrences away,
 * RDATE adds some; what is left is numbered from 0 in order: these numbers decide whose turn it is. */
#ifndef MUSTER_CORE_RECURRENCE_H
#define MUSTER_CORE_RECURRENCE_H

#include "base/problem.h"
#include "base/zone.h"

enum {
    RECURRENCE_LINES_MAX = 50,
    RECURRENCE_LINE_BYTES_MAX = 4096,
    RECURRENCE_DATES_MAX = 500,   /* of all EXDATE and RDATE lines, days taken apart */
    RECURRENCE_INTERVAL_MAX = 1000,
    RECURRENCE_COUNT_MAX = 5000,
    RECURRENCE_NTH_MAX = 35,      /* numbered weekdays in one BYDAY */
};

enum recurrence_frequency { RECURRENCE_HOURLY, RECURRENCE_DAILY, RECURRENCE_WEEKLY, RECURRENCE_MONTHLY, RECURRENCE_YEARLY };

struct recurrence_nth {
    int ordinal; /* 1 to 5, or -1 to -5 from the end of the month */
    int weekday; /* ISO */
};

struct recurrence {
    enum recurrence_frequency frequency;
    int64_t interval;
    int64_t count;                /* 0: none */
    wall_time first, last;        /* the rule's times are between these, both included; last {INT64_MAX}: no end */
    unsigned weekdays;            /* bit 1u << ISO weekday; 0: all */
    unsigned months;              /* bit 1u << month; 0: all */
    uint32_t month_days;          /* bit 1u << day */
    uint32_t month_days_from_end; /* bit 1u << n: the last day is 1 */
    int week_start;
    struct recurrence_nth nth[RECURRENCE_NTH_MAX];
    size_t nth_count;
    wall_time *removed, *added;   /* sorted, once each; removed are times of the rule, added are none */
    size_t removed_count, added_count;
};

/* `first` on the wall of `zone`. Adds every mistake with its path ("PATH[1] DAY ..."). ERR_INVALID then. The lines are borrowed. */
enum err recurrence_read(struct arena *arena, const struct text *lines, size_t line_count, wall_time first, const struct zone *zone, const char *path,
                         struct problem *problem, struct recurrence *ret) MUST_CHECK;

/* One after the other. */
struct recurrence_walk {
    const struct recurrence *rule;
    wall_time at;
    int64_t number; /* of the occurrence at `at` */
};
/* The first occurrence at or after `from`; false when there is none before the year 2300. */
bool recurrence_seek(const struct recurrence *rule, wall_time from, struct recurrence_walk *ret);
bool recurrence_step(struct recurrence_walk *walk);

/* For recurrence_read.c and tests: the rule alone, without the dates added and removed. */
bool recurrence_rule_next(const struct recurrence *rule, wall_time from, wall_time *ret);

#endif

/* Why: see log.h. The wall clock is read here only to stamp the line; no decision of the program depends on it. */
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LINE_BYTES_MAX = 2048, REMEMBERED = 8, REPEAT_S = 10 };

struct remembered {
    uint64_t hash;
    time_t written; /* on the monotonic clock */
    unsigned left_out;
};

static enum log_level threshold = LOG_INFO; /* set once at start, before threads */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct remembered remembered[REMEMBERED]; /* the errors written last; guarded by lock */

void log_set_level(enum log_level most_verbose)
{
    threshold = most_verbose;
}

static uint64_t hash_of(const char *area, const char *line)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (const char *c = area; *c; c++)
        hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    for (const char *c = line; *c; c++)
        hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    return hash | 1; /* 0: a free place */
}

/* Whether an error is due; *ret_left_out: how often it was left out since it was written last. */
static bool is_due(const char *area, const char *line, unsigned *ret_left_out)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t hash = hash_of(area, line);
    struct remembered *place = &remembered[0];
    for (size_t i = 0; i < REMEMBERED; i++) {
        if (remembered[i].hash == hash) {
            place = &remembered[i];
            break;
        }
        if (remembered[i].written < place->written)
            place = &remembered[i];
    }
    if (place->hash == hash && now.tv_sec - place->written < REPEAT_S) {
        place->left_out++;
        return false;
    }
    *ret_left_out = place->hash == hash ? place->left_out : 0;
    *place = (struct remembered){.hash = hash, .written = now.tv_sec};
    return true;
}

static void write_line(const char *level, const char *area, const char *line, unsigned left_out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct tm utc;
    gmtime_r(&now.tv_sec, &utc);
    char more[64] = "";
    if (left_out > 0)
        snprintf(more, sizeof more, " (and %u times since it was last written)", left_out);
    fprintf(stderr, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ %s %s: %s%s\n", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
            utc.tm_hour, utc.tm_min, utc.tm_sec, (int)(now.tv_nsec / 1000000), level, area, line, more);
}

void log_line(enum log_level level, const char *area, const char *format, ...)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    if (level > threshold)
        return;
    char line[LINE_BYTES_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    unsigned left_out = 0;
    pthread_mutex_lock(&lock);
    bool due = level != LOG_ERROR || is_due(area, line, &left_out);
    pthread_mutex_unlock(&lock);
    if (due)
        write_line(names[level], area, line, left_out);
}

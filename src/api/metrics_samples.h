/* Why: how one family of measures is written in Prometheus' text format. */
#ifndef MUSTER_API_METRICS_SAMPLES_H
#define MUSTER_API_METRICS_SAMPLES_H

#include "api/route.h"
#include "engine/measures.h"
#include "engine/outbox.h"

struct samples;

struct family {
    const char *name, *type, *help; /* help: one line, without a backslash */
    void (*put)(struct samples *samples);
};

/* What the rows read, taken once per scrape. */
struct samples {
    struct call *call;
    const struct measures *measures;
    struct engine_health health;
    struct provider_health providers[PROVIDERS_MAX];
    size_t provider_count;
    struct http_counters http;
    const struct family *family;
    struct builder out;
};

/* HELP, TYPE and the lines of one family. */
void samples_of(struct samples *samples, const struct family *family);

/* One line. `labels`: "{name=\"value\"}" or "". */
void sample_number(struct samples *samples, const char *labels, int64_t value);
void sample_seconds(struct samples *samples, const char *labels, int64_t value_us);
/* `labels` without braces, or "". `scale`: how many of the histogram's units make one of the family's. */
void sample_histogram(struct samples *samples, const char *labels, const struct histogram *histogram, const int64_t *bounds, int64_t scale);

#endif

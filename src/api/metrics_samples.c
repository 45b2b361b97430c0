/* Why: see metrics_samples.h. */
#include "api/metrics_samples.h"

void samples_of(struct samples *s, const struct family *family)
{
    s->family = family;
    builder_printf(&s->out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help, family->name, family->type);
    family->put(s);
}

/* A decimal number of at most six digits behind the point, none for a whole one. */
static void add_scaled(struct builder *out, int64_t value, int64_t scale)
{
    bool negative = value < 0;
    int64_t whole = value / scale, rest = value % scale;
    builder_printf(out, "%s%lld", negative && whole == 0 ? "-" : "", (long long)whole);
    if (rest == 0)
        return;
    builder_add_string(out, ".");
    for (int64_t digit = scale / 10, left = negative ? -rest : rest; digit > 0 && left > 0; left %= digit, digit /= 10)
        builder_printf(out, "%lld", (long long)(left / digit));
}

static void line(struct samples *s, const char *labels, int64_t value, int64_t scale)
{
    builder_printf(&s->out, "%s%s ", s->family->name, labels);
    add_scaled(&s->out, value, scale);
    builder_add_string(&s->out, "\n");
}

void sample_number(struct samples *s, const char *labels, int64_t value)
{
    line(s, labels, value, 1);
}

void sample_seconds(struct samples *s, const char *labels, int64_t value_us)
{
    line(s, labels, value_us, SECOND_US);
}

void sample_histogram(struct samples *s, const char *labels, const struct histogram *histogram, const int64_t *bounds, int64_t scale)
{
    const char *name = s->family->name, *comma = labels[0] ? "," : "";
    const char *braced = labels[0] ? arena_printf(s->call->arena, "{%s}", labels) : "";
    int64_t count = 0, sum = atomic_load_explicit(&histogram->sum, memory_order_relaxed);
    for (size_t b = 0; b <= HISTOGRAM_BOUNDS; b++) {
        count += atomic_load_explicit(&histogram->buckets[b], memory_order_relaxed);
        builder_printf(&s->out, "%s_bucket{%s%sle=\"", name, labels, comma);
        if (b < HISTOGRAM_BOUNDS)
            add_scaled(&s->out, bounds[b], scale);
        else
            builder_add_string(&s->out, "+Inf");
        builder_printf(&s->out, "\"} %lld\n", (long long)count);
    }
    builder_printf(&s->out, "%s_sum%s ", name, braced);
    add_scaled(&s->out, sum, scale);
    builder_printf(&s->out, "\n%s_count%s %lld\n", name, braced, (long long)count);
}

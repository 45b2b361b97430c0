/* Why: see alert.h. */
#include "core/alert.h"

static enum urgency from_word(struct text word, struct text severity, const char **ret_reason, const char *high, const char *low)
{
    if (text_is(word, "severity_based")) {
        bool is_low = text_is(severity, "warning") || text_is(severity, "info");
        *ret_reason = is_low ? "the service maps warning and info to low urgency" : "the service maps critical and error to high urgency";
        return is_low ? URGENCY_LOW : URGENCY_HIGH;
    }
    bool is_low = text_is(word, "low");
    *ret_reason = is_low ? low : high;
    return is_low ? URGENCY_LOW : URGENCY_HIGH;
}

static instant next_start(const struct hours *hours, instant now)
{
    instant boundary = hours_next_boundary(hours, now);
    return hours_contain(hours, now) && !instant_equal(boundary, INSTANT_MAX) ? hours_next_boundary(hours, boundary) : boundary;
}

enum urgency alert_urgency(const struct urgency_rule *rule, struct text severity, instant now, const char **ret_reason, instant *ret_rises_at)
{
    *ret_rises_at = INSTANT_NONE;
    if (!rule->by_support_hours)
        return from_word(rule->constant, severity, ret_reason, "the service is always of high urgency", "the service is always of low urgency");
    bool during = hours_contain(&rule->hours, now);
    enum urgency urgency = during ? from_word(rule->during, severity, ret_reason, "high urgency during support hours", "low urgency during support hours")
                                  : from_word(rule->outside, severity, ret_reason, "high urgency outside support hours", "low urgency outside support hours");
    if (urgency == URGENCY_LOW && !during && rule->rises_with_support_hours) {
        instant start = next_start(&rule->hours, now);
        if (!instant_equal(start, INSTANT_MAX))
            *ret_rises_at = start;
    }
    return urgency;
}

/* Why: see grouping.h. */
#include "core/grouping.h"

#include "base/hmac.h"
#include "core/sentence.h"

enum {
    FIELD_BYTES_MAX = 4 * GROUPING_FIELD_CHARS_MAX + 8,
    PART_BYTES_MAX = FIELD_BYTES_MAX + GROUPING_VALUE_BYTES_MAX + 64,
};

static bool is_by_time(const struct grouping_rule *rule)
{
    return text_is(rule->type, "time");
}

static int64_t window_s(const struct grouping_rule *rule)
{
    return rule->timeout_s == 0 && !is_by_time(rule) ? GROUPING_RECOMMENDED_S : rule->timeout_s;
}

static bool begins_again(const struct grouping_rule *rule)
{
    return rule->rolling || !is_by_time(rule);
}

bool grouping_field_is_known(struct text field)
{
    static const char *const known[] = {"summary", "source", "severity", "component", "group", "class"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (text_is(field, known[i]))
            return true;
    struct text custom = TEXT("custom_details.");
    return text_starts_with(field, custom) && field.size > custom.size;
}

/* Short, so that values of any length can be looked up; the setting is in it, so that two settings never share one. */
static void add_key(struct arena *arena, const struct grouping_rule *rule, struct text compared, struct text field, struct grouping_keys *keys)
{
    unsigned char digest[HMAC_SHA256_BYTES];
    hmac_sha256(rule->setting_id, compared, digest);
    keys->list[keys->count] = text_hex(arena, digest, sizeof digest / 2);
    keys->fields[keys->count++] = field;
}

/* Lengths keep "a|b" and "a", "b" apart. */
static void add_part(struct builder *compared, struct text part)
{
    builder_printf(compared, "|%zu:", part.size);
    builder_add(compared, part);
}

static struct text all_fields(struct arena *arena, const struct grouping_rule *rule)
{
    struct builder words = builder_new(arena, GROUPING_FIELDS_MAX * FIELD_BYTES_MAX);
    for (size_t f = 0; f < rule->field_count; f++) {
        builder_add_string(&words, f == 0 ? "" : f + 1 == rule->field_count ? " and " : ", ");
        builder_add(&words, rule->fields[f]);
    }
    return builder_text(&words);
}

void grouping_keys(struct arena *arena, const struct grouping_rule *rule, struct text (*value_of)(void *context, struct text field), void *context,
                   struct grouping_keys *ret)
{
    ret->count = 0;
    if (is_by_time(rule)) {
        add_key(arena, rule, TEXT("time"), TEXT_NONE, ret);
        return;
    }
    struct builder all = builder_new(arena, GROUPING_FIELDS_MAX * PART_BYTES_MAX);
    builder_add_string(&all, "all");
    bool complete = rule->field_count > 0;
    for (size_t f = 0; f < rule->field_count; f++) {
        struct text value = text_utf8_cut(value_of(context, rule->fields[f]), GROUPING_VALUE_BYTES_MAX);
        struct builder one = builder_new(arena, PART_BYTES_MAX);
        complete = complete && value.size > 0;
        builder_add_string(&one, "any");
        add_part(rule->any ? &one : &all, rule->fields[f]);
        add_part(rule->any ? &one : &all, value);
        if (rule->any && value.size > 0)
            add_key(arena, rule, builder_text(&one), rule->fields[f], ret);
    }
    if (!rule->any && complete)
        add_key(arena, rule, builder_text(&all), all_fields(arena, rule), ret);
}

static bool takes_in(const struct grouping_candidate *candidate, struct text service_id, instant now)
{
    bool open = !instant_is_set(candidate->until) || instant_before(now, candidate->until);
    return open && (!candidate->quiet || text_equal(candidate->service_id, service_id));
}

const struct grouping_candidate *grouping_choose(const struct grouping_candidate *candidates, size_t count, struct text service_id, instant now)
{
    const struct grouping_candidate *newest = NULL;
    for (size_t i = 0; i < count; i++)
        if (takes_in(&candidates[i], service_id, now) && (!newest || candidates[i].number > newest->number))
            newest = &candidates[i];
    return newest;
}

instant grouping_window(const struct grouping_rule *rule, instant opened_at, instant until, instant now)
{
    if (window_s(rule) == 0)
        return INSTANT_NONE;
    bool is_new = instant_equal(opened_at, now) && !instant_is_set(until);
    if (!is_new && !begins_again(rule))
        return until;
    instant end = instant_add_s(now, window_s(rule)), last = instant_add_s(opened_at, GROUPING_LONGEST_S);
    return begins_again(rule) && instant_before(last, end) ? last : end;
}

struct text grouping_reason(struct arena *arena, const struct grouping_rule *rule, const struct grouping_keys *keys, struct text matched_key)
{
    struct builder reason = builder_new(arena, GROUPING_FIELDS_MAX * FIELD_BYTES_MAX + 256);
    for (size_t k = 0; k < keys->count; k++)
        if (text_equal(keys->list[k], matched_key) && keys->fields[k].size > 0)
            builder_printf(&reason, "same %.*s, ", TEXT_ARG(keys->fields[k]));
    if (window_s(rule) == 0)
        builder_add_string(&reason, "the incident is open");
    else
        builder_printf(&reason, "within %.*s of its %s alert", TEXT_ARG(sentence_duration(arena, window_s(rule))), begins_again(rule) ? "newest" : "first");
    return builder_text(&reason);
}

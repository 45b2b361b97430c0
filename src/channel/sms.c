/* Why: see sms.h. */
#include "channel/sms.h"

#include "channel/sms_text.h"

enum {
    LINES_MAX = 16,
    TITLE_UNITS_MAX = 180, /* leaves room for the line that says since when */
    LINE_UNITS_MIN = 12,   /* a shorter rest of a line tells nothing */
};

struct sms {
    struct arena *arena;
    struct text lines[LINES_MAX]; /* most important first */
    size_t count;
    struct text answer; /* how to reply; kept whole */
};

static void add(struct sms *sms, struct text line)
{
    if (line.size && sms->count < LINES_MAX)
        sms->lines[sms->count++] = sms_simplify(sms->arena, content_without_links(sms->arena, line));
}

static void add_one_incident(struct sms *sms, const struct content *content)
{
    const struct content_incident *incident = &content->incidents[0];
    struct builder facts = builder_new(sms->arena, 256);
    struct text clock = content_clock(sms->arena, incident->since);
    if (clock.size)
        builder_printf(&facts, "since %.*s%s", TEXT_ARG(clock), text_ends_with(incident->since, TEXT("Z")) ? " UTC" : "");
    if (incident->severity.size)
        builder_printf(&facts, "%s%.*s", facts.size ? ", " : "", TEXT_ARG(incident->severity));
    if (incident->priority.size)
        builder_printf(&facts, "%s%.*s", facts.size ? ", " : "", TEXT_ARG(incident->priority));
    if (incident->alerts > 1)
        builder_printf(&facts, "%s%lld alerts", facts.size ? ", " : "", (long long)incident->alerts);
    add(sms, content_incident_line(sms->arena, incident));
    add(sms, builder_text(&facts));
    add(sms, content->why);
}

static void add_bundle(struct sms *sms, const struct content *content)
{
    size_t shown = content->incident_count < LINES_MAX - 2 ? content->incident_count : LINES_MAX - 2;
    add(sms, text_printf(sms->arena, "%zu incidents need you", content->incident_total));
    for (size_t i = 0; i < shown; i++)
        add(sms, content_incident_line(sms->arena, &content->incidents[i]));
}

static struct text how_to_answer(struct arena *arena, const struct content *content)
{
    const char *all = content->incident_total > 1 ? " all" : "";
    if (content->code > 0)
        return text_printf(arena, "Reply 4 %lld ack%s, 6 %lld resolve%s, 8 %lld escalate%s", (long long)content->code, all,
                           (long long)content->code, all, (long long)content->code, all);
    return text_printf(arena, "Reply 4 ack%s, 6 resolve%s, 8 escalate%s", all, all, all);
}

static enum sms_alphabet alphabet_for(const struct sms *sms)
{
    for (size_t i = 0; i < sms->count; i++)
        if (sms_alphabet_of(sms->lines[i]) == SMS_UNICODE)
            return SMS_UNICODE;
    return SMS_GSM;
}

static struct text lay_out(struct sms *sms)
{
    enum sms_alphabet alphabet = alphabet_for(sms);
    size_t room = sms_room(alphabet, alphabet == SMS_GSM ? SMS_SEGMENTS_MAX : SMS_SEGMENTS_UNICODE_MAX);
    size_t kept = sms->answer.size ? sms_units(sms->answer, alphabet) + 1 : 0;
    struct builder b = builder_new(sms->arena, 4096);
    size_t used = kept;
    for (size_t i = 0; i < sms->count; i++) {
        size_t line_break = b.size ? 1 : 0;
        if (used + line_break + LINE_UNITS_MIN > room)
            break;
        size_t left = room - used - line_break;
        size_t most = left < TITLE_UNITS_MAX ? left : TITLE_UNITS_MAX;
        struct text line = sms_cut(sms->arena, sms->lines[i], alphabet, most);
        if (line_break)
            builder_add_string(&b, "\n");
        builder_add(&b, line);
        used += line_break + sms_units(line, alphabet);
    }
    if (sms->answer.size) {
        if (b.size)
            builder_add_string(&b, "\n");
        builder_add(&b, sms->answer);
    }
    return builder_text(&b);
}

struct text render_sms(struct arena *arena, const struct content *content)
{
    struct sms sms = {.arena = arena};
    if (content->repeat)
        add(&sms, TEXT("Possible repeat:"));
    if (content->kind == CONTENT_PAGE && content->incident_total > 0) {
        if (content->incident_total == 1)
            add_one_incident(&sms, content);
        else
            add_bundle(&sms, content);
        sms.answer = how_to_answer(arena, content);
        return lay_out(&sms);
    }
    if (content->line_count == 0)
        add(&sms, content->subject);
    for (size_t i = 0; i < content->line_count; i++)
        add(&sms, content->lines[i]);
    return lay_out(&sms);
}

struct text sms_answer(struct arena *arena, struct text answer)
{
    struct text line = sms_simplify(arena, content_without_links(arena, answer));
    enum sms_alphabet alphabet = sms_alphabet_of(line);
    return sms_cut(arena, line, alphabet, sms_room(alphabet, alphabet == SMS_GSM ? SMS_SEGMENTS_MAX : SMS_SEGMENTS_UNICODE_MAX));
}

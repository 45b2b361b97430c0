/* Why: the small grammars of base/, core/ and api/: texts, times, ids, telephone numbers, answers by text message, the Authorization header. */
#include <assert.h>

#include "api/auth.h"
#include "api/phone_number.h"
#include "api/resource.h"
#include "base/id.h"
#include "base/zone.h"
#include "channel/content.h"
#include "channel/sms_text.h"
#include "core/reply_grammar.h"
#include "core/schedule.h"
#include "target.h"

static void check_utf8(struct arena *arena, struct text t)
{
    for (size_t limit = 0; limit <= t.size && limit < 40; limit++) {
        struct text cut = text_utf8_cut(t, limit);
        assert(cut.size <= limit && text_is_utf8(cut) && limit - cut.size < 4);
    }
    assert(text_utf8_length(t) <= t.size);
    assert(text_is_utf8(text_html_escape(arena, t)));
    assert(text_is_utf8(content_one_line(arena, t)));
    struct text line = content_one_line(arena, t);
    for (size_t i = 0; i < line.size; i++)
        assert((unsigned char)line.data[i] >= 0x20 && line.data[i] != 0x7f);
    assert(text_equal(content_one_line(arena, line), line));
    fuzz_expect_utf8(content_without_links(arena, t));
    size_t position = 0, count = 0;
    while (position < t.size) {
        content_character(t, &position);
        count++;
    }
    assert(count == text_utf8_length(t));
}

bool fuzz_texts(struct arena *arena, struct text input)
{
    assert(text_equal(text_percent_decode(arena, text_percent_encode(arena, input), true), input));
    assert(text_equal(text_base64_decode(arena, text_base64(arena, input.data, input.size)), input));
    (void)text_base64_decode(arena, input);
    struct text decoded = text_percent_decode(arena, input, false);
    assert(decoded.size <= input.size);
    struct text trimmed = text_trim(input);
    assert(text_equal(text_trim(trimmed), trimmed));
    int64_t number;
    if (text_to_int64(input, &number))
        (void)text_printf(arena, "%lld", (long long)number);
    struct text rest = input, part;
    size_t seen = 0;
    while (text_next(&rest, ',', &part))
        seen += part.size + 1;
    assert(seen >= input.size && seen <= input.size + 1);
    size_t position = 0;
    while (position < input.size) /* broken bytes too */
        content_character(input, &position);
    (void)content_clock(arena, input);
    (void)content_date(arena, input);
    (void)resource_is_email(input);
    if (!text_is_utf8(input))
        return false;
    check_utf8(arena, input);
    return true;
}

bool fuzz_instant(struct arena *arena, struct text input)
{
    struct text rest = input, zone_line = fuzz_line(&rest);
    const struct zone *zone = zone_utc();
    bool has_zone = zone_find(zone_line, &zone) == OK;
    instant t;
    int64_t seconds;
    if (time_of_day_parse(rest, &seconds)) {
        assert(seconds >= 0 && seconds <= 86400);
        int64_t again = -1;
        assert(time_of_day_parse(time_of_day_format(arena, seconds), &again) && again == seconds);
    }
    if (!zone_parse(zone, rest, &t))
        return false;
    instant again;
    assert(instant_is_set(t));
    struct text written = zone_format(arena, zone, t);
    assert(instant_parse(written, 0, &again));
    assert(t.us - again.us >= 0 && t.us - again.us < SECOND_US);
    assert(instant_parse(instant_format_ms(arena, t), 0, &again) && t.us - again.us >= 0 && t.us - again.us < 1000);
    wall_time wall = zone_wall(zone, t);
    assert(!instant_before(t, zone_instant(zone, wall))); /* the first instant that shows it */
    assert(wall_weekday(wall) >= 1 && wall_weekday(wall) <= 7);
    assert(instant_before(t, zone_next_change(zone, t)));
    return has_zone;
}

bool fuzz_id(struct arena *arena, struct text input)
{
    bool accepted = false;
    for (int kind = ID_INCIDENT; kind <= ID_NOTIFICATION; kind++) {
        int64_t number;
        if (!id_parse((enum id_kind)kind, input, &number))
            continue;
        assert(number > 0 && text_equal(id_public(arena, (enum id_kind)kind, number), input));
        accepted = true;
    }
    /* The same bytes as a number, so that the way there is tested too. */
    int64_t number = 0;
    memcpy(&number, input.data, input.size < sizeof number ? input.size : sizeof number);
    number = (int64_t)((uint64_t)number & INT64_MAX);
    if (number == 0)
        return accepted;
    int64_t again = 0;
    assert(id_parse(ID_ALERT, id_public(arena, ID_ALERT, number), &again) && again == number);
    return true;
}

enum { COUNTRY_CODE_MAX = 1999 }; /* what a contact method may say */

bool fuzz_phone_number(struct arena *arena, struct text input)
{
    struct text rest = input, code = fuzz_line(&rest), digits;
    int64_t country_code = 0;
    if (!text_to_int64(code, &country_code) || country_code < 0 || country_code > COUNTRY_CODE_MAX) {
        rest = input;
        country_code = 0;
    }
    if (!phone_number_parse(arena, rest, &country_code, &digits))
        return false;
    assert(country_code > 0 && country_code <= COUNTRY_CODE_MAX);
    assert(digits.size > 0 && digits.size <= 15);
    for (size_t i = 0; i < digits.size; i++)
        assert(digits.data[i] >= '0' && digits.data[i] <= '9');
    /* A country code that somebody typed need not exist; the whole number is one in any case. */
    int64_t again_code = 0;
    struct text again;
    assert(phone_number_parse(arena, text_printf(arena, "+%lld %.*s", (long long)country_code, TEXT_ARG(digits)), &again_code, &again));
    assert(again_code != country_code || text_equal(again, digits));
    return true;
}

bool fuzz_reply(struct arena *arena, struct text input)
{
    (void)arena;
    struct reply_words words = {.code = -1};
    if (reply_read(input, &words) != REPLY_COMMAND)
        return false;
    assert(words.code >= 0 && words.code <= REPLY_CODE_MAX);
    assert(words.verb == REPLY_ACKNOWLEDGE || words.verb == REPLY_RESOLVE || words.verb == REPLY_ESCALATE);
    return true;
}

bool fuzz_authorization(struct arena *arena, struct text input)
{
    struct text token = TEXT_NONE;
    if (auth_parse_header(input, &token) != AUTH_TOKEN)
        return false;
    assert(token.size > 0 && token.size <= 256 && token.data >= input.data && token.data + token.size <= input.data + input.size);
    assert(auth_secret_hash(arena, token).size == 64);
    return true;
}

bool fuzz_sms_text(struct arena *arena, struct text input)
{
    if (!text_is_utf8(input))
        return false;
    struct text line = sms_simplify(arena, input);
    fuzz_expect_utf8(line);
    enum sms_alphabet alphabet = sms_alphabet_of(line);
    size_t units = sms_units(line, alphabet);
    for (size_t room = 3; room < 12; room++) {
        struct text cut = sms_cut(arena, line, alphabet, room);
        fuzz_expect_utf8(cut);
        assert(sms_units(cut, alphabet) <= room);
        assert(units > room || text_equal(cut, line));
    }
    assert(sms_segments(line) * sms_room(alphabet, sms_segments(line) > 1 ? sms_segments(line) : 1) >= units);
    return true;
}

/* The lines of a recurrence. What was understood is the same from wherever it is looked at. */
bool fuzz_recurrence(struct arena *arena, struct text input)
{
    static const char *const zones[] = {"UTC", "Europe/Berlin", "Pacific/Apia", "Australia/Lord_Howe"};
    const struct zone *zone;
    struct text lines[8];
    size_t count = 0;
    assert(zone_find(text_of(zones[input.size % 4]), &zone) == OK);
    while (count < 8 && input.size > 0)
        lines[count++] = fuzz_line(&input);
    struct problem *problem = problem_new(arena);
    struct recurrence rule;
    wall_time first = wall_add_s(wall_midnight(20514 + (int64_t)(input.size % 400)), 34200);
    enum err err = recurrence_read(arena, lines, count, first, zone, "recurrence", problem, &rule);
    assert((err == OK) == problem_is_empty(problem));
    if (err != OK)
        return false;
    struct recurrence_walk walk, jump;
    wall_time before = {INT64_MIN / 2};
    assert(recurrence_seek(&rule, before, &walk) && walk.number == 0);
    for (int i = 0; i < 40; i++) {
        assert(walk.at.us > before.us && walk.number == i);
        assert(recurrence_seek(&rule, (wall_time){before.us + 1}, &jump) && jump.at.us == walk.at.us && jump.number == i);
        before = walk.at;
        if (!recurrence_step(&walk))
            break;
    }
    return true;
}

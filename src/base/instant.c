/* Why: calendar arithmetic and RFC 3339 text without the C library's hidden zone state. */
#include "base/instant.h"

enum { DAY_S = 86400 };

int64_t instant_seconds_between(instant a, instant b)
{
    return floor_divide(b.us - a.us, SECOND_US);
}

/* Both from the era arithmetic of the Gregorian calendar: 400 years are 146,097 days. */
int64_t days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = floor_divide(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void civil_from_days(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day)
{
    days += 719468;
    int64_t era = floor_divide(days, 146097);
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    *ret_day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    *ret_month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    *ret_year = year_of_era + era * 400 + (*ret_month <= 2);
}

int days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/* Takes exactly `digits` decimal digits off the front. */
static bool take_number(struct text *t, size_t digits, int64_t *ret)
{
    if (t->size < digits)
        return false;
    int64_t value = 0;
    for (size_t i = 0; i < digits; i++) {
        if (t->data[i] < '0' || t->data[i] > '9')
            return false;
        value = value * 10 + (t->data[i] - '0');
    }
    *t = text_slice(*t, digits, t->size);
    *ret = value;
    return true;
}

static bool take_byte(struct text *t, char byte)
{
    if (t->size == 0 || t->data[0] != byte)
        return false;
    *t = text_slice(*t, 1, t->size);
    return true;
}

static bool take_time(struct text *t, int64_t *ret_us)
{
    int64_t hour, minute, second = 0, fraction_us = 0;
    if (!take_number(t, 2, &hour) || !take_byte(t, ':') || !take_number(t, 2, &minute))
        return false;
    if (take_byte(t, ':')) {
        if (!take_number(t, 2, &second))
            return false;
        if (take_byte(t, '.') || take_byte(t, ',')) {
            int64_t scale = 100000;
            size_t digits = 0;
            for (int64_t digit; take_number(t, 1, &digit); digits++, scale /= 10)
                fraction_us += digit * scale;
            if (digits == 0)
                return false;
        }
    }
    if (hour > 23 || minute > 59 || second > 60) /* 60: a leap second reads as the next second */
        return false;
    *ret_us = ((hour * 60 + minute) * 60 + second) * SECOND_US + fraction_us;
    return true;
}

static bool take_offset(struct text *t, bool *ret_has, int64_t *ret_offset_s)
{
    *ret_has = false;
    *ret_offset_s = 0;
    if (t->size == 0)
        return true;
    *ret_has = true;
    if (take_byte(t, 'Z') || take_byte(t, 'z'))
        return true;
    int64_t sign = t->data[0] == '-' ? -1 : 1, hours, minutes = 0;
    if (!take_byte(t, '+') && !take_byte(t, '-'))
        return false;
    if (!take_number(t, 2, &hours))
        return false;
    if (t->size > 0) {
        take_byte(t, ':');
        if (!take_number(t, 2, &minutes))
            return false;
    }
    if (hours > 18 || minutes > 59)
        return false;
    *ret_offset_s = sign * (hours * 3600 + minutes * 60);
    return true;
}

bool instant_parse_local(struct text t, instant *ret_as_if_utc, bool *ret_has_offset, int64_t *ret_offset_s)
{
    t = text_trim(t);
    int64_t year, month, day, time_us = 0, offset_s = 0;
    bool has_offset = false;
    if (!take_number(&t, 4, &year) || !take_byte(&t, '-') || !take_number(&t, 2, &month) || !take_byte(&t, '-') ||
        !take_number(&t, 2, &day))
        return false;
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, (int)month))
        return false;
    if (t.size > 0) {
        if (!take_byte(&t, 'T') && !take_byte(&t, 't') && !take_byte(&t, ' '))
            return false;
        if (!take_time(&t, &time_us))
            return false;
        take_byte(&t, ' ');
        if (!take_offset(&t, &has_offset, &offset_s))
            return false;
        /* Terraform's provider sends Go's "2017-09-01 10:00:00 +0000 UTC". */
        if (t.size > 0 && !(has_offset && offset_s == 0 && text_is(t, " UTC")))
            return false;
    }
    *ret_as_if_utc = (instant){days_from_civil(year, (int)month, (int)day) * DAY_S * SECOND_US + time_us};
    *ret_has_offset = has_offset;
    *ret_offset_s = offset_s;
    return true;
}

bool instant_is_in_range(instant t)
{
    return t.us >= 0 && t.us < days_from_civil(10000, 1, 1) * DAY_S * SECOND_US;
}

bool instant_parse(struct text t, int64_t default_offset_s, instant *ret)
{
    instant local;
    bool has_offset;
    int64_t offset_s;
    if (!instant_parse_local(t, &local, &has_offset, &offset_s))
        return false;
    instant parsed = instant_add_s(local, has_offset ? -offset_s : -default_offset_s);
    if (!instant_is_in_range(parsed))
        return false;
    *ret = parsed;
    return true;
}

/* `width` digits and what stands behind them; returns what is behind that. An answer of the API has a thousand times in it. */
static char *add_digits(char *at, int64_t value, int width, char behind)
{
    at[width] = behind;
    for (int i = width - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
    return at + width + 1;
}

static struct text format_with(struct arena *arena, instant t, bool milliseconds, const char *suffix)
{
    int64_t seconds = floor_divide(t.us, SECOND_US);
    int64_t days = floor_divide(seconds, DAY_S);
    int64_t rest = seconds - days * DAY_S;
    int64_t year;
    int month, day;
    civil_from_days(days, &year, &month, &day);
    char written[32];
    char *end = add_digits(written, year, year > 9999 ? 6 : 4, '-'); /* 64 bits of microseconds end in 294247 */
    end = add_digits(end, month, 2, '-');
    end = add_digits(end, day, 2, 'T');
    end = add_digits(end, rest / 3600, 2, ':');
    end = add_digits(end, rest / 60 % 60, 2, ':');
    end = add_digits(end, rest % 60, 2, '.');
    if (milliseconds)
        end = add_digits(end, (t.us - seconds * SECOND_US) / 1000, 3, '.');
    struct builder b = builder_new(arena, 64);
    builder_add(&b, (struct text){written, (size_t)(end - 1 - written)});
    builder_add_string(&b, suffix);
    return builder_text(&b);
}

struct text instant_format(struct arena *arena, instant t)
{
    return format_with(arena, t, false, "Z");
}

struct text instant_format_ms(struct arena *arena, instant t)
{
    return format_with(arena, t, true, "Z");
}

struct text instant_format_offset(struct arena *arena, instant t, int64_t offset_s)
{
    if (offset_s == 0 || instant_is_in_range(t) != instant_is_in_range(instant_add_s(t, offset_s)))
        return instant_format(arena, t);
    int64_t size = offset_s < 0 ? -offset_s : offset_s;
    char suffix[8] = {offset_s < 0 ? '-' : '+'};
    add_digits(add_digits(suffix + 1, size / 3600, 2, ':'), size / 60 % 60, 2, '\0');
    return format_with(arena, instant_add_s(t, offset_s), false, suffix);
}

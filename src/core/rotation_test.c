/* Why: shift-based schedules on figures worked out by hand: turns, people beside each other, empty places, overrides, custom shifts, clock changes, gaps, and
 * every mistake a document can have. The minute by minute comparison is tests/oracle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/arena_test.h"
#include "base/zone_test.h"
#include "core/rotation.h"

static enum err read_document(const char *rotations, struct problem *problem, struct schedule *ret)
{
    const char *document = arena_printf(arena, "{\"name\":\"Payments\",\"time_zone\":\"Europe/Berlin\",\"rotations\":%s}", rotations);
    return schedule_read(arena, text_of(document), "schedule", problem, ret);
}

static struct schedule schedule_of(const char *rotations)
{
    struct problem *problem = problem_new(arena);
    struct schedule schedule;
    if (read_document(rotations, problem, &schedule) != OK)
        fail_msg("%s", problem_line(problem, 0).data);
    return schedule;
}

#define MEMBER(id) "{\"type\":\"user_member\",\"user_id\":\"" id "\"}"
#define EMPTY "{\"type\":\"empty_member\"}"
#define TURNS(shifts, members) "\"assignment_strategy\":{\"type\":\"rotating_member_assignment_strategy\",\"shifts_per_member\":" shifts ",\"members\":[" members "]}"
#define EVERYBODY(members) "\"assignment_strategy\":{\"type\":\"every_member_assignment_strategy\",\"members\":[" members "]}"
#define TIMES(zone, start, end) "\"start_time\":{\"date_time\":\"" start "\",\"time_zone\":\"" zone "\"},\"end_time\":{\"date_time\":\"" end "\",\"time_zone\":\"" zone "\"}"
#define EVENT(id, times, since, rule, strategy) \
    "{\"id\":\"" id "\",\"name\":\"" id "\"," times ",\"effective_since\":\"" since "\",\"recurrence\":[\"" rule "\"]," strategy "}"
#define ROTATION(id, events) "{\"id\":\"" id "\",\"events\":[" events "]}"

static const char *show(struct schedule_spans spans)
{
    struct builder b = builder_new(arena, 1 << 16);
    for (size_t i = 0; i < spans.count; i++) {
        const struct schedule_span *span = &spans.items[i];
        struct text from = instant_format(arena, span->from), until = instant_format(arena, span->until);
        builder_printf(&b, "%s%.11s-%.11s %.*s%s", i > 0 ? ", " : "", from.data + 5, until.data + 5,
                       TEXT_ARG(text_is_present(span->user_id) ? span->user_id : TEXT("nobody")), span->override_number ? "*" : "");
    }
    return builder_text(&b).data;
}

static struct schedule_rendering render(const struct schedule *schedule, struct schedule_overrides overrides, const char *since, const char *until)
{
    struct schedule_rendering rendering;
    assert_int_equal(schedule_render(arena, schedule, overrides, at(since), at(until), &rendering), OK);
    return rendering;
}

static const struct schedule_overrides none = {NULL, 0};

static void test_turns(void **state)
{
    (void)state;
    struct schedule weekdays = schedule_of("[" ROTATION("R1", EVENT("days", TIMES("UTC", "2026-03-02T09:00:00Z", "2026-03-02T17:00:00Z"), "2026-03-03T12:00:00Z",
                                                                   "RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", TURNS("2", MEMBER("ana") "," MEMBER("ben")))) "]");
    assert_true(weekdays.shift_based);
    /* Two shifts each from the first one on, though the event took effect in the middle of the second. */
    assert_string_equal(show(render(&weekdays, none, "2026-03-02T00:00Z", "2026-03-10T00:00Z").final),
                        "03-02T00:00-03-03T12:00 nobody, 03-03T12:00-03-03T17:00 ana, 03-03T17:00-03-04T09:00 nobody, 03-04T09:00-03-04T17:00 ben, "
                        "03-04T17:00-03-05T09:00 nobody, 03-05T09:00-03-05T17:00 ben, 03-05T17:00-03-06T09:00 nobody, 03-06T09:00-03-06T17:00 ana, "
                        "03-06T17:00-03-09T09:00 nobody, 03-09T09:00-03-09T17:00 ana, 03-09T17:00-03-10T00:00 nobody");
    struct schedule weeks = schedule_of("[" ROTATION("R1", EVENT("weeks", TIMES("Europe/Berlin", "2026-03-23T09:00:00", "2026-03-30T09:00:00"), "2026-01-01T00:00:00Z",
                                                                "RRULE:FREQ=WEEKLY", TURNS("1", MEMBER("ana") "," EMPTY "," MEMBER("ben")))) "]");
    /* Clocks go forward on 29 March: the handoff stays at nine. The second week is nobody's. */
    assert_string_equal(show(render(&weeks, none, "2026-03-23T00:00Z", "2026-04-14T00:00Z").final),
                        "03-23T00:00-03-23T08:00 nobody, 03-23T08:00-03-30T07:00 ana, 03-30T07:00-04-06T07:00 nobody, 04-06T07:00-04-13T07:00 ben, "
                        "04-13T07:00-04-14T00:00 ana");
    struct schedule_span ana = schedule_on_call_at(arena, &weeks, none, at("2026-03-29T12:00Z")).items[0];
    assert_string_equal(show((struct schedule_spans){&ana, 1}), "03-23T08:00-03-30T07:00 ana");
    assert_string_equal(ana.event->name.data, "weeks");
    assert_string_equal(ana.event->rotation_id.data, "R1");
}

static void test_beside_each_other(void **state)
{
    (void)state;
    struct schedule both = schedule_of("[" ROTATION("R1", EVENT("nights", TIMES("UTC", "2026-03-02T20:00:00Z", "2026-03-03T08:00:00Z"), "2026-01-01T00:00:00Z", "RRULE:FREQ=DAILY",
                                                               TURNS("1", MEMBER("ana") "," MEMBER("ben")))) ","
                                       ROTATION("R2", EVENT("tuesday", TIMES("UTC", "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z"), "2026-01-01T00:00:00Z",
                                                            "RRULE:FREQ=WEEKLY;BYDAY=TU", EVERYBODY(MEMBER("ben") "," MEMBER("cleo")))) "]");
    struct schedule_rendering two_days = render(&both, none, "2026-03-02T12:00Z", "2026-03-04T12:00Z");
    assert_string_equal(show(two_days.final), "03-02T12:00-03-02T20:00 nobody, 03-02T20:00-03-03T08:00 ana, 03-03T00:00-03-04T00:00 ben, 03-03T00:00-03-04T00:00 cleo, "
                                              "03-03T20:00-03-04T08:00 ben, 03-04T08:00-03-04T12:00 nobody");
    /* Ben's Tuesday runs into his night: one shift to him. */
    assert_string_equal(show(schedule_by_person(arena, two_days.final)),
                        "03-02T12:00-03-02T20:00 nobody, 03-02T20:00-03-03T08:00 ana, 03-03T00:00-03-04T08:00 ben, 03-03T00:00-03-04T00:00 cleo, 03-04T08:00-03-04T12:00 nobody");
    assert_true(schedule_coverage(two_days.final, two_days.since, two_days.until) == 75.0);
    assert_string_equal(show(schedule_on_call_at(arena, &both, none, at("2026-03-03T07:00Z"))),
                        "03-02T20:00-03-03T08:00 ana, 03-03T00:00-03-04T08:00 ben, 03-03T00:00-03-04T00:00 cleo");
    assert_string_equal(show(schedule_on_call_at(arena, &both, none, at("2026-03-05T12:00Z"))), "03-05T08:00-03-05T20:00 nobody");
    /* Until the next of them begins or ends, not until the end of the one who is there. */
    struct instant_range day = {at("2026-03-03T00:00Z"), at("2026-03-04T00:00Z")}, steady = schedule_steady_around(arena, &both, none, at("2026-03-03T12:00Z"), day);
    assert_true(instant_equal(steady.since, at("2026-03-03T08:00Z")) && instant_equal(steady.until, at("2026-03-03T20:00Z")));
    /* A shift of two days that begins on Saturday and on Sunday. */
    struct schedule weekend = schedule_of("[" ROTATION("R1", EVENT("weekend", TIMES("UTC", "2026-03-07T00:00:00Z", "2026-03-08T12:00:00Z"), "2026-01-01T00:00:00Z",
                                                                  "RRULE:FREQ=WEEKLY;BYDAY=SA,SU", TURNS("1", MEMBER("ana") "," MEMBER("ben")))) "]");
    assert_string_equal(show(render(&weekend, none, "2026-03-07T00:00Z", "2026-03-09T12:00Z").final), "03-07T00:00-03-08T12:00 ana, 03-08T00:00-03-09T12:00 ben");
}

static void test_overrides(void **state)
{
    (void)state;
    struct schedule schedule = schedule_of("[" ROTATION("R1", EVENT("days", TIMES("UTC", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"), "2026-01-01T00:00:00Z", "RRULE:FREQ=DAILY",
                                                                   TURNS("1", MEMBER("ana") "," EMPTY))) ","
                                           ROTATION("R2", EVENT("ana too", TIMES("UTC", "2026-03-02T06:00:00Z", "2026-03-02T12:00:00Z"), "2026-01-01T00:00:00Z", "RRULE:FREQ=DAILY",
                                                                EVERYBODY(MEMBER("ana")))) "]");
#define MEMBER_OVERRIDE(n, a, b, who, rotation, whom) \
    {.number = n, .start = at(a), .end = at(b), .user_id = who, .kind = OVERRIDE_MEMBER, .rotation_id = rotation, .replaced_id = whom}
    const struct schedule_override items[] = {
        MEMBER_OVERRIDE(1, "2026-03-02T02:00Z", "2026-03-02T20:00Z", TEXT("ben"), TEXT("R1"), TEXT("ana")),
        MEMBER_OVERRIDE(2, "2026-03-02T10:00Z", "2026-03-02T14:00Z", TEXT("cleo"), TEXT("R1"), TEXT("ana")),  /* made later: wins over the first */
        MEMBER_OVERRIDE(3, "2026-03-02T18:00Z", "2026-03-02T22:00Z", TEXT_NONE, TEXT("R1"), TEXT("ben")),     /* of who replaces: nobody then */
        MEMBER_OVERRIDE(4, "2026-03-03T00:00Z", "2026-03-03T04:00Z", TEXT("dan"), TEXT("R1"), TEXT_NONE),     /* fills the empty place */
        MEMBER_OVERRIDE(5, "2026-03-03T05:00Z", "2026-03-03T07:00Z", TEXT("eve"), TEXT("R1"), TEXT("ana")),   /* Ana has no shift there */
        {.number = 6, .start = at("2026-03-03T20:00Z"), .end = at("2026-03-03T23:00Z"), .user_id = TEXT("fay"), .kind = OVERRIDE_SHIFT},
        {.number = 7, .start = at("2026-03-03T21:00Z"), .end = at("2026-03-04T23:00Z"), .user_id = TEXT("gus"), .kind = OVERRIDE_MEMBER, .shift_number = 6,
         .replaced_id = TEXT("fay")},
    };
    struct schedule_overrides overrides = {items, sizeof items / sizeof *items};
    assert_string_equal(show(render(&schedule, overrides, "2026-03-02T00:00Z", "2026-03-04T00:00Z").final),
                        "03-02T00:00-03-02T02:00 ana, 03-02T02:00-03-02T10:00 ben*, 03-02T06:00-03-02T12:00 ana, 03-02T10:00-03-02T14:00 cleo*, 03-02T14:00-03-02T18:00 ben*, "
                        "03-02T18:00-03-02T20:00 nobody, 03-02T20:00-03-03T00:00 ana, 03-03T00:00-03-03T04:00 dan*, 03-03T04:00-03-03T06:00 nobody, 03-03T06:00-03-03T12:00 ana, "
                        "03-03T12:00-03-03T20:00 nobody, 03-03T20:00-03-03T21:00 fay, 03-03T21:00-03-03T23:00 gus*, 03-03T23:00-03-04T00:00 nobody");
    struct schedule_span gus = schedule_on_call_at(arena, &schedule, overrides, at("2026-03-03T22:00Z")).items[0];
    assert_int_equal(gus.override_number, 7);
    assert_int_equal(gus.shift_number, 6);
    assert_null(gus.event);
}

/* At Apia a whole day did not happen: its shift is nobody's, and still a turn. */
static void test_a_day_that_was_not(void **state)
{
    (void)state;
    struct schedule schedule = schedule_of("[" ROTATION("R1", EVENT("days", TIMES("Pacific/Apia", "2011-12-28T09:00:00", "2011-12-28T17:00:00"), "2011-01-01T00:00:00Z",
                                                                   "RRULE:FREQ=DAILY", TURNS("1", MEMBER("ana") "," MEMBER("ben")))) "]");
    assert_string_equal(show(schedule_by_person(arena, render(&schedule, none, "2011-12-28T19:00Z", "2012-01-01T03:00Z").final)),
                        "12-28T19:00-12-29T03:00 ana, 12-29T03:00-12-29T19:00 nobody, 12-29T19:00-12-30T03:00 ben, 12-30T03:00-12-30T19:00 nobody, 12-30T19:00-12-31T03:00 ben, "
                        "12-31T03:00-12-31T19:00 nobody, 12-31T19:00-01-01T03:00 ana");
}

static void test_people(void **state)
{
    (void)state;
    struct schedule schedule = schedule_of("[" ROTATION("R1", EVENT("days", TIMES("UTC", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"), "2026-01-01T00:00:00Z", "RRULE:FREQ=DAILY",
                                                                   TURNS("1", MEMBER("ana") "," EMPTY "," MEMBER("ben")))) "]");
    assert_int_equal(schedule_places(arena, &schedule).count, 3);
    assert_true(schedule_has_user(arena, &schedule, TEXT("ben")));
    struct schedule without = schedule_vacated(arena, &schedule, TEXT("ben"));
    assert_false(schedule_has_user(arena, &without, TEXT("ben")));
    assert_true(schedule_has_user(arena, &schedule, TEXT("ben")));
    assert_string_equal(show(render(&without, none, "2026-03-02T00:00Z", "2026-03-06T00:00Z").final),
                        "03-02T00:00-03-03T00:00 ana, 03-03T00:00-03-05T00:00 nobody, 03-05T00:00-03-06T00:00 ana");
}

static void test_events_meet(void **state)
{
    (void)state;
    struct schedule schedule = schedule_of("[" ROTATION("R1", EVENT("days", TIMES("UTC", "2026-03-02T08:00:00Z", "2026-03-02T20:00:00Z"), "2026-01-01T00:00:00Z", "RRULE:FREQ=DAILY",
                                                                   EVERYBODY(MEMBER("ana"))) ","
                                                            EVENT("nights", TIMES("UTC", "2026-03-02T20:00:00Z", "2026-03-03T08:00:00Z"), "2026-01-01T00:00:00Z", "RRULE:FREQ=DAILY",
                                                                   EVERYBODY(MEMBER("ben"))) ","
                                                            EVENT("sundays", TIMES("UTC", "2026-03-08T04:00:00Z", "2026-03-08T07:00:00Z"), "2026-01-01T00:00:00Z", "RRULE:FREQ=WEEKLY",
                                                                   EVERYBODY(MEMBER("ben")))) "]");
    const struct rotation_event *events = schedule.rotations[0].events;
    assert_false(instant_is_set(rotation_events_meet(arena, &events[0], &events[1], at("2026-03-01T00:00Z"), at("2027-03-01T00:00Z"))));
    assert_int_equal(rotation_events_meet(arena, &events[1], &events[2], at("2026-03-01T00:00Z"), at("2027-03-01T00:00Z")).us, at("2026-03-08T04:00Z").us);
}

static void test_stored_form(void **state)
{
    (void)state;
    struct schedule schedule = schedule_of("[" ROTATION("R1", EVENT("days", TIMES("Europe/Berlin", "2026-03-02T00:00:00", "2026-03-03T00:00:00"), "2026-01-01T00:00:00Z",
                                                                   "RRULE:FREQ=DAILY\",\"EXDATE;VALUE=DATE:20260305", TURNS("3", MEMBER("ana") "," EMPTY))) "," ROTATION("R2", "") "]");
    struct text stored = json_write(arena, schedule_to_json(arena, &schedule));
    struct schedule again;
    assert_int_equal(schedule_read(arena, stored, "", problem_new(arena), &again), OK);
    assert_true(text_equal(json_write(arena, schedule_to_json(arena, &again)), stored));
    assert_int_equal(again.rotation_count, 2);
    assert_int_equal(again.rotations[0].events[0].rule.removed_count, 1);
}

static void mistakes(const char *rotations, const char *expected)
{
    struct problem *problem = problem_new(arena);
    struct schedule schedule;
    struct builder b = builder_new(arena, 1 << 14);
    assert_int_equal(read_document(rotations, problem, &schedule), ERR_INVALID);
    for (size_t i = 0; i < problem->count; i++) {
        builder_add_string(&b, i > 0 ? " | " : "");
        struct text line = problem_line(problem, i);
        builder_add(&b, text_starts_with(line, TEXT("schedule.rotations")) ? text_slice(line, 18, line.size) : line);
    }
    assert_string_equal(builder_text(&b).data, expected);
}

static void test_mistakes(void **state)
{
    (void)state;
    mistakes("7", " must be a list");
    mistakes("[7,{\"events\":[7,{}]}]",
             "[0] must be an object | [1].events[0] must be an object | [1].events[1].name cannot be empty | [1].events[1].start_time cannot be empty | [1].events[1].end_time "
             "cannot be empty | [1].events[1].effective_since cannot be empty | [1].events[1].recurrence cannot be empty | [1].events[1].assignment_strategy cannot be empty");
    mistakes("[" ROTATION("R1", EVENT("a", TIMES("Mars", "2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z"), "soon", "RRULE:FREQ=DAILY", TURNS("0", "7," MEMBER("") ",{\"type\":\"team\"}"))) "]",
             "[0].events[0].start_time.time_zone is not a time zone of the IANA database | [0].events[0].end_time.time_zone is not a time zone of the IANA database | "
             "[0].events[0].effective_since must be an ISO 8601 date and time | [0].events[0].end_time must be after start_time | "
             "[0].events[0].assignment_strategy.shifts_per_member must be between 1 and 1000 | [0].events[0].assignment_strategy.members[0] must be an object | "
             "[0].events[0].assignment_strategy.members[1].user_id cannot be empty | [0].events[0].assignment_strategy.members[2].type must be \"user_member\" or \"empty_member\"");
    mistakes("[" ROTATION("R1", EVENT("a", TIMES("UTC", "2026-03-02T00:00:00Z", "2026-03-22T00:00:00Z"), "2026-03-02T00:00:00Z", "RRULE:FREQ=HOURLY", EVERYBODY(MEMBER("ana")))) "]",
             "[0].events[0].recurrence lets more than 16 shifts of this event overlap");
    mistakes("[" ROTATION("R1", EVENT("a", TIMES("UTC", "2026-03-02T00:00:00Z", "2027-03-22T00:00:00Z"), "2026-03-02T00:00:00Z", "RRULE:FREQ=YEARLY", EVERYBODY(""))) "]",
             "[0].events[0].end_time cannot be more than 366 days after start_time | [0].events[0].assignment_strategy.members cannot be empty");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turns),  cmocka_unit_test(test_beside_each_other), cmocka_unit_test(test_overrides),   cmocka_unit_test(test_a_day_that_was_not),
        cmocka_unit_test(test_people), cmocka_unit_test(test_events_meet),       cmocka_unit_test(test_stored_form), cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}

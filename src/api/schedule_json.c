/* Why: see schedule_json.h. */
#include "api/schedule_json.h"

#include "api/resource.h"
#include "api/visibility.h"

enum { DAY_S = 86400, TWO_WEEKS_S = 14 * DAY_S, NEXT_DAYS = 90, MONTH_S = 30 * DAY_S };

/* What is needed while one schedule is shown. */
struct showing {
    struct call *call;
    const struct schedule_shape *shape;
    const struct zone *zone;
    const struct roster *roster;
    struct people people;
    bool is_rendered;
    struct schedule_rendering window; /* cut at the window's ends */
    struct schedule_rendering wide;   /* with overflow=true: as far as can be seen; else the same */
};

enum err people_load(struct call *call, const json_t *ids, struct people *ret)
{
    struct people people = {.call = call};
    people.ids = ARENA_ARRAY(call->arena, struct text, json_array_size(ids) + 1);
    people.names = ARENA_ARRAY(call->arena, struct text, json_array_size(ids) + 1);
    people.references = ARENA_ARRAY(call->arena, json_t *, json_array_size(ids) + 1);
    struct query *q = db_query(call->db, "schedule_user_names");
    query_bind_text(q, "ids", json_write(call->arena, ids));
    while (query_next(q)) {
        people.ids[people.count] = text_copy(call->arena, query_text(q, 0));
        people.names[people.count++] = text_copy(call->arena, query_text(q, 1));
    }
    *ret = people;
    return query_err(q);
}

json_t *people_reference(const struct people *people, struct text id)
{
    for (size_t i = 0; i < people->count; i++) {
        if (!text_equal(people->ids[i], id))
            continue;
        if (!people->references[i])
            people->references[i] = api_reference_to(people->call, "user", id, people->names[i]);
        return people->references[i];
    }
    return api_reference_to(people->call, "user", id, id);
}

enum err schedule_answer_fits(struct call *call, const char *parameter)
{
    if (arena_used(call->arena) <= SCHEDULE_ANSWER_BYTES_MAX)
        return OK;
    problem_add(call->problem, parameter, "asks for more than can be shown at once");
    return ERR_INVALID;
}

enum err schedule_teams_read(struct call *call, const json_t *body, struct schedule_write *write)
{
    const json_t *teams = json_at(body, "teams");
    write->has_teams = json_is_array(teams);
    if (teams && !json_is_null(teams) && !write->has_teams)
        problem_add(call->problem, "schedule.teams", "must be a list");
    if (json_array_size(teams) > REFERENCES_MAX) {
        problem_add(call->problem, "schedule.teams", "cannot have more than %d items", REFERENCES_MAX);
        return ERR_INVALID;
    }
    write->team_ids = ARENA_ARRAY(call->arena, struct text, json_array_size(teams) + 1);
    json_t *before = json_object_in(call->arena);
    enum err err = text_is_empty(write->id) ? OK : schedule_put_references(call, before, "teams", "team", "schedule_show_teams", write->id);
    if (err != OK)
        return err;
    for (size_t i = 0; i < json_array_size(teams); i++) {
        struct text id = json_text_at(json_array_get(teams, i), "id");
        if (text_is_empty(id))
            problem_add(call->problem, arena_printf(call->arena, "schedule.teams[%zu].id", i), "cannot be empty");
        write->team_ids[write->team_count++] = id.data && visibility_may_name(call, json_at(before, "teams"), id) ? id : TEXT(""); /* nobody has that id */
    }
    return problem_is_empty(call->problem) ? OK : ERR_INVALID;
}

enum err schedule_expect(struct call *call, struct text id, bool shift_based, const struct zone **ret_zone)
{
    struct query *q = db_query(call->db, "schedule_show");
    query_bind_text(q, "id", id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    bool is_shift_based = text_is(query_text(q, 3), "schedule_v3");
    if (is_shift_based == shift_based)
        return ret_zone ? zone_find(query_text(q, 2), ret_zone) : OK;
    if (is_shift_based)
        problem_add(call->problem, NULL, "This is a shift-based schedule: use the v3 Schedules API, /v3/schedules/%.*s", TEXT_ARG(id));
    else
        problem_add(call->problem, NULL, "This schedule has layers: use /schedules/%.*s", TEXT_ARG(id));
    return ERR_INVALID;
}

json_t *schedule_reference(struct call *call, struct text id, struct text name)
{
    struct query *q = db_query(call->db, "schedule_type");
    query_bind_text(q, "id", id);
    bool is_shift_based = query_next(q) && text_is(query_text(q, 0), "schedule_v3");
    if (query_failed(q))
        call->read_error = query_err(q);
    return api_reference_to(call, is_shift_based ? "schedule_v3" : "schedule", id, name);
}

void schedule_put_time(struct call *call, const struct zone *zone, json_t *object, const char *key, instant t)
{
    bool is_set = instant_is_set(t) && t.us != INT64_MAX;
    json_put_text(object, key, is_set ? zone_format(call->arena, zone, t) : TEXT_NONE);
}

enum err schedule_put_references(struct call *call, json_t *object, const char *key, const char *type, const char *query, struct text id)
{
    json_t *list = json_array_in(call->arena);
    struct query *q = db_query(call->db, query);
    query_bind_text(q, "id", id);
    while (query_next(q))
        json_append(list, api_reference_to(call, type, text_copy(call->arena, query_text(q, 0)), text_copy(call->arena, query_text(q, 1))));
    json_put(object, key, list);
    return query_err(q);
}

static void add_id(json_t *ids, struct text id)
{
    if (!text_is_present(id)) /* a vacant place */
        return;
    for (size_t i = 0; i < json_array_size(ids); i++)
        if (text_equal(json_text_value(json_array_get(ids, i)), id))
            return;
    json_append_text(ids, id);
}

static enum err load_people(struct showing *showing)
{
    json_t *ids = json_array_in(showing->call->arena);
    const struct roster *roster = showing->roster;
    for (size_t i = 0; i < roster->newest->layer_count; i++)
        for (size_t k = 0; k < roster->newest->layers[i].user_count; k++)
            add_id(ids, roster->newest->layers[i].user_ids[k]);
    for (size_t v = 0; v < roster->version_count; v++)
        for (size_t i = 0; i < roster->versions[v].schedule.layer_count; i++)
            for (size_t k = 0; k < roster->versions[v].schedule.layers[i].user_count; k++)
                add_id(ids, roster->versions[v].schedule.layers[i].user_ids[k]);
    for (size_t i = 0; i < roster->overrides.count; i++)
        add_id(ids, roster->overrides.items[i].user_id);
    return people_load(showing->call, ids, &showing->people);
}

enum err schedule_zone_read(struct call *call, const struct zone *fallback, const struct zone **ret)
{
    struct text name = call_query(call, "time_zone");
    *ret = fallback;
    if (text_is_empty(name) || zone_find(name, ret) == OK)
        return OK;
    problem_add(call->problem, "time_zone", "is not a time zone of the IANA database");
    return ERR_INVALID;
}

static bool read_time(struct call *call, const struct zone *zone, const char *name, instant *ret)
{
    struct text written = call_query(call, name);
    if (text_is_empty(written))
        return false;
    if (!zone_parse(zone, written, ret)) {
        problem_add(call->problem, name, "must be an ISO 8601 date and time");
        return false;
    }
    return true;
}

enum err schedule_shape_read(struct call *call, const struct zone *zone, struct schedule_shape *shape)
{
    bool has_since = read_time(call, zone, "since", &shape->since), has_until = read_time(call, zone, "until", &shape->until);
    if (has_since && !has_until)
        shape->until = instant_add_s(shape->since, TWO_WEEKS_S);
    if (has_until && !has_since)
        shape->since = instant_add_s(shape->until, -TWO_WEEKS_S);
    shape->has_window = has_since || has_until;
    shape->overflow = call_wants(call, "overflow");
    shape->next_for_user = call_query(call, "include_next_oncall_for_user");
    if (shape->has_window && !instant_before(shape->since, shape->until))
        problem_add(call->problem, "until", "must be after since");
    else if (shape->has_window && instant_seconds_between(shape->since, shape->until) > SCHEDULE_WINDOW_DAYS_MAX * (int64_t)DAY_S)
        problem_add(call->problem, "until", "cannot be more than %d days after since", SCHEDULE_WINDOW_DAYS_MAX);
    return problem_is_empty(call->problem) ? OK : ERR_INVALID;
}

static void put_time(const struct showing *showing, json_t *object, const char *key, instant t)
{
    schedule_put_time(showing->call, showing->zone, object, key, t);
}

/* Begins and ends in one second: an override that was made within it. Times are shown in seconds, so it would be shown as nothing at all. */
static bool is_too_short_to_show(const struct schedule_span *span)
{
    return span->from.us / 1000000 == span->until.us / 1000000;
}

/* The spans with (or without) a person that touch the window. */
static json_t *entries_json(const struct showing *showing, struct schedule_spans spans, bool gaps)
{
    json_t *entries = json_array_in(showing->call->arena);
    for (size_t i = 0; i < spans.count; i++) {
        const struct schedule_span *span = &spans.items[i];
        if (text_is_present(span->user_id) == gaps || !instant_before(span->from, showing->window.until) ||
            !instant_before(showing->window.since, span->until) || is_too_short_to_show(span))
            continue;
        json_t *entry = json_object_in(showing->call->arena);
        put_time(showing, entry, "start", span->from);
        put_time(showing, entry, "end", span->until);
        if (!gaps)
            json_put(entry, "user", people_reference(&showing->people, span->user_id));
        json_append(entries, entry);
    }
    return entries;
}

static void put_entries(const struct showing *showing, json_t *object, struct schedule_spans cut, struct schedule_spans whole)
{
    if (!showing->is_rendered) {
        json_put(object, "rendered_schedule_entries", json_array_in(showing->call->arena));
        json_put_null(object, "rendered_coverage_percentage");
        return;
    }
    double percentage = schedule_coverage(cut, showing->window.since, showing->window.until);
    json_put(object, "rendered_schedule_entries", entries_json(showing, whole, false));
    json_put_real(object, "rendered_coverage_percentage", (double)(int64_t)(percentage * 100 + 0.5) / 100);
}

static json_t *restrictions_json(const struct showing *showing, const struct schedule_layer *layer)
{
    json_t *list = json_array_in(showing->call->arena);
    for (size_t i = 0; i < layer->restriction_count; i++) {
        const struct restriction *restriction = &layer->restrictions[i];
        json_t *object = json_object_in(showing->call->arena);
        json_put_string(object, "type", restriction->weekly ? "weekly_restriction" : "daily_restriction");
        json_put_text(object, "start_time_of_day", time_of_day_format(showing->call->arena, restriction->start_s));
        json_put_int(object, "duration_seconds", restriction->duration_s);
        if (restriction->weekly)
            json_put_int(object, "start_day_of_week", restriction->weekday);
        json_append(list, object);
    }
    return list;
}

static json_t *layer_json(const struct showing *showing, const struct schedule_layer *layer, size_t index)
{
    json_t *object = json_object_in(showing->call->arena), *users = json_array_in(showing->call->arena);
    for (size_t i = 0; i < layer->user_count; i++) {
        json_t *entry = json_object_in(showing->call->arena);
        json_put(entry, "user", people_reference(&showing->people, layer->user_ids[i]));
        json_append(users, entry);
    }
    json_put_text(object, "id", layer->id);
    json_put_text(object, "name", layer->name);
    put_time(showing, object, "start", layer->start);
    put_time(showing, object, "end", layer->end);
    put_time(showing, object, "rotation_virtual_start", layer->rotation_virtual_start);
    json_put_int(object, "rotation_turn_length_seconds", layer->turn_months ? layer->turn_months * (int64_t)MONTH_S : layer->turn_s);
    if (layer->turn_months)
        json_put_int(object, "rotation_turn_length_months", layer->turn_months);
    else
        json_put_null(object, "rotation_turn_length_months");
    json_put_text(object, "time_zone", layer->has_own_zone ? zone_name(layer->zone) : TEXT_NONE);
    json_put_int(object, "precedence", (int64_t)index + 1);
    json_put(object, "users", users);
    json_put(object, "restrictions", restrictions_json(showing, layer));
    put_entries(showing, object, showing->window.layers[index], showing->wide.layers[index]);
    return object;
}

static json_t *layers_json(const struct showing *showing)
{
    const struct schedule *schedule = roster_newest(showing->roster);
    json_t *layers = json_array_in(showing->call->arena);
    for (size_t i = schedule->layer_count; i-- > 0;)
        json_append(layers, layer_json(showing, &schedule->layers[i], i));
    return layers;
}

static json_t *sub_schedule_json(const struct showing *showing, const char *name, struct schedule_spans cut, struct schedule_spans whole)
{
    json_t *object = json_object_in(showing->call->arena);
    json_put_string(object, "name", name);
    put_entries(showing, object, cut, whole);
    return object;
}

/* With overflow the shifts at both ends keep their length: the widest window around that can be followed. */
static enum err render_wide(struct showing *showing)
{
    static const int days[] = {400, 60, 8};
    struct arena *arena = showing->call->arena;
    showing->wide = showing->window;
    if (!showing->shape->overflow)
        return OK;
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        instant since = instant_add_s(showing->window.since, -days[i] * (int64_t)DAY_S);
        instant until = instant_add_s(showing->window.until, days[i] * (int64_t)DAY_S);
        enum err err = roster_render(arena, showing->roster, since, until, &showing->wide);
        if (err != ERR_LIMIT)
            return err;
    }
    return OK;
}

static enum err render(struct showing *showing)
{
    struct arena *arena = showing->call->arena;
    const struct schedule_shape *shape = showing->shape;
    size_t layer_count = roster_newest(showing->roster)->layer_count;
    showing->window.layers = showing->wide.layers = ARENA_ARRAY(arena, struct schedule_spans, layer_count + 1);
    if (!shape->has_window)
        return OK;
    enum err err = roster_render(arena, showing->roster, shape->since, shape->until, &showing->window);
    if (err == OK)
        err = render_wide(showing);
    if (err == ERR_LIMIT) {
        problem_add(showing->call->problem, "until", "asks for more than %d entries", SCHEDULE_SPANS_MAX);
        return ERR_INVALID;
    }
    showing->is_rendered = err == OK;
    return err;
}

/* The running or next shift of one person. */
static enum err put_next(const struct showing *showing, json_t *object)
{
    struct call *call = showing->call;
    struct schedule_rendering rendering;
    instant until = instant_add_s(call->now, NEXT_DAYS * (int64_t)DAY_S);
    enum err err = roster_render(call->arena, showing->roster, call->now, until, &rendering);
    if (err)
        return err == ERR_LIMIT ? OK : err;
    struct schedule_spans spans = schedule_by_person(call->arena, rendering.final);
    for (size_t i = 0; i < spans.count; i++) {
        if (!text_equal(spans.items[i].user_id, showing->shape->next_for_user))
            continue;
        struct schedule_spans then = roster_at(call->arena, showing->roster, spans.items[i].from);
        const struct schedule_span *found = schedule_span_of(then, spans.items[i].user_id), span = found ? *found : spans.items[i];
        json_t *next = json_object_in(call->arena);
        put_time(showing, next, "start", span.from);
        put_time(showing, next, "end", span.until);
        json_put(next, "user", people_reference(&showing->people, span.user_id));
        json_put(object, "next_oncall_for_user", next);
        return OK;
    }
    return OK;
}

static enum err put_parts(struct showing *showing, json_t *object)
{
    struct arena *arena = showing->call->arena;
    const struct schedule_shape *shape = showing->shape;
    enum err err = load_people(showing);
    if (err == OK)
        err = render(showing);
    if (err != OK)
        return err;
    if (shape->layers)
        json_put(object, "schedule_layers", layers_json(showing));
    if (shape->overrides)
        json_put(object, "overrides_subschedule",
                 sub_schedule_json(showing, "Overrides", showing->window.overrides, showing->wide.overrides));
    if (shape->final) {
        json_put(object, "final_schedule", sub_schedule_json(showing, "Final Schedule", showing->window.final,
                                                             schedule_by_person(arena, showing->wide.final)));
        json_put(object, "gaps", entries_json(showing, schedule_by_person(arena, showing->window.final), true));
    }
    json_put_null(object, "next_oncall_for_user");
    return text_is_present(shape->next_for_user) ? put_next(showing, object) : OK;
}

static void put_head(struct call *call, json_t *object, struct text id, const struct schedule *schedule)
{
    json_t *reference = api_reference_to(call, "schedule", id, schedule->name);
    json_put_text(object, "id", id);
    json_put_string(object, "type", "schedule");
    json_put_text(object, "summary", schedule->name);
    json_put(object, "self", json_at(reference, "self"));
    json_put(object, "html_url", json_at(reference, "html_url"));
    json_put_text(object, "name", schedule->name);
    json_put_text(object, "time_zone", zone_name(schedule->zone));
    json_put_text(object, "description", schedule->description);
}

/* Everything that the window, its overflow and the next shift may need. */
static enum err load_roster(struct call *call, struct text id, const struct schedule_shape *shape, struct roster **ret)
{
    int64_t margin_s = 400 * (int64_t)DAY_S;
    instant since = call->now, until = instant_add_s(call->now, NEXT_DAYS * (int64_t)DAY_S);
    if (shape->has_window) {
        since = instant_min(since, shape->overflow ? instant_add_s(shape->since, -margin_s) : shape->since);
        until = instant_max(until, shape->overflow ? instant_add_s(shape->until, margin_s) : shape->until);
    }
    enum err err = roster_load(call->db, call->arena, id, since, until, ret);
    if (err != ERR_LIMIT)
        return err;
    problem_add(call->problem, "since", "asks for more changes or overrides than can be shown at once");
    return ERR_INVALID;
}

enum err schedule_json(struct call *call, struct text id, const struct schedule_shape *shape, json_t **ret)
{
    struct query *q = db_query(call->db, "schedule_show");
    query_bind_text(q, "id", id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    struct roster *roster;
    enum err err = load_roster(call, id, shape, &roster);
    if (err != OK)
        return err;
    const struct schedule *schedule = roster_newest(roster);
    struct showing showing = {.call = call, .shape = shape, .zone = shape->zone, .roster = roster};
    if (!showing.zone)
        err = schedule_zone_read(call, schedule->zone, &showing.zone);
    json_t *object = json_object_in(call->arena);
    put_head(call, object, id, schedule);
    if (err == OK)
        err = schedule_put_references(call, object, "escalation_policies", "escalation_policy", "schedule_policies", id);
    if (err == OK)
        err = schedule_put_references(call, object, "users", "user", "schedule_show_users", id);
    if (err == OK)
        err = schedule_put_references(call, object, "teams", "team", "schedule_show_teams", id);
    if (err == OK)
        err = put_parts(&showing, object);
    if (err != OK)
        return err;
    *ret = object;
    return OK;
}

enum err schedule_json_preview(struct call *call, const struct schedule *schedule, const struct schedule_shape *shape, json_t **ret)
{
    struct roster_version version = {.version = 1, .from = INSTANT_NONE, .until = INSTANT_MAX, .schedule = *schedule};
    struct roster roster = {.name = schedule->name, .versions = &version, .version_count = 1, .newest = schedule};
    struct showing showing = {.call = call, .shape = shape, .zone = shape->zone, .roster = &roster};
    json_t *object = json_object_in(call->arena), *users = json_array_in(call->arena);
    enum err err = showing.zone ? OK : schedule_zone_read(call, schedule->zone, &showing.zone);
    if (err != OK)
        return err;
    put_head(call, object, TEXT_NONE, schedule);
    json_put(object, "escalation_policies", json_array_in(call->arena));
    json_put(object, "users", users);
    json_put(object, "teams", json_array_in(call->arena));
    err = put_parts(&showing, object);
    if (err != OK)
        return err;
    for (size_t i = 0; i < showing.people.count; i++)
        json_append(users, people_reference(&showing.people, showing.people.ids[i]));
    *ret = object;
    return OK;
}

struct query *schedule_list_query(struct call *call, struct text type, const struct paging *paging)
{
    struct query *q = db_query(call->db, "schedule_list");
    query_bind_text(q, "type", type);
    visibility_bind_ids(call, q);
    if (!text_is_empty(call_query(call, "query")))
        query_bind_text(q, "query", call_query(call, "query"));
    if (text_is_present(call_query_list(call, "team_ids[]")))
        query_bind_text(q, "team_ids", call_query_list(call, "team_ids[]"));
    query_bind_int(q, "limit", paging->limit + 1);
    query_bind_int(q, "offset", paging->offset);
    if (paging->want_total)
        query_enable(q, "with_total");
    return q;
}

enum err schedule_reply(struct call *call, struct text id, bool shift_based, struct schedule_shape *shape, schedule_teller *tell, int status)
{
    json_t *item;
    enum err err = schedule_expect(call, id, shift_based, &shape->zone);
    if (err == OK)
        err = schedule_zone_read(call, shape->zone, &shape->zone);
    if (err == OK)
        err = schedule_shape_read(call, shape->zone, shape);
    if (err == OK)
        err = tell(call, id, shape, &item);
    if (err != OK)
        return err;
    call->status = status;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "schedule", item);
    return OK;
}

/* Why: see incident_parse.h. */
#include "api/incident_parse.h"

#include "base/id.h"

/* One object being read: every helper needs where it is and where mistakes go. */
struct reader {
    struct arena *arena;
    const json_t *object;
    const char *path;
    struct references *references;
    struct problem *problem;
};

static const char *below(const struct reader *r, const char *key)
{
    return r->path ? arena_printf(r->arena, "%s.%s", r->path, key) : key;
}

void reference_add(struct arena *arena, struct references *references, const char *noun, struct text id, const char *path)
{
    if (references->count == INCIDENT_REFERENCES_MAX)
        return;
    references->list = arena_grow(arena, references->list, references->count, &references->capacity, sizeof *references->list);
    references->list[references->count++] = (struct reference){.noun = noun, .id = id, .path = path, .incident = references->incident};
}

/* Absent and null read the same: nothing is asked for. */
static const json_t *present(const struct reader *r, const char *key)
{
    const json_t *value = json_at(r->object, key);
    return value && !json_is_null(value) ? value : NULL;
}

static struct text read_text(const struct reader *r, const char *key, size_t chars_max)
{
    const json_t *value = present(r, key);
    if (!value)
        return TEXT_NONE;
    struct text text = json_text_value(value);
    if (!text_is_present(text)) {
        problem_add(r->problem, below(r, key), "must be a text");
        return TEXT_NONE;
    }
    if (text_trim(text).size == 0)
        problem_add(r->problem, below(r, key), "cannot be empty");
    else if (text_utf8_length(text) > chars_max)
        problem_add(r->problem, below(r, key), "cannot be longer than %zu characters", chars_max);
    return text;
}

struct text incident_text_parse(struct arena *arena, const json_t *object, const char *path, const char *key, size_t chars_max,
                                struct problem *problem)
{
    struct reader r = {.arena = arena, .object = object, .path = path, .problem = problem};
    if (!present(&r, key)) {
        problem_add(problem, below(&r, key), "cannot be empty");
        return TEXT_NONE;
    }
    return read_text(&r, key, chars_max);
}

/* {"id": ..., "type": noun or noun_reference} */
static struct text read_reference(const struct reader *r, const json_t *value, const char *noun, const char *path)
{
    if (!json_is_object(value)) {
        problem_add(r->problem, path, "must be a reference: an object with id and type");
        return TEXT_NONE;
    }
    struct text id = json_text_at(value, "id"), type = json_text_at(value, "type");
    if (type.size && !text_is(type, noun) && !text_is(type, arena_printf(r->arena, "%s_reference", noun)))
        problem_add(r->problem, arena_printf(r->arena, "%s.type", path), "must be %s_reference", noun);
    if (id.size == 0) {
        problem_add(r->problem, arena_printf(r->arena, "%s.id", path), "cannot be empty");
        return TEXT_NONE;
    }
    reference_add(r->arena, r->references, noun, id, arena_printf(r->arena, "%s.id", path));
    return id;
}

static struct text read_reference_at(const struct reader *r, const char *key, const char *noun)
{
    const json_t *value = present(r, key);
    return value ? read_reference(r, value, noun, below(r, key)) : TEXT_NONE;
}

static void read_assignments(const struct reader *r, struct text **ret, size_t *ret_count)
{
    const json_t *list = present(r, "assignments");
    if (!list)
        return;
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count == 0 || count > ASSIGNEES_MAX) {
        problem_add(r->problem, below(r, "assignments"), "must be a list of 1 to %d people", ASSIGNEES_MAX);
        return;
    }
    struct text *ids = ARENA_ARRAY(r->arena, struct text, count);
    for (size_t i = 0; i < count; i++) {
        const char *path = arena_printf(r->arena, "%s.assignments[%zu].assignee", r->path, i);
        ids[i] = read_reference(r, json_at(json_array_get(list, i), "assignee"), "user", path);
    }
    *ret = ids;
    *ret_count = count;
}

static struct text read_urgency(const struct reader *r)
{
    struct text urgency = read_text(r, "urgency", 16);
    enum urgency known;
    if (urgency.size && !urgency_parse(urgency, &known))
        problem_add(r->problem, below(r, "urgency"), "must be high or low");
    return urgency;
}

/* An object with an id, or the name of a priority. */
static void read_priority(const struct reader *r, struct text *ret_id, struct text *ret_name)
{
    const json_t *value = json_at(r->object, "priority");
    if (json_is_string(value))
        *ret_name = json_text_value(value);
    else if (json_is_object(value) && json_text_at(value, "id").size)
        *ret_id = read_reference(r, value, "priority", below(r, "priority"));
    else if (json_is_object(value) && json_text_at(value, "name").size)
        *ret_name = json_text_at(value, "name");
    else if (value && !json_is_null(value))
        problem_add(r->problem, below(r, "priority"), "must be a reference or the name of a priority");
}

/* PagerDuty's clients send {"name": ...}, or a reference. Null names none, and an incident always has one. */
static struct text read_type(const struct reader *r)
{
    const json_t *value = present(r, "incident_type");
    struct text id = json_text_at(value, "id"), name = json_is_string(value) ? json_text_value(value) : json_text_at(value, "name");
    if (value && id.size == 0 && name.size == 0)
        problem_add(r->problem, below(r, "incident_type"), "must be a reference or the name of an incident type");
    return id.size > 0 ? id : name;
}

/* An address is shown as a link, so it must be one that a browser opens as a page. */
static bool read_bridge(const struct reader *r, struct conference_bridge *ret)
{
    const json_t *value = json_at(r->object, "conference_bridge");
    if (!value)
        return false;
    if (!json_is_object(value) && !json_is_null(value)) {
        problem_add(r->problem, below(r, "conference_bridge"), "must be an object or null");
        return false;
    }
    struct reader inner = {.arena = r->arena, .object = value, .path = below(r, "conference_bridge"), .problem = r->problem};
    ret->number = read_text(&inner, "conference_number", CONFERENCE_NUMBER_CHARS_MAX);
    ret->url = read_text(&inner, "conference_url", CONFERENCE_URL_CHARS_MAX);
    if (ret->url.size && !text_starts_with(ret->url, TEXT("https://")) && !text_starts_with(ret->url, TEXT("http://")))
        problem_add(r->problem, below(&inner, "conference_url"), "must begin with https:// or http://");
    return true;
}

static void check_type(const struct reader *r, bool required)
{
    struct text type = json_text_at(r->object, "type");
    if (type.size == 0 && required)
        problem_add(r->problem, below(r, "type"), "cannot be empty");
    else if (type.size && !text_is(type, "incident") && !text_is(type, "incident_reference"))
        problem_add(r->problem, below(r, "type"), "must be incident or incident_reference");
}

static bool check_object(const struct reader *r)
{
    if (json_is_object(r->object))
        return true;
    problem_add(r->problem, r->path, r->object ? "must be an object" : "cannot be empty");
    return false;
}

static bool read_incident_id(struct arena *arena, const json_t *object, const char *path, struct problem *problem, int64_t *ret)
{
    struct text id = json_text_at(object, "id");
    const char *at = arena_printf(arena, "%s.id", path);
    if (id.size == 0)
        problem_add(problem, at, "cannot be empty");
    else if (!id_parse(ID_INCIDENT, id, ret) && !text_to_int64(id, ret))
        problem_add(problem, at, "is not an incident");
    else
        return true;
    return false;
}

static void read_level(const struct reader *r, int64_t *ret)
{
    const json_t *value = present(r, "escalation_level");
    if (!value)
        return;
    if (!json_is_integer(value) || json_integer_value(value) < 1 || json_integer_value(value) > LEVELS_MAX)
        problem_add(r->problem, below(r, "escalation_level"), "must be from 1 to %d", LEVELS_MAX);
    else
        *ret = json_integer_value(value);
}

static void read_status(const struct reader *r, struct incident_change *change)
{
    struct text status = read_text(r, "status", 32);
    if (!text_is_present(status))
        return;
    if (!incident_status_parse(status, &change->status))
        problem_add(r->problem, below(r, "status"), "must be triggered, acknowledged or resolved");
    else
        change->has_status = true;
}

void incident_change_parse(struct arena *arena, const json_t *object, const char *path, bool with_id, struct references *references,
                           struct problem *problem, struct incident_change *ret)
{
    struct reader r = {.arena = arena, .object = object, .path = path, .references = references, .problem = problem};
    struct incident_change change = {.path = path};
    if (!check_object(&r))
        return;
    check_type(&r, true);
    if (with_id && read_incident_id(arena, object, path, problem, &change.number))
        reference_add(arena, references, "incident", text_printf(arena, "%lld", (long long)change.number),
                      arena_printf(arena, "%s.id", path));
    if (with_id)
        references->incident = change.number;
    read_status(&r, &change);
    change.resolution = read_text(&r, "resolution", NOTE_CHARS_MAX);
    change.title = read_text(&r, "title", TITLE_CHARS_MAX);
    change.urgency = read_urgency(&r);
    change.policy_id = read_reference_at(&r, "escalation_policy", "escalation_policy");
    change.has_priority = json_at(object, "priority") != NULL;
    read_priority(&r, &change.priority_id, &change.priority_name);
    change.type = read_type(&r);
    change.has_bridge = read_bridge(&r, &change.bridge);
    read_level(&r, &change.level);
    read_assignments(&r, &change.user_ids, &change.user_count);
    if (change.policy_id.size && change.user_count)
        problem_add(problem, below(&r, "assignments"), "cannot be given together with an escalation_policy");
    *ret = change;
}

/* {"type": "incident_body", "details": text}; other shapes of details are kept as JSON. */
static struct text read_body(const struct reader *r)
{
    const json_t *body = present(r, "body");
    if (!body)
        return TEXT_NONE;
    const json_t *details = json_at(body, "details");
    if (!json_is_object(body)) {
        problem_add(r->problem, below(r, "body"), "must be an object");
        return TEXT_NONE;
    }
    if (!details || json_is_null(details))
        return TEXT_NONE;
    return json_is_string(details) ? json_text_value(details) : json_write(r->arena, details);
}

void incident_new_parse(struct arena *arena, const json_t *object, const char *path, struct references *references,
                        struct problem *problem, struct incident_new *ret)
{
    struct reader r = {.arena = arena, .object = object, .path = path, .references = references, .problem = problem};
    struct incident_new created = {0};
    if (!check_object(&r))
        return;
    check_type(&r, false);
    created.title = incident_text_parse(arena, object, path, "title", TITLE_CHARS_MAX, problem);
    if (present(&r, "service"))
        created.service_id = read_reference_at(&r, "service", "service");
    else
        problem_add(problem, below(&r, "service"), "cannot be empty");
    created.urgency = read_urgency(&r);
    created.policy_id = read_reference_at(&r, "escalation_policy", "escalation_policy");
    created.incident_key = read_text(&r, "incident_key", INCIDENT_KEY_CHARS_MAX);
    created.body = read_body(&r);
    created.type = read_type(&r);
    created.has_bridge = read_bridge(&r, &created.bridge);
    read_priority(&r, &created.priority_id, &created.priority_name);
    read_assignments(&r, &created.user_ids, &created.user_count);
    if (created.policy_id.size && created.user_count)
        problem_add(problem, below(&r, "assignments"), "cannot be given together with an escalation_policy");
    *ret = created;
}

void incident_list_parse(struct arena *arena, const json_t *list, const char *path, size_t count_max, struct problem *problem,
                         int64_t **ret, size_t *ret_count)
{
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count == 0 || count > count_max) {
        problem_add(problem, path, "must be a list of 1 to %zu incidents", count_max);
        return;
    }
    int64_t *numbers = ARENA_ARRAY(arena, int64_t, count);
    for (size_t i = 0; i < count; i++)
        (void)read_incident_id(arena, json_array_get(list, i), arena_printf(arena, "%s[%zu]", path, i), problem, &numbers[i]);
    *ret = numbers;
    *ret_count = count;
}

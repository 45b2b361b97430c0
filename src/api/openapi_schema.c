/* Why: see openapi_schema.h. */
#include "api/openapi_schema.h"

#include "api/routes.h"

json_t *openapi_typed(struct arena *arena, const char *type)
{
    json_t *schema = json_object_in(arena);
    json_put_string(schema, "type", type);
    return schema;
}

json_t *openapi_reference(struct arena *arena, const char *schema_name)
{
    json_t *reference = json_object_in(arena);
    json_put_text(reference, "$ref", text_printf(arena, "#/components/schemas/%s", schema_name));
    return reference;
}

/* Fields -------------------------------------------------------------------------------------------------------- */

static json_t *choices_of(struct arena *arena, const struct field *field)
{
    json_t *schema = openapi_typed(arena, "string"), *values = json_array_in(arena);
    struct text rest = text_of(field->choices), choice;
    while (text_next(&rest, ' ', &choice))
        json_append_text(values, choice);
    if (field->flags & FIELD_NULLABLE)
        json_append(values, NULL);
    json_put(schema, "enum", values);
    return schema;
}

static json_t *number_of(struct arena *arena, const struct field *field)
{
    json_t *schema = openapi_typed(arena, "integer");
    if (field->min != 0 || field->max != 0) {
        json_put_int(schema, "minimum", field->min);
        json_put_int(schema, "maximum", field->max);
    }
    return schema;
}

static json_t *text_schema_of(struct arena *arena, const struct field *field, const char *format)
{
    json_t *schema = openapi_typed(arena, "string");
    if (format)
        json_put_string(schema, "format", format);
    if (field->max > 0)
        json_put_int(schema, "maxLength", field->max);
    return schema;
}

static json_t *type_of(struct arena *arena, const struct field *field)
{
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_ZONE: return text_schema_of(arena, field, NULL);
    case FIELD_EMAIL: return text_schema_of(arena, field, "email");
    case FIELD_CHOICE: return choices_of(arena, field);
    case FIELD_INTEGER:
    case FIELD_MINUTES: return number_of(arena, field);
    case FIELD_BOOLEAN: return openapi_typed(arena, "boolean");
    case FIELD_INSTANT: return text_schema_of(arena, field, "date-time");
    case FIELD_REFERENCE: return openapi_reference(arena, "Reference");
    case FIELD_REFERENCES: {
        json_t *schema = openapi_typed(arena, "array");
        json_put(schema, "items", openapi_reference(arena, "Reference"));
        return schema;
    }
    case FIELD_FIXED:
    case FIELD_CUSTOM: break;
    }
    return json_object_in(arena);
}

static void make_nullable(struct arena *arena, json_t *schema)
{
    json_t *type = json_at(schema, "type");
    if (!json_is_string(type))
        return;
    json_t *types = json_array_in(arena);
    json_append(types, type);
    json_append_text(types, TEXT("null"));
    json_put(schema, "type", types);
}

static json_t *property_of(struct arena *arena, const struct field *field)
{
    json_t *property = type_of(arena, field);
    bool is_a_value = field->kind != FIELD_REFERENCES && field->kind != FIELD_BOOLEAN;
    if (field->flags & (FIELD_NULLABLE | FIELD_MANAGERS) || (field->flags & FIELD_READ_ONLY && is_a_value))
        make_nullable(arena, property);
    if (field->flags & FIELD_READ_ONLY || field->kind == FIELD_FIXED)
        json_put_bool(property, "readOnly", true);
    if (field->doc)
        json_put_string(property, "description", field->doc);
    return property;
}

json_t *openapi_resource(struct arena *arena, const struct resource *resource)
{
    static const char *const always[] = {"id", "type", "summary", "self", "html_url"};
    json_t *schema = openapi_typed(arena, "object"), *properties = json_object_in(arena), *required = json_array_in(arena);
    for (size_t i = 0; i < (resource->no_type ? 1 : FIELD_COUNT(always)); i++) {
        json_t *property = openapi_typed(arena, "string");
        if (i >= 2) /* a noun without a page or an address of its own */
            make_nullable(arena, property);
        json_put_bool(property, "readOnly", true);
        json_put(properties, always[i], property);
    }
    for (size_t i = 0; i < resource->field_count; i++) {
        json_put(properties, resource->fields[i].name, property_of(arena, &resource->fields[i]));
        if (resource->fields[i].flags & FIELD_REQUIRED)
            json_append_text(required, text_of(resource->fields[i].name));
    }
    json_put(schema, "properties", properties);
    if (json_array_size(required) > 0)
        json_put(schema, "required", required);
    return schema;
}

/* Words ----------------------------------------------------------------------------------------------------------- */

/* A word without a row is a text in the query, anything in a body. "x[]" is a list of texts in the query, of anything in a body. */
static const struct word {
    const char *name, *type, *format, *doc;
} words[] = {
    {"limit", "integer", NULL, "At most so many; 25 unless told, never more than 100."},
    {"offset", "integer", NULL, "How many to leave out first; with `limit` at most 10000."},
    {"total", "boolean", NULL, "Count all."},
    {"more", "boolean", NULL, "There are others behind these."},
    {"cursor", "string", NULL, "The `next_cursor` of the page before."},
    {"query", "string", NULL, "A part of the name."},
    {"since", "string", "date-time", "From this time on."},
    {"until", "string", "date-time", "Before this time."},
    {"at", "string", "date-time", "This moment; now unless told."},
    {"time_zone", "string", NULL, "IANA name: times are shown in it."},
    {"date_range", "string", NULL, "`all`: whatever its date."},
    {"sort_by", "string", NULL, "field:asc or field:desc; several are separated by commas."},
    {"include[]", NULL, NULL, "What to show whole where its reference stands."},
    {"statuses[]", NULL, NULL, "In one of these states."},
    {"service_ids[]", NULL, NULL, "Of these services."},
    {"team_ids[]", NULL, NULL, "Of these teams."},
    {"user_ids[]", NULL, NULL, "Of these users."},
    {"integration_ids[]", NULL, NULL, "Reported through these integrations."},
    {"schedule_ids[]", NULL, NULL, "Of these schedules."},
    {"escalation_policy_ids[]", NULL, NULL, "Of these escalation policies."},
    {"message", "string", NULL, NULL},
    {"content", "string", NULL, NULL},
    {"code", "string", NULL, NULL},
    {"duration", "integer", NULL, "Seconds."},
    {"level", "integer", NULL, "Of the escalation policy, from 1."},
    {"days", "integer", NULL, NULL},
    {"password", "string", NULL, NULL},
    {"current_password", "string", NULL, NULL},
    {"email", "string", "email", NULL},
    {"keep_old_for_in_hours", "integer", NULL, "How long the old secret signs too."},
    {"time", "string", "date-time", NULL},
    {"status", "string", NULL, NULL},
};

static const struct word *find_word(struct text name)
{
    for (size_t i = 0; i < FIELD_COUNT(words); i++)
        if (text_is(name, words[i].name))
            return &words[i];
    return NULL;
}

/* What stands behind the colon of a word: one of these, reference, references, or the name of a schema. "|null" may follow. */
static const struct kind {
    const char *name, *type, *format;
} kinds[] = {
    {"text", "string", NULL},      {"integer", "integer", NULL}, {"number", "number", NULL}, {"boolean", "boolean", NULL},
    {"time", "string", "date-time"}, {"object", "object", NULL},   {"list", "array", NULL},
};

static json_t *property_of_kind(struct arena *arena, struct text kind)
{
    bool nullable = text_ends_with(kind, TEXT("|null"));
    struct text name = nullable ? text_slice(kind, 0, kind.size - strlen("|null")) : kind;
    if (text_is(name, "reference"))
        return openapi_reference(arena, "Reference"); /* which may be null */
    if (text_is(name, "references")) {
        json_t *list = openapi_typed(arena, "array");
        json_put(list, "items", openapi_reference(arena, "Reference"));
        return list;
    }
    for (size_t i = 0; i < FIELD_COUNT(kinds); i++) {
        if (!text_is(name, kinds[i].name))
            continue;
        json_t *schema = openapi_typed(arena, kinds[i].type);
        if (kinds[i].format)
            json_put_string(schema, "format", kinds[i].format);
        if (nullable)
            make_nullable(arena, schema);
        return schema;
    }
    bool is_list = text_ends_with(name, TEXT("[]"));
    json_t *schema = openapi_reference(arena, text_cstring(arena, is_list ? text_slice(name, 0, name.size - 2) : name)), *list = openapi_typed(arena, "array");
    if (!is_list)
        return schema;
    json_put(list, "items", schema);
    return list;
}

/* Objects that handlers write themselves: their members, all of which are always there. tests/contract/description.py compares them with every answer. */
static const struct object {
    const char *name, *plural, *members;
} objects[] = {
    {"incident", "incidents",
     "id:text type:text summary:text self:text|null html_url:text|null incident_number:integer title:text description:text status:text "
     "urgency:text incident_key:text|null created_at:time updated_at:time last_status_change_at:time resolved_at:time|null assigned_via:text "
     "is_mergeable:boolean service:reference escalation_policy:reference priority:reference alert_counts:object alert_grouping:object|null "
     "last_status_change_by:reference first_trigger_log_entry:reference resolve_reason:object|null body:object|null "
     "conference_bridge:object|null incident_type:object assignments:list acknowledgements:list teams:references pending_actions:list "
     "incidents_responders:list responder_requests:list custom_fields:list muster:object"},
    {"alert", "alerts",
     "id:text type:text summary:text self:text|null html_url:text|null status:text severity:text|null suppressed:boolean alert_key:text|null "
     "created_at:time updated_at:time resolved_at:time|null event_count:integer service:reference incident:reference integration:reference "
     "first_trigger_log_entry:reference body:object"},
    {"past_incident", "past_incidents",
     "incident:object score:number"},
    {"related_incident", "related_incidents",
     "incident:object relationships:list"},
    {"note", "notes",
     "id:text user:reference channel:object content created_at:time updated_at:time|null"},
    {"change_event", "change_events",
     "id:text type:text summary:text self:text|null html_url:text|null timestamp:time source:text|null services:references integration:reference "
     "links:list images:list custom_details:object|null correlation_reason:object? incident:reference?"},
    {"log_entry", "log_entries",
     "id:text type:text summary:text self:text|null html_url:text|null created_at:time agent:reference channel:object service:reference "
     "incident:reference teams:references contexts:list note:text|null user:reference? assignees:references? event_details:object?"},
    {"oncall", "oncalls",
     "escalation_policy:reference escalation_level:integer schedule:reference user:reference start:time|null end:time|null"},
    {"notification", "notifications",
     "id:text type:text started_at:time address:text|null user:reference conferenceAddress:text|null status"},
    {"schedule", "schedules",
     "id:text|null type:text summary:text|null self:text|null html_url:text|null name:text time_zone:text description:text|null "
     "escalation_policies:references users:references teams:references schedule_layers:list? overrides_subschedule:object? "
     "final_schedule:object? gaps:list? next_oncall_for_user:object|null?"},
    {"override", "overrides",
     "id:text type:text start:time end:time user:reference"},
    {"override_outcome", NULL,
     "status:integer override:object errors:list?"},
    {"schedule_v3", NULL,
     "id:text type:text summary:text self:text|null html_url:text|null name:text? time_zone:text? description:text|null? rotations:list? "
     "escalation_policies:references? teams:references? users:references? final_schedule:object?"},
    {"rotation", "rotations",
     "id:text type:text schedule:object events[] self:text|null html_url:text|null"},
    {"event", "events",
     "id:text type:text self:text|null html_url:text|null name:text start_time:object end_time:object effective_since:time "
     "effective_until:time|null recurrence:list assignment_strategy:object"},
    {"custom_shift", "custom_shifts",
     "id:text type:text self:text|null html_url:text|null start_time:time end_time:time assignments:list"},
    {"override_v3", NULL,
     "id:text type:text self:text|null html_url:text|null start_time:time end_time:time rotation_id:text? custom_shift_id:text? "
     "overridden_member:object overriding_member:object"},
    {"member", "members",
     "user:reference role:text"},
    {"vendor", "vendors",
     "id:text type:text summary:text self:text|null html_url:text|null name:text website_url:text|null logo_url:text|null "
     "thumbnail_url:text|null description:text|null integration_guide_url:text|null"},
    {"license", "licenses",
     "id:text type:text summary:text self:text|null html_url:text|null name:text description:text role_group:text valid_roles:list "
     "current_value:integer? allocations_available:integer|null?"},
    {"license_allocation", "license_allocations",
     "license allocated_at:time user:reference"},
    {"custom_field", "custom_fields",
     "id:text type:text name:text display_name:text description:text|null data_type:text field_type:text namespace:text value"},
    {"status_update", NULL,
     "id:text message subject:text|null html_message:text|null created_at:time sender:reference"},
    {"subscriber", "subscribers",
     "subscriber_id:text subscriber_type:text has_indirect_subscription:boolean subscribed_via:list|null"},
    {"subscription", "subscriptions",
     "account_id:text subscribable_id:text subscribable_type:text subscriber_id:text subscriber_type:text result:text"},
    {"relationship", "relationships",
     "id:text type:text supporting_service:object dependent_service:object"},
    {"responder_request", NULL,
     "incident:reference requester:reference requested_at:time message responder_request_targets:list"},
    {"resolved", NULL,
     "at:time service:object urgency:text urgency_reason:text urgency_rises_at:time|null escalates:boolean maintenance:object|null policy:object "
     "levels:resolved_level[] catch_all:resolved_candidate[] sentences:list?"},
    {"resolved_level", NULL,
     "level:integer after_s:integer rule_id:text|null strategy:text targets:list candidates:resolved_candidate[]"},
    {"resolved_candidate", NULL,
     "user_id:text|null name:text|null chosen:boolean reason:text level:integer after_s:integer target_type:text target_id:text|null "
     "target_name:text|null via:object|null ladder:list text:text?"},
    {"record", "records",
     "id:text self:text|null execution_time:time execution_context:object actors:references method:object action:text root_resource:reference "
     "details:object"},
    {"delivery", "deliveries",
     "id:text event_type:text resource:text|null state:text attempts:integer created_at:time last_attempt_at:time|null finished_at:time|null "
     "next_attempt_at:time|null status_code:integer|null error:text|null payload:object|null?"},
    {"token", "tokens",
     "id:text type:text name:text user:reference role:text|null created_at:time last_used_at:time|null expires_at:time|null token:text?"},
    {"raw_incident", NULL,
     "id:text incident_number:integer created_at:time updated_at:time resolved_at:time|null description:text|null service_id:text|null "
     "service_name:text|null escalation_policy_id:text|null escalation_policy_name:text|null team_id:text|null team_name:text|null "
     "priority_id:text|null priority_name:text|null status:text urgency:text priority_order:integer|null incident_type_id:text "
     "incident_type_name:text major:boolean acknowledged_user_ids:list acknowledged_user_names:list joined_user_ids:list joined_user_names:list "
     "assigned_user_ids:list assigned_user_names:list resolved_by_user_id:text|null resolved_by_user_name:text|null auto_resolved:boolean "
     "acknowledgement_count:integer active_user_count:integer engaged_user_count:integer engaged_seconds:integer assignment_count:integer "
     "reassignment_count:integer escalation_count:integer manual_escalation_count:integer timeout_escalation_count:integer "
     "business_hour_interruptions:integer off_hour_interruptions:integer sleep_hour_interruptions:integer total_interruptions:integer "
     "total_notifications:integer snoozed_seconds:integer seconds_to_first_ack:integer|null seconds_to_engage:integer|null "
     "seconds_to_mobilize:integer|null seconds_to_resolve:integer|null user_defined_effort_seconds:integer|null"},
};

static const struct object *object_called(struct text name, bool plural)
{
    for (size_t i = 0; i < FIELD_COUNT(objects); i++)
        if ((!plural || objects[i].plural) && text_is(name, plural ? objects[i].plural : objects[i].name))
            return &objects[i];
    return NULL;
}

static const struct resource *resource_called(struct text name, bool plural)
{
    for (size_t t = 0; all_routes[t]; t++) {
        for (size_t r = 0; r < all_routes[t]->count; r++) {
            const struct resource *resource = all_routes[t]->routes[r].resource;
            if (resource && text_is(name, plural ? resource->plural : resource->name))
                return resource;
        }
    }
    return NULL;
}

static void describe(json_t *schema, const struct word *word)
{
    if (word && word->type)
        json_put_string(schema, "type", word->type);
    if (word && word->format)
        json_put_string(schema, "format", word->format);
}

static const char *schema_called(struct text name, bool plural, bool is_answer)
{
    const struct resource *resource = resource_called(name, plural);
    const struct object *object = is_answer && !resource ? object_called(name, plural) : NULL;
    return resource ? resource_noun(resource) : object ? object->name : NULL;
}

static json_t *property_named(struct arena *arena, struct text name, bool is_answer)
{
    size_t colon = text_find(name, TEXT(":"));
    if (colon < name.size)
        return property_of_kind(arena, text_slice(name, colon + 1, name.size));
    bool list = text_ends_with(name, TEXT("[]"));
    struct text bare = list ? text_slice(name, 0, name.size - 2) : name;
    const char *schema_name = schema_called(bare, list, is_answer);
    json_t *item = schema_name ? openapi_reference(arena, schema_name) : json_object_in(arena);
    if (!list) {
        /* What only answers hold, or hold otherwise. */
        bool is_total = text_is(bare, "total"), is_cursor = text_is(bare, "next_cursor");
        if (is_total || is_cursor)
            json_put_string(item, "type", is_total ? "integer" : "string");
        else
            describe(item, find_word(bare));
        if (is_total || is_cursor)
            make_nullable(arena, item);
        return item;
    }
    json_t *schema = openapi_typed(arena, "array");
    json_put(schema, "items", item);
    return schema;
}

/* The word without what is said about it. */
static struct text bare_word(struct text name)
{
    size_t colon = text_find(name, TEXT(":"));
    return colon < name.size ? text_slice(name, 0, colon) : text_ends_with(name, TEXT("[]")) ? text_slice(name, 0, name.size - 2) : name;
}

static void add_words(struct arena *arena, const char *list, bool is_answer, json_t *properties, json_t *required)
{
    struct text rest = text_of(list), name;
    while (rest.size > 0 && text_next(&rest, ' ', &name)) {
        bool optional = text_ends_with(name, TEXT("?"));
        name = optional ? text_slice(name, 0, name.size - 1) : name;
        struct text bare = bare_word(name);
        json_put(properties, text_cstring(arena, bare), property_named(arena, name, is_answer));
        if (!optional)
            json_append_text(required, bare);
    }
}

json_t *openapi_words(struct arena *arena, const char *list, bool is_answer)
{
    json_t *schema = openapi_typed(arena, "object"), *properties = json_object_in(arena), *required = json_array_in(arena);
    add_words(arena, list, is_answer, properties, required);
    json_put(schema, "properties", properties);
    if (json_array_size(required) > 0)
        json_put(schema, "required", required);
    return schema;
}

static json_t *alternative(struct arena *arena, struct text part)
{
    return text_starts_with(part, TEXT(":")) ? property_of_kind(arena, text_slice(part, 1, part.size)) : openapi_words(arena, text_cstring(arena, part), true);
}

json_t *openapi_answer(struct arena *arena, const char *list)
{
    json_t *schema = json_object_in(arena), *alternatives = json_array_in(arena);
    struct text rest = text_of(list), between = TEXT(" | ");
    for (size_t at = text_find(rest, between); at < rest.size; at = text_find(rest, between)) {
        json_append(alternatives, alternative(arena, text_slice(rest, 0, at)));
        rest = text_slice(rest, at + between.size, rest.size);
    }
    if (json_array_size(alternatives) == 0)
        return alternative(arena, rest);
    json_append(alternatives, alternative(arena, rest));
    json_put(schema, "oneOf", alternatives);
    return schema;
}

json_t *openapi_wrapped(struct arena *arena, const struct resource *resource, bool list)
{
    json_t *schema = openapi_typed(arena, "object"), *properties = json_object_in(arena), *required = json_array_in(arena);
    json_t *inner = openapi_reference(arena, resource_noun(resource));
    if (list) {
        json_t *items = openapi_typed(arena, "array");
        json_put(items, "items", inner);
        inner = items;
    }
    const char *name = list ? resource->plural : resource->name;
    json_put(properties, name, inner);
    json_append_text(required, text_of(name));
    if (list && resource->paged)
        add_words(arena, "limit offset more total", true, properties, required);
    json_put(schema, "properties", properties);
    json_put(schema, "required", required);
    return schema;
}

void openapi_objects(struct arena *arena, json_t *schemas)
{
    for (size_t i = 0; i < FIELD_COUNT(objects); i++)
        json_put(schemas, objects[i].name, openapi_words(arena, objects[i].members, true));
}

json_t *openapi_query_parameter(struct arena *arena, struct text name, bool required)
{
    const struct word *word = find_word(name);
    bool list = text_ends_with(name, TEXT("[]"));
    json_t *parameter = json_object_in(arena), *schema = openapi_typed(arena, list ? "array" : "string");
    if (list)
        json_put(schema, "items", openapi_typed(arena, "string"));
    describe(schema, word);
    json_put_text(parameter, "name", name);
    json_put_string(parameter, "in", "query");
    json_put_bool(parameter, "required", required);
    json_put(parameter, "schema", schema);
    if (word && word->doc)
        json_put_string(parameter, "description", word->doc);
    return parameter;
}

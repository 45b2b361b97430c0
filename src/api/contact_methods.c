/* Why: the ways to reach a person. None is used for a page before it has proved itself with a code, unless an administrator vouches. */
#include "api/auth.h"
#include "api/phone_number.h"
#include "api/resources.h"
#include "engine/pages.h"

static const struct field fields[] = {
    {.name = "label", .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = 255},
    {.name = "address", .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = 1000,
     .doc = "E-mail address, phone number (national digits or +49...), push token, or https URL."},
    {.name = "send_short_email", .kind = FIELD_BOOLEAN, .fallback = "0"},
    {.name = "country_code", .kind = FIELD_CUSTOM, .doc = "1 to 1999, of phone numbers."},
    {.name = "verified", .kind = FIELD_CUSTOM,
     .doc = "Muster: whether it may be paged. Proved by a code; an administrator may set it to true."},
    {.name = "enabled", .kind = FIELD_CUSTOM, .flags = FIELD_READ_ONLY},
    {.name = "blocked_reason", .kind = FIELD_CUSTOM, .flags = FIELD_READ_ONLY, .doc = "Why it is not enabled."},
    {.name = "blacklisted", .kind = FIELD_CUSTOM, .flags = FIELD_READ_ONLY, .doc = "Not of e-mail addresses."},
    {.name = "device_type", .kind = FIELD_CUSTOM, .flags = FIELD_READ_ONLY, .doc = "Of push."},
    {.name = "sounds", .kind = FIELD_CUSTOM, .flags = FIELD_READ_ONLY, .doc = "Of push."},
    {.name = "created_at", .kind = FIELD_CUSTOM, .flags = FIELD_READ_ONLY, .doc = "Of push."},
};

static const struct kind {
    const char *type, *channel;
} kinds[] = {
    {"email_contact_method", "email"},
    {"sms_contact_method", "sms"},
    {"phone_contact_method", "phone"},
    {"push_notification_contact_method", "push"},
    {"webhook_contact_method", "webhook"},
};

struct method {
    const char *channel;
    int64_t country_code;
    bool vouched;
};

static const char *channel_of(struct text type)
{
    if (text_ends_with(type, TEXT("_reference")))
        type = text_slice(type, 0, type.size - sizeof "_reference" + 1);
    for (size_t i = 0; i < FIELD_COUNT(kinds); i++)
        if (text_is(type, kinds[i].type))
            return kinds[i].channel;
    return NULL;
}

static void read_type(struct change *change, struct method *method)
{
    struct text type = json_text_at(change->kind == CHANGE_CREATE ? change->body : change->before, "type");
    method->channel = channel_of(type);
    if (!method->channel)
        problem_add(change->call->problem, "contact_method.type",
                    type.size == 0 ? "cannot be empty"
                                   : "must be one of email_contact_method, sms_contact_method, phone_contact_method, "
                                     "push_notification_contact_method, webhook_contact_method");
}

static void read_country_code(struct change *change, struct method *method)
{
    bool given;
    const json_t *code = change_custom(change, "country_code", &given);
    struct value *address = change_value(change, "address");
    bool names_its_own = address->present && text_starts_with(text_trim(address->text), TEXT("+"));
    if (!code || json_is_null(code) || (!given && names_its_own))
        return;
    int64_t number;
    if (!resource_is_integer(code, &number) || number < 1 || number > 1999)
        problem_add(change->call->problem, "contact_method.country_code", "must be between 1 and 1999");
    else
        method->country_code = number;
}

static void read_address(struct change *change, struct method *method)
{
    struct value *address = change_value(change, "address");
    if (!method->channel || address->text.size == 0)
        return;
    const char *wrong = NULL;
    if (strcmp(method->channel, "sms") == 0 || strcmp(method->channel, "phone") == 0) {
        struct text digits;
        read_country_code(change, method);
        if (phone_number_parse(change->call->arena, address->text, &method->country_code, &digits))
            address->text = digits;
        else
            wrong = "is not a phone number";
    } else if (strcmp(method->channel, "email") == 0) {
        address->text = text_trim(address->text);
        if (!resource_is_email(address->text))
            wrong = "is not an e-mail address";
    } else if (strcmp(method->channel, "webhook") == 0) {
        if (!text_starts_with(address->text, TEXT("https://")) && !text_starts_with(address->text, TEXT("http://")))
            wrong = "is not a URL that starts with http:// or https://";
    }
    if (wrong)
        problem_add(change->call->problem, "contact_method.address", "%s", wrong);
}

static enum err check(struct change *change)
{
    struct method *method = ARENA_NEW(change->call->arena, struct method);
    change->custom = method;
    if (change->kind == CHANGE_DELETE)
        return OK;
    read_type(change, method);
    read_address(change, method);
    method->vouched = json_bool_at(change->body, "verified", false);
    bool was_verified = json_bool_at(change->before, "verified", false);
    bool same_address = !change_value(change, "address")->present || text_equal(change_value(change, "address")->text, json_text_at(change->before, "address"));
    if (method->vouched && was_verified && same_address)
        method->vouched = false; /* a client that sends back what it read */
    if (method->vouched && !auth_may(&change->call->who, MAY_ADMINISTER)) {
        problem_add(change->call->problem, "contact_method.verified", "can be set by administrators only; others verify with a code");
        return ERR_FORBIDDEN;
    }
    return OK;
}

static void bind(struct change *change)
{
    const struct method *method = change->custom;
    query_bind_text(change->statement, "channel", text_of(method->channel));
    query_bind_int(change->statement, "country_code", method->country_code);
    query_bind_bool(change->statement, "vouched", method->vouched);
}

static enum err remove_rules(struct change *change)
{
    struct query *q = db_query(change->tx->db, "contact_method_rules_delete");
    query_bind_text(q, "id", change->id);
    enum err err = query_run(q);
    if (err != OK)
        return err;
    q = db_query(change->tx->db, "contact_method_handoff_rules_delete");
    query_bind_text(q, "id", change->id);
    return query_run(q);
}

static enum err write(struct change *change)
{
    switch (change->moment) {
    case MOMENT_CHECK: return check(change);
    case MOMENT_BIND: bind(change); return OK;
    case MOMENT_STORED: return change->kind == CHANGE_DELETE ? remove_rules(change) : pages_ladder_changed(change->tx, change->parent_id);
    }
    return OK;
}

static void show(struct call *call, struct query *row, json_t *object)
{
    struct text channel = query_text(row, query_column(row, "channel"));
    json_put_text(object, "type", query_text(row, query_column(row, "type")));
    bool blocked = !query_is_null(row, query_column(row, "blocked_reason"));
    json_put_bool(object, "verified", !query_is_null(row, query_column(row, "verified_at")));
    json_put_text(object, "blocked_reason", query_text(row, query_column(row, "blocked_reason")));
    json_put_bool(object, "enabled", !blocked);
    if (!text_is(channel, "email"))
        json_remove(object, "send_short_email");
    if (text_is(channel, "sms") || text_is(channel, "phone"))
        json_put_int(object, "country_code", query_int(row, query_column(row, "country_code")));
    else
        json_remove(object, "country_code");
    if (!text_is(channel, "email"))
        json_put_bool(object, "blacklisted", blocked);
    else
        json_remove(object, "blacklisted");
    static const char *const of_push[] = {"device_type", "sounds", "created_at"};
    for (size_t i = 0; i < FIELD_COUNT(of_push) && !text_is(channel, "push"); i++)
        json_remove(object, of_push[i]);
    if (text_is(channel, "push")) {
        json_put_string(object, "device_type", "android");
        json_put(object, "sounds", json_array_in(call->arena));
        json_put_instant(object, "created_at", query_instant(row, query_column(row, "created_at")));
    }
}

const struct resource contact_method_resource = {
    .name = "contact_method", .plural = "contact_methods", .path = "/users/{id}/contact_methods", .queries = "contact_method", .parent = &user_resource,
    .fields = fields, .field_count = FIELD_COUNT(fields), .summary = "label", .write = write, .show = show,
};

static const struct route routes[] = {
    {"GET", "/users/{id}/contact_methods", MAY_READ, resource_list, .summary = "List the contact methods of a user", .resource = &contact_method_resource},
    {"POST", "/users/{id}/contact_methods", MAY_SELF_OR_MANAGE, resource_create, .summary = "Create a contact method", .body_kind = "json",
     .resource = &contact_method_resource},
    {"GET", "/users/{id}/contact_methods/{contact_method_id}", MAY_READ, resource_get, .summary = "Get a contact method",
     .resource = &contact_method_resource},
    {"PUT", "/users/{id}/contact_methods/{contact_method_id}", MAY_SELF_OR_MANAGE, resource_update, .summary = "Update a contact method",
     .body_kind = "json", .resource = &contact_method_resource},
    {"DELETE", "/users/{id}/contact_methods/{contact_method_id}", MAY_SELF_OR_MANAGE, resource_delete,
     .summary = "Delete a contact method and the rules that use it", .resource = &contact_method_resource},
};
const struct route_table contact_method_routes = {routes, sizeof routes / sizeof *routes};

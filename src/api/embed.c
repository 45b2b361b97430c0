/* Why: see embed.h. */
#include "api/embed.h"

#include "api/incident_json.h"
#include "api/log_entry_json.h"
#include "api/resources.h"

static const struct {
    const char *type;
    const struct resource *resource;
} resources[] = {
    {"user_reference", &user_resource},
    {"service_reference", &service_resource},
    {"escalation_policy_reference", &escalation_policy_resource},
    {"team_reference", &team_resource},
};

static enum err read_log_entry(const struct view *view, struct text id, json_t **ret)
{
    int64_t seq;
    json_t *found;
    if (!id_parse(ID_LOG_ENTRY, id, &seq))
        return ERR_NOT_FOUND;
    enum err err = log_entry_json_list(view, &seq, 1, &found);
    if (err == OK)
        *ret = json_array_get(found, 0);
    return err;
}

static enum err read_incident(const struct view *view, struct text id, json_t **ret)
{
    int64_t number;
    return view_incident_number(id, &number) ? incident_json_one(view, number, ret) : ERR_NOT_FOUND;
}

static enum err read_whole(const struct view *view, struct text type, struct text id, json_t **ret)
{
    for (size_t i = 0; i < sizeof resources / sizeof *resources; i++)
        if (text_is(type, resources[i].type))
            return resource_read(view->call, resources[i].resource, TEXT_NONE, id, false, ret);
    if (text_ends_with(type, TEXT("_log_entry_reference")))
        return read_log_entry(view, id, ret);
    return text_is(type, "incident_reference") ? read_incident(view, id, ret) : ERR_NOT_FOUND;
}

struct embedding {
    const struct view *view;
    json_t *known; /* "type id" -> the whole object, or null when it is gone */
};

/* What stands for the reference: the whole object, or itself. */
static enum err whole_of(struct embedding *e, json_t *reference, json_t **ret)
{
    *ret = reference;
    struct text id = json_text_at(reference, "id"), type = json_text_at(reference, "type");
    if (id.size == 0)
        return OK;
    const char *key = arena_printf(e->view->call->arena, "%.*s %.*s", TEXT_ARG(type), TEXT_ARG(id));
    if (!json_at(e->known, key)) {
        json_t *whole = NULL;
        enum err err = read_whole(e->view, type, id, &whole);
        if (err != OK && err != ERR_NOT_FOUND)
            return err;
        json_put(e->known, key, whole);
    }
    if (json_is_object(json_at(e->known, key)))
        *ret = json_at(e->known, key);
    return OK;
}

static enum err replace_in(struct embedding *e, json_t *object, const char *key)
{
    json_t *whole, *reference = json_at(object, key);
    if (!json_is_object(reference))
        return OK;
    enum err err = whole_of(e, reference, &whole);
    if (err == OK && whole != reference)
        json_put(object, key, whole);
    return err;
}

static enum err replace_list(struct embedding *e, json_t *list, const char *inner)
{
    enum err err = OK;
    for (size_t i = 0; i < json_array_size(list) && err == OK; i++) {
        json_t *element = json_array_get(list, i), *whole;
        if (inner) {
            err = replace_in(e, element, inner);
        } else {
            err = whole_of(e, element, &whole);
            if (err == OK && whole != element)
                json_replace(list, i, whole);
        }
    }
    return err;
}

enum err embed_all(const struct view *view, json_t *items, const struct embed_place *places)
{
    struct embedding e = {.view = view, .known = json_object_in(view->call->arena)};
    size_t index;
    json_t *item;
    for (; places->include; places++) {
        if (!call_includes(view->call, places->include))
            continue;
        json_array_foreach(items, index, item)
        {
            json_t *value = json_at(item, places->key);
            enum err err = json_is_array(value) ? replace_list(&e, value, places->inner) : replace_in(&e, item, places->key);
            if (err != OK)
                return err;
        }
    }
    return OK;
}

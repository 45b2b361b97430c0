/* Why: see twilio_form.h. */
#include "api/twilio_form.h"

static void put(struct arena *arena, json_t *form, const char *name, struct text value)
{
    json_t *before = json_at(form, name);
    if (!before) {
        json_put_text(form, name, value);
        return;
    }
    json_t *list = before;
    if (!json_is_array(before)) {
        list = json_array_in(arena);
        json_append(list, before);
        json_put(form, name, list);
    }
    json_append_text(list, value);
}

json_t *twilio_form_read(struct arena *arena, struct text body)
{
    json_t *form = json_object_in(arena);
    struct text field;
    int count = 0;
    while (text_next(&body, '&', &field)) {
        if (field.size == 0)
            continue;
        size_t equals = text_find_byte(field, '=', 0);
        struct text name = text_percent_decode(arena, text_slice(field, 0, equals), true);
        struct text value = text_percent_decode(arena, text_slice(field, equals + 1, field.size), true);
        if (++count > TWILIO_FORM_FIELDS_MAX || name.size == 0 || !text_is_utf8(name) || !text_is_utf8(value))
            return NULL;
        put(arena, form, text_cstring(arena, name), value);
    }
    return form;
}

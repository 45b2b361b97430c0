/* Why: what an organisation wants to know of each incident, or of each service, beyond what every one has: typed fields that it defines itself. Which
 * values a field takes is decided here and nowhere else. Names and limits are PagerDuty's. Pure. */
#ifndef MUSTER_CORE_CUSTOM_FIELD_H
#define MUSTER_CORE_CUSTOM_FIELD_H

#include "base/json.h"
#include "base/problem.h"

enum {
    CUSTOM_FIELDS_MAX = 30,                      /* of incidents, and as many of services */
    CUSTOM_FIELD_OPTIONS_MAX = 100,              /* of one field */
    CUSTOM_FIELD_OPTION_CHARS_MAX = 100,         /* of a field of incidents */
    CUSTOM_FIELD_SERVICE_OPTION_CHARS_MAX = 200,
    CUSTOM_FIELD_TEXT_CHARS_MAX = 200,
    CUSTOM_FIELD_VALUES_MAX = 10,                /* of a field with several values */
};

struct custom_field {
    struct text data_type;  /* boolean | integer | float | string | datetime | url */
    struct text field_type; /* single_value | single_value_fixed | multi_value | multi_value_fixed; the last three: strings only */
    const struct text *options; /* of a fixed one */
    size_t option_count;
};

/* The words that each may be, separated by spaces. */
#define CUSTOM_FIELD_DATA_TYPES "boolean integer float string datetime url"
#define CUSTOM_FIELD_FIELD_TYPES "single_value single_value_fixed multi_value multi_value_fixed"

/* Lowercase letters, digits and underscores. */
bool custom_field_name_is_valid(struct text name);
bool custom_field_is_fixed(struct text field_type);
/* Several values and fixed options are for strings. */
bool custom_field_types_fit(struct text data_type, struct text field_type);

/* Adds every mistake of `value` with its place below `path`. JSON null is always right: no value. */
void custom_field_check(const struct custom_field *field, const json_t *value, const char *path, struct arena *arena, struct problem *problem);

#endif

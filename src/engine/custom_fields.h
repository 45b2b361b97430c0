/* Why: the values that an incident or a service has in the fields an organisation defined (core/custom_field.h): one way to read them, one to set them.
 * Who set what is in the record of the incident; for a service the caller writes the audit record. */
#ifndef MUSTER_ENGINE_CUSTOM_FIELDS_H
#define MUSTER_ENGINE_CUSTOM_FIELDS_H

#include "base/json.h"
#include "core/custom_field.h"
#include "engine/tx.h"

/* Whose fields: one of the two. */
struct field_owner {
    int64_t incident;    /* 0: it is the service */
    struct text service;
};

/* A row of custom_field_values or custom_field_service_values as PagerDuty shows it: {"id","type","name","display_name",...,"value"}. */
json_t *custom_field_value_json(struct arena *arena, struct query *row);

/* All enabled fields. ERR_NOT_FOUND never: an unknown incident has none. */
enum err custom_fields_of(struct db *db, struct arena *arena, const struct field_owner *owner, json_t **ret_values) MUST_CHECK;

/* The options of a fixed field, in their order. */
enum err custom_field_options(struct db *db, struct arena *arena, struct text field_id, const struct text **ret, size_t *ret_count) MUST_CHECK;

/* `wanted`: [{"id" or "name", "value"}]; null clears. Fields that are not named stay. ERR_INVALID with every mistake in `problem`, below
 * "custom_fields"; nothing changed then. */
enum err custom_fields_set(struct tx *tx, const struct field_owner *owner, const json_t *wanted, const struct actor *actor, struct problem *problem) MUST_CHECK;

#endif

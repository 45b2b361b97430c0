/* Why: schemas of the description. Those of nouns come from their field tables; where a handler writes its own JSON, its route row names the words
 * (api/route.h) and each word is described once, here. */
#ifndef MUSTER_API_OPENAPI_SCHEMA_H
#define MUSTER_API_OPENAPI_SCHEMA_H

#include "api/resource.h"

json_t *openapi_typed(struct arena *arena, const char *type);
json_t *openapi_reference(struct arena *arena, const char *schema_name);
/* The object of a field table. */
json_t *openapi_resource(struct arena *arena, const struct resource *resource);
/* {"team": {...}} or, for lists, {"teams": [...]}. */
json_t *openapi_wrapped(struct arena *arena, const struct resource *resource, bool list);
/* An object with the words of a route row. */
json_t *openapi_words(struct arena *arena, const char *words);
/* A parameter of the query, described by its word. */
json_t *openapi_query_parameter(struct arena *arena, struct text name, bool required);

#endif

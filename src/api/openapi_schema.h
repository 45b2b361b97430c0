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
/* An object with the words of a route row; only answers hold the objects that handlers write (openapi_objects). */
json_t *openapi_words(struct arena *arena, const char *words, bool is_answer);
/* What a route row says of its answer: words, ":name" where all of it is that schema ("[]" behind lists), " | " between forms that it may have. */
json_t *openapi_answer(struct arena *arena, const char *answers);
/* Adds the schemas of objects that handlers write themselves: incidents and the like. */
void openapi_objects(struct arena *arena, json_t *schemas);
/* A parameter of the query, described by its word. */
json_t *openapi_query_parameter(struct arena *arena, struct text name, bool required);

#endif

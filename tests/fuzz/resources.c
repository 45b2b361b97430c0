/* Why: bodies of the REST API's nouns, read by their tables of fields. */
#include <assert.h>

#include "api/resources.h"
#include "target.h"

bool fuzz_resource_body(struct arena *arena, struct text input)
{
    static const struct resource *const resources[] = {&user_resource, &contact_method_resource, &notification_rule_resource, &handoff_rule_resource,
                                                       &team_resource, &service_resource, &integration_resource, &escalation_policy_resource,
                                                       &maintenance_window_resource, &priority_resource};
    const json_t *document = json_read(arena, input, problem_new(arena));
    bool accepted = false;
    for (size_t r = 0; json_is_object(document) && r < sizeof resources / sizeof *resources; r++) {
        const json_t *body = json_at(document, resources[r]->name);
        if (!json_is_object(body))
            continue;
        for (int creating = 0; creating <= 1; creating++) {
            struct value values[RESOURCE_FIELDS_MAX] = {0}, tolerant[RESOURCE_FIELDS_MAX] = {0};
            struct problem *problem = problem_new(arena);
            resource_decode(resources[r], arena, body, creating, problem, values);
            resource_decode(resources[r], arena, body, creating, NULL, tolerant);
            for (size_t f = 0; problem_is_empty(problem) && f < resources[r]->field_count; f++) {
                fuzz_expect_utf8(values[f].text);
                assert(values[f].id_count <= REFERENCES_MAX);
                assert(!(creating && (resources[r]->fields[f].flags & FIELD_REQUIRED)) || values[f].present || resources[r]->fields[f].kind == FIELD_CUSTOM);
            }
            accepted = accepted || (creating && problem_is_empty(problem));
        }
    }
    return accepted;
}

/* Why: the nouns refer to each other (include[]=teams embeds a team). */
#ifndef MUSTER_API_RESOURCES_H
#define MUSTER_API_RESOURCES_H

#include "api/resource.h"

extern const struct resource user_resource;
extern const struct resource contact_method_resource;
extern const struct resource notification_rule_resource;
extern const struct resource handoff_rule_resource;
extern const struct resource team_resource;
extern const struct resource service_resource;
extern const struct resource integration_resource;
extern const struct resource escalation_policy_resource;
extern const struct resource maintenance_window_resource;
extern const struct resource priority_resource;
extern const struct resource business_service_resource;

/* In hooks of a deletion: nothing depends on, or is supported by, what is gone (service_dependencies.c). */
enum err service_dependencies_clear(struct change *change) MUST_CHECK;

#endif

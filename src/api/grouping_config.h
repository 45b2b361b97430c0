/* Why: how alerts are grouped is written in two places, an alert grouping setting and the parameters of one service; both mean the same rule
 * (core/grouping.h) and are read and shown here. */
#ifndef MUSTER_API_GROUPING_CONFIG_H
#define MUSTER_API_GROUPING_CONFIG_H

#include "api/resource.h"

enum grouping_unit { GROUPING_IN_MINUTES /* in a service */, GROUPING_IN_SECONDS /* in a setting */ }; /* of "timeout"; other times are in seconds */

struct grouping_config {
    struct text type; /* absent: none */
    int64_t timeout_s;
    bool rolling;
    struct text aggregate, fields; /* fields: a JSON array */
};

/* Mistakes are added below `base`: "alert_grouping_setting". Nothing of PagerDuty's learned grouping exists here; the mistake says what to use. */
void grouping_config_read(struct change *change, const char *base, struct text type, const json_t *config, enum grouping_unit unit, struct grouping_config *ret);
void grouping_config_bind(struct query *q, const struct grouping_config *config);
/* From columns grouping_type, grouping_timeout_s, grouping_rolling, grouping_aggregate, grouping_fields; NULL when there is no type. */
json_t *grouping_config_show(struct call *call, struct query *row, enum grouping_unit unit);

/* Hooks of a service: what it says about grouping by itself. CHECK, STORED (not for deletions) and show. */
void service_grouping_check(struct change *change);
enum err service_grouping_store(struct change *change) MUST_CHECK;
void service_grouping_show(struct call *call, struct query *row, json_t *object);
/* A deleted service leaves its setting; one of its own goes with it. */
enum err service_grouping_clear(struct change *change) MUST_CHECK;

#endif

/* Why: "who is paged if this service breaks then, and why": the same plan and choice the engine uses, for any instant, without
 * storing anything. */
#ifndef MUSTER_ENGINE_WHY_H
#define MUSTER_ENGINE_WHY_H

#include "base/json.h"
#include "store/db.h"

/* severity: "critical", "error", "warning", "info" or empty. Answer on `arena`:
 * {"at","service":{id,name},"urgency","urgency_reason","maintenance":null|{id,description,end},"policy":{id,name,version},
 *  "levels":[{"level":1,"after_s":0,"targets":[{"type","id","name"}],
 *             "candidates":[{"user_id","name","chosen":bool,"reason":CODE,"via":{"schedule","schedule_name","layer","layer_name","override",
 *                            "from","until"},"ladder":[{"after_s","channel","address_hint","rule_id"}]}]}],
 *  "catch_all":{...candidate}}
 * Candidate reasons: core/escalation.h. ERR_NOT_FOUND: no such service. */
enum err why_resolve(struct db *db, struct arena *arena, struct text service_id, instant at, instant now, struct text severity,
                     json_t **ret) MUST_CHECK;

#endif

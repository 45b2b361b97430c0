/* Why: the stored answer to "why me?" and "why not her?": decisions of the engine with everyone who came into question, the calls
 * that followed, and one plain sentence for each person. */
#ifndef MUSTER_API_WHY_RECORD_H
#define MUSTER_API_WHY_RECORD_H

#include "api/view.h"

struct why_scope {
    int64_t incident;
    struct text decisions; /* JSON list of decision numbers; absent: all of the incident */
    instant until;         /* INSTANT_NONE: no end */
    struct text user_id;   /* absent: everybody */
};

/* [{"at","level","cause","text","service","policy","urgency","maintenance","candidates":[{"user","chosen","reason","text","level",
 *   "after_s","via","page"}]}], oldest first. */
enum err why_record_load(const struct view *view, const struct why_scope *scope, json_t **ret_decisions) MUST_CHECK;
/* All "text" of the candidates, each once, in order. */
json_t *why_record_sentences(struct arena *arena, const json_t *decisions, bool chosen_only);

#endif

/* Why: an escalation policy is a versioned document (policy_versions.doc); this turns what clients send into it and back.
 * Open incidents climb the version they began with, so a version never changes once written. */
#ifndef MUSTER_API_POLICY_DOC_H
#define MUSTER_API_POLICY_DOC_H

#include "api/resource.h"

enum { POLICY_RULES_MAX = 20, POLICY_TARGETS_MAX = 50, POLICY_LOOPS_MAX = 9, POLICY_DELAY_MAX_S = 7 * 86400 };

/* The new document from the request and the one before (NULL when there is none). Mistakes go to the problem, among them targets
 * that do not exist. Rules keep their id: the one the client names, else the one at their place. */
enum err policy_doc_read(struct change *change, const json_t *before, json_t **ret) MUST_CHECK;

/* Fills escalation_rules, num_loops, on_call_handoff_notifications and catch_all. */
void policy_doc_show(struct call *call, const json_t *doc, json_t *object);

#endif

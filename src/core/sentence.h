/* Why: the API, the command line and the browser tell people what happened and why they were called or not in the same
 * plain words. All wording about incidents and pages is here and nowhere else. Pure: facts in, one sentence out.
 *
 * Sentences name people, levels and schedules, use no codes, and put the deciding fact last. They are capitalised; those
 * of the ledger carry no full stop (they are lines of a list), those of why and why-not do. */
#ifndef MUSTER_CORE_SENTENCE_H
#define MUSTER_CORE_SENTENCE_H

#include "base/json.h"
#include "core/ledger.h"

/* One ledger entry as a line, e.g. "Acknowledged by Ana by SMS". `subject`: name of the person it is about, may be absent;
 * `doc`: the entry's document. */
struct sentence_entry {
    struct text kind;       /* stored name; unknown ones are shown as themselves */
    struct text actor_type; /* user | integration | system */
    struct text actor_name, channel, subject;
    const json_t *doc;      /* may be NULL */
};
struct text sentence_ledger(struct arena *arena, const struct sentence_entry *entry);

/* "through the API", "by SMS", "in the browser", ...; "" for channels that say nothing to a reader. */
const char *sentence_channel(struct text channel);
/* "5 minutes", "1 hour 30 minutes", "45 seconds", "2 days". */
struct text sentence_duration(struct arena *arena, int64_t seconds);

/* How a person comes into question: the facts of a candidate, as decision_candidates.doc and why_resolve write them. */
struct sentence_candidate {
    struct text name;          /* of the person; absent: the target had nobody (a gap) */
    struct text reason;        /* code of core/escalation.h */
    int64_t level;             /* 0: the catch-all */
    int64_t after_s;           /* since the trigger; < 0: not known */
    struct text policy_name;
    int64_t policy_version;
    struct text service_name;
    struct text schedule_name; /* absent: named directly */
    struct text layer_name;    /* of the schedule's layer, or of the event of its rotation; absent: an override or a custom shift */
    struct text duty;          /* code of core/escalation.h; absent: a layer */
    bool is_override;
    struct text rule_channel;  /* the ladder's step in force; absent: unknown */
    int64_t rule_delay_s;
    bool rule_failed;          /* what the rule asked for could not be sent */
    struct text detail;        /* what the reason needs: name of the window, of who acknowledged, ... */
};
/* Fills the facts from a decision's document ({"service","policy":{"name","version"}}) and a candidate's ({"level","target_type",
 * "target_name","duty","layer_name","override_id","after_s"}); both may be NULL. */
struct sentence_candidate sentence_candidate_read(struct text name, struct text reason, const json_t *decision, const json_t *candidate);
/* What set off a decision and what it did: "Nobody answered in time: level 2 was called." `cause`: decisions.cause. */
struct text sentence_decision(struct arena *arena, struct text cause, int64_t level, const json_t *decision);
/* "Ana was paged because ..."; `would` speaks of an instant without record: "Ana would be paged because ...". */
struct text sentence_paged(struct arena *arena, const struct sentence_candidate *candidate, bool would);
/* "Ben was not paged: level 2 is reached only after 5 minutes without an acknowledgement." */
struct text sentence_not_paged(struct arena *arena, const struct sentence_candidate *candidate, bool would);

/* "3 alerts joined #12 and called nobody by themselves: same component, within 5 minutes of its newest alert." `reason`: of core/grouping.h. */
struct text sentence_grouped(struct arena *arena, int64_t incident, int64_t alerts, struct text reason);

/* For the page itself, to the person who reads it at night: "You are on call: Payments primary, level 1 of Payments policy". No full stop.
 * `reason`, `candidate`: of decision_candidates; `decision`: the document of decisions. */
struct text sentence_why_you(struct arena *arena, struct text reason, const json_t *candidate, const json_t *decision);

#endif

/* Why: whom an escalation policy calls now, and why each other person who came into question is not called. Pure: the plan
 * holds everything already resolved for this instant (engine/plan.h fills it).
 *
 * Rules: levels in order; everyone of a level, or one of it by round robin; a level without a person who can be reached is passed over at
 * once; after the last level the policy repeats as often as it says, then the catch-all is called (practice.md P43: never silence). */
#ifndef MUSTER_CORE_ESCALATION_H
#define MUSTER_CORE_ESCALATION_H

#include "base/instant.h"

enum { LEVELS_MAX = 20, TARGETS_MAX = 50, LOOPS_MAX = 9 };

enum target_kind { TARGET_USER, TARGET_SCHEDULE };

enum candidate_state {
    CANDIDATE_USABLE,
    CANDIDATE_GAP,        /* the schedule has nobody on call now */
    CANDIDATE_DELETED,    /* the user or schedule is gone */
    CANDIDATE_NO_CONTACT, /* no verified contact method */
};

/* What on a schedule gives somebody duty. */
enum duty_kind { DUTY_LAYER, DUTY_ROTATION, DUTY_CUSTOM_SHIFT };
const char *duty_code(enum duty_kind duty); /* "layer", "rotation", "custom_shift" */

struct candidate {
    struct text user_id, user_name; /* absent: a gap */
    enum target_kind target_kind;
    struct text target_id, target_name;
    enum duty_kind duty;                   /* of a schedule */
    struct text layer_id, layer_name; /* of a layer; of a rotation its id and its event's name. Absent when an override decides */
    int64_t override_number;          /* 0: none */
    instant from, until;              /* of the on-call span; INSTANT_NONE for a user target */
    enum candidate_state state;
};

struct target {
    enum target_kind kind;
    struct text id, name;
    struct candidate *candidates;
    size_t candidate_count;
};

struct level {
    struct text rule_id;
    int64_t delay_s; /* until the next level */
    bool round_robin;
    int64_t turn; /* how often this level was assigned by round robin so far */
    struct target *targets;
    size_t target_count;
};

struct plan {
    struct text service_id, service_name;
    bool service_active;
    int64_t acknowledgement_timeout_s, auto_resolve_timeout_s; /* 0: off */
    struct text policy_id, policy_name;
    int64_t policy_version;
    int64_t loops; /* repeats after the first pass */
    struct level *levels;
    size_t level_count;
    struct candidate *catch_all;
    size_t catch_all_count;
    bool catch_all_of_account; /* the policy names none */
    struct text window_id, window_description; /* maintenance in force; absent: none */
    instant window_end;
    struct instant_range steady; /* around the instant: the plan is the same at each of it */
};

/*     reason                     stored code            chosen */
#define CHOICE_REASONS(ROW)                                       \
    ROW(REASON_ON_CALL,           "on_call",             true)    \
    ROW(REASON_NAMED,             "named_in_policy",     true)    \
    ROW(REASON_ROUND_ROBIN,       "round_robin_turn",    true)    \
    ROW(REASON_CATCH_ALL,         "catch_all",           true)    \
    ROW(REASON_BY_HAND,           "assigned_by_hand",    true)    \
    ROW(REASON_RESPONDER,         "responder_request",   true)    \
    ROW(REASON_GAP,               "nobody_on_call",      false)   \
    ROW(REASON_DELETED,           "deleted",             false)   \
    ROW(REASON_NO_CONTACT,        "no_usable_contact",   false)   \
    ROW(REASON_DUPLICATE,         "already_chosen",      false)   \
    ROW(REASON_OTHERS_TURN,       "round_robin_others_turn", false) \
    ROW(REASON_LATER_LEVEL,       "later_level",         false)   \
    ROW(REASON_EARLIER_LEVEL,     "earlier_level",       false)   \
    ROW(REASON_MAINTENANCE,       "maintenance",         false)   \
    ROW(REASON_SERVICE_DISABLED,  "service_disabled",    false)

enum choice_reason {
#define ROW(reason, code, chosen) reason,
    CHOICE_REASONS(ROW)
#undef ROW
};
const char *choice_reason_code(enum choice_reason reason);

struct verdict {
    const struct candidate *candidate;
    int64_t level;   /* 1-based; 0: catch-all or by hand */
    bool chosen;
    enum choice_reason reason;
    int64_t after_s; /* later levels: seconds from now until they would be reached without an answer */
};

struct choice {
    int64_t level;   /* the level that is called; 0 when it is the catch-all or people by hand */
    int64_t loop;
    bool repeated;   /* the policy started over */
    bool exhausted;  /* the whole policy has passed: the catch-all is called */
    struct text rule_id;
    int64_t delay_s; /* of the level that is called */
    bool turn_taken; /* round robin: the engine advances the turn of rule_id */
    struct verdict *verdicts;
    size_t verdict_count;
    size_t chosen_count;
    size_t levels_passed_over; /* had nobody who could be reached */
};

/* The first level at or after `level` (1-based; level_count + 1 means "past the last") that has somebody to call. */
void escalation_choose(struct arena *arena, const struct plan *plan, int64_t level, int64_t loop, struct choice *ret);
/* The same record when nobody is called because of `reason` (maintenance, disabled service). */
void escalation_choose_nobody(struct arena *arena, const struct plan *plan, enum choice_reason reason, struct choice *ret);
/* People named by a person: every usable one. */
void escalation_choose_people(struct arena *arena, struct candidate *people, size_t count, enum choice_reason reason, struct choice *ret);

#endif

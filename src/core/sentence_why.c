/* Why: see sentence.h. Why somebody was called, or not. */
#include "core/sentence.h"

enum { SENTENCE_BYTES_MAX = 2048 };

struct sentence_candidate sentence_candidate_read(struct text name, struct text reason, const json_t *decision, const json_t *candidate)
{
    const json_t *policy = json_at(decision, "policy");
    bool by_schedule = text_is(json_text_at(candidate, "target_type"), "schedule");
    bool stays = text_is(json_text_at(decision, "urgency"), "low") && text_is(reason, "later_level");
    return (struct sentence_candidate){
        .name = name,
        .reason = stays ? TEXT("low_urgency") : reason,
        .level = json_int_at(candidate, "level", 0),
        .after_s = json_int_at(candidate, "after_s", -1),
        .policy_name = json_text_at(policy, "name"),
        .policy_version = json_int_at(policy, "version", 0),
        .service_name = json_text_at(json_at(decision, "service"), "name"),
        .schedule_name = by_schedule ? json_text_at(candidate, "target_name") : TEXT_NONE,
        .layer_name = json_text_at(candidate, "layer_name"),
        .duty = json_text_at(candidate, "duty"),
        .is_override = json_text_at(candidate, "override_id").size > 0,
        .detail = text_is(reason, "maintenance") ? json_text_at(json_at(decision, "maintenance"), "name") : TEXT_NONE,
    };
}

struct text sentence_decision(struct arena *arena, struct text cause, int64_t level, const json_t *decision)
{
    static const struct {
        const char *cause, *words;
    } causes[] = {
        {"trigger", "The incident began"},
        {"timeout", "Nobody answered in time"},
        {"unreachable", "Nobody who was called could be reached any more"},
        {"escalate", "Somebody escalated"},
        {"reassign", "The incident was reassigned"},
        {"responder", "Somebody asked for help"},
        {"unacknowledge", "The acknowledgement was taken back"},
        {"acknowledgement_timeout", "The acknowledgement timed out"},
        {"snooze_end", "The snooze ended"},
        {"window_start", "A maintenance window began"},
        {"window_end", "The maintenance window ended"},
        {"urgency", "The urgency rose"},
        {"service_enabled", "The service was enabled again"},
        {"service_disabled", "The service was disabled"},
    };
    struct builder b = builder_new(arena, SENTENCE_BYTES_MAX);
    const char *words = NULL;
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (text_is(cause, causes[i].cause))
            words = causes[i].words;
    if (words)
        builder_add_string(&b, words);
    else
        builder_add(&b, cause);
    if (json_is_object(json_at(decision, "maintenance")))
        builder_add_string(&b, ": nobody was called because of maintenance.");
    else if (json_bool_at(decision, "exhausted", false))
        builder_add_string(&b, ": every level had passed, the catch-all was called.");
    else if (json_bool_at(decision, "repeated", false))
        builder_printf(&b, ": the policy started over, level %lld was called.", (long long)level);
    else if (level > 0)
        builder_printf(&b, ": level %lld was called.", (long long)level);
    else
        builder_add_string(&b, ": people were called by name.");
    return builder_text(&b);
}

/* "service checkout uses escalation policy Payments (version 3)" */
static void add_policy(struct builder *b, const struct sentence_candidate *c)
{
    if (c->service_name.size)
        builder_printf(b, "service %.*s uses ", TEXT_ARG(c->service_name));
    builder_printf(b, "escalation policy %.*s", TEXT_ARG(c->policy_name));
    if (c->policy_version > 0)
        builder_printf(b, " (version %lld)", (long long)c->policy_version);
}

/* "schedule Payments primary, where layer weekly has Ana on call" or "Ana by name" */
static void add_way(struct builder *b, const struct sentence_candidate *c)
{
    if (c->schedule_name.size == 0) {
        builder_printf(b, "%.*s by name", TEXT_ARG(c->name));
        return;
    }
    builder_printf(b, "schedule %.*s", TEXT_ARG(c->schedule_name));
    if (c->is_override)
        builder_printf(b, ", where an override puts %.*s on call", TEXT_ARG(c->name));
    else if (text_is(c->duty, "custom_shift"))
        builder_printf(b, ", where a custom shift puts %.*s on call", TEXT_ARG(c->name));
    else if (text_is(c->duty, "rotation"))
        builder_printf(b, ", where %.*s has a shift of %.*s", TEXT_ARG(c->name), TEXT_ARG(c->layer_name));
    else if (c->layer_name.size)
        builder_printf(b, ", where layer %.*s has %.*s on call", TEXT_ARG(c->layer_name), TEXT_ARG(c->name));
}

static void add_rule(struct builder *b, const struct sentence_candidate *c, bool would)
{
    const char *how = sentence_channel(c->rule_channel);
    if (!*how)
        return;
    builder_printf(b, "; the notification rules of %.*s %s it %s", TEXT_ARG(c->name), c->rule_failed ? "asked for" : would ? "send" : "sent", how);
    if (c->rule_delay_s > 0) {
        struct text after = sentence_duration(b->arena, c->rule_delay_s);
        builder_printf(b, " after %.*s", TEXT_ARG(after));
    } else {
        builder_add_string(b, " at once");
    }
    if (c->rule_failed)
        builder_add_string(b, ", but it could not be sent");
}

struct text sentence_paged(struct arena *arena, const struct sentence_candidate *c, bool would)
{
    struct builder b = builder_new(arena, SENTENCE_BYTES_MAX);
    builder_printf(&b, "%.*s %s paged because ", TEXT_ARG(c->name), would ? "would be" : "was");
    if (text_is(c->reason, "assigned_by_hand")) {
        if (c->detail.size)
            builder_printf(&b, "%.*s assigned the incident to %.*s", TEXT_ARG(c->detail), TEXT_ARG(c->name));
        else
            builder_add_string(&b, "the incident was assigned by hand");
    } else if (text_is(c->reason, "responder_request")) {
        builder_printf(&b, "%.*s was asked to join", TEXT_ARG(c->name));
        if (c->detail.size)
            builder_printf(&b, " by %.*s", TEXT_ARG(c->detail));
    } else if (text_is(c->reason, "catch_all")) {
        add_policy(&b, c);
        builder_add_string(&b, ", nobody answered on any of its levels, and its catch-all is ");
        if (c->schedule_name.size)
            add_way(&b, c);
        else
            builder_add(&b, c->name);
    } else {
        add_policy(&b, c);
        builder_printf(&b, ", whose level %lld calls ", (long long)c->level);
        add_way(&b, c);
        if (text_is(c->reason, "round_robin_turn"))
            builder_printf(&b, ", and it %s the turn of %.*s", would ? "would be" : "was", TEXT_ARG(c->name));
    }
    add_rule(&b, c, would);
    builder_add_string(&b, ".");
    return builder_text(&b);
}

static void add_obstacle(struct builder *b, const struct sentence_candidate *c, bool would)
{
    const char *was = would ? "is" : "was";
    struct text reason = c->reason;
    if (text_is(reason, "later_level")) {
        builder_printf(b, "level %lld is reached only", (long long)c->level);
        if (c->after_s > 0) {
            struct text after = sentence_duration(b->arena, c->after_s);
            builder_printf(b, " after %.*s without an acknowledgement", TEXT_ARG(after));
        } else {
            builder_add_string(b, " when nobody acknowledges before");
        }
    } else if (text_is(reason, "earlier_level")) {
        builder_printf(b, "level %lld %s called before", (long long)c->level, would ? "is" : "had been");
    } else if (text_is(reason, "no_usable_contact")) {
        builder_printf(b, "%.*s has no verified contact method", TEXT_ARG(c->name));
    } else if (text_is(reason, "deleted")) {
        builder_printf(b, "%.*s no longer exists in Muster", TEXT_ARG(c->name));
    } else if (text_is(reason, "already_chosen")) {
        builder_printf(b, "%.*s %s called already on this level", TEXT_ARG(c->name), was);
    } else if (text_is(reason, "round_robin_others_turn")) {
        builder_printf(b, "on level %lld one person is called in turn, and it %s the turn of somebody else", (long long)c->level, was);
    } else if (text_is(reason, "maintenance")) {
        builder_printf(b, "the service %s in a maintenance window", was);
        if (c->detail.size)
            builder_printf(b, " (%.*s)", TEXT_ARG(c->detail));
    } else if (text_is(reason, "service_disabled")) {
        builder_printf(b, "the service %s disabled", was);
    } else if (text_is(reason, "low_urgency")) {
        builder_printf(b, "an incident of low urgency %s to level %lld", would ? "does not climb" : "did not climb", (long long)c->level);
    } else if (text_is(reason, "acknowledged_before")) {
        builder_printf(b, "level %lld %s not reached, because %.*s acknowledged before", (long long)c->level, was,
                       TEXT_ARG(c->detail.size ? c->detail : TEXT("somebody")));
    } else if (text_is(reason, "not_responsible")) {
        builder_printf(b, "no level of ");
        add_policy(b, &(struct sentence_candidate){.policy_name = c->policy_name, .policy_version = c->policy_version});
        builder_printf(b, " %s to %.*s at that time", would ? "leads" : "led", TEXT_ARG(c->name));
    } else {
        builder_add(b, reason);
    }
}

struct text sentence_not_paged(struct arena *arena, const struct sentence_candidate *c, bool would)
{
    struct builder b = builder_new(arena, SENTENCE_BYTES_MAX);
    if (c->name.size == 0) {
        builder_printf(&b, "Nobody %s paged on level %lld through schedule %.*s: nobody %s on call there", would ? "would be" : "was",
                       (long long)c->level, TEXT_ARG(c->schedule_name), would ? "is" : "was");
    } else {
        builder_printf(&b, "%.*s %s not %spaged: ", TEXT_ARG(c->name), would ? "would" : "was", would ? "be " : "");
        add_obstacle(&b, c, would);
    }
    builder_add_string(&b, ".");
    return builder_text(&b);
}

struct text sentence_why_you(struct arena *arena, struct text reason, const json_t *candidate, const json_t *decision)
{
    struct text policy = json_text_at(json_at(decision, "policy"), "name");
    struct text target = json_text_at(candidate, "target_name");
    int64_t level = json_int_at(candidate, "level", 0);
    if (text_is(reason, "catch_all"))
        return text_printf(arena, "Nobody of %.*s answered: you are the catch-all", TEXT_ARG(policy));
    if (text_is(reason, "assigned_by_hand"))
        return text_copy(arena, TEXT("It was assigned to you"));
    if (text_is(reason, "responder_request"))
        return text_copy(arena, TEXT("Your help was asked for"));
    if (text_is(json_text_at(candidate, "target_type"), "schedule"))
        return text_printf(arena, "You are on call: %.*s%s, level %lld of %.*s", TEXT_ARG(target),
                           json_text_at(candidate, "override_id").size ? " (override)" : "", (long long)level, TEXT_ARG(policy));
    return text_printf(arena, "You are level %lld of %.*s", (long long)level, TEXT_ARG(policy));
}

struct text sentence_grouped(struct arena *arena, int64_t incident, int64_t alerts, struct text reason)
{
    const char *subject = alerts == 1 ? "alert joined" : "alerts joined", *by = alerts == 1 ? "itself" : "themselves";
    return text_printf(arena, "%lld %s #%lld and called nobody by %s: %.*s.", (long long)alerts, subject, (long long)incident, by, TEXT_ARG(reason));
}

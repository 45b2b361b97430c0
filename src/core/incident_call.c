/* Why: calling people about an incident: by its policy, by name, again after a pause, or nobody and why. See incident.h. */
#include "core/incident_step.h"

#include <assert.h>

static struct effect *add(struct step *s, enum effect_kind kind)
{
    s->out->list = arena_grow(s->out->arena, s->out->list, s->out->count, &s->out->capacity, sizeof *s->out->list);
    struct effect *effect = &s->out->list[s->out->count++];
    *effect = (struct effect){.kind = kind, .actor = s->in->actor};
    s->out->changed = true;
    return effect;
}

struct effect *step_note(struct step *s, enum ledger_kind kind)
{
    struct effect *effect = add(s, EFFECT_LEDGER);
    effect->ledger = kind;
    return effect;
}

void fact_text(struct effect *effect, const char *key, struct text value)
{
    assert(effect->fact_count < FACTS_MAX);
    effect->facts[effect->fact_count++] = (struct fact){.key = key, .text = value};
}

void fact_number(struct effect *effect, const char *key, int64_t value)
{
    assert(effect->fact_count < FACTS_MAX);
    effect->facts[effect->fact_count++] = (struct fact){.key = key, .number = value, .is_number = true};
}

void step_set_timer(struct step *s, enum timer_kind timer, instant due)
{
    struct effect *effect = add(s, EFFECT_SET_TIMER);
    effect->timer = timer;
    effect->due = due;
}

void step_clear_timer(struct step *s, enum timer_kind timer)
{
    add(s, EFFECT_CLEAR_TIMER)->timer = timer;
}

void step_stop_pages(struct step *s, bool responders_too, const char *format, struct text who)
{
    struct effect *effect = add(s, EFFECT_STOP_PAGES);
    effect->stop_responders = responders_too;
    effect->stop_reason = who.size ? text_printf(s->out->arena, "%s by %.*s", format, TEXT_ARG(who)) : text_of(format);
}

void step_stop_pages_of(struct step *s, struct text user_id, const char *reason)
{
    struct effect *effect = add(s, EFFECT_STOP_PAGES);
    effect->stop_responders = true;
    effect->stop_user_id = user_id;
    effect->stop_reason = text_of(reason);
}

static void raise_alarm(struct step *s, struct text what)
{
    struct effect *effect = step_note(s, LEDGER_ALARM);
    fact_text(effect, "alarm", what);
    fact_text(effect, "policy", s->plan->policy_name);
}

static void note_skipped(struct step *s, const struct choice *choice)
{
    for (size_t v = 0; v < choice->verdict_count; v++) {
        const struct verdict *verdict = &choice->verdicts[v];
        bool considered = choice->exhausted || verdict->level == choice->level || (verdict->level < choice->level && choice->levels_passed_over > 0);
        if (verdict->chosen || verdict->candidate->state == CANDIDATE_USABLE || !considered || verdict->reason == REASON_EARLIER_LEVEL)
            continue;
        struct effect *effect = step_note(s, LEDGER_SKIP);
        effect->user_id = verdict->candidate->user_id;
        fact_text(effect, "reason", text_of(choice_reason_code(verdict->reason)));
        fact_text(effect, "target", verdict->candidate->target_name);
        fact_text(effect, "name", verdict->candidate->user_name);
        fact_number(effect, "level", verdict->level);
        if (verdict->reason == REASON_NO_CONTACT)
            raise_alarm(s, text_printf(s->out->arena, "%.*s is responsible but cannot be reached: no verified contact method",
                                       TEXT_ARG(verdict->candidate->user_name)));
    }
}

static bool is_assigned(const struct incident *i, struct text user_id)
{
    for (size_t a = 0; a < i->assignee_count; a++)
        if (text_equal(i->assignees[a], user_id))
            return true;
    return false;
}

/* The catch-all joins those who did not answer (an alarm without a name helps nobody); every other choice takes it from them. */
static void assign(struct step *s, const struct choice *choice)
{
    if (!choice->exhausted)
        s->i->assignee_count = 0;
    for (size_t v = 0; v < choice->verdict_count && s->i->assignee_count < ASSIGNEES_MAX; v++) {
        const struct verdict *verdict = &choice->verdicts[v];
        if (verdict->chosen && !is_assigned(s->i, verdict->candidate->user_id))
            s->i->assignees[s->i->assignee_count++] = verdict->candidate->user_id;
    }
}

static void start_pages(struct step *s, const struct choice *choice, const char *cause, const char *role)
{
    struct effect *effect = add(s, EFFECT_START_PAGES);
    effect->choice = choice;
    effect->cause = cause;
    effect->role = role;
}

/* Puts the incident under the window in force: recorded and shown, nobody called. */
void step_hold(struct step *s, const char *cause)
{
    struct choice *nobody = ARENA_NEW(s->out->arena, struct choice);
    escalation_choose_nobody(s->out->arena, s->plan, REASON_MAINTENANCE, nobody);
    s->i->held_by_window = s->plan->window_id;
    s->i->epoch++;
    step_stop_pages(s, true, "maintenance window", TEXT_NONE);
    step_clear_timer(s, TIMER_ESCALATE);
    struct effect *effect = step_note(s, LEDGER_HOLD);
    fact_text(effect, "window", s->plan->window_id);
    fact_text(effect, "description", s->plan->window_description);
    start_pages(s, nobody, cause, "assignee");
}

/* A disabled or deleted service calls nobody (invariant N6). */
static void keep_quiet(struct step *s, const char *cause)
{
    struct choice *nobody = ARENA_NEW(s->out->arena, struct choice);
    escalation_choose_nobody(s->out->arena, s->plan, REASON_SERVICE_DISABLED, nobody);
    s->i->epoch++;
    step_stop_pages(s, true, "service disabled", TEXT_NONE);
    step_clear_timer(s, TIMER_ESCALATE);
    fact_text(step_note(s, LEDGER_SKIP), "reason", text_of(choice_reason_code(REASON_SERVICE_DISABLED)));
    start_pages(s, nobody, cause, "assignee");
}

static bool calls_nobody(struct step *s, const char *cause)
{
    if (!s->plan->service_active)
        keep_quiet(s, cause);
    else if (s->plan->window_id.size > 0)
        step_hold(s, cause);
    else
        return false;
    return true;
}

/* Calls the first level from `level` on that has somebody; records whom and why; sets the clock for the next. */
void step_climb(struct step *s, int64_t level, const char *cause, enum ledger_kind entry)
{
    if (calls_nobody(s, cause))
        return;
    struct choice *choice = ARENA_NEW(s->out->arena, struct choice);
    escalation_choose(s->out->arena, s->plan, level, s->i->loop, choice);
    bool first = s->i->level == 0 && s->i->assignee_count == 0;
    s->i->on_policy = s->i->on_policy || !choice->exhausted;
    s->i->epoch++;
    s->i->loop = choice->loop;
    s->i->exhausted = choice->exhausted; /* whoever is called anew has not failed to answer yet */
    if (!choice->exhausted)
        s->i->level = choice->level;
    if (!first)
        step_stop_pages(s, false, "escalated", TEXT_NONE);
    note_skipped(s, choice);
    if (choice->repeated)
        fact_number(step_note(s, LEDGER_REPEAT), "loop", choice->loop);
    if (choice->exhausted) {
        fact_number(step_note(s, LEDGER_EXHAUST), "loops", choice->loop);
        raise_alarm(s, choice->chosen_count > 0 ? TEXT("escalation policy exhausted, the catch-all is called")
                                                : TEXT("nobody could be called: the policy is exhausted and has no usable catch-all"));
    }
    assign(s, choice);
    struct effect *effect = step_note(s, entry);
    effect->assigned = choice;
    fact_number(effect, "level", choice->level);
    fact_number(effect, "loop", choice->loop);
    fact_text(effect, "cause", text_of(cause));
    start_pages(s, choice, cause, choice->exhausted ? "catch_all" : "assignee");
    if (choice->exhausted || s->i->urgency == URGENCY_LOW)
        step_clear_timer(s, TIMER_ESCALATE);
    else
        step_set_timer(s, TIMER_ESCALATE, instant_add_s(s->now, choice->delay_s));
}

void step_call_people(struct step *s, struct candidate *people, size_t count, const char *cause)
{
    struct choice *choice = ARENA_NEW(s->out->arena, struct choice);
    escalation_choose_people(s->out->arena, people, count, REASON_BY_HAND, choice);
    s->i->exhausted = false;
    if (calls_nobody(s, cause)) {
        assign(s, choice); /* theirs all the same: they are called when the window ends */
        step_note(s, LEDGER_ASSIGN)->assigned = choice;
        return;
    }
    s->i->epoch++;
    step_stop_pages(s, false, "reassigned", s->in->actor.name);
    note_skipped(s, choice);
    assign(s, choice);
    struct effect *effect = step_note(s, LEDGER_ASSIGN);
    effect->assigned = choice;
    fact_text(effect, "cause", text_of(cause));
    start_pages(s, choice, cause, "assignee");
    step_set_timer(s, TIMER_ESCALATE, instant_add_s(s->now, HAND_ASSIGNED_ALARM_S));
}

/* Back to triggered, and the people responsible by now are called (again). */
void step_call_again(struct step *s, const char *cause)
{
    if (s->i->on_policy)
        step_climb(s, s->i->level > 0 ? s->i->level : 1, cause, LEDGER_ASSIGN);
    else
        step_call_people(s, s->in->people, s->in->people_count, cause);
}

void step_call_responders(struct step *s)
{
    struct choice *choice = ARENA_NEW(s->out->arena, struct choice);
    escalation_choose_people(s->out->arena, s->in->people, s->in->people_count, REASON_RESPONDER, choice);
    note_skipped(s, choice);
    struct effect *effect = step_note(s, LEDGER_RESPONDER);
    effect->assigned = choice;
    fact_text(effect, "message", s->in->text);
    start_pages(s, choice, "responder", "responder");
}

/* Why: see incident.h. Each input has one small function; climb() is the only place that calls people by the policy. */
#include "core/incident.h"

#include <assert.h>

static const char *const status_names[] = {"triggered", "acknowledged", "resolved"};
static const char *const urgency_names[] = {"high", "low"};

const char *incident_status_name(enum incident_status status)
{
    return status_names[status];
}

bool incident_status_parse(struct text name, enum incident_status *ret)
{
    for (int i = 0; i < 3; i++)
        if (text_is(name, status_names[i])) {
            *ret = (enum incident_status)i;
            return true;
        }
    return false;
}

const char *urgency_name(enum urgency urgency)
{
    return urgency_names[urgency];
}

bool urgency_parse(struct text name, enum urgency *ret)
{
    for (int i = 0; i < 2; i++)
        if (text_is(name, urgency_names[i])) {
            *ret = (enum urgency)i;
            return true;
        }
    return false;
}

/* One step in the making: what every helper needs. */
struct step {
    struct incident *i;
    const struct plan *plan;
    const struct input *in;
    instant now;
    struct effects *out;
    struct problem *problem;
    enum err refusal;
};

static struct effect *add(struct step *s, enum effect_kind kind)
{
    s->out->list = arena_grow(s->out->arena, s->out->list, s->out->count, &s->out->capacity, sizeof *s->out->list);
    struct effect *effect = &s->out->list[s->out->count++];
    *effect = (struct effect){.kind = kind, .actor = s->in->actor};
    s->out->changed = true;
    return effect;
}

static struct effect *note(struct step *s, enum ledger_kind kind)
{
    struct effect *effect = add(s, EFFECT_LEDGER);
    effect->ledger = kind;
    return effect;
}

static void fact_text(struct effect *effect, const char *key, struct text value)
{
    assert(effect->fact_count < FACTS_MAX);
    effect->facts[effect->fact_count++] = (struct fact){.key = key, .text = value};
}

static void fact_number(struct effect *effect, const char *key, int64_t value)
{
    assert(effect->fact_count < FACTS_MAX);
    effect->facts[effect->fact_count++] = (struct fact){.key = key, .number = value, .is_number = true};
}

static void set_timer(struct step *s, enum timer_kind timer, instant due)
{
    struct effect *effect = add(s, EFFECT_SET_TIMER);
    effect->timer = timer;
    effect->due = due;
}

static void clear_timer(struct step *s, enum timer_kind timer)
{
    add(s, EFFECT_CLEAR_TIMER)->timer = timer;
}

static void stop_pages(struct step *s, bool responders_too, const char *format, struct text who)
{
    struct effect *effect = add(s, EFFECT_STOP_PAGES);
    effect->stop_responders = responders_too;
    effect->stop_reason = who.size ? text_printf(s->out->arena, "%s by %.*s", format, TEXT_ARG(who)) : text_of(format);
}

static void set_status(struct step *s, enum incident_status status)
{
    s->i->status = status;
    s->i->status_changed_at = s->now;
    s->i->status_changed_by = s->in->actor.kind;
    s->i->status_changed_by_id = s->in->actor.id;
}

static bool is_held(const struct incident *i)
{
    return i->held_by_window.size > 0;
}

static bool refuse(struct step *s, enum err refusal)
{
    s->refusal = refusal;
    return false;
}

static bool require_open(struct step *s)
{
    if (s->i->status != INCIDENT_RESOLVED)
        return true;
    problem_add(s->problem, NULL, "Incident Already Resolved");
    return refuse(s, ERR_CONFLICT);
}

/* Calling people -------------------------------------------------------------------------------------------- */

static void note_skipped(struct step *s, const struct choice *choice)
{
    for (size_t v = 0; v < choice->verdict_count; v++) {
        const struct verdict *verdict = &choice->verdicts[v];
        bool considered = choice->exhausted || verdict->level == choice->level || (verdict->level < choice->level && choice->levels_passed_over > 0);
        if (verdict->chosen || verdict->candidate->state == CANDIDATE_USABLE || !considered || verdict->reason == REASON_EARLIER_LEVEL)
            continue;
        struct effect *effect = note(s, LEDGER_SKIP);
        effect->user_id = verdict->candidate->user_id;
        fact_text(effect, "reason", text_of(choice_reason_code(verdict->reason)));
        fact_text(effect, "target", verdict->candidate->target_name);
        fact_text(effect, "name", verdict->candidate->user_name);
        fact_number(effect, "level", verdict->level);
    }
}

static void assign(struct step *s, const struct choice *choice)
{
    s->i->assignee_count = 0;
    for (size_t v = 0; v < choice->verdict_count && s->i->assignee_count < ASSIGNEES_MAX; v++)
        if (choice->verdicts[v].chosen)
            s->i->assignees[s->i->assignee_count++] = choice->verdicts[v].candidate->user_id;
}

static void start_pages(struct step *s, const struct choice *choice, const char *cause, const char *role)
{
    struct effect *effect = add(s, EFFECT_START_PAGES);
    effect->choice = choice;
    effect->cause = cause;
    effect->role = role;
}

static void raise_alarm(struct step *s, const char *what)
{
    struct effect *effect = note(s, LEDGER_ALARM);
    fact_text(effect, "alarm", text_of(what));
    fact_text(effect, "policy", s->plan->policy_name);
}

/* Puts the incident under the window in force: recorded and shown, nobody called. */
static void hold(struct step *s, const char *cause)
{
    struct choice *nobody = ARENA_NEW(s->out->arena, struct choice);
    escalation_choose_nobody(s->out->arena, s->plan, REASON_MAINTENANCE, nobody);
    s->i->held_by_window = s->plan->window_id;
    s->i->epoch++;
    stop_pages(s, true, "maintenance window", TEXT_NONE);
    clear_timer(s, TIMER_ESCALATE);
    struct effect *effect = note(s, LEDGER_HOLD);
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
    stop_pages(s, true, "service disabled", TEXT_NONE);
    clear_timer(s, TIMER_ESCALATE);
    start_pages(s, nobody, cause, "assignee");
}

static bool calls_nobody(struct step *s, const char *cause)
{
    if (!s->plan->service_active)
        keep_quiet(s, cause);
    else if (s->plan->window_id.size > 0)
        hold(s, cause);
    else
        return false;
    return true;
}

/* Calls the first level from `level` on that has somebody; records whom and why; sets the clock for the next. */
static void climb(struct step *s, int64_t level, const char *cause, enum ledger_kind entry)
{
    if (calls_nobody(s, cause))
        return;
    struct choice *choice = ARENA_NEW(s->out->arena, struct choice);
    escalation_choose(s->out->arena, s->plan, level, s->i->loop, choice);
    bool first = s->i->level == 0 && s->i->assignee_count == 0;
    s->i->on_policy = true;
    s->i->epoch++;
    s->i->loop = choice->loop;
    if (!choice->exhausted)
        s->i->level = choice->level;
    if (!first)
        stop_pages(s, false, "escalated", TEXT_NONE);
    note_skipped(s, choice);
    if (choice->repeated)
        fact_number(note(s, LEDGER_REPEAT), "loop", choice->loop);
    if (choice->exhausted) {
        s->i->exhausted = true;
        fact_number(note(s, LEDGER_EXHAUST), "loops", choice->loop);
        raise_alarm(s, choice->chosen_count > 0 ? "escalation policy exhausted, the catch-all is called"
                                                : "nobody could be called: the policy is exhausted and has no usable catch-all");
    }
    assign(s, choice);
    struct effect *effect = note(s, entry);
    effect->assigned = choice;
    fact_number(effect, "level", choice->level);
    fact_number(effect, "loop", choice->loop);
    fact_text(effect, "cause", text_of(cause));
    start_pages(s, choice, cause, choice->exhausted ? "catch_all" : "assignee");
    if (choice->exhausted || s->i->urgency == URGENCY_LOW)
        clear_timer(s, TIMER_ESCALATE);
    else
        set_timer(s, TIMER_ESCALATE, instant_add_s(s->now, choice->delay_s));
}

static void call_people(struct step *s, struct candidate *people, size_t count, const char *cause)
{
    if (calls_nobody(s, cause))
        return;
    struct choice *choice = ARENA_NEW(s->out->arena, struct choice);
    escalation_choose_people(s->out->arena, people, count, REASON_BY_HAND, choice);
    s->i->epoch++;
    stop_pages(s, false, "reassigned", s->in->actor.name);
    note_skipped(s, choice);
    assign(s, choice);
    struct effect *effect = note(s, LEDGER_ASSIGN);
    effect->assigned = choice;
    fact_text(effect, "cause", text_of(cause));
    start_pages(s, choice, cause, "assignee");
    set_timer(s, TIMER_ESCALATE, instant_add_s(s->now, HAND_ASSIGNED_ALARM_S));
}

/* Back to triggered, and the people responsible by now are called (again). */
static void call_again(struct step *s, const char *cause)
{
    if (s->i->on_policy)
        climb(s, s->i->level > 0 ? s->i->level : 1, cause, LEDGER_ASSIGN);
    else
        call_people(s, s->in->people, s->in->people_count, cause);
}

/* Inputs ----------------------------------------------------------------------------------------------------- */

static void trigger(struct step *s)
{
    struct effect *effect = note(s, LEDGER_TRIGGER);
    fact_text(effect, "summary", s->i->title);
    fact_text(effect, "urgency", text_of(urgency_name(s->i->urgency)));
    fact_text(effect, "urgency_reason", s->in->text2);
    fact_text(effect, "policy", s->plan->policy_name);
    fact_number(effect, "policy_version", s->plan->policy_version);
    if (s->plan->auto_resolve_timeout_s > 0)
        set_timer(s, TIMER_AUTO_RESOLVE, instant_add_s(s->now, s->plan->auto_resolve_timeout_s));
    if (s->i->urgency == URGENCY_LOW && instant_is_set(s->in->at))
        set_timer(s, TIMER_SUPPORT_HOURS, s->in->at);
    if (s->in->people_count > 0) {
        s->i->on_policy = false;
        call_people(s, s->in->people, s->in->people_count, "trigger");
    } else {
        climb(s, 1, "trigger", LEDGER_ASSIGN);
    }
}

static bool has_acknowledged(const struct incident *i, struct text user_id)
{
    for (size_t a = 0; a < i->acknowledger_count; a++)
        if (text_equal(i->acknowledgers[a], user_id))
            return true;
    return false;
}

static bool acknowledge(struct step *s)
{
    if (!require_open(s))
        return false;
    struct actor actor = s->in->actor;
    bool again = s->i->status == INCIDENT_ACKNOWLEDGED;
    if (again && (actor.kind != ACTOR_USER || has_acknowledged(s->i, actor.id)))
        return true;
    if (actor.kind == ACTOR_USER && s->i->acknowledger_count < ASSIGNEES_MAX)
        s->i->acknowledgers[s->i->acknowledger_count++] = actor.id;
    if (!again)
        set_status(s, INCIDENT_ACKNOWLEDGED);
    s->i->exhausted = false;
    note(s, LEDGER_ACKNOWLEDGE)->user_id = actor.kind == ACTOR_USER ? actor.id : TEXT_NONE;
    stop_pages(s, false, "acknowledged", actor.name);
    if (actor.kind == ACTOR_USER) {
        struct effect *own = add(s, EFFECT_STOP_PAGES); /* a responder who acknowledges has joined */
        own->stop_responders = true;
        own->stop_user_id = actor.id;
        own->stop_reason = TEXT("acknowledged by this person");
    }
    clear_timer(s, TIMER_ESCALATE);
    if (s->plan->acknowledgement_timeout_s > 0 && !instant_is_set(s->i->snoozed_until))
        set_timer(s, TIMER_ACK_TIMEOUT, instant_add_s(s->now, s->plan->acknowledgement_timeout_s));
    return true;
}

static void back_to_triggered(struct step *s)
{
    set_status(s, INCIDENT_TRIGGERED);
    s->i->acknowledger_count = 0;
    s->i->snoozed_until = INSTANT_NONE;
    clear_timer(s, TIMER_ACK_TIMEOUT);
    clear_timer(s, TIMER_SNOOZE_END);
}

static bool unacknowledge(struct step *s, const char *cause)
{
    if (!require_open(s))
        return false;
    if (s->i->status != INCIDENT_ACKNOWLEDGED)
        return true;
    fact_text(note(s, LEDGER_UNACKNOWLEDGE), "cause", text_of(cause));
    back_to_triggered(s);
    call_again(s, cause);
    return true;
}

static void resolve(struct step *s)
{
    set_status(s, INCIDENT_RESOLVED);
    s->i->resolved_at = s->now;
    s->i->exhausted = false;
    s->i->held_by_window = TEXT_NONE;
    s->i->snoozed_until = INSTANT_NONE;
    s->i->assignee_count = s->i->acknowledger_count = 0;
    s->i->alerts_triggered = 0;
    s->i->epoch++;
    stop_pages(s, true, "resolved", s->in->actor.name);
    for (int timer = TIMER_ESCALATE; timer <= TIMER_SUPPORT_HOURS; timer++)
        clear_timer(s, (enum timer_kind)timer);
}

static bool resolve_by_input(struct step *s)
{
    if (s->i->status == INCIDENT_RESOLVED)
        return true;
    struct effect *effect = note(s, LEDGER_RESOLVE);
    if (s->in->actor.kind == ACTOR_USER)
        effect->user_id = s->in->actor.id;
    if (s->in->text.size > 0)
        fact_text(effect, "note", s->in->text);
    resolve(s);
    return true;
}

static bool snooze(struct step *s)
{
    if (!require_open(s))
        return false;
    if (s->in->seconds < SNOOZE_MIN_S || s->in->seconds > SNOOZE_MAX_S) {
        problem_add(s->problem, "duration", "must be from %d to %d seconds", SNOOZE_MIN_S, SNOOZE_MAX_S);
        return refuse(s, ERR_INVALID);
    }
    if (s->i->status != INCIDENT_ACKNOWLEDGED)
        set_status(s, INCIDENT_ACKNOWLEDGED);
    if (s->in->actor.kind == ACTOR_USER && !has_acknowledged(s->i, s->in->actor.id) && s->i->acknowledger_count < ASSIGNEES_MAX)
        s->i->acknowledgers[s->i->acknowledger_count++] = s->in->actor.id;
    s->i->snoozed_until = instant_add_s(s->now, s->in->seconds);
    s->i->exhausted = false;
    struct effect *effect = note(s, LEDGER_SNOOZE);
    fact_number(effect, "seconds", s->in->seconds);
    stop_pages(s, false, "snoozed", s->in->actor.name);
    clear_timer(s, TIMER_ESCALATE);
    clear_timer(s, TIMER_ACK_TIMEOUT);
    set_timer(s, TIMER_SNOOZE_END, s->i->snoozed_until);
    return true;
}

static bool reassign(struct step *s)
{
    if (!require_open(s))
        return false;
    if (s->i->status != INCIDENT_TRIGGERED)
        back_to_triggered(s);
    s->i->on_policy = false;
    s->i->exhausted = false;
    call_people(s, s->in->people, s->in->people_count, "reassign");
    return true;
}

static bool reassign_policy(struct step *s)
{
    if (!require_open(s))
        return false;
    if (s->i->status != INCIDENT_TRIGGERED)
        back_to_triggered(s);
    s->i->policy_id = s->plan->policy_id;
    s->i->policy_version = s->plan->policy_version;
    s->i->loop = 0;
    s->i->exhausted = false;
    climb(s, 1, "reassign", LEDGER_ASSIGN);
    return true;
}

static bool escalate(struct step *s)
{
    if (!require_open(s))
        return false;
    int64_t last = (int64_t)s->plan->level_count;
    int64_t level = s->in->level > 0 ? s->in->level : s->i->level + 1;
    if (s->in->level > last) {
        problem_add(s->problem, "level", "must be from 1 to %lld, the last level of the policy", (long long)last);
        return refuse(s, ERR_INVALID);
    }
    if (s->i->status != INCIDENT_TRIGGERED)
        back_to_triggered(s);
    climb(s, level, "escalate", LEDGER_ESCALATE);
    return true;
}

static bool add_responders(struct step *s)
{
    if (!require_open(s))
        return false;
    struct choice *choice = ARENA_NEW(s->out->arena, struct choice);
    escalation_choose_people(s->out->arena, s->in->people, s->in->people_count, REASON_RESPONDER, choice);
    note_skipped(s, choice);
    struct effect *effect = note(s, LEDGER_RESPONDER);
    effect->assigned = choice;
    fact_text(effect, "message", s->in->text);
    start_pages(s, choice, "responder", "responder");
    return true;
}

static bool set_urgency(struct step *s, enum urgency urgency, const char *cause)
{
    if (!require_open(s))
        return false;
    if (s->i->urgency == urgency)
        return true;
    s->i->urgency = urgency;
    struct effect *effect = note(s, LEDGER_URGENCY);
    fact_text(effect, "urgency", text_of(urgency_name(urgency)));
    fact_text(effect, "cause", text_of(cause));
    if (urgency == URGENCY_LOW)
        clear_timer(s, TIMER_ESCALATE);
    else if (s->i->status == INCIDENT_TRIGGERED && !is_held(s->i))
        call_again(s, "urgency");
    return true;
}

static bool set_priority(struct step *s)
{
    if (text_equal(s->i->priority_id, s->in->text))
        return true;
    s->i->priority_id = s->in->text.size ? s->in->text : TEXT_NONE;
    fact_text(note(s, LEDGER_PRIORITY), "priority", s->in->text2);
    return true;
}

static bool set_title(struct step *s)
{
    if (text_equal(s->i->title, s->in->text))
        return true;
    struct effect *effect = note(s, LEDGER_TITLE);
    fact_text(effect, "before", s->i->title);
    fact_text(effect, "after", s->in->text);
    s->i->title = s->in->text;
    return true;
}

static bool alert_added(struct step *s)
{
    s->i->alerts_all++;
    s->i->alerts_triggered++;
    if (instant_is_set(s->in->at))
        s->i->grouping_until = s->in->at;
    fact_text(note(s, LEDGER_ALERT), "summary", s->in->text);
    if (s->i->urgency == URGENCY_LOW && s->in->urgency == URGENCY_HIGH)
        return set_urgency(s, URGENCY_HIGH, "an alert of high urgency joined");
    return true;
}

static bool alert_resolved(struct step *s)
{
    assert(s->i->alerts_triggered > 0);
    s->i->alerts_triggered--;
    fact_text(note(s, LEDGER_ALERT_RESOLVED), "summary", s->in->text);
    if (s->i->alerts_triggered == 0) {
        fact_text(note(s, LEDGER_RESOLVE), "cause", TEXT("its last alert resolved"));
        resolve(s);
    }
    return true;
}

static bool alerts_moved(struct step *s)
{
    s->i->alerts_triggered += s->in->number;
    s->i->alerts_all += s->in->number2;
    s->out->changed = true;
    assert(s->i->alerts_triggered >= 0 && s->i->alerts_all >= 0);
    return true;
}

static bool merge_into(struct step *s)
{
    if (!require_open(s))
        return false;
    fact_number(note(s, LEDGER_MERGE), "merged_into", s->in->number);
    s->i->merged_into = s->in->number;
    resolve(s);
    return true;
}

static void window_start(struct step *s)
{
    if (s->i->status == INCIDENT_TRIGGERED && !is_held(s->i) && s->plan->window_id.size > 0)
        hold(s, "window_start");
}

static void window_end(struct step *s)
{
    if (s->i->status == INCIDENT_RESOLVED || !is_held(s->i))
        return;
    if (s->plan->window_id.size > 0) { /* another window goes on */
        s->i->held_by_window = s->plan->window_id;
        s->out->changed = true;
        return;
    }
    fact_text(note(s, LEDGER_HOLD_END), "window", s->i->held_by_window);
    s->i->held_by_window = TEXT_NONE;
    if (s->i->status == INCIDENT_TRIGGERED)
        call_again(s, "window_end");
}

static void timer_escalate(struct step *s)
{
    if (s->i->status != INCIDENT_TRIGGERED || is_held(s->i) || s->i->exhausted)
        return;
    int64_t past_the_last = (int64_t)s->plan->level_count + 1;
    if (!s->i->on_policy)
        s->i->loop = s->plan->loops; /* nobody answered who was asked by hand: straight to the catch-all */
    climb(s, s->i->on_policy ? s->i->level + 1 : past_the_last, "timeout", LEDGER_ESCALATE);
}

bool input_needs_people(const struct incident *incident, const struct input *input)
{
    switch (input->kind) {
    case INPUT_TRIGGER:
    case INPUT_UNACKNOWLEDGE:
    case INPUT_REASSIGN:
    case INPUT_REASSIGN_POLICY:
    case INPUT_ESCALATE:
    case INPUT_SET_URGENCY:
    case INPUT_WINDOW_START:
    case INPUT_WINDOW_END:
    case INPUT_TIMER_ESCALATE:
    case INPUT_TIMER_ACK_TIMEOUT:
    case INPUT_TIMER_SNOOZE_END:
    case INPUT_TIMER_SUPPORT_HOURS: return true;
    case INPUT_ALERT_ADDED: return incident->urgency == URGENCY_LOW && input->urgency == URGENCY_HIGH;
    case INPUT_ACKNOWLEDGE:
    case INPUT_RESOLVE:
    case INPUT_SNOOZE:
    case INPUT_ADD_RESPONDERS:
    case INPUT_SET_PRIORITY:
    case INPUT_SET_TITLE:
    case INPUT_NOTE:
    case INPUT_ALERT_RESOLVED:
    case INPUT_ALERTS_MOVED:
    case INPUT_MERGE_INTO:
    case INPUT_MERGED_FROM:
    case INPUT_TIMER_AUTO_RESOLVE: return false;
    }
    return true;
}

static bool take(struct step *s)
{
    switch (s->in->kind) {
    case INPUT_TRIGGER: trigger(s); return true;
    case INPUT_ACKNOWLEDGE: return acknowledge(s);
    case INPUT_UNACKNOWLEDGE: return unacknowledge(s, "unacknowledge");
    case INPUT_RESOLVE: return resolve_by_input(s);
    case INPUT_SNOOZE: return snooze(s);
    case INPUT_REASSIGN: return reassign(s);
    case INPUT_REASSIGN_POLICY: return reassign_policy(s);
    case INPUT_ESCALATE: return escalate(s);
    case INPUT_ADD_RESPONDERS: return add_responders(s);
    case INPUT_SET_PRIORITY: return set_priority(s);
    case INPUT_SET_TITLE: return set_title(s);
    case INPUT_SET_URGENCY: return set_urgency(s, s->in->urgency, "by hand");
    case INPUT_NOTE: fact_text(note(s, LEDGER_NOTE), "note", s->in->text); return true;
    case INPUT_ALERT_ADDED: return alert_added(s);
    case INPUT_ALERT_RESOLVED: return alert_resolved(s);
    case INPUT_ALERTS_MOVED: return alerts_moved(s);
    case INPUT_MERGE_INTO: return merge_into(s);
    case INPUT_MERGED_FROM: fact_number(note(s, LEDGER_MERGE), "merged_from", s->in->number); return true;
    case INPUT_WINDOW_START: window_start(s); return true;
    case INPUT_WINDOW_END: window_end(s); return true;
    case INPUT_TIMER_ESCALATE: timer_escalate(s); return true;
    case INPUT_TIMER_ACK_TIMEOUT: return s->i->status != INCIDENT_ACKNOWLEDGED || unacknowledge(s, "acknowledgement_timeout");
    case INPUT_TIMER_SNOOZE_END:
        if (s->i->status == INCIDENT_ACKNOWLEDGED && instant_is_set(s->i->snoozed_until)) {
            note(s, LEDGER_SNOOZE_END);
            back_to_triggered(s);
            call_again(s, "snooze_end");
        }
        return true;
    case INPUT_TIMER_AUTO_RESOLVE: return resolve_by_input(s);
    case INPUT_TIMER_SUPPORT_HOURS: return s->i->status == INCIDENT_RESOLVED || set_urgency(s, URGENCY_HIGH, "support hours began");
    }
    return false;
}

enum err incident_step(struct incident *incident, const struct plan *plan, const struct input *input, instant now, struct effects *effects,
                       struct problem *problem)
{
    struct incident after = *incident;
    struct step step = {.i = &after, .plan = plan, .in = input, .now = now, .out = effects, .problem = problem};
    size_t before = effects->count;
    if (!take(&step)) {
        effects->count = before;
        assert(step.refusal != OK);
        return step.refusal;
    }
    if (effects->changed)
        after.updated_at = now;
    assert(after.status == INCIDENT_RESOLVED || incident->status != INCIDENT_RESOLVED); /* resolved is final */
    assert(after.epoch >= incident->epoch);
    *incident = after;
    return OK;
}

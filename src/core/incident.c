/* Why: see incident.h. Each input has one small function; calling people is incident_call.c. */
#include "core/incident_step.h"

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

/* Inputs ----------------------------------------------------------------------------------------------------- */

static void trigger(struct step *s)
{
    struct effect *effect = step_note(s, LEDGER_TRIGGER);
    fact_text(effect, "summary", s->i->title);
    fact_text(effect, "urgency", text_of(urgency_name(s->i->urgency)));
    fact_text(effect, "urgency_reason", s->in->text2);
    fact_text(effect, "policy", s->plan->policy_name);
    fact_number(effect, "policy_version", s->plan->policy_version);
    if (s->plan->auto_resolve_timeout_s > 0)
        step_set_timer(s, TIMER_AUTO_RESOLVE, instant_add_s(s->now, s->plan->auto_resolve_timeout_s));
    if (s->i->urgency == URGENCY_LOW && instant_is_set(s->in->at))
        step_set_timer(s, TIMER_SUPPORT_HOURS, s->in->at);
    if (s->in->people_count > 0) {
        s->i->on_policy = false;
        step_call_people(s, s->in->people, s->in->people_count, "trigger");
    } else {
        step_climb(s, 1, "trigger", LEDGER_ASSIGN);
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
    step_note(s, LEDGER_ACKNOWLEDGE)->user_id = actor.kind == ACTOR_USER ? actor.id : TEXT_NONE;
    step_stop_pages(s, false, "acknowledged", actor.name);
    if (actor.kind == ACTOR_USER)
        step_stop_pages_of(s, actor.id, "acknowledged by this person"); /* a responder who acknowledges has joined */
    step_clear_timer(s, TIMER_ESCALATE);
    if (s->plan->acknowledgement_timeout_s > 0 && !instant_is_set(s->i->snoozed_until))
        step_set_timer(s, TIMER_ACK_TIMEOUT, instant_add_s(s->now, s->plan->acknowledgement_timeout_s));
    return true;
}

static void back_to_triggered(struct step *s)
{
    set_status(s, INCIDENT_TRIGGERED);
    s->i->acknowledger_count = 0;
    s->i->snoozed_until = INSTANT_NONE;
    step_clear_timer(s, TIMER_ACK_TIMEOUT);
    step_clear_timer(s, TIMER_SNOOZE_END);
}

static bool unacknowledge(struct step *s, const char *cause)
{
    if (!require_open(s))
        return false;
    if (s->i->status != INCIDENT_ACKNOWLEDGED)
        return true;
    fact_text(step_note(s, LEDGER_UNACKNOWLEDGE), "cause", text_of(cause));
    back_to_triggered(s);
    step_call_again(s, cause);
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
    step_stop_pages(s, true, "resolved", s->in->actor.name);
    for (int timer = TIMER_ESCALATE; timer <= TIMER_SUPPORT_HOURS; timer++)
        step_clear_timer(s, (enum timer_kind)timer);
}

static bool resolve_by_input(struct step *s)
{
    if (s->i->status == INCIDENT_RESOLVED)
        return true;
    struct effect *effect = step_note(s, LEDGER_RESOLVE);
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
    struct effect *effect = step_note(s, LEDGER_SNOOZE);
    fact_number(effect, "seconds", s->in->seconds);
    step_stop_pages(s, false, "snoozed", s->in->actor.name);
    step_clear_timer(s, TIMER_ESCALATE);
    step_clear_timer(s, TIMER_ACK_TIMEOUT);
    step_set_timer(s, TIMER_SNOOZE_END, s->i->snoozed_until);
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
    step_call_people(s, s->in->people, s->in->people_count, "reassign");
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
    s->i->on_policy = true;
    s->i->level = s->i->loop = 0;
    s->i->exhausted = false;
    step_climb(s, 1, "reassign", LEDGER_ASSIGN);
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
    step_climb(s, level, "escalate", LEDGER_ESCALATE);
    return true;
}

static bool add_responders(struct step *s)
{
    if (!require_open(s))
        return false;
    step_call_responders(s);
    return true;
}

static bool set_urgency(struct step *s, enum urgency urgency, const char *cause)
{
    if (!require_open(s))
        return false;
    if (s->i->urgency == urgency)
        return true;
    s->i->urgency = urgency;
    struct effect *effect = step_note(s, LEDGER_URGENCY);
    fact_text(effect, "urgency", text_of(urgency_name(urgency)));
    fact_text(effect, "cause", text_of(cause));
    if (urgency == URGENCY_LOW)
        step_clear_timer(s, TIMER_ESCALATE);
    else if (s->i->status == INCIDENT_TRIGGERED && !is_held(s->i))
        step_call_again(s, "urgency");
    return true;
}

static bool set_priority(struct step *s)
{
    if (text_equal(s->i->priority_id, s->in->text))
        return true;
    s->i->priority_id = s->in->text.size ? s->in->text : TEXT_NONE;
    fact_text(step_note(s, LEDGER_PRIORITY), "priority", s->in->text2);
    return true;
}

static bool set_title(struct step *s)
{
    if (text_equal(s->i->title, s->in->text))
        return true;
    struct effect *effect = step_note(s, LEDGER_TITLE);
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
    struct effect *effect = step_note(s, LEDGER_ALERT);
    fact_text(effect, "summary", s->in->text);
    if (s->in->text2.size > 0)
        fact_text(effect, "grouped", s->in->text2);
    if (s->i->urgency == URGENCY_LOW && s->in->urgency == URGENCY_HIGH)
        return set_urgency(s, URGENCY_HIGH, "an alert of high urgency joined");
    return true;
}

static bool alert_resolved(struct step *s)
{
    assert(s->i->alerts_triggered > 0);
    s->i->alerts_triggered--;
    fact_text(step_note(s, LEDGER_ALERT_RESOLVED), "summary", s->in->text);
    if (s->i->alerts_triggered == 0) {
        fact_text(step_note(s, LEDGER_RESOLVE), "cause", TEXT("its last alert resolved"));
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
    fact_number(step_note(s, LEDGER_MERGE), "merged_into", s->in->number);
    s->i->merged_into = s->in->number;
    resolve(s);
    return true;
}

static void window_start(struct step *s)
{
    if (s->i->status == INCIDENT_TRIGGERED && !is_held(s->i) && s->plan->window_id.size > 0)
        step_hold(s, "window_start");
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
    fact_text(step_note(s, LEDGER_HOLD_END), "window", s->i->held_by_window);
    s->i->held_by_window = TEXT_NONE;
    if (s->i->status == INCIDENT_TRIGGERED)
        step_call_again(s, "window_end");
}

/* A disabled service calls nobody (invariant N6); enabled again it does what it owes. */
static void service_switched(struct step *s)
{
    if (s->i->status == INCIDENT_TRIGGERED && !is_held(s->i))
        step_call_again(s, s->plan->service_active ? "service_enabled" : "service_disabled");
}

static void timer_escalate(struct step *s)
{
    if (s->i->status != INCIDENT_TRIGGERED || is_held(s->i) || s->i->exhausted)
        return;
    int64_t past_the_last = (int64_t)s->plan->level_count + 1;
    if (!s->i->on_policy)
        s->i->loop = s->plan->loops; /* nobody answered who was asked by hand: straight to the catch-all */
    step_climb(s, s->i->on_policy ? s->i->level + 1 : past_the_last, s->in->text.size > 0 ? "unreachable" : "timeout", LEDGER_ESCALATE);
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
    case INPUT_SERVICE_SWITCHED:
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
    case INPUT_NOTE: fact_text(step_note(s, LEDGER_NOTE), "note", s->in->text); return true;
    case INPUT_ALERT_ADDED: return alert_added(s);
    case INPUT_ALERT_RESOLVED: return alert_resolved(s);
    case INPUT_ALERTS_MOVED: return alerts_moved(s);
    case INPUT_MERGE_INTO: return merge_into(s);
    case INPUT_MERGED_FROM: fact_number(step_note(s, LEDGER_MERGE), "merged_from", s->in->number); return true;
    case INPUT_WINDOW_START: window_start(s); return true;
    case INPUT_WINDOW_END: window_end(s); return true;
    case INPUT_SERVICE_SWITCHED: service_switched(s); return true;
    case INPUT_TIMER_ESCALATE: timer_escalate(s); return true;
    case INPUT_TIMER_ACK_TIMEOUT: return s->i->status != INCIDENT_ACKNOWLEDGED || unacknowledge(s, "acknowledgement_timeout");
    case INPUT_TIMER_SNOOZE_END:
        if (s->i->status == INCIDENT_ACKNOWLEDGED && instant_is_set(s->i->snoozed_until)) {
            step_note(s, LEDGER_SNOOZE_END);
            back_to_triggered(s);
            step_call_again(s, "snooze_end");
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

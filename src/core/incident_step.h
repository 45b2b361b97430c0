/* Why: what the two halves of the incident's step share: the step in the making, notes for the record, and calling people. Only
 * incident.c and incident_call.c include this. */
#ifndef MUSTER_CORE_INCIDENT_STEP_H
#define MUSTER_CORE_INCIDENT_STEP_H

#include "core/incident.h"

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

/* Each adds one effect. */
struct effect *step_note(struct step *s, enum ledger_kind kind);
void fact_text(struct effect *effect, const char *key, struct text value);
void fact_number(struct effect *effect, const char *key, int64_t value);
void step_set_timer(struct step *s, enum timer_kind timer, instant due);
void step_clear_timer(struct step *s, enum timer_kind timer);
/* `who`: appended as "... by NAME"; absent: nobody. */
void step_stop_pages(struct step *s, bool responders_too, const char *format, struct text who);
void step_stop_pages_of(struct step *s, struct text user_id, const char *reason);

/* Calls the first level from `level` on that has somebody; records whom and why; sets the clock for the next. */
void step_climb(struct step *s, int64_t level, const char *cause, enum ledger_kind entry);
/* Calls people named by a person. */
void step_call_people(struct step *s, struct candidate *people, size_t count, const char *cause);
/* The people responsible by now are called (again). */
void step_call_again(struct step *s, const char *cause);
/* Asks people for help without taking it from those who have it. */
void step_call_responders(struct step *s);
/* Puts the incident under the window in force: recorded and shown, nobody called. */
void step_hold(struct step *s, const char *cause);

#endif

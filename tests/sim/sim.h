/* Why: a simulated organisation around the real engine and the real SQL: one thread, a virtual clock, and everything that happens follows
 * from one seed. Parts: world.c makes the organisation and edits it, deeds.c is what people and machines do to incidents, provider.c
 * plays the providers, judge.c decides whether a promise was broken, planted.c breaks the engine on purpose, main.c runs it all. */
#ifndef MUSTER_TESTS_SIM_H
#define MUSTER_TESTS_SIM_H

#include <sqlite3.h>

#include "engine/incidents.h"
#include "engine/stepped.h"
#include "inbound/event.h"

enum {
    PEOPLE_MAX = 12, CONTACTS_MAX = 60, RULES_MAX = 120, SCHEDULES_MAX = 4, POLICIES_MAX = 4, SERVICES_MAX = 6, WINDOWS_MAX = 200,
    KEYS = 25, LAST_STEPS = 14, EVENTS_MAX = 20000, QUESTIONS_MAX = 40, CALLS_MAX = 40000, PENDING_MAX = 4000,
};

struct person { char id[20]; bool admin, gone, sleeps; };
struct contact { char id[20], address[48]; int person; enum channel channel; bool gone; };
struct rule { char id[20]; int person, contact; bool gone; };
struct simulated_schedule { char id[20]; int people[PEOPLE_MAX]; size_t people_count; };
struct simulated_policy { char id[20], name[24]; int64_t version; };
struct service { char id[20], name[24], key[40]; int policy; bool disabled; int64_t ack_timeout_s, resolve_timeout_s, grouping_s; const char *urgency; };
struct window { char id[20]; instant start, end; unsigned services; bool cancelled; };

struct accepted { int64_t number; char key[24]; char kind[16]; }; /* an event that was answered with 202 */
struct call { int64_t message; instant at; bool reached; };           /* what a provider was asked to do */

enum pending_kind { PENDING_OUTCOME, PENDING_REPORT, PENDING_ANSWER };
struct pending { /* something that will come back from outside */
    enum pending_kind kind;
    instant at;
    int64_t order, message;
    char outcome[16], provider[16], address[48], ref[24], words[24];
    bool address_refused, duplicate;
};

struct sim {
    uint64_t seed, chance, hash;
    int64_t step, steps;
    const char *planted;
    char path[256];
    struct env *env;
    struct engine *engine;
    struct db *reader;
    sqlite3 *raw;          /* the judge's own eyes: its SQL is not the engine's */
    struct { const char *sql; sqlite3_stmt *statement; } asked[QUESTIONS_MAX];
    struct arena *arena;   /* of one step */
    bool link_up, calm;    /* calm: no faults any more */
    int outage;            /* bits of providers that refuse or hang now */
    double crash_chance, fault_share;
    bool drop_frames;      /* the process dies between the commit and the hand-over */

    struct person people[PEOPLE_MAX]; int person_count;
    struct contact contacts[CONTACTS_MAX]; int contact_count;
    struct rule rules[RULES_MAX]; int rule_count;
    struct simulated_schedule schedules[SCHEDULES_MAX]; int schedule_count;
    struct simulated_policy policies[POLICIES_MAX]; int policy_count;
    struct service services[SERVICES_MAX]; int service_count;
    struct window windows[WINDOWS_MAX]; int window_count;

    struct accepted *events; int event_count;
    struct call *calls; int call_count;
    struct pending *pending; int pending_count;
    int64_t orders;
    int64_t frames, crashes, commands, refused;

    char last[LAST_STEPS][200];
    char failure[4000];
};

/* main.c */
uint64_t chance_u64(struct sim *sim);
int chance_below(struct sim *sim, int limit);            /* 0 .. limit - 1 */
bool chance_is(struct sim *sim, double probability);
int64_t chance_seconds(struct sim *sim, int64_t from, int64_t to);
instant sim_now(const struct sim *sim);
void sim_note(struct sim *sim, const char *format, ...) PRINTF_LIKE(2, 3); /* one line of the trace; part of its hash */
void sim_fail(struct sim *sim, const char *invariant, const char *format, ...) PRINTF_LIKE(3, 4);
/* Runs one work function as a job of its own turn. */
enum err sim_run(struct sim *sim, engine_work *work, void *argument);
/* The same, and the process may die just before or just after the commit; then whoever asked asks again. */
enum err sim_run_faulty(struct sim *sim, engine_work *work, void *argument);
void sim_crash(struct sim *sim, int64_t down_s);
void sim_start_engine(struct sim *sim);
void sim_turns(struct sim *sim);

/* world.c */
void world_make(struct sim *sim);
void world_edit(struct sim *sim);

/* deeds.c */
void deeds_event(struct sim *sim);
void deeds_storm(struct sim *sim);
void deeds_command(struct sim *sim);
/* A person answers the message by a text message. */
void deeds_answer(struct sim *sim, const struct pending *answer);

/* provider.c */
extern const struct provider_config sim_providers[];
extern const size_t sim_provider_count;
engine_send provider_takes;
instant provider_next(const struct sim *sim);
void provider_deliver(struct sim *sim);     /* the earliest pending thing */
void provider_forget_answers(struct sim *sim); /* outcomes on their way to an engine that is gone */

/* judge.c */
void judge_open(struct sim *sim);
void judge_close(struct sim *sim);
void judge_step(struct sim *sim, bool everything);
/* At the moment a page is handed over: is anybody wrong called? It says that it speaks of so many incidents. */
void judge_call(struct sim *sim, int64_t message, int64_t incidents);
void judge_end(struct sim *sim);
/* One number of the judge's own SQL; `fallback` when there is no row. */
int64_t judge_number(struct sim *sim, const char *sql, int64_t a, int64_t b, int64_t fallback);
bool judge_text(struct sim *sim, const char *sql, int64_t a, char *ret, size_t size);

/* planted.c */
extern const char *const planted_names[];
void planted_set(const char *name);

#endif

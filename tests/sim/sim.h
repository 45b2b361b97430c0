/* Why: a simulated organisation around the real engine and the real SQL: a virtual clock, a disk in memory, and everything that happens follows
 * from one seed. Parts: machine.c is the computer it runs on (start, death, time, the disk's faults), life.c one seed from its start to the day of
 * reckoning, world.c makes the organisation and edits it, deeds.c is what people and machines do to incidents, provider.c plays the
 * providers, door.c is the HTTP API without sockets, edits.c the administrators, memories.c what would show that the engine remembers something that is over, judge.c decides whether a promise was broken, planted.c breaks the engine on purpose, script.c shrinks a failure, main.c runs seeds.
 *
 * Chance: each step and each message has a stream of its own, so leaving one deed or fault out changes no other one's choices. */
#ifndef MUSTER_TESTS_SIM_H
#define MUSTER_TESTS_SIM_H

#include <sqlite3.h>

#include "disk.h"
#include "engine/incidents.h"
#include "engine/stepped.h"
#include "inbound/event.h"

enum {
    PEOPLE_MAX = 12, CONTACTS_MAX = 60, RULES_MAX = 120, SCHEDULES_MAX = 4, POLICIES_MAX = 4, SERVICES_MAX = 6,
    KEYS = 25, LAST_STEPS = 14, EVENTS_MAX = 20000, QUESTIONS_MAX = 120, CALLS_MAX = 40000, PENDING_MAX = 4000, STEPS_MAX = 4000, WORDS_MAX = 240,
};

/* What a run counts, over all seeds. Each kind of fault must have fired by the end. */
#define SIM_COUNTS(ROW) \
    ROW(events) ROW(events_refused) ROW(commands) ROW(edits) ROW(edits_refused) ROW(incidents) ROW(pages) ROW(sends) ROW(restarts) ROW(checkpoints) ROW(long_readers) ROW(judged_events) ROW(judged_groups) ROW(judged_alerts) ROW(judged_notifications) ROW(edits_beside) ROW(taken_back) ROW(canary_rounds) ROW(judged_pages) ROW(judged_incidents_unanswered) ROW(alarms_nobody_was_reached) \
    ROW(fault_clock_jumped) ROW(fault_failed_flush_then_power_cut) ROW(fault_sender_died) ROW(fault_died_before_commit) ROW(fault_died_after_commit) ROW(fault_frames_lost) \
    ROW(fault_provider_refused) ROW(fault_provider_refused_for_good) ROW(fault_provider_hung) ROW(fault_provider_took_and_hung) \
    ROW(fault_report_twice) ROW(fault_report_early) ROW(fault_report_undelivered) ROW(fault_report_forged) ROW(fault_answer_late) ROW(fault_answer_twice)
struct sim_counts {
#define ROW(name) int64_t name;
    SIM_COUNTS(ROW)
#undef ROW
};
extern struct sim_counts sim_counts;
extern bool log_wanted; /* the engine's own log is part of what is printed */

/* An administrator's API token and the key that signs links; the same in each run. */
#define SIM_TOKEN "simulated-administrator"
#define SIM_LINK_KEY "muster-sim-muster-sim-muster-sim"

struct person { char id[20]; bool admin; };
struct contact { char id[20], address[48]; int person; enum channel channel; };
struct rule { char id[20]; int person, contact; };
struct simulated_schedule { char id[20]; };
struct simulated_policy { char id[20], name[24]; int64_t version; };
struct service { char id[20], name[24], key[40]; int policy; int64_t ack_timeout_s, resolve_timeout_s; const char *grouping, *urgency; };

struct source { char service[40], integration[40], key[48]; }; /* of events */
struct accepted { int64_t number; char key[24]; char kind[16]; }; /* an event that was answered with 202 */
struct handed { int64_t message; instant at; bool reached; };           /* what a provider was asked to do */

enum pending_kind { PENDING_OUTCOME, PENDING_REPORT, PENDING_FORGED, PENDING_ANSWER };
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
    const char *path;
    bool silent, trace;    /* silent: shrinking; no lines are made */
    bool each_step;        /* the judge looks after each step; else now and then, and at the end */
    bool deed_off[STEPS_MAX + 1], fault_off[STEPS_MAX + 1]; /* left out by a script */
    bool fault_drawn[STEPS_MAX + 1];
    char (*words)[WORDS_MAX]; /* what happened in each step; NULL: nobody asks */
    int pace;              /* how busy the days are */
    double clock_share, attention; /* of people who are called, and react */
    double disk_share;     /* steps that meet a fault of the disk */
    unsigned disk_kinds;   /* bits of those of this run */
    bool trouble;          /* a fault of the disk is or was armed in this step: refusals are right */
    int64_t judged_decision, judged_notification, judged_message;
    int64_t heard_seq, heard_event; /* the newest ledger entry and event somebody got an answer about */
    struct env *env;
    struct engine *engine;
    struct db *reader;
    sqlite3 *raw;          /* the judge's own eyes: its SQL is not the engine's */
    struct { const char *sql; sqlite3_stmt *statement; } asked[QUESTIONS_MAX];
    struct arena *arena;   /* of one step */
    bool restless, calm;   /* restless: the engine said there is more to do; calm: no faults any more */
    int outage;            /* bits of providers that refuse or hang now */
    double crash_chance, fault_share;
    bool has_canary;       /* the engine pages itself (engine/canary.h) */
    bool drop_frames;      /* the process dies between the commit and the hand-over */
    bool restarting;
    bool reader_waits;     /* for the restart: somebody is in the store before the engine */
    sqlite3 *lingerer;     /* somebody who reads for long; NULL: nobody */
    sqlite3 *copier;       /* copies the WAL; NULL: has not yet */

    struct person people[PEOPLE_MAX]; int person_count;
    struct contact contacts[CONTACTS_MAX]; int contact_count;
    struct rule rules[RULES_MAX]; int rule_count;
    struct simulated_schedule schedules[SCHEDULES_MAX]; int schedule_count;
    struct simulated_policy policies[POLICIES_MAX]; int policy_count;
    struct service services[SERVICES_MAX]; int service_count;

    struct source last_from; /* of the last event */
    int last_key_number;
    char last_key[64];
    struct accepted *events; int event_count;
    struct handed *calls; int call_count;
    struct pending *pending; int pending_count;
    int64_t orders;

    char last[LAST_STEPS][200];
    char failure[4000];
    instant started, healed;
};

/* machine.c */
uint64_t chance_of(uint64_t a, uint64_t b, uint64_t c);  /* the start of a stream */
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
/* The same in parts, for whoever must answer in between. */
enum sim_death { DEATH_NONE, DEATH_BEFORE_COMMIT, DEATH_AFTER_COMMIT, DEATH_WITH_ANSWER /* before it does anything else */ };
enum sim_death sim_draw_death(struct sim *sim);
enum err sim_run_once(struct sim *sim, engine_work *work, void *argument, enum sim_death death); /* nobody restarts yet */
void sim_die(struct sim *sim, enum sim_death death);
/* True: `err` is no fault of the engine's, the disk was in trouble. */
bool sim_excused(const struct sim *sim, enum err err);
void sim_crash(struct sim *sim, enum disk_fault how, int64_t down_s);
void sim_start_engine(struct sim *sim);
void sim_stop_engine(struct sim *sim);
void sim_turns(struct sim *sim);
void sim_advance(struct sim *sim, instant to);
void sim_lose_sender(struct sim *sim);
void sim_checkpoint(struct sim *sim);
void sim_forget_copier(struct sim *sim);
void sim_linger(struct sim *sim, bool on);
void sim_arm_disk(struct sim *sim);
void sim_disarm_disk(struct sim *sim);

/* life.c */
struct life_result { uint64_t hash; char failure[4000]; int64_t steps, simulated_us; bool fault_drawn[STEPS_MAX + 1]; };
/* `off` is NULL, or which deeds and faults are left out (index: step). */
struct life_plan { uint64_t seed; int64_t steps; bool trace, silent, each_step; const bool *deed_off, *fault_off; const char *path; char (*words)[WORDS_MAX]; };
void life_run(const struct life_plan *plan, struct life_result *ret);

/* script.c */
/* Makes a failed plan small and prints it as a script. */
void script_shrink(const struct life_plan *plan, const struct life_result *failed, int64_t patience_s);
int script_replay(const char *file, const char *path);

/* world.c */
void world_make(struct sim *sim);
json_t *world_layer(struct sim *sim, struct arena *arena, const char *const *users, size_t count);
extern const char *const world_zones[5];

/* edits.c */
void edits_deed(struct sim *sim);
void edits_override_now(struct sim *sim);
void edits_take_key(struct sim *sim, const struct source *from); /* it sends no events any more */

/* deeds.c */
void deeds_event(struct sim *sim);
void deeds_storm(struct sim *sim);
void deeds_command(struct sim *sim);
/* The last event's alert once more. */
void deeds_again(struct sim *sim, enum event_action action);
void deeds_command_on(struct sim *sim, int64_t incident, enum incident_verb verb);
void deeds_alert_command(struct sim *sim, int64_t incident, int64_t alert, bool move);
/* A person answers the message by a text message. */
void deeds_answer(struct sim *sim, const struct pending *answer);

/* memories.c */
/* An alert comes, what it rests on changes or it ends, and it comes again, several times. */
void memories_deed(struct sim *sim);
/* What must become of the next event, by the rows as they are before it. */
struct expected_alert { int64_t open; bool disabled; };
void memories_before_event(struct sim *sim, const char *integration, const char *dedup_key, struct expected_alert *ret);
void memories_judge_event(struct sim *sim, int64_t event, const struct expected_alert *before);
void memories_judge_pages(struct sim *sim); /* those made since */

/* provider.c */
extern const struct provider_config sim_providers[];
extern const size_t sim_provider_count;
engine_send provider_takes;
instant provider_next(const struct sim *sim);
void provider_deliver(struct sim *sim);     /* the earliest pending thing */
void provider_forget_answers(struct sim *sim); /* outcomes on their way to an engine that is gone */
void provider_change_outage(struct sim *sim);

/* judge.c */
void judge_open(struct sim *sim);
void judge_close(struct sim *sim);
/* What stands in the record for ever is asked for with `everything`: every 50 steps and at the end. How things stand is asked in one step of four, drawn by the seed.
 * With each_step all of it is asked after each one: so a seed that failed is run again, to say where it began. */
void judge_step(struct sim *sim, bool everything);
/* Whoever asked has been answered: what that rests on must outlive everything. */
void judge_answered(struct sim *sim);
/* After a restart: is all of it still there? */
void judge_restarted(struct sim *sim);
/* At the moment a page is handed over: is anybody wrong called? It says that it speaks of so many incidents. */
void judge_call(struct sim *sim, int64_t message, int64_t incidents);
void judge_end(struct sim *sim);
/* grouping.c: of an event that was just accepted. */
void judge_grouping(struct sim *sim, int64_t event);

/* One number of the judge's own SQL; `fallback` when there is no row. */
int64_t judge_number(struct sim *sim, const char *sql, int64_t a, int64_t b, int64_t fallback);
bool judge_text(struct sim *sim, const char *sql, int64_t a, char *ret, size_t size);

/* A question, its statement kept; reset it when done. ?1 and ?2 are `a` and `b`. */
sqlite3_stmt *judge_ask(struct sim *sim, const char *sql, int64_t a, int64_t b);
bool judge_row(struct sim *sim, sqlite3_stmt *statement);
/* The same about an id, which is ?3. */
int64_t judge_about(struct sim *sim, const char *sql, int64_t a, int64_t b, const char *id);
/* world.c: an event of a rotation, as the API takes it (docs/schedules.md); `since`: when it takes effect. */
json_t *world_event(struct sim *sim, struct arena *arena, const char *zone, const char *const *people, size_t count, instant since);
bool judge_about_text(struct sim *sim, const char *sql, int64_t a, const char *id, char *ret, size_t size);

/* Something goes out: X1. */
void judge_words(struct sim *sim, const char *what, const char *words, size_t size);

/* invariants.c */
int64_t invariants_count(void); /* how many checks there are, of the store and outside */
int invariants_print(void);     /* exit code */

/* oracle.c */
void oracle_judge(struct sim *sim); /* the decisions made since */

/* planted.c */
extern const char *const planted_names[];
void planted_set(const char *name);
const char *planted_now(void); /* "" for none */
/* No bug: the engine asks ahead for the alerts of a batch, as it does on PostgreSQL (engine/open_alerts.h). */
void planted_ask_ahead(bool on);

#endif

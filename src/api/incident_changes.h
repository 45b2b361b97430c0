/* Why: what every handler that changes incidents shares: who acts, do the named things exist, and how a refusal of the engine is
 * told with PagerDuty's code. */
#ifndef MUSTER_API_INCIDENT_CHANGES_H
#define MUSTER_API_INCIDENT_CHANGES_H

#include "api/incident_parse.h"
#include "api/view.h"
#include "engine/incidents.h"

enum incident_code {
    INCIDENT_ALREADY_RESOLVED = 1001,
    INCIDENT_ARGUMENTS = 2002,
};

/* What each changing operation begins with: the incident of the path (which exists), the acting person, the view. */
struct incident_call {
    struct view view;
    int64_t number; /* 0 without a path */
    struct actor actor;
};
enum err incident_call_begin(struct call *call, bool has_path, struct incident_call *ret) MUST_CHECK;

/* One mistake for each reference that leads nowhere; one query per noun. */
enum err incident_references_check(struct call *call, const struct references *references) MUST_CHECK;
/* The highest priority of that name; a mistake at `path` when there is none. Does nothing for an absent name. */
enum err incident_priority_find(struct call *call, struct text name, const char *path, struct text *ret_id) MUST_CHECK;
/* Gives the refusal of a change its code; returns `err`. */
enum err incident_refusal(struct call *call, enum err err);

/* Runs one command on the incident of the path and answers with the incident. */
enum err incident_change_one(const struct view *view, int64_t number, const struct incident_command *command) MUST_CHECK;
/* Several commands on several incidents, all or nothing. Mistakes get the path of their command. */
struct incident_step_order {
    int64_t number;
    const char *path;
    bool sets_bridge; /* instead of the command; its actor is the command's */
    struct conference_bridge bridge;
    struct text type; /* present: sets the type, by id or name, instead of the command */
    struct incident_command command;
};
enum err incident_change_all(struct call *call, struct incident_step_order *orders, size_t count) MUST_CHECK;
/* Adds the mistakes of `found` to `problem`, below `path` (may be NULL): "level must be ..." becomes "incidents[3].level must be ...". */
void incident_add_mistakes(struct problem *problem, const char *path, const struct problem *found);

#endif

/* Why: the building blocks of a new installation: people with their ladder, policies, services, schedules. Inside a transaction of
 * the engine. Used once per database. */
#ifndef MUSTER_CLI_SETUP_H
#define MUSTER_CLI_SETUP_H

#include "engine/tx.h"

struct setup_person {
    const char *name, *email, *role, *time_zone, *job_title;
    int64_t country_code;
    const char *phone;         /* national digits; NULL: e-mail and ladder are left out too */
    struct text password_hash; /* absent: cannot sign in */
};

struct setup_level {
    bool is_user; /* else a schedule */
    struct text target;
};

struct setup_policy {
    const char *name, *description;
    const struct setup_level *levels; /* five minutes each; the whole policy runs twice */
    size_t level_count;
    struct text catch_all; /* a user; absent: that of the installation */
    struct text team;      /* absent: none */
};

struct setup_service {
    const char *name, *description;
    struct text policy;
    const char *urgency;
    int64_t grouping_s; /* 0: none */
    bool is_first;      /* its key is the one that is printed */
};

struct setup_rotation {
    const char *name, *description, *time_zone;
    const struct text *users; /* weekly turns from Monday 09:00 */
    size_t user_count;
    struct text team;
};

/* With a phone: verified e-mail, push, SMS and voice, and a ladder (push, e-mail and SMS at once, calls after ten seconds, two and three
 * minutes; low urgency only e-mail and push). */
enum err setup_person(struct tx *tx, const struct setup_person *person, struct text *ret_id) MUST_CHECK;
enum err setup_team(struct tx *tx, const char *name, const char *description, struct text *ret_id) MUST_CHECK;
enum err setup_member(struct tx *tx, struct text team, struct text user, const char *role) MUST_CHECK;
enum err setup_policy(struct tx *tx, const struct setup_policy *policy, struct text *ret_id) MUST_CHECK;
enum err setup_service(struct tx *tx, const struct setup_service *service) MUST_CHECK;
enum err setup_rotation(struct tx *tx, const struct setup_rotation *rotation, struct text *ret_id) MUST_CHECK;
/* A fact of the installation. */
enum err setup_remember(struct tx *tx, const char *name, struct text value) MUST_CHECK;

#endif

/* Why: see sample.h. A freight company with the shape most companies have: a team for the shop, one for databases that others stand on,
 * and a control room. The defaults are those that good practice recommends: five minutes a level, the backup is last
 * week's primary, then the lead of the team. Telephone numbers are from the range that Germany keeps free for films. */
#include "cli/sample.h"

#include "cli/setup.h"

enum { ANA, BEN, CLEO, DAN, DEEPA, NIA, OMAR, PEOPLE };
enum { PAYMENTS, DB_PLATFORM, NOC, TEAMS };

static const struct setup_person people[PEOPLE] = {
    [ANA] = {.name = "Ana Moreno", .email = "ana@halden.example", .role = "admin", .time_zone = "Europe/Berlin", .job_title = "Lead, Payments", .phone = "17604069001"},
    [BEN] = {.name = "Ben Schulz", .email = "ben@halden.example", .role = "user", .time_zone = "Europe/Berlin", .job_title = "Engineer, Payments", .phone = "17604069002"},
    [CLEO] = {.name = "Cleo Lindqvist", .email = "cleo@halden.example", .role = "user", .time_zone = "Europe/Stockholm", .job_title = "Engineer, Payments", .phone = "17604069003"},
    [DAN] = {.name = "Dan Okafor", .email = "dan@halden.example", .role = "user", .time_zone = "Europe/London", .job_title = "Lead, Database platform", .phone = "17604069004"},
    [DEEPA] = {.name = "Deepa Rao", .email = "deepa@halden.example", .role = "user", .time_zone = "Asia/Kolkata", .job_title = "Engineer, Database platform", .phone = "17604069005"},
    [NIA] = {.name = "Nia Brandt", .email = "nia@halden.example", .role = "owner", .time_zone = "Europe/Berlin", .job_title = "Head of operations", .phone = "17604069006"},
    [OMAR] = {.name = "Omar Haddad", .email = "omar@halden.example", .role = "limited_user", .time_zone = "Europe/Berlin", .job_title = "Operator, NOC", .phone = "17604069007"},
};

struct organisation {
    struct text people[PEOPLE];
    struct text teams[TEAMS];
};

static enum err add_people(struct tx *tx, struct text password_hash, struct organisation *organisation)
{
    enum err err = OK;
    for (int i = 0; err == OK && i < PEOPLE; i++) {
        struct setup_person person = people[i];
        person.country_code = 49;
        person.password_hash = password_hash;
        err = setup_person(tx, &person, &organisation->people[i]);
    }
    return err;
}

static enum err add_teams(struct tx *tx, struct organisation *organisation)
{
    static const struct { const char *name, *description; } teams[TEAMS] = {
        [PAYMENTS] = {"Payments", "The shop's checkout and everything that moves money"},
        [DB_PLATFORM] = {"DBPlatform", "Databases that other teams build on"},
        [NOC] = {"NOC", "The control room: warehouses, printers, networks"},
    };
    static const struct { int team, person; const char *role; } members[] = {
        {PAYMENTS, ANA, "manager"}, {PAYMENTS, BEN, "responder"}, {PAYMENTS, CLEO, "responder"}, {DB_PLATFORM, DAN, "manager"},
        {DB_PLATFORM, DEEPA, "responder"}, {NOC, NIA, "manager"}, {NOC, OMAR, "responder"},
    };
    enum err err = OK;
    for (int i = 0; err == OK && i < TEAMS; i++)
        err = setup_team(tx, teams[i].name, teams[i].description, &organisation->teams[i]);
    for (size_t i = 0; err == OK && i < sizeof members / sizeof members[0]; i++)
        err = setup_member(tx, organisation->teams[members[i].team], organisation->people[members[i].person], members[i].role);
    return err;
}

struct duty {
    int team, lead;
    int turns[3]; /* of the primary; the backup is whoever was primary the week before */
    size_t turn_count;
    const char *primary, *backup, *policy;
    const char *service, *description, *urgency;
};

static const struct duty duties[] = {
    {PAYMENTS, ANA, {BEN, CLEO, ANA}, 3, "Payments primary", "Payments backup", "Payments", "checkout", "Customers pay here", "high"},
    {DB_PLATFORM, DAN, {DEEPA, DAN}, 2, "DBPlatform primary", "DBPlatform backup", "DBPlatform", "ledger-db", "The database of all bookings", "high"},
    {NOC, NIA, {OMAR, NIA}, 2, "NOC primary", "NOC backup", "NOC", "label-printer", "Prints the labels of parcels", "severity_based"},
};

static enum err add_rotation(struct tx *tx, const struct organisation *organisation, const struct duty *duty, bool backup, struct text *ret_id)
{
    struct text users[3];
    for (size_t i = 0; i < duty->turn_count; i++)
        users[i] = organisation->people[duty->turns[backup ? (i + duty->turn_count - 1) % duty->turn_count : i]];
    struct setup_rotation rotation = {
        .name = backup ? duty->backup : duty->primary,
        .description = backup ? "Last week's primary" : "One week from Monday to Monday",
        .time_zone = "Europe/Berlin", .users = users, .user_count = duty->turn_count, .team = organisation->teams[duty->team]};
    return setup_rotation(tx, &rotation, ret_id);
}

static enum err add_duty(struct tx *tx, const struct organisation *organisation, const struct duty *duty, bool is_first)
{
    enum { GROUPING_S = 600 };
    struct text primary, backup, policy_id;
    enum err err = add_rotation(tx, organisation, duty, false, &primary);
    if (err == OK)
        err = add_rotation(tx, organisation, duty, true, &backup);
    if (err != OK)
        return err;
    struct setup_level levels[] = {{.target = primary}, {.target = backup}, {.is_user = true, .target = organisation->people[duty->lead]}};
    struct setup_policy policy = {.name = duty->policy, .description = "Primary, backup, then the lead of the team; five minutes each", .levels = levels,
                                  .level_count = 3, .catch_all = organisation->people[NIA], .team = organisation->teams[duty->team]};
    err = setup_policy(tx, &policy, &policy_id);
    struct setup_service service = {.name = duty->service, .description = duty->description, .policy = policy_id, .urgency = duty->urgency,
                                    .grouping_s = GROUPING_S, .is_first = is_first};
    return err == OK ? setup_service(tx, &service) : err;
}

enum err sample_fill(struct tx *tx, struct text password_hash)
{
    struct organisation organisation;
    enum err err = add_people(tx, password_hash, &organisation);
    if (err == OK)
        err = add_teams(tx, &organisation);
    for (size_t i = 0; err == OK && i < sizeof duties / sizeof duties[0]; i++)
        err = add_duty(tx, &organisation, &duties[i], i == 0);
    return err;
}

/* Why: see bootstrap.h. */
#include "cli/bootstrap.h"

#include "base/id.h"
#include "base/log.h"
#include "base/password.h"
#include "cli/data_directory.h"
#include "cli/sample.h"
#include "cli/setup.h"
#include "cli/token.h"

enum { PASSWORD_CHARS = 12 };

struct first_start {
    bool sample;
    struct text token, password_hash;
};

static enum err add_priorities(struct tx *tx)
{
    static const struct { const char *name, *color, *description; } priorities[] = {
        {"P1", "a8171c", "Critical: customers cannot use a main function; all hands"},
        {"P2", "eb6016", "High: a main function suffers, or many customers do"},
        {"P3", "f9b406", "Moderate: some customers suffer, or a main function is at risk"},
        {"P4", "555555", "Low: an inconvenience; working hours are soon enough"},
        {"P5", "aaaaaa", "Informational: nothing is impaired yet"},
    };
    enum err err = OK;
    for (size_t i = 0; err == OK && i < sizeof priorities / sizeof priorities[0]; i++) {
        struct query *q = db_query(tx->db, "setup_priority_insert");
        query_bind_text(q, "id", id_new_object(tx->env, tx->arena));
        query_bind_text(q, "name", text_of(priorities[i].name));
        query_bind_text(q, "description", text_of(priorities[i].description));
        query_bind_text(q, "color", text_of(priorities[i].color));
        query_bind_int(q, "rank", (int64_t)i + 1);
        err = query_run(q);
    }
    return err;
}

static enum err add_token(struct tx *tx, struct text secret)
{
    struct token_insert token = {.id = id_new_object(tx->env, tx->arena), .secret = secret, .name = TEXT("first administrator"),
                                 .role = TEXT("admin"), .now = tx->now, .expires_at = INSTANT_NONE};
    return token_insert(tx->db, tx->arena, &token);
}

/* Without the sample: an administrator who can be given a password, and one service that calls them. */
static enum err add_plain(struct tx *tx)
{
    struct setup_person administrator = {.name = "Administrator", .email = "admin@localhost", .role = "owner", .time_zone = "Etc/UTC"};
    struct text policy = TEXT_NONE, person;
    enum err err = setup_person(tx, &administrator, &person);
    struct setup_level level = {.is_user = true, .target = person};
    struct setup_policy wanted = {.name = "First policy", .levels = &level, .level_count = 1};
    if (err == OK)
        err = setup_policy(tx, &wanted, &policy);
    struct setup_service service = {.name = "First service", .policy = policy, .urgency = "high", .is_first = true};
    return err == OK ? setup_service(tx, &service) : err;
}

static enum err fill(struct tx *tx, void *argument)
{
    const struct first_start *start = argument;
    enum err err = add_priorities(tx);
    if (err == OK)
        err = add_token(tx, start->token);
    if (err == OK)
        err = start->sample ? sample_fill(tx, start->password_hash) : add_plain(tx);
    return err == OK ? setup_remember(tx, "set_up_at", instant_format(tx->arena, tx->now)) : err;
}

/* The files come first: a crash between them and the commit leaves a token that opens nothing, and the next start makes another. */
static enum err first_start(struct bootstrap *ret, struct arena *arena, const struct config *config, struct engine *engine, struct env *env)
{
    struct first_start start = {.sample = config->sample, .token = id_new_key(env, arena, TOKEN_CHARS)};
    if (!data_write(arena, config->data_directory, "admin-token", start.token))
        return ERR_UNAVAILABLE;
    if (config->sample) {
        struct text password = id_new_key(env, arena, PASSWORD_CHARS);
        enum err err = password_hash(arena, password, &start.password_hash);
        if (err != OK)
            return err;
        if (!data_write(arena, config->data_directory, "sample-password", password))
            return ERR_UNAVAILABLE;
    }
    enum err err = engine_execute(engine, fill, &start);
    if (err == OK)
        ret->is_new = true;
    return err;
}

static bool is_set_up(struct db *db)
{
    struct query *q = db_query(db, "installation_get");
    query_bind_text(q, "name", TEXT("set_up_at"));
    return query_next(q);
}

static void read_facts(struct bootstrap *ret, struct arena *arena, const struct config *config, struct db *db)
{
    struct text token;
    if (!data_read(arena, config->data_directory, "admin-token", &token))
        log_info("serve", "there is no admin-token in the data directory; `muster token create` makes a new one");
    else if (token_is_valid(db, arena, token))
        ret->token = token;
    if (!data_read(arena, config->data_directory, "sample-password", &ret->sample_password))
        ret->sample_password = TEXT_NONE;
    struct query *q = db_query(db, "setup_integration_key");
    if (query_next(q))
        ret->routing_key = text_copy(arena, query_text(q, 0));
}

enum err bootstrap_run(struct bootstrap *ret, struct arena *arena, const struct config *config, struct engine *engine, struct env *env)
{
    struct bootstrap bootstrap = {0};
    struct db *db;
    enum err err = db_open(&db, text_cstring(arena, config->database), DB_READER);
    if (err != OK)
        return err;
    err = db_begin(db);
    if (err == OK && !is_set_up(db)) {
        db_rollback(db);
        err = first_start(&bootstrap, arena, config, engine, env);
        if (err == OK)
            err = db_begin(db);
    }
    if (err == OK)
        read_facts(&bootstrap, arena, config, db);
    db_close(db);
    if (err == OK)
        *ret = bootstrap;
    return err;
}

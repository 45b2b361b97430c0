/* Why: see store_access.h. */
#include "cli/store_access.h"

#include <pwd.h>
#include <unistd.h>

#include "api/audit.h"
#include "base/log.h"

enum exit_code exit_of(enum err err)
{
    switch (err) {
    case OK: return EXIT_FINE;
    case ERR_INVALID: return EXIT_USAGE;
    case ERR_NOT_FOUND: return EXIT_NOT_FOUND;
    case ERR_UNAVAILABLE:
    case ERR_AMBIGUOUS:
    case ERR_TOO_NEW: return EXIT_UNREACHABLE;
    case ERR_CONFLICT:
    case ERR_FORBIDDEN:
    case ERR_LIMIT:
    case ERR_INTERNAL: return EXIT_FAILED;
    }
    return EXIT_FAILED;
}

enum exit_code access_config(struct arguments *arguments, struct config *ret)
{
    log_set_level(LOG_WARNING); /* the command's own words are enough */
    const char *file = flag_of(arguments, "config");
    if (config_load(arguments->arena, file, arguments->rest_count, arguments->rest, ret, arguments->problem) != OK)
        return usage_exit(arguments);
    return EXIT_FINE;
}

enum exit_code access_open(struct arguments *arguments, bool change, struct db **ret)
{
    struct config config;
    enum exit_code code = access_config(arguments, &config);
    if (code != EXIT_FINE)
        return code;
    config_forget_secrets(&config);
    struct db *db;
    enum err err = db_open(&db, text_cstring(arguments->arena, config.database), change ? DB_ADMIN : DB_READER);
    if (err == OK)
        err = db_begin(db);
    else
        db = NULL;
    if (err != OK) {
        complain("the database %.*s cannot be used (%s)", TEXT_ARG(config.database), err_name(err));
        db_close(db);
        return exit_of(err);
    }
    *ret = db;
    return EXIT_FINE;
}

enum exit_code access_close(struct db *db, enum exit_code so_far)
{
    enum err err = so_far == EXIT_FINE ? db_commit(db) : OK;
    if (err != OK)
        complain("the change could not be stored (%s): %s", err_name(err), db_last_message(db));
    db_close(db);
    return so_far != EXIT_FINE ? so_far : exit_of(err);
}

enum exit_code access_list(struct arguments *arguments, const char *query, void (*print_row)(struct arguments *arguments, struct query *q))
{
    struct db *db;
    enum exit_code code = access_open(arguments, false, &db);
    if (code != EXIT_FINE)
        return code;
    struct query *q = db_query(db, query);
    while (query_next(q))
        print_row(arguments, q);
    return access_close(db, query_failed(q) ? EXIT_FAILED : EXIT_FINE);
}

/* The account of this machine is all that is known about whoever types. */
enum err access_audit(struct arguments *arguments, struct db *db, const char *action, const char *resource_type, struct text resource_id,
                      const json_t *after)
{
    const struct passwd *account = getpwuid(getuid());
    struct actor actor = {.kind = ACTOR_SYSTEM, .name = text_copy(arguments->arena, text_of(account ? account->pw_name : "unknown account")), .channel = "command_line"};
    struct tx tx = {.db = db, .env = arguments->env, .now = env_now(arguments->env), .arena = arguments->arena};
    struct audit audit = {.actor = &actor, .action = action, .resource_type = resource_type, .resource_id = resource_id, .after = after};
    return audit_record(&tx, &audit);
}

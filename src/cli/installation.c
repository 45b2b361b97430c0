/* Why: looking after an installation: is it sound, a copy of it, its settings. */
#include <stdio.h>
#include <sys/stat.h>

#include "cli/commands.h"
#include "cli/store_access.h"

static void list_mistakes(const struct problem *problem)
{
    for (size_t i = 0; i < problem->count; i++)
        printf("wrong: %.*s\n", TEXT_ARG(problem_line(problem, i)));
}

static enum exit_code run_check(struct arguments *arguments)
{
    struct config config;
    enum exit_code code = access_config(arguments, &config);
    if (code != EXIT_FINE)
        return code;
    printf("configuration: fine, %zu provider%s\n", config.provider_count, config.provider_count == 1 ? "" : "s");
    config_forget_secrets(&config);
    struct db *db;
    enum err err = db_open(&db, text_cstring(arguments->arena, config.database), DB_ADMIN);
    if (err != OK) {
        complain("the database %.*s cannot be used (%s)", TEXT_ARG(config.database), err_name(err));
        return exit_of(err);
    }
    err = db_check(db, arguments->problem);
    if (err != OK)
        complain("the check could not be finished (%s): %s", err_name(err), db_last_message(db));
    list_mistakes(arguments->problem);
    if (err == OK && problem_is_empty(arguments->problem))
        printf("database: fine, schema version %d\n", db_schema_version_of_binary());
    db_close(db);
    return err != OK ? exit_of(err) : problem_is_empty(arguments->problem) ? EXIT_FINE : EXIT_FAILED;
}

static enum exit_code run_backup(struct arguments *arguments)
{
    struct config config;
    enum exit_code code = access_config(arguments, &config);
    if (code != EXIT_FINE)
        return code;
    config_forget_secrets(&config);
    struct db *db;
    enum err err = db_open(&db, text_cstring(arguments->arena, config.database), DB_READER);
    if (err != OK) {
        complain("the database %.*s cannot be used (%s)", TEXT_ARG(config.database), err_name(err));
        return exit_of(err);
    }
    const char *path = arguments->words[0];
    err = db_backup(db, path);
    struct stat info;
    if (err != OK)
        complain("no backup was made: %s", db_last_message(db));
    else if (stat(path, &info) == 0)
        printf("%s: %lld bytes\n", path, (long long)info.st_size);
    db_close(db);
    return err == ERR_INVALID ? EXIT_FAILED : exit_of(err); /* PostgreSQL: the arguments were fine */
}

static enum exit_code run_config(struct arguments *arguments)
{
    struct text documentation = config_documentation(arguments->arena);
    fwrite(documentation.data, 1, documentation.size, stdout);
    return EXIT_FINE;
}

static enum exit_code run_version(struct arguments *arguments)
{
    (void)arguments;
    printf("muster %s, schema version %d\n", MUSTER_VERSION, db_schema_version_of_binary());
    return EXIT_FINE;
}

const struct command command_check = {
    "check", "", 0, 0, true, "check configuration and database", "Reads both without changing anything; names everything that is wrong.", run_check, {ACCESS_FLAGS}};
const struct command command_backup = {
    "backup", "FILE", 1, 1, true, "copy the database into a new file while the server runs",
    "The copy is one consistent moment, flushed to disk, readable by its owner only. An existing FILE is never overwritten.\n"
    "PostgreSQL: use pg_dump. To restore: stop the server, put the copy in place of DATA/muster.db, remove muster.db-wal and muster.db-shm.",
    run_backup, {ACCESS_FLAGS}};
const struct command command_config = {"config", "", 0, 0, false, "print all settings with their documentation", NULL, run_config, {{0}}};
const struct command command_version = {"version", "", 0, 0, false, "print version and schema version", NULL, run_version, {{0}}};

/* Why: people, administered from the command line: the first of them, and whoever lost a password. */
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "api/resource.h"
#include "api/second_factor.h"
#include "base/common_password.h"
#include "base/id.h"
#include "base/password.h"
#include "base/zone.h"
#include "cli/commands.h"
#include "cli/store_access.h"
#include "cli/token.h"

/* One line from standard input; on a terminal it is not shown. */
static bool read_password(struct arguments *arguments, struct text *ret)
{
    struct termios before, silent;
    bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    if (terminal) {
        fputs("Password: ", stderr);
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    char line[PASSWORD_BYTES_MAX + 2] = "";
    bool got = fgets(line, sizeof line, stdin) != NULL;
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
    }
    line[strcspn(line, "\r\n")] = '\0';
    *ret = text_copy(arguments->arena, text_of(line));
    explicit_bzero(line, sizeof line);
    return got;
}

static enum exit_code hash_password(struct arguments *arguments, struct text email, struct text name, struct text *ret_hash)
{
    struct text password, about[] = {email, name};
    if (!read_password(arguments, &password) || password_hash(arguments->arena, password, ret_hash) != OK) {
        complain("a password has %d to %d bytes; it is read from standard input", PASSWORD_BYTES_MIN, PASSWORD_BYTES_MAX);
        return EXIT_USAGE;
    }
    if (common_password(arguments->arena, password, about, sizeof about / sizeof *about)) {
        complain("this password is one of those that are guessed first (a common password, a name, a number); choose another");
        return EXIT_USAGE;
    }
    return EXIT_FINE;
}

/* As the API takes it: an address goes into the header of every mail to this person. */
static bool is_email(struct text text)
{
    return text_is_utf8(text) && text.size <= 255 && resource_is_email(text);
}

static bool is_one_line(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.data[i] < ' ' || text.data[i] == 127)
            return false;
    return text_is_utf8(text);
}

static void check_new_user(struct arguments *arguments, struct text email, struct text name, struct text role, struct text time_zone)
{
    const struct zone *zone;
    if (!is_email(email))
        problem_add(arguments->problem, "--email", "is not an e-mail address");
    if (name.size == 0 || !is_one_line(name) || text_utf8_length(name) > 100)
        problem_add(arguments->problem, "--name", "must have 1 to 100 characters, none of them a control character");
    if (!role_is_known(role))
        problem_add(arguments->problem, "--role", "is not a role: owner, admin, user, limited_user, observer, restricted_access, read_only_user");
    if (zone_find(time_zone, &zone) != OK)
        problem_add(arguments->problem, "--time-zone", "is not a zone of the IANA database, like Europe/Berlin");
}

static struct text flag_or(const struct arguments *arguments, const char *name, const char *fallback)
{
    const char *value = flag_of(arguments, name);
    return text_of(value ? value : fallback);
}

/* The new user can be mailed at once: whoever runs this command vouches for the address. */
static enum err insert_user(struct arguments *arguments, struct db *db, struct text id, struct text hash)
{
    struct query *q = db_query(db, "user_admin_insert");
    query_bind_text(q, "id", id);
    query_bind_text(q, "name", flag_or(arguments, "name", ""));
    query_bind_text(q, "email", flag_or(arguments, "email", ""));
    query_bind_text(q, "role", flag_or(arguments, "role", "user"));
    query_bind_text(q, "time_zone", flag_or(arguments, "time-zone", "Etc/UTC"));
    query_bind_null(q, "job_title");
    query_bind_text(q, "password_hash", hash);
    query_bind_instant(q, "now", env_now(arguments->env));
    enum err err = query_run(q);
    if (err == OK) {
        q = db_query(db, "contact_method_admin_insert");
        query_bind_text(q, "id", id_new_object(arguments->env, arguments->arena));
        query_bind_text(q, "user_id", id);
        query_bind_text(q, "channel", TEXT("email"));
        query_bind_text(q, "label", TEXT("Default"));
        query_bind_text(q, "address", flag_or(arguments, "email", ""));
        query_bind_int(q, "country_code", 0);
        query_bind_instant(q, "now", env_now(arguments->env));
        err = query_run(q);
    }
    return err == OK ? access_audit(arguments, db, "create", "user", id, NULL) : err;
}

static enum exit_code run_add(struct arguments *arguments)
{
    check_new_user(arguments, flag_or(arguments, "email", ""), flag_or(arguments, "name", ""), flag_or(arguments, "role", "user"),
                   flag_or(arguments, "time-zone", "Etc/UTC"));
    if (!problem_is_empty(arguments->problem))
        return usage_exit(arguments);
    struct text hash = TEXT_NONE, id = id_new_object(arguments->env, arguments->arena);
    enum exit_code code = flag_is_given(arguments, "password") ? hash_password(arguments, flag_or(arguments, "email", ""), flag_or(arguments, "name", ""), &hash) : EXIT_FINE;
    struct db *db;
    if (code == EXIT_FINE)
        code = access_open(arguments, true, &db);
    if (code != EXIT_FINE)
        return code;
    enum err err = insert_user(arguments, db, id, hash);
    if (err == ERR_CONFLICT)
        complain("there is a user with this e-mail address already");
    code = access_close(db, err == OK ? EXIT_FINE : EXIT_FAILED);
    if (code == EXIT_FINE)
        printf("id=%.*s\n", TEXT_ARG(id));
    return code;
}

static void print_user(struct arguments *arguments, struct query *q)
{
    (void)arguments;
    printf("%.*s  %-14.*s %-32.*s %-24.*s %.*s\n", TEXT_ARG(query_text(q, 0)), TEXT_ARG(query_text(q, 3)), TEXT_ARG(query_text(q, 2)),
           TEXT_ARG(query_text(q, 1)), TEXT_ARG(query_text(q, 4)));
}

static enum exit_code run_list(struct arguments *arguments)
{
    return access_list(arguments, "user_admin_list", print_user);
}

/* The id behind an e-mail address; complains when there is none. */
static enum exit_code find_user(struct arguments *arguments, struct db *db, struct text *ret_id, struct text *ret_role)
{
    struct query *q = db_query(db, "auth_user_by_email");
    query_bind_text(q, "email", text_of(arguments->words[0]));
    if (!query_next(q)) {
        complain("there is no user %s", arguments->words[0]);
        return query_failed(q) ? EXIT_FAILED : EXIT_NOT_FOUND;
    }
    *ret_id = text_copy(arguments->arena, query_text(q, query_column(q, "id")));
    *ret_role = text_copy(arguments->arena, query_text(q, query_column(q, "role")));
    return EXIT_FINE;
}

static bool administers(struct text role)
{
    return text_is(role, "owner") || text_is(role, "admin");
}

/* Without an administrator nobody could be called last, nor change anything. */
static bool is_last_administrator(struct db *db, struct text id)
{
    struct query *q = db_query(db, "user_other_administrators");
    query_bind_text(q, "id", id);
    return !query_next(q) || query_int(q, 0) == 0;
}

static enum exit_code change_role(struct arguments *arguments, struct db *db, struct text role)
{
    struct text id, before;
    enum exit_code code = find_user(arguments, db, &id, &before);
    if (code != EXIT_FINE)
        return code;
    if (administers(before) && !administers(role) && is_last_administrator(db, id)) {
        complain("%s is the last administrator", arguments->words[0]);
        return EXIT_FAILED;
    }
    struct query *q = db_query(db, "user_admin_role");
    query_bind_text(q, "role", role);
    query_bind_text(q, "id", id);
    query_bind_instant(q, "now", env_now(arguments->env));
    json_t *after = json_object_in(arguments->arena);
    json_put_text(after, "role", role);
    return query_run(q) == OK && access_audit(arguments, db, "update", "user", id, after) == OK ? EXIT_FINE : EXIT_FAILED;
}

static enum exit_code run_role(struct arguments *arguments)
{
    struct text role = text_of(arguments->words[1]);
    if (!role_is_known(role))
        problem_add(arguments->problem, arguments->words[1], "is not a role: owner, admin, user, limited_user, observer, restricted_access, read_only_user");
    if (!problem_is_empty(arguments->problem))
        return usage_exit(arguments);
    struct db *db;
    enum exit_code code = access_open(arguments, true, &db);
    return code == EXIT_FINE ? access_close(db, change_role(arguments, db, role)) : code;
}

/* Whoever knew the old password is signed out. */
static enum exit_code change_password(struct arguments *arguments, struct db *db, struct text hash)
{
    struct text id, role;
    enum exit_code code = find_user(arguments, db, &id, &role);
    if (code != EXIT_FINE)
        return code;
    struct query *q = db_query(db, "auth_sessions_of_user_delete");
    query_bind_text(q, "user_id", id);
    enum err err = query_run(q);
    if (err == OK) {
        q = db_query(db, "auth_password_set");
        query_bind_text(q, "id", id);
        query_bind_text(q, "password_hash", hash);
        query_bind_instant(q, "now", env_now(arguments->env));
        err = query_run(q);
    }
    return err == OK && access_audit(arguments, db, "password", "user", id, NULL) == OK ? EXIT_FINE : EXIT_FAILED;
}

static enum exit_code run_password(struct arguments *arguments)
{
    struct text hash;
    enum exit_code code = hash_password(arguments, text_of(arguments->words[0]), TEXT(""), &hash);
    struct db *db;
    if (code == EXIT_FINE)
        code = access_open(arguments, true, &db);
    return code == EXIT_FINE ? access_close(db, change_password(arguments, db, hash)) : code;
}

/* Whoever sits at an open session of this person is signed out. */
static enum exit_code remove_second_factor(struct arguments *arguments, struct db *db)
{
    struct text id, role;
    bool had;
    enum exit_code code = find_user(arguments, db, &id, &role);
    if (code != EXIT_FINE)
        return code;
    struct tx tx = {.db = db, .env = arguments->env, .now = env_now(arguments->env), .arena = arguments->arena};
    enum err err = second_factor_remove(&tx, id, &had);
    if (err == OK && !had) {
        complain("%s has no second factor", arguments->words[0]);
        return EXIT_NOT_FOUND;
    }
    if (err == OK) {
        struct query *q = db_query(db, "auth_sessions_of_user_delete");
        query_bind_text(q, "user_id", id);
        err = query_run(q);
    }
    return err == OK && access_audit(arguments, db, "reset_second_factor", "user", id, NULL) == OK ? EXIT_FINE : EXIT_FAILED;
}

static enum exit_code run_reset_second_factor(struct arguments *arguments)
{
    struct db *db;
    enum exit_code code = access_open(arguments, true, &db);
    return code == EXIT_FINE ? access_close(db, remove_second_factor(arguments, db)) : code;
}

static enum exit_code run_verify(struct arguments *arguments)
{
    struct db *db;
    enum exit_code code = access_open(arguments, true, &db);
    if (code != EXIT_FINE)
        return code;
    struct query *q = db_query(db, "contact_method_admin_verify");
    query_bind_text(q, "address", text_of(arguments->words[1]));
    query_bind_text(q, "email", text_of(arguments->words[0]));
    query_bind_instant(q, "now", env_now(arguments->env));
    code = query_run(q) == OK ? EXIT_FINE : EXIT_FAILED;
    if (code == EXIT_FINE && query_changes(q) == 0) {
        complain("%s has no contact method %s", arguments->words[0], arguments->words[1]);
        code = EXIT_NOT_FOUND;
    } else if (code == EXIT_FINE && access_audit(arguments, db, "verify", "contact_method", text_of(arguments->words[1]), NULL) != OK) {
        code = EXIT_FAILED;
    }
    return access_close(db, code);
}

const struct command command_user_add = {
    "user add", "", 0, 0, true, "add a person", "The e-mail address becomes a verified contact method.", run_add,
    {ACCESS_FLAGS,
     {"email", "ADDRESS", "signs in and is mailed with it", true},
     {"name", "TEXT", "as others see it", true},
     {"role", "ROLE", "owner, admin, user (default), limited_user, observer, restricted_access, read_only_user", false},
     {"time-zone", "ZONE", "IANA name; default Etc/UTC", false},
     {"password", NULL, "read a password from standard input, for the web app", false}}};
const struct command command_user_list = {"user list", "", 0, 0, true, "list people", NULL, run_list, {ACCESS_FLAGS}};
const struct command command_user_role = {"user role", "EMAIL ROLE", 2, 2, true, "change what a person may do", NULL, run_role, {ACCESS_FLAGS}};
const struct command command_user_password = {
    "user password", "EMAIL", 1, 1, true, "set a person's password", "Reads it from standard input; ends the person's sessions.", run_password, {ACCESS_FLAGS}};
const struct command command_user_reset_second_factor = {
    "user reset-second-factor", "EMAIL", 1, 1, true, "for somebody who lost the device", "The password alone signs in again; ends the person's sessions.",
    run_reset_second_factor, {ACCESS_FLAGS}};
const struct command command_user_verify = {
    "user verify-contact", "EMAIL ADDRESS", 2, 2, true, "count a contact method as verified",
    "For an address or number you know to be right, when no code can be sent.", run_verify, {ACCESS_FLAGS}};

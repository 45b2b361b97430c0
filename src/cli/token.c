/* Why: API tokens. What is stored is the SHA-256; the token itself is shown once. */
#include "cli/token.h"

#include <openssl/sha.h>
#include <stdio.h>

#include "base/id.h"
#include "cli/commands.h"
#include "cli/store_access.h"

static struct text token_hash(struct arena *arena, struct text token)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)token.data, token.size, digest);
    return text_hex(arena, digest, sizeof digest);
}

enum err token_insert(struct db *db, struct arena *arena, const struct token_insert *token)
{
    struct query *q = db_query(db, "token_admin_insert");
    query_bind_text(q, "id", token->id);
    query_bind_text(q, "token_hash", token_hash(arena, token->secret));
    query_bind_text(q, "name", token->name);
    query_bind_text(q, "user_id", token->user_id);
    query_bind_text(q, "role", token->role);
    query_bind_instant(q, "now", token->now);
    query_bind_instant(q, "expires_at", token->expires_at);
    return query_run(q);
}

bool token_is_valid(struct db *db, struct arena *arena, struct text secret)
{
    struct query *q = db_query(db, "token_admin_valid");
    query_bind_text(q, "token_hash", token_hash(arena, secret));
    return query_next(q);
}

bool role_is_known(struct text role)
{
    static const char *const roles[] = {"owner", "admin", "user", "limited_user", "observer", "restricted_access", "read_only_user", "read_only_limited_user"};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (text_is(role, roles[i]))
            return true;
    return false;
}

/* The user of --user, if it was given. */
static enum exit_code owner_of(struct arguments *arguments, struct db *db, struct text *ret_id)
{
    const char *email = flag_of(arguments, "user");
    if (!email)
        return EXIT_FINE;
    struct query *q = db_query(db, "auth_user_by_email");
    query_bind_text(q, "email", text_of(email));
    if (!query_next(q)) {
        complain("there is no user %s", email);
        return query_failed(q) ? EXIT_FAILED : EXIT_NOT_FOUND;
    }
    *ret_id = text_copy(arguments->arena, query_text(q, 0));
    return EXIT_FINE;
}

static bool read_expiry(struct arguments *arguments, instant now, instant *ret)
{
    const char *days_text = flag_of(arguments, "days");
    int64_t days = 0;
    *ret = INSTANT_NONE;
    if (!days_text)
        return true;
    if (!text_to_int64(text_of(days_text), &days) || days < 1 || days > 3650) {
        problem_add(arguments->problem, "--days", "must be a number from 1 to 3650");
        return false;
    }
    *ret = instant_add_s(now, days * 86400);
    return true;
}

static enum exit_code run_create(struct arguments *arguments)
{
    struct token_insert token = {
        .id = id_new_object(arguments->env, arguments->arena),
        .secret = id_new_key(arguments->env, arguments->arena, TOKEN_CHARS),
        .name = text_of(flag_of(arguments, "name")),
        .now = env_now(arguments->env),
    };
    const char *role = flag_of(arguments, "role");
    if (!flag_is_given(arguments, "user"))
        token.role = text_of(role ? role : "admin");
    else if (role)
        problem_add(arguments->problem, "--role", "a user's token has the role of the user");
    if (text_is_present(token.role) && !role_is_known(token.role))
        problem_add(arguments->problem, "--role", "is not a role: owner, admin, user, limited_user, observer, restricted_access, read_only_user");
    if (!read_expiry(arguments, token.now, &token.expires_at) || !problem_is_empty(arguments->problem))
        return usage_exit(arguments);
    struct db *db;
    enum exit_code code = access_open(arguments, true, &db);
    if (code != EXIT_FINE)
        return code;
    code = owner_of(arguments, db, &token.user_id);
    if (code == EXIT_FINE && (token_insert(db, arguments->arena, &token) != OK || access_audit(arguments, db, "create", "api_token", token.id, NULL) != OK))
        code = EXIT_FAILED;
    code = access_close(db, code);
    if (code == EXIT_FINE)
        printf("id=%.*s\ntoken=%.*s\n", TEXT_ARG(token.id), TEXT_ARG(token.secret));
    return code;
}

static void print_token(struct arguments *arguments, struct query *q)
{
    struct text owner = query_is_null(q, 2) ? query_text(q, 3) : query_text(q, 2);
    const char *state = query_bool(q, 6) ? "revoked" : "valid";
    const char *used = query_is_null(q, 5) ? "never used" : instant_format(arguments->arena, query_instant(q, 5)).data;
    printf("%.*s  %-8s %-24.*s %-24.*s %s\n", TEXT_ARG(query_text(q, 0)), state, TEXT_ARG(query_text(q, 1)), TEXT_ARG(owner), used);
}

static enum exit_code run_list(struct arguments *arguments)
{
    return access_list(arguments, "token_admin_list", print_token);
}

static enum exit_code run_revoke(struct arguments *arguments)
{
    struct db *db;
    enum exit_code code = access_open(arguments, true, &db);
    if (code != EXIT_FINE)
        return code;
    struct query *q = db_query(db, "token_admin_revoke");
    query_bind_text(q, "id", text_of(arguments->words[0]));
    query_bind_instant(q, "now", env_now(arguments->env));
    if (query_run(q) != OK)
        code = EXIT_FAILED;
    else if (query_changes(q) == 0) {
        complain("there is no valid token with the id %s", arguments->words[0]);
        code = EXIT_NOT_FOUND;
    } else if (access_audit(arguments, db, "delete", "api_token", text_of(arguments->words[0]), NULL) != OK) {
        code = EXIT_FAILED;
    }
    return access_close(db, code);
}

const struct command command_token_create = {
    "token create", "", 0, 0, true, "make an API token and print it once", NULL, run_create,
    {ACCESS_FLAGS,
     {"name", "TEXT", "what it is for", true},
     {"user", "EMAIL", "acts as this user; without it the token belongs to the installation", false},
     {"role", "ROLE", "of an installation's token; default admin", false},
     {"days", "N", "valid for so many days; default for ever", false}}};
const struct command command_token_list = {"token list", "", 0, 0, true, "list API tokens", NULL, run_list, {ACCESS_FLAGS}};
const struct command command_token_revoke = {"token revoke", "ID", 1, 1, true, "end an API token at once", NULL, run_revoke, {ACCESS_FLAGS}};

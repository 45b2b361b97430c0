/* Why: the commands that ask a running server, over its public HTTP interface like anybody else.
 *
 * Where and who: --url and --token, else with --data DIR what `muster serve` left there (DIR/server-url, DIR/admin-token), else
 * MUSTER_URL and MUSTER_TOKEN. With --data a question is answered from the database itself when
 * the server is down. */
#ifndef MUSTER_CLI_CLIENT_H
#define MUSTER_CLI_CLIENT_H

#include "base/json.h"
#include "cli/command.h"

enum { CLIENT_ANSWER_BYTES_MAX = 16 << 20, CLIENT_TIMEOUT_S = 30 };

#define CLIENT_FLAGS                                                                           \
    {"url", "URL", "of the server; else MUSTER_URL", false},                                   \
    {"token", "TOKEN", "API token; else MUSTER_TOKEN", false},                                 \
    {"data", "DIR", "data directory of a server on this machine: takes both from it", false},  \
    {"config", "FILE", "its configuration file, if the database is elsewhere", false},         \
    {"json", NULL, "print the server's answer as it is", false}

/* GET `path` (begins with "/"). Complains and answers a code when there is no good answer. */
enum exit_code client_get(struct arguments *arguments, const char *path, json_t **ret) MUST_CHECK;
/* POST of a JSON document without a token; `*ret_status` is the HTTP status, `*ret` NULL when the answer is no JSON. */
enum exit_code client_post(struct arguments *arguments, const char *path, const json_t *body, long *ret_status, json_t **ret) MUST_CHECK;

/* "&name=value", encoded; nothing when the flag was not given. */
struct text client_parameter(const struct arguments *arguments, const char *flag, const char *name);

#endif

/* Why: send one event from a shell: a cron job that failed, a test of a new integration key. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"

enum { HOST_NAME_BYTES = 256 };

static const char *routing_key(struct arguments *arguments)
{
    const char *key = flag_of(arguments, "routing-key");
    return key ? key : getenv("MUSTER_ROUTING_KEY");
}

static json_t *build_event(struct arguments *arguments)
{
    const char *action = arguments->words[0], *summary = flag_of(arguments, "summary"), *dedup_key = flag_of(arguments, "dedup-key");
    const char *source = flag_of(arguments, "source"), *severity = flag_of(arguments, "severity");
    char host[HOST_NAME_BYTES] = "localhost";
    gethostname(host, sizeof host - 1);
    json_t *event = json_object_in(arguments->arena);
    json_put_string(event, "routing_key", routing_key(arguments));
    json_put_string(event, "event_action", action);
    if (dedup_key)
        json_put_string(event, "dedup_key", dedup_key);
    if (strcmp(action, "trigger") != 0)
        return event;
    json_t *payload = json_object_in(arguments->arena);
    json_put_string(payload, "summary", summary);
    json_put_string(payload, "source", source ? source : host);
    json_put_string(payload, "severity", severity ? severity : "critical");
    json_put(event, "payload", payload);
    return event;
}

static void check_event(struct arguments *arguments)
{
    const char *action = arguments->words[0];
    bool trigger = strcmp(action, "trigger") == 0;
    if (!trigger && strcmp(action, "acknowledge") != 0 && strcmp(action, "resolve") != 0)
        problem_add(arguments->problem, action, "is not an action: trigger, acknowledge or resolve");
    if (!routing_key(arguments))
        problem_add(arguments->problem, "--routing-key", "is missing (or MUSTER_ROUTING_KEY)");
    if (trigger && !flag_is_given(arguments, "summary"))
        problem_add(arguments->problem, "--summary", "is missing");
    if (!trigger && !flag_is_given(arguments, "dedup-key"))
        problem_add(arguments->problem, "--dedup-key", "is missing: which alert?");
}

static enum exit_code run_event(struct arguments *arguments)
{
    check_event(arguments);
    if (!problem_is_empty(arguments->problem))
        return usage_exit(arguments);
    long status = 0;
    json_t *answer = NULL;
    enum exit_code code = client_post(arguments, "/v2/enqueue", build_event(arguments), &status, &answer);
    if (code != EXIT_FINE)
        return code;
    if (status == 202) {
        if (flag_is_given(arguments, "json"))
            printf("%s\n", json_write(arguments->arena, answer).data);
        else
            printf("accepted, dedup_key=%.*s\n", TEXT_ARG(json_text_at(answer, "dedup_key")));
        return EXIT_FINE;
    }
    complain("the server answered %ld: %.*s", status, TEXT_ARG(json_text_at(answer, "message")));
    size_t i;
    json_t *line;
    json_array_foreach(json_at(answer, "errors"), i, line)
        complain("%.*s", TEXT_ARG(json_text_value(line)));
    return status >= 500 || status == 429 ? EXIT_UNREACHABLE : EXIT_FAILED;
}

const struct command command_event = {
    "event", "trigger|acknowledge|resolve", 1, 1, false, "send one event",
    "A second trigger with the same dedup key joins the first; acknowledge and resolve name their alert by it.", run_event,
    {CLIENT_FLAGS,
     {"routing-key", "KEY", "integration key of the service; else MUSTER_ROUTING_KEY", false},
     {"summary", "TEXT", "what is wrong, in one line", false},
     {"severity", "LEVEL", "critical (default), error, warning or info", false},
     {"source", "TEXT", "where it is wrong; default this machine's name", false},
     {"dedup-key", "TEXT", "names the alert; made by the server when missing", false}}};

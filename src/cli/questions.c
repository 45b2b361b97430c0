/* Why: who is on call, and why was (or was not) somebody called: the answers of the API as readable text. The sentences are the server's,
 * so that browser, API and command line say the same. */
#include <stdio.h>

#include "cli/client.h"
#include "cli/commands.h"

enum { DEPTH_MAX = 12 };

static bool is_scalar(const json_t *value)
{
    return !json_is_object(value) && !json_is_array(value);
}

static void print_scalar(struct arguments *arguments, const json_t *value)
{
    struct text text = json_is_string(value) ? json_text_value(value) : json_write(arguments->arena, value);
    printf("%.*s", TEXT_ARG(text));
}

static void indent(int depth)
{
    printf("%*s", depth * 2, "");
}

/* An object that says what it means in a `text` is that text, with its time before it. */
static bool print_sentence(const json_t *object, int depth)
{
    struct text text = json_text_at(object, "text"), at = json_text_at(object, "at");
    if (text.size == 0)
        return false;
    indent(depth);
    printf("%.*s%s%.*s\n", TEXT_ARG(at), at.size ? "  " : "", TEXT_ARG(text));
    return true;
}

/* Bounded by DEPTH_MAX; the answer is our own server's. */
static void print_value(struct arguments *arguments, const json_t *value, int depth)
{
    if (depth > DEPTH_MAX)
        return;
    size_t i;
    json_t *item;
    json_array_foreach(value, i, item)
        print_value(arguments, item, depth);
    if (!json_is_object(value)) {
        if (is_scalar(value)) {
            indent(depth);
            print_scalar(arguments, value);
            putchar('\n');
        }
        return;
    }
    bool said = print_sentence(value, depth);
    const char *key;
    json_object_foreach((json_t *)value, key, item) {
        if (is_scalar(item)) {
            if (!said && !json_is_null(item)) {
                indent(depth);
                printf("%s: ", key);
                print_scalar(arguments, item);
                putchar('\n');
            }
        } else if (!said || json_is_array(item)) { /* behind a sentence only lists add to it */
            if (!said && (json_array_size(item) > 0 || json_object_size(item) > 0)) {
                indent(depth);
                printf("%s:\n", key);
            }
            print_value(arguments, item, depth + 1);
        }
    }
}

/* The server's own sentences, where the answer has them; the rest is for --json. */
static bool print_sentences(const json_t *answer)
{
    struct text verdict = json_text_at(answer, "answer");
    const json_t *sentences = json_at(answer, "sentences");
    if (verdict.size > 0)
        printf("%.*s\n", TEXT_ARG(verdict));
    size_t i;
    json_t *sentence;
    json_array_foreach(sentences, i, sentence)
        if (!text_equal(json_text_value(sentence), verdict))
            printf("%.*s\n", TEXT_ARG(json_text_value(sentence)));
    return verdict.size > 0 || json_array_size(sentences) > 0;
}

static enum exit_code ask(struct arguments *arguments, const char *path)
{
    json_t *answer = NULL;
    enum exit_code code = client_get(arguments, path, &answer);
    if (code != EXIT_FINE)
        return code;
    if (flag_is_given(arguments, "json"))
        printf("%s\n", json_write(arguments->arena, answer).data);
    else if (!print_sentences(answer))
        print_value(arguments, answer, 0);
    return EXIT_FINE;
}

static void print_on_call(const json_t *entry)
{
    struct text policy = json_text_at(json_at(entry, "escalation_policy"), "summary"), user = json_text_at(json_at(entry, "user"), "summary");
    struct text schedule = json_text_at(json_at(entry, "schedule"), "summary"), end = json_text_at(entry, "end");
    printf("%-32.*s level %lld  %-20.*s %s%.*s%s%.*s\n", TEXT_ARG(policy), (long long)json_int_at(entry, "escalation_level", 0), TEXT_ARG(user),
           schedule.size ? "by " : "named directly", TEXT_ARG(schedule), end.size ? ", until " : "", TEXT_ARG(end));
}

static enum exit_code run_oncall(struct arguments *arguments)
{
    struct text path = text_printf(arguments->arena, "/oncalls?limit=100%.*s", TEXT_ARG(client_parameter(arguments, "at", "since")));
    path = text_printf(arguments->arena, "%.*s%.*s", TEXT_ARG(path), TEXT_ARG(client_parameter(arguments, "at", "until")));
    json_t *answer = NULL;
    enum exit_code code = client_get(arguments, path.data, &answer);
    if (code != EXIT_FINE)
        return code;
    if (flag_is_given(arguments, "json")) {
        printf("%s\n", json_write(arguments->arena, answer).data);
        return EXIT_FINE;
    }
    size_t i;
    json_t *entry;
    json_array_foreach(json_at(answer, "oncalls"), i, entry)
        print_on_call(entry);
    if (json_array_size(json_at(answer, "oncalls")) == 0)
        puts("nobody is on call");
    return EXIT_FINE;
}

static enum exit_code run_why(struct arguments *arguments)
{
    if (flag_is_given(arguments, "page") == flag_is_given(arguments, "incident")) {
        problem_add(arguments->problem, NULL, "name either --page or --incident");
        return usage_exit(arguments);
    }
    struct text page = client_parameter(arguments, "page", "page"), incident = client_parameter(arguments, "incident", "incident");
    return ask(arguments, arena_printf(arguments->arena, "/muster/why?%.*s%.*s", TEXT_ARG(text_slice(page, 1, page.size)),
                                       TEXT_ARG(text_slice(incident, 1, incident.size))));
}

static enum exit_code run_why_not(struct arguments *arguments)
{
    if (!flag_is_given(arguments, "incident") && !flag_is_given(arguments, "at")) {
        problem_add(arguments->problem, NULL, "name the --incident, or --at with the --service");
        return usage_exit(arguments);
    }
    struct text user = text_percent_encode(arguments->arena, text_of(arguments->words[0]));
    return ask(arguments, arena_printf(arguments->arena, "/muster/why-not?user=%.*s%.*s%.*s%.*s", TEXT_ARG(user),
                                       TEXT_ARG(client_parameter(arguments, "at", "at")), TEXT_ARG(client_parameter(arguments, "service", "service")),
                                       TEXT_ARG(client_parameter(arguments, "incident", "incident"))));
}

static enum exit_code run_resolve(struct arguments *arguments)
{
    struct text service = text_percent_encode(arguments->arena, text_of(arguments->words[0]));
    return ask(arguments, arena_printf(arguments->arena, "/muster/resolve?service=%.*s%.*s%.*s", TEXT_ARG(service),
                                       TEXT_ARG(client_parameter(arguments, "at", "at")), TEXT_ARG(client_parameter(arguments, "severity", "severity"))));
}

const struct command command_oncall = {
    "oncall", "", 0, 0, false, "who is on call", NULL, run_oncall, {CLIENT_FLAGS, {"at", "TIME", "at another time, e.g. 2027-03-28T02:30:00+01:00; default now", false}}};
const struct command command_why = {
    "why", "", 0, 0, false, "why was somebody called", NULL, run_why,
    {CLIENT_FLAGS, {"incident", "ID", "everybody who was called about this incident", false}, {"page", "ID", "one page", false}}};
const struct command command_why_not = {
    "why-not", "USER", 1, 1, false, "why was this person not called", NULL, run_why_not,
    {CLIENT_FLAGS,
     {"incident", "ID", "about this incident", false},
     {"at", "TIME", "at this time, past or future", false},
     {"service", "ID", "if this service had broken then", false}}};
const struct command command_resolve = {
    "who", "SERVICE", 1, 1, false, "who would be called if a service broke, and why", NULL, run_resolve,
    {CLIENT_FLAGS, {"at", "TIME", "past or future; default now", false}, {"severity", "LEVEL", "critical, error, warning or info", false}}};

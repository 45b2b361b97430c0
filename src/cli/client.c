/* Why: see client.h. */
#include "cli/client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/ask.h"
#include "base/log.h"
#include "cli/data_directory.h"
#include "cli/store_access.h"

enum { CONNECT_TIMEOUT_S = 3 };

/* The flag, else the file in the data directory, else the environment; NULL when there is none. */
static const char *find_fact(struct arguments *arguments, const char *flag, const char *variable, const char *file)
{
    const char *value = flag_of(arguments, flag), *directory = flag_of(arguments, "data");
    struct text content;
    if (!value && directory)
        value = data_read(arguments->arena, text_of(directory), file, &content) ? content.data : NULL;
    else if (!value)
        value = getenv(variable);
    return value && value[0] ? value : NULL;
}

static size_t collect(char *bytes, size_t size, size_t count, void *context)
{
    struct builder *answer = context;
    builder_add(answer, (struct text){bytes, size * count});
    return answer->overflowed ? 0 : size * count;
}

struct request {
    const char *url, *token;
    const char *body; /* NULL: GET */
    struct builder answer;
    long status;
};

/* Whether anything listens there at all. */
static bool answers(const char *url)
{
    CURL *easy = curl_easy_init();
    if (!easy)
        return false;
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)CONNECT_TIMEOUT_S);
    CURLcode code = curl_easy_perform(easy);
    curl_easy_cleanup(easy);
    return code == CURLE_OK;
}

static enum exit_code perform(struct request *request)
{
    CURL *easy = curl_easy_init();
    if (!easy) {
        complain("libcurl does not start");
        return EXIT_FAILED;
    }
    char authorization[256], error[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (request->token) {
        snprintf(authorization, sizeof authorization, "Authorization: Token token=%s", request->token);
        headers = curl_slist_append(headers, authorization);
    }
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)CLIENT_TIMEOUT_S);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &request->answer);
    if (request->body)
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
    CURLcode code = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &request->status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);
    if (code == CURLE_OK)
        return EXIT_FINE;
    complain("%s: %s", request->url, error[0] ? error : curl_easy_strerror(code));
    return EXIT_UNREACHABLE;
}

static json_t *parse(struct arguments *arguments, struct request *request)
{
    struct problem *ignored = problem_new(arguments->arena); /* an answer that is no JSON is shown by its status */
    return json_read(arguments->arena, builder_text(&request->answer), ignored);
}

/* What the server says is wrong, line by line. */
static void complain_about(const struct request *request, const json_t *answer)
{
    const json_t *error = json_at(answer, "error");
    struct text message = json_text_at(error, "message");
    complain("the server answered %ld%s%.*s", request->status, message.size ? ": " : "", TEXT_ARG(message));
    size_t i;
    json_t *line;
    json_array_foreach(json_at(error, "errors"), i, line)
        complain("%.*s", TEXT_ARG(json_text_value(line)));
}

static enum exit_code prepare(struct arguments *arguments, const char *path, struct request *ret)
{
    const char *url = find_fact(arguments, "url", "MUSTER_URL", "server-url");
    if (!url && flag_is_given(arguments, "data")) {
        complain("no server is running on %s", flag_of(arguments, "data"));
        return EXIT_UNREACHABLE;
    }
    if (!url) {
        problem_add(arguments->problem, NULL, "which server? --url, MUSTER_URL or --data");
        return usage_exit(arguments);
    }
    size_t length = strlen(url);
    while (length > 0 && url[length - 1] == '/')
        length--;
    *ret = (struct request){.url = arena_printf(arguments->arena, "%.*s%s", (int)length, url, path),
                            .answer = builder_new(arguments->arena, CLIENT_ANSWER_BYTES_MAX)};
    return EXIT_FINE;
}

static enum exit_code ask_server(struct arguments *arguments, const char *path, json_t **ret)
{
    struct request request;
    enum exit_code code = prepare(arguments, path, &request);
    if (code != EXIT_FINE)
        return code;
    request.token = find_fact(arguments, "token", "MUSTER_TOKEN", "admin-token");
    if (!request.token) {
        problem_add(arguments->problem, NULL, "an API token is needed: --token, MUSTER_TOKEN or --data with its admin-token; `muster token create` makes one");
        return usage_exit(arguments);
    }
    code = perform(&request);
    if (code != EXIT_FINE)
        return code;
    json_t *answer = parse(arguments, &request);
    if (request.status == 200 && answer) {
        *ret = answer;
        return EXIT_FINE;
    }
    complain_about(&request, answer);
    return request.status == 404 ? EXIT_NOT_FOUND : request.status >= 500 ? EXIT_UNREACHABLE : EXIT_FAILED;
}

/* A server that was stopped in order has taken its address away; one that died has left it behind. */
static bool server_is_down(struct arguments *arguments)
{
    if (!flag_is_given(arguments, "data") || flag_is_given(arguments, "url"))
        return false;
    const char *url = find_fact(arguments, "url", "MUSTER_URL", "server-url");
    return !url || !answers(url);
}

static enum exit_code ask_database(struct arguments *arguments, const char *path, json_t **ret)
{
    char *const flags[] = {"--data", arena_string(arguments->arena, flag_of(arguments, "data"))};
    struct config config;
    if (config_load(arguments->arena, flag_of(arguments, "config"), 2, flags, &config, arguments->problem) != OK)
        return usage_exit(arguments);
    config_forget_secrets(&config);
    struct db *db;
    enum err err = db_open(&db, text_cstring(arguments->arena, config.database), DB_READER);
    if (err == OK)
        err = db_begin(db);
    else
        db = NULL;
    if (err == OK) {
        fputs("muster: the server does not answer; this is from its database\n", stderr);
        err = api_ask(arguments->arena, &config, arguments->env, db, text_of(path), arguments->problem, ret);
    }
    db_close(db);
    if (err == ERR_INVALID)
        return usage_exit(arguments);
    if (err != OK)
        complain("no answer (%s)", err_name(err));
    return exit_of(err);
}

enum exit_code client_get(struct arguments *arguments, const char *path, json_t **ret)
{
    log_set_level(LOG_WARNING);
    return server_is_down(arguments) ? ask_database(arguments, path, ret) : ask_server(arguments, path, ret);
}

enum exit_code client_post(struct arguments *arguments, const char *path, const json_t *body, long *ret_status, json_t **ret)
{
    struct request request;
    enum exit_code code = prepare(arguments, path, &request);
    if (code != EXIT_FINE)
        return code;
    request.body = json_write(arguments->arena, body).data;
    code = perform(&request);
    if (code != EXIT_FINE)
        return code;
    *ret_status = request.status;
    *ret = parse(arguments, &request);
    return EXIT_FINE;
}

struct text client_parameter(const struct arguments *arguments, const char *flag, const char *name)
{
    const char *value = flag_of(arguments, flag);
    if (!value)
        return TEXT("");
    struct text encoded = text_percent_encode(arguments->arena, text_of(value));
    return text_printf(arguments->arena, "&%s=%.*s", name, TEXT_ARG(encoded));
}

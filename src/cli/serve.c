/* Why: the running server: what starts in which order, and stops in the reverse one. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/api.h"
#include "audit/self_check.h"
#include "base/log.h"
#include "channel/sender.h"
#include "cli/bootstrap.h"
#include "cli/commands.h"
#include "cli/confine.h"
#include "cli/data_directory.h"
#include "cli/sample.h"
#include "cli/secret_key.h"
#include "cli/sender_process.h"
#include "cli/service_manager.h"
#include "cli/store_access.h"

/* The test clock of a new database: before anything a test may want to be present at. 2010-01-01T00:00:00Z. */
#define TEST_CLOCK_START ((instant){INT64_C(1262304000) * SECOND_US})

struct server {
    struct arena *arena;
    struct config *config;
    struct env *env;
    struct engine *engine;
    struct api *api;
    struct patrol *patrol;
    const char *link_key, *seal_key;
    struct sender_process sender;
    struct service_manager manager;
};

static void set_log_level(struct text name)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    for (int i = 0; i < 4; i++)
        if (text_is(name, names[i]))
            log_set_level((enum log_level)i);
}

/* The engine writes links before the server listens, so "any free port" is decided here. */
static bool choose_port(struct config *config)
{
    if (config->listen_port != 0)
        return true;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    bool chosen = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && getsockname(fd, (struct sockaddr *)&address, &size) == 0;
    if (chosen)
        config->listen_port = ntohs(address.sin_port);
    else
        log_error("serve", "no free port: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return chosen;
}

static void choose_public_url(struct server *server)
{
    struct config *config = server->config;
    if (config->public_url.size > 0)
        return;
    bool six = text_find_byte(config->listen_host, ':', 0) < config->listen_host.size;
    bool any = text_is(config->listen_host, "0.0.0.0") || text_is(config->listen_host, "::");
    struct text host = any ? TEXT("127.0.0.1") : config->listen_host;
    config->public_url = text_printf(server->arena, "%s://%s%.*s%s:%lld", config->tls_certificate_file.size ? "https" : "http",
                                     six && !any ? "[" : "", TEXT_ARG(host), six && !any ? "]" : "", (long long)config->listen_port);
}

/* Where the test clock stood when the server stopped. */
static enum err test_clock_start(const char *url, instant *ret)
{
    struct db *db;
    enum err err = db_open(&db, url, DB_READER);
    if (err != OK)
        return err;
    struct query *q = db_query(db, "installation_get");
    query_bind_text(q, "name", TEXT("test_now"));
    *ret = TEST_CLOCK_START;
    if (query_next(q) && !text_to_int64(query_text(q, 0), &ret->us))
        err = ERR_INTERNAL;
    if (query_failed(q))
        err = query_err(q);
    db_close(db);
    return err;
}

static enum err start_clock(struct server *server, const char *url)
{
    if (!server->config->test_clock) {
        server->env = env_real();
        return OK;
    }
    instant start;
    enum err err = test_clock_start(url, &start);
    if (err == OK) {
        server->env = env_with_test_clock(start);
        log_warning("serve", "the test clock is on: it is %s until PUT /test/clock says otherwise", instant_format(server->arena, start).data);
    }
    return err;
}

/* The sender reads the same settings: the secrets among them are its alone. */
static void prepare_sender(struct server *server, const struct arguments *arguments)
{
    char **words = ARENA_ARRAY(server->arena, char *, (size_t)arguments->rest_count + 5);
    size_t count = 0;
    words[count++] = arena_string(server->arena, "muster");
    words[count++] = arena_string(server->arena, "sender");
    const char *file = flag_of(arguments, "config");
    if (file) {
        words[count++] = arena_string(server->arena, "--config");
        words[count++] = arena_string(server->arena, file);
    }
    for (int i = 0; i < arguments->rest_count; i++)
        words[count++] = arguments->rest[i];
    server->sender.arguments = words;
}

static enum err start_engine(struct server *server, const char *url)
{
    struct config *config = server->config;
    struct engine_config engine_config = {
        .db_url = url,
        .env = server->env,
        .spawn_sender = sender_process_spawn,
        .spawn_context = &server->sender,
        .public_url = text_cstring(server->arena, config->public_url),
        .link_key = server->link_key,
        .seal_key = server->seal_key,
        .catch_all_email = config->catch_all.size > 0 ? text_cstring(server->arena, config->catch_all) : NULL,
        .providers = config->providers,
        .provider_count = config->provider_count,
        .canary_interval_s = config->canary_interval_s,
        .pings_outside = config->dead_man_url.size > 0,
    };
    return engine_start(&server->engine, &engine_config);
}

/* For scripts on standard output, for people on standard error. */
static void announce(struct server *server, const struct bootstrap *bootstrap)
{
    const struct config *config = server->config;
    if (config->announce) {
        printf("url=%.*s\n", TEXT_ARG(config->public_url));
        if (text_is_present(bootstrap->token))
            printf("token=%.*s\n", TEXT_ARG(bootstrap->token));
        if (text_is_present(bootstrap->routing_key))
            printf("routing_key=%.*s\n", TEXT_ARG(bootstrap->routing_key));
        if (text_is_present(bootstrap->sample_password))
            fprintf(stderr,
                    "\n  Open     %.*s\n  Sign in  " SAMPLE_SIGN_IN "   password  %.*s\n\n  Then break something:\n\n"
                    "  curl -X POST %.*s/v2/enqueue -H 'Content-Type: application/json' -d '{\"routing_key\":\"%.*s\",\"event_action\":\"trigger\","
                    "\"payload\":{\"summary\":\"Checkout is down\",\"source\":\"shop-1\",\"severity\":\"critical\"}}'\n\n",
                    TEXT_ARG(config->public_url), TEXT_ARG(bootstrap->sample_password), TEXT_ARG(config->public_url), TEXT_ARG(bootstrap->routing_key));
    }
    puts("ready");
    fflush(stdout);
    log_info("serve", "ready url=%.*s", TEXT_ARG(config->public_url));
}

/* `chance`: a source of it before the clock is known. */
static enum err start(struct server *server, struct env *chance)
{
    const char *url = text_cstring(server->arena, server->config->database);
    if (!data_prepare(server->arena, server->config->data_directory) || !choose_port(server->config) ||
        !sender_process_prepare(&server->sender) ||
        !secret_key_for(server->arena, server->config, chance, "links in mails", &server->link_key) ||
        !secret_key_for(server->arena, server->config, chance, "secrets in the database", &server->seal_key) ||
        !confine_core(server->arena, server->config))
        return ERR_UNAVAILABLE;
    choose_public_url(server);
    enum err err = db_migrate(url);
    if (err == OK)
        err = start_clock(server, url);
    if (err == OK)
        err = start_engine(server, url);
    struct bootstrap bootstrap;
    if (err == OK)
        err = bootstrap_run(&bootstrap, server->arena, server->config, server->engine, server->env);
    if (err == OK)
        err = api_start(&server->api, server->config, server->engine, server->env, url);
    if (err == OK && server->config->self_check_interval_s > 0 && !server->config->test_clock)
        server->patrol = patrol_start(server->engine, server->env, url, server->config->self_check_interval_s);
    if (err == OK && !data_write(server->arena, server->config->data_directory, "server-url", server->config->public_url))
        err = ERR_UNAVAILABLE;
    if (err == OK && !confine_serving_core(server->config))
        err = ERR_UNAVAILABLE;
    if (err == OK)
        announce(server, &bootstrap);
    else
        log_error("serve", "the server does not start: %s", err_name(err));
    return err;
}

static void stop(struct server *server)
{
    if (server->api)
        data_remove(server->arena, server->config->data_directory, "server-url");
    patrol_stop(server->patrol);
    api_stop(server->api);
    if (server->engine)
        engine_stop(server->engine);
    sender_process_end(&server->sender);
    env_free(server->env);
}

/* Blocked in every thread, taken here one by one. */
static void block_signals(sigset_t *ret)
{
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(ret);
    sigaddset(ret, SIGTERM);
    sigaddset(ret, SIGINT);
    sigaddset(ret, SIGHUP);
    pthread_sigmask(SIG_BLOCK, ret, NULL);
}

static enum exit_code run_serve(struct arguments *arguments)
{
    struct server server = {.arena = arguments->arena};
    struct config *config = server.config = ARENA_NEW(arguments->arena, struct config);
    enum exit_code code = access_config(arguments, config);
    if (code != EXIT_FINE)
        return code;
    set_log_level(config->log_level);
    config_add_built_in(config);
    config_forget_secrets(config);
    confine_process();
    service_manager_open(&server.manager);
    prepare_sender(&server, arguments);
    sigset_t signals;
    block_signals(&signals);
    enum err err = start(&server, arguments->env);
    if (err == OK) {
        service_manager_say(&server.manager, "READY=1");
        int signal_number = service_manager_wait(&server.manager, server.engine, &signals);
        service_manager_say(&server.manager, "STOPPING=1");
        log_info("serve", "stopping: %s", strsignal(signal_number));
    }
    stop(&server);
    return server.sender.is_lost ? EXIT_FAILED : exit_of(err);
}

static enum exit_code run_sender(struct arguments *arguments)
{
    struct config config;
    int type;
    socklen_t size = sizeof type;
    if (getsockopt(SENDER_FD, SOL_SOCKET, SO_TYPE, &type, &size) != 0) {
        fputs("muster: the sender is started by `muster serve`, it does nothing alone\n", stderr);
        return EXIT_USAGE;
    }
    enum exit_code code = access_config(arguments, &config);
    if (code != EXIT_FINE)
        return code;
    set_log_level(config.log_level);
    prctl(PR_SET_NAME, "muster-sender");
    confine_process();
    config_add_built_in(&config);
    if (!confine_sender(&config))
        return EXIT_FAILED;
    return sender_main(SENDER_FD, &config, arguments->env) == 0 ? EXIT_FINE : EXIT_FAILED;
}

const struct command command_serve = {
    "serve", "", 0, 0, true, "run the server",
    "Prints url=..., token=... (an administrator's API token), routing_key=..., one a line, then `ready`, and serves until SIGTERM or SIGINT.\n"
    "The token is made at the first start and kept in DATA/admin-token; delete that file once you have made your own.",
    run_serve, {ACCESS_FLAGS}};
const struct command command_sender = {"sender", "", 0, 0, true, NULL, "Started by `muster serve`; of no use by itself.", run_sender, {ACCESS_FLAGS}};

/* Why: see http_server.h. Here: start and stop, the listening socket, and what libmicrohttpd is told to do. */
#include "net/http_internal.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

enum {
    HEADER_BYTES_MAX = 16 * 1024, /* libmicrohttpd's memory for one connection: request head and read buffer. It zeroes all of it after each request */
    LISTEN_BACKLOG = 1024,
    ANSWER_DEADLINE_MS = 120 * 1000,
    IDLE_MS = 75 * 1000,
    ABANDON_MS = 2000,      /* for the 503s of a stop to leave */
    SPARE_DESCRIPTORS = 64, /* database, sender, log, ... */
};

/* Listening --------------------------------------------------------------------------------------------------- */

static int listen_on(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->ai_protocol);
    if (fd < 0)
        return -1;
    int on = 1, off = 0;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, LISTEN_BACKLOG) != 0) {
        int reason = errno;
        close(fd);
        errno = reason;
        return -1;
    }
    return fd;
}

static enum err open_socket(struct http_server *server)
{
    const char *host = server->config.host && server->config.host[0] ? server->config.host : "::";
    char port[16];
    snprintf(port, sizeof port, "%d", server->config.port);
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *addresses = NULL;
    int failure = getaddrinfo(host, port, &hints, &addresses);
    if (failure != 0) {
        log_error("http", "cannot listen on %s: %s", host, gai_strerror(failure));
        return ERR_INVALID;
    }
    for (const struct addrinfo *a = addresses; a && server->listen_fd < 0; a = a->ai_next)
        server->listen_fd = listen_on(a);
    if (server->listen_fd < 0 && errno == EAFNOSUPPORT && strcmp(host, "::") == 0) { /* a machine without IPv6 */
        struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server->config.port)};
        struct addrinfo v4 = {.ai_family = AF_INET,
                              .ai_socktype = SOCK_STREAM,
                              .ai_addr = (struct sockaddr *)&any,
                              .ai_addrlen = sizeof any};
        server->listen_fd = listen_on(&v4);
    }
    freeaddrinfo(addresses);
    if (server->listen_fd < 0) {
        log_error("http", "cannot listen on %s port %d: %s", host, server->config.port, strerror(errno));
        return ERR_UNAVAILABLE;
    }
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;
    getsockname(server->listen_fd, (struct sockaddr *)&bound, &size);
    server->port = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                                     : ((struct sockaddr_in *)&bound)->sin_port);
    return OK;
}

/* Every connection is a descriptor; the usual soft limit of 1,024 would be met long before connections_max. */
static void raise_descriptor_limit(int connections_max)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)connections_max + SPARE_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
        log_warning("http", "the open file limit allows fewer than the configured %d connections", connections_max);
}

/* libmicrohttpd ----------------------------------------------------------------------------------------------- */

/* Percent escapes are the router's business: "/a%2Fb" is one segment. */
static size_t leave_escaped(void *context, struct MHD_Connection *mhd, char *string)
{
    (void)context;
    (void)mhd;
    return strlen(string);
}

/* Mostly what clients did wrong; it is no news for the operator. */
static void PRINTF_LIKE(2, 0) log_library(void *context, const char *format, va_list args)
{
    (void)context;
    char line[512];
    vsnprintf(line, sizeof line, format, args);
    size_t size = strlen(line);
    if (size > 0 && line[size - 1] == '\n')
        line[size - 1] = '\0';
    log_debug("http", "%s", line);
}

static enum err start_daemon(struct http_server *server)
{
    const struct http_config *config = &server->config;
    bool is_tls = config->tls_certificate != NULL;
    unsigned int flags =
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | (is_tls ? MHD_USE_TLS : 0);
    /* libmicrohttpd stops accepting at its own limit and divides it by its threads; ours refuses before that. */
    unsigned int library_limit = ((unsigned int)config->connections_max + 64) * (unsigned int)config->threads;
    struct MHD_OptionItem options[16] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)log_library, server},
        {MHD_OPTION_LISTEN_SOCKET, server->listen_fd, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)library_limit, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEADER_BYTES_MAX, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (config->idle_ms + 999) / 1000, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)leave_escaped, server},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)exchange_begin, server},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)exchange_completed, server},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)connection_notify, server},
    };
    size_t count = 10;
    if (config->threads > 1)
        options[count++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, config->threads, NULL};
    if (is_tls) {
        options[count++] =
            (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)config->tls_certificate};
        options[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)config->tls_key};
        options[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0,
                                                   (void *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"};
    }
    options[count] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    server->daemon = MHD_start_daemon(flags, 0, connection_accept, server, exchange_continue, server, MHD_OPTION_ARRAY,
                                      options, MHD_OPTION_END);
    if (server->daemon)
        return OK;
    log_error("http", is_tls ? "cannot start the server; certificate and key must be PEM and belong together"
                             : "cannot start the server");
    return is_tls ? ERR_INVALID : ERR_UNAVAILABLE;
}

/* Start and stop ---------------------------------------------------------------------------------------------- */

static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

void http_server_release(struct http_server *server)
{
    if (atomic_fetch_sub(&server->references, 1) > 1)
        return;
    exchanges_free_spare(server);
    pthread_mutex_destroy(&server->connections_lock);
    pthread_mutex_destroy(&server->exchanges_lock);
    pthread_mutex_destroy(&server->streams_lock);
    pthread_cond_destroy(&server->reaper_wakes);
    pthread_cond_destroy(&server->exchange_ended);
    free(server);
}

static struct http_server *server_new(struct env *env, const struct http_config *config,
                                      const struct http_handlers *handlers)
{
    struct http_server *server = calloc(1, sizeof *server);
    assert(server && "out of memory");
    server->env = env;
    server->config = *config;
    server->handlers = *handlers;
    server->listen_fd = -1;
    if (server->config.answer_deadline_ms == 0)
        server->config.answer_deadline_ms = ANSWER_DEADLINE_MS;
    if (server->config.idle_ms == 0)
        server->config.idle_ms = IDLE_MS;
    pthread_mutex_init(&server->connections_lock, NULL);
    pthread_mutex_init(&server->exchanges_lock, NULL);
    pthread_mutex_init(&server->streams_lock, NULL);
    init_condition(&server->reaper_wakes);
    init_condition(&server->exchange_ended);
    atomic_init(&server->references, 1);
    return server;
}

enum err http_server_start(struct http_server **ret, struct env *env, const struct http_config *config,
                           const struct http_handlers *handlers)
{
    assert(config->threads > 0 && config->connections_max > 0 && config->request_deadline_ms > 0);
    assert((config->tls_certificate == NULL) == (config->tls_key == NULL));
    struct http_server *server = server_new(env, config, handlers);
    raise_descriptor_limit(config->connections_max);
    enum err err = open_socket(server);
    if (err != OK)
        goto fail;
    err = reaper_start(server);
    if (err != OK)
        goto fail;
    err = start_daemon(server);
    if (err != OK) {
        reaper_stop(server);
        goto fail;
    }
    *ret = server;
    return OK;
fail:
    if (server->listen_fd >= 0)
        close(server->listen_fd);
    http_server_release(server);
    return err;
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}

void http_server_stop(struct http_server *server, int grace_ms)
{
    atomic_store(&server->is_stopping, true);
    MHD_socket listening = MHD_quiesce_daemon(server->daemon);
    streams_end_all(server);
    exchanges_wait(server, grace_ms);
    exchanges_abandon(server);
    exchanges_wait(server, ABANDON_MS);
    reaper_stop(server);
    MHD_stop_daemon(server->daemon);
    /* Not earlier: the library's threads take it out of their epoll sets by themselves, and abort when it is gone by
     * then. */
    if (listening != MHD_INVALID_SOCKET)
        close(listening);
    http_server_release(server);
}

void http_server_counters(struct http_server *server, struct http_counters *ret)
{
    pthread_mutex_lock(&server->connections_lock);
    int open_connections = server->connection_count;
    pthread_mutex_unlock(&server->connections_lock);
    *ret = (struct http_counters){
        .requests = atomic_load(&server->requests),
        .refused_connections = atomic_load(&server->refused_connections),
        .evicted_connections = atomic_load(&server->evicted_connections),
        .deadline_closed = atomic_load(&server->deadline_closed),
        .too_large = atomic_load(&server->too_large),
        .malformed = atomic_load(&server->malformed),
        .backlog_closed = atomic_load(&server->backlog_closed),
        .open_connections = open_connections,
    };
}

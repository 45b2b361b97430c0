/* Why: slow, silent and greedy clients must not hold what others need. libmicrohttpd's own time-out restarts with every
 * byte, so a client that drips one byte a second lives for ever; here every connection has a total deadline for sending
 * its request and for taking its answer, and a reaper thread shuts down the socket of one that is late. */
#include "net/http_internal.h"

#include <assert.h>
#include <errno.h>
#include <linux/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/log.h"

/* IPv4 by address, IPv6 by its /64: that is what one customer is given. */
static void peer_key(const struct sockaddr *address, unsigned char ret_key[PEER_KEY_BYTES])
{
    memset(ret_key, 0, PEER_KEY_BYTES);
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
        memcpy(ret_key + 12, &v4->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;
        if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
            memcpy(ret_key + 12, v6->sin6_addr.s6_addr + 12, 4);
        else
            memcpy(ret_key, v6->sin6_addr.s6_addr, 8);
    }
}

static size_t bucket_of(const unsigned char key[PEER_KEY_BYTES])
{
    return text_hash((struct text){(const char *)key, PEER_KEY_BYTES}) % PEER_BUCKETS;
}

static struct peer *peer_find(const struct http_server *server, const unsigned char key[PEER_KEY_BYTES])
{
    struct peer *peer = server->peers[bucket_of(key)];
    while (peer && memcmp(peer->key, key, PEER_KEY_BYTES) != 0)
        peer = peer->next;
    return peer;
}

static struct peer *peer_join(struct http_server *server, const unsigned char key[PEER_KEY_BYTES])
{
    struct peer *peer = peer_find(server, key);
    if (!peer) {
        peer = calloc(1, sizeof *peer);
        if (!peer)
            return NULL;
        memcpy(peer->key, key, PEER_KEY_BYTES);
        struct peer **bucket = &server->peers[bucket_of(key)];
        peer->next = *bucket;
        *bucket = peer;
    }
    peer->connections++;
    return peer;
}

static void peer_leave(struct http_server *server, struct peer *peer)
{
    if (!peer || --peer->connections > 0)
        return;
    struct peer **link = &server->peers[bucket_of(peer->key)];
    while (*link != peer)
        link = &(*link)->next;
    *link = peer->next;
    free(peer);
}

/* The connection that has been idle for longest makes room: keep-alive is a courtesy, and must not become a way to lock
 * others out. Under the table's lock. */
static bool evict_an_idle_one(struct http_server *server)
{
    struct http_connection *oldest = NULL;
    int64_t oldest_since_us = INT64_MAX;
    for (struct http_connection *c = server->connections; c; c = c->next) {
        pthread_mutex_lock(&c->lock);
        if (c->is_idle && c->idle_since_us < oldest_since_us) {
            oldest = c;
            oldest_since_us = c->idle_since_us;
        }
        pthread_mutex_unlock(&c->lock);
    }
    if (!oldest)
        return false;
    pthread_mutex_lock(&oldest->lock);
    bool is_still_idle = oldest->is_idle;
    oldest->is_idle = false;
    pthread_mutex_unlock(&oldest->lock);
    if (is_still_idle)
        shutdown(oldest->fd, SHUT_RDWR);
    return is_still_idle;
}

enum MHD_Result connection_accept(void *context, const struct sockaddr *address, socklen_t size)
{
    (void)size;
    struct http_server *server = context;
    unsigned char key[PEER_KEY_BYTES];
    peer_key(address, key);
    pthread_mutex_lock(&server->connections_lock);
    const struct peer *peer = peer_find(server, key);
    int of_peer = peer ? peer->connections : 0;
    bool fits = server->config.connections_per_peer_max == 0 || of_peer < server->config.connections_per_peer_max;
    if (fits && server->connection_count >= server->config.connections_max) {
        /* The evicted one leaves the table a moment later. */
        fits = server->connection_count < server->config.connections_max + EVICTIONS_UNDER_WAY_MAX &&
               evict_an_idle_one(server);
        atomic_fetch_add(&server->evicted_connections, fits);
    }
    pthread_mutex_unlock(&server->connections_lock);
    if (!fits)
        atomic_fetch_add(&server->refused_connections, 1);
    return fits ? MHD_YES : MHD_NO;
}

static void connection_opens(struct http_server *server, struct MHD_Connection *mhd, void **ret_connection)
{
    struct http_connection *connection = calloc(1, sizeof *connection);
    if (!connection) {
        log_error("http", "out of memory for a connection");
        abort();
    }
    const union MHD_ConnectionInfo *address = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    unsigned char key[PEER_KEY_BYTES];
    peer_key(address->client_addr, key);
    connection->server = server;
    connection->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    connection->deadline_us = env_monotonic_us(server->env) + (int64_t)server->config.request_deadline_ms * 1000;
    pthread_mutex_init(&connection->lock, NULL);

    pthread_mutex_lock(&server->connections_lock);
    connection->peer = peer_join(server, key);
    connection->next = server->connections;
    if (connection->next)
        connection->next->previous = connection;
    else
        pthread_cond_signal(&server->reaper_wakes); /* it sleeps while there is nobody to watch */
    server->connections = connection;
    server->connection_count++;
    pthread_mutex_unlock(&server->connections_lock);
    *ret_connection = connection;
}

/* Called before the socket is closed: once the connection has left the table, nobody shuts down its descriptor any
 * more. */
static void connection_closes(struct http_server *server, struct http_connection *connection)
{
    pthread_mutex_lock(&server->connections_lock);
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        server->connections = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    peer_leave(server, connection->peer);
    server->connection_count--;
    pthread_mutex_unlock(&server->connections_lock);
    pthread_mutex_destroy(&connection->lock);
    free(connection);
}

void connection_notify(void *context, struct MHD_Connection *mhd, void **connection,
                       enum MHD_ConnectionNotificationCode code)
{
    switch (code) {
    case MHD_CONNECTION_NOTIFY_STARTED: connection_opens(context, mhd, connection); break;
    case MHD_CONNECTION_NOTIFY_CLOSED: connection_closes(context, *connection); break;
    }
}

struct http_connection *connection_of(struct MHD_Connection *mhd)
{
    return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void set_deadline(struct http_connection *connection, int64_t deadline_us, bool is_idle)
{
    pthread_mutex_lock(&connection->lock);
    connection->deadline_us = deadline_us;
    connection->is_idle = is_idle;
    connection->idle_since_us = is_idle ? env_monotonic_us(connection->server->env) : 0;
    connection->bytes_noted = false;
    pthread_mutex_unlock(&connection->lock);
}

static int64_t from_now(const struct http_connection *connection, int milliseconds)
{
    return env_monotonic_us(connection->server->env) + (int64_t)milliseconds * 1000;
}

/* A deadline that runs already (new connection, or the reaper saw first bytes) goes on. */
void connection_request_begins(struct http_connection *connection)
{
    pthread_mutex_lock(&connection->lock);
    if (connection->deadline_us == INT64_MAX)
        connection->deadline_us = from_now(connection, connection->server->config.request_deadline_ms);
    connection->is_idle = false;
    pthread_mutex_unlock(&connection->lock);
}

void connection_request_is_complete(struct http_connection *connection)
{
    set_deadline(connection, INT64_MAX, false);
}

void connection_answer_begins(struct http_connection *connection, bool is_stream)
{
    set_deadline(connection,
                 is_stream ? INT64_MAX : from_now(connection, connection->server->config.answer_deadline_ms), false);
}

void connection_becomes_idle(struct http_connection *connection)
{
    set_deadline(connection, INT64_MAX, true);
}

void connection_condemn(struct http_connection *connection)
{
    pthread_mutex_lock(&connection->lock);
    connection->is_condemned = true;
    pthread_mutex_unlock(&connection->lock);
}

/* On an idle connection libmicrohttpd does not say when the first bytes of the next request come, but the kernel counts
 * them. */
static void watch_idle(struct http_connection *connection)
{
    struct tcp_info info;
    socklen_t size = sizeof info;
    memset(&info, 0, sizeof info);
    if (getsockopt(connection->fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        return;
    if (!connection->bytes_noted) {
        connection->bytes_noted = true;
        connection->bytes_received = info.tcpi_bytes_received;
    } else if (connection->bytes_received != info.tcpi_bytes_received) {
        connection->deadline_us = from_now(connection, connection->server->config.request_deadline_ms);
    }
}

static void reap(struct http_connection *connection, int64_t now_us)
{
    pthread_mutex_lock(&connection->lock);
    if (connection->is_idle && connection->deadline_us == INT64_MAX)
        watch_idle(connection);
    bool is_late = now_us >= connection->deadline_us;
    bool must_go = is_late || connection->is_condemned;
    if (must_go) {
        connection->deadline_us = INT64_MAX;
        connection->is_idle = false;
        connection->is_condemned = false;
    }
    pthread_mutex_unlock(&connection->lock);
    if (!must_go)
        return;
    if (is_late)
        atomic_fetch_add(&connection->server->deadline_closed, 1);
    shutdown(connection->fd, SHUT_RDWR);
}

static void *reaper_run(void *context)
{
    struct http_server *server = context;
    int tick_ms = server->config.request_deadline_ms / 4;
    tick_ms = tick_ms < 20 ? 20 : tick_ms > 500 ? 500 : tick_ms;
    pthread_mutex_lock(&server->connections_lock);
    while (!server->reaper_stops) {
        int64_t now_us = env_monotonic_us(server->env);
        for (struct http_connection *connection = server->connections; connection; connection = connection->next)
            reap(connection, now_us);
        int64_t wake_us = env_monotonic_us(server->env) + (int64_t)tick_ms * 1000;
        struct timespec wake = {.tv_sec = wake_us / SECOND_US, .tv_nsec = wake_us % SECOND_US * 1000};
        if (server->connections)
            pthread_cond_timedwait(&server->reaper_wakes, &server->connections_lock, &wake);
        else
            pthread_cond_wait(&server->reaper_wakes, &server->connections_lock);
    }
    pthread_mutex_unlock(&server->connections_lock);
    return NULL;
}

enum err reaper_start(struct http_server *server)
{
    if (pthread_create(&server->reaper, NULL, reaper_run, server) != 0) {
        log_error("http", "cannot start a thread");
        return ERR_UNAVAILABLE;
    }
    return OK;
}

void reaper_stop(struct http_server *server)
{
    pthread_mutex_lock(&server->connections_lock);
    server->reaper_stops = true;
    pthread_cond_signal(&server->reaper_wakes);
    pthread_mutex_unlock(&server->connections_lock);
    pthread_join(server->reaper, NULL);
}

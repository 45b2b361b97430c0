/* Why: what the files of the HTTP server share with each other and with nobody else.
 *
 * http_server.c      start, stop, listening socket, what libmicrohttpd is told
 * http_connection.c  table of connections: caps, deadlines and the reaper that enforces them
 * http_exchange.c    one request: collecting it, handing it out, answering it from any thread
 * http_framing.c     requests whose length or end two parsers could read differently are refused
 * http_stream.c      text/event-stream answers */
#ifndef MUSTER_NET_HTTP_INTERNAL_H
#define MUSTER_NET_HTTP_INTERNAL_H

#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#include "net/http_server.h"

enum {
    PEER_BUCKETS = 1024,
    PEER_KEY_BYTES = 16,
    ARENA_BYTES_MAX = 256 * 1024 * 1024, /* a batch of 5 MB in which everything is wrong makes about 60 MB */
    DISCARD_BYTES_MAX =
        8 * 1024 * 1024, /* of a body over its limit: read and dropped, so that the client sees the answer */
    BODY_BYTES_IN_FLIGHT_MAX = 512 * 1024 * 1024, /* of all requests together */
    EVICTIONS_UNDER_WAY_MAX = 32,                 /* connections over the cap while idle ones are being closed */
    SPARE_EXCHANGES_MAX = 256,                    /* kept for reuse, each with one small arena block */
};

struct peer {
    unsigned char key[PEER_KEY_BYTES];
    int connections;
    struct peer *next;
};

/* One client connection. Made and freed by its network thread, watched by the reaper; the table's lock keeps it alive
 * while the reaper looks, its own lock guards the fields below it. */
struct http_connection {
    struct http_server *server;
    struct http_connection *previous, *next;
    struct peer *peer;
    int fd;
    pthread_mutex_t lock;
    int64_t deadline_us; /* monotonic; INT64_MAX: none */
    bool is_idle;        /* between two requests */
    int64_t idle_since_us;
    bool bytes_noted;        /* since it became idle */
    uint64_t bytes_received; /* at that time, as the kernel counts */
    bool is_condemned;       /* to be shut down now */
};

/* Who may touch an exchange: the network thread until on_request is called; then whoever answers, until http_reply;
 * both sides hold a reference, so that a late answer to a connection that was closed by a stop finds valid memory. */
enum exchange_state {
    EXCHANGE_OPEN,      /* being handled, connection not suspended (yet) */
    EXCHANGE_SUSPENDED, /* waits for an answer from another thread */
    EXCHANGE_ANSWERED,
    EXCHANGE_ABANDONED, /* the server stopped while it waited; a late answer is dropped */
};

struct http_answer {
    unsigned int status;
    struct MHD_Response *response; /* NULL: `make` says what it is, once the network thread asks */
    bool is_stream;
    void (*make)(void *context, struct http_response *ret);
    void *make_context;
};

struct http_exchange {
    struct http_server *server;
    struct http_connection *connection;
    struct MHD_Connection *mhd;
    struct arena *arena;
    struct http_request request;
    atomic_int references;
    atomic_int state;              /* enum exchange_state */
    struct http_answer answer;     /* the handler's; belongs to the answering side until EXCHANGE_ANSWERED */
    struct http_answer own_answer; /* the server's: malformed, starved, abandoned */
    const char *uri;               /* in libmicrohttpd's buffer */
    size_t uri_size;
    bool has_headers, is_handed_out, is_queued;
    bool is_last;                 /* of its connection */
    bool is_starved;              /* the server holds too many bodies at the moment */
    const char *malformed_reason; /* NULL: it is well-formed */
    char *body;
    size_t body_size, body_capacity, body_limit, discarded;
    struct http_exchange *previous, *next; /* server's list of exchanges in hand; then of spare ones */
};

struct http_server {
    struct env *env;
    struct http_config config;
    struct http_handlers handlers;
    struct MHD_Daemon *daemon;
    int listen_fd;
    int port;

    pthread_mutex_t connections_lock;
    struct http_connection *connections;
    struct peer *peers[PEER_BUCKETS];
    int connection_count;
    pthread_t reaper;
    pthread_cond_t reaper_wakes;
    bool reaper_stops;

    pthread_mutex_t exchanges_lock;
    struct http_exchange *exchanges; /* handed out, not completed */
    struct http_exchange *spare;
    size_t spare_count;
    int exchange_count;
    pthread_cond_t exchange_ended;
    atomic_int references;     /* the starter and every living exchange: late answers outlive the stop */
    atomic_bool is_stopping;   /* no keep-alive any more */
    atomic_bool is_abandoning; /* nobody waits any more */

    pthread_mutex_t streams_lock;
    struct http_stream *streams;
    bool streams_are_ending;

    atomic_llong body_bytes;
    atomic_llong requests, refused_connections, evicted_connections, deadline_closed, too_large, malformed,
        backlog_closed;
};

/* http_server.c */
void http_server_release(struct http_server *server);

/* http_connection.c */
enum MHD_Result connection_accept(void *server, const struct sockaddr *address, socklen_t size);
void connection_notify(void *server, struct MHD_Connection *mhd, void **ret_connection,
                       enum MHD_ConnectionNotificationCode code);
struct http_connection *connection_of(struct MHD_Connection *mhd);
void connection_request_begins(struct http_connection *connection);
void connection_request_is_complete(struct http_connection *connection);
void connection_answer_begins(struct http_connection *connection, bool is_stream);
void connection_becomes_idle(struct http_connection *connection);
void connection_condemn(struct http_connection *connection);
enum err reaper_start(struct http_server *server) MUST_CHECK;
void reaper_stop(struct http_server *server);

/* http_exchange.c */
void *exchange_begin(void *server, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result exchange_continue(void *server, struct MHD_Connection *mhd, const char *url, const char *method,
                                  const char *version, const char *data, size_t *data_size, void **exchange);
void exchange_completed(void *server, struct MHD_Connection *mhd, void **exchange,
                        enum MHD_RequestTerminationCode code);
/* Stores the answer and, where the connection sleeps, wakes it. Takes over its response and the caller's hold on the
 * exchange. */
void exchange_answer(struct http_exchange *exchange, struct http_answer answer);
/* Waits until no exchange is in hand or `grace_ms` passed. */
void exchanges_wait(struct http_server *server, int grace_ms);
/* Answers 503 for everybody who has not answered. */
void exchanges_abandon(struct http_server *server);
void exchanges_free_spare(struct http_server *server);

/* http_message.c: texts of the reply are copied. */
struct http_answer http_answer_from(struct arena *arena, const struct http_response *reply);

/* http_framing.c: NULL, or what is wrong, in words for the client. */
const char *framing_mistake(struct MHD_Connection *mhd, const char *version);
/* False: more may have been received than was understood; see http_framing.c. */
bool framing_is_plain(struct MHD_Connection *mhd, const char *method, const char *uri, size_t uri_size,
                      const char *version);

/* http_stream.c */
void streams_end_all(struct http_server *server);

#endif

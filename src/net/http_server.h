/* Why: the HTTP listener (libmicrohttpd, epoll, a few threads) behind an interface of ours: whole requests in,
 * answers out from any thread, live streams, and the protection that slow or hostile clients call for.
 *
 * What it guarantees (reliability.md 3.2, performance.md): a total deadline per request from its first byte (not only
 * inactivity), a cap on connections in all and per address, bounded header and body sizes, keep-alive, and that
 * a client that stops reading never blocks a thread. */
#ifndef MUSTER_NET_HTTP_SERVER_H
#define MUSTER_NET_HTTP_SERVER_H

#include "base/env.h"
#include "base/text.h"

struct http_server;
struct http_exchange; /* one request and its pending answer */

struct http_request {
    struct text method;  /* "GET", ...; HEAD arrives as GET and the body of its answer is not sent */
    struct text path;    /* as received, still percent-encoded, without the query; starts with "/" or is "*" */
    struct text query;   /* raw, without "?"; empty when there is none */
    struct text body;    /* complete; empty when there is none */
    struct text peer;    /* numeric address of the client, no port */
    bool body_too_large; /* body was longer than the limit; it is empty then and the connection closes after the answer
                          */
    bool body_is_unread; /* it was so large that it is not even read: answer before on_request returns */
    struct arena *arena; /* lives until the answer has been sent */
    struct http_exchange *exchange;
};

struct http_header {
    const char *name;
    struct text value; /* CR, LF and NUL are refused (assertion): encode first */
};

struct http_response {
    int status;
    const char *content_type; /* NULL with an empty body */
    struct text body;         /* copied before http_reply returns */
    struct http_header headers[12];
    size_t header_count;
};

struct http_config {
    const char *host;             /* numeric address or name; NULL or "": every address */
    int port;                     /* 0: a free one */
    int threads;                  /* network threads */
    int connections_max;          /* in all; may be exceeded by `threads` for a moment */
    int connections_per_peer_max; /* per IPv4 address or IPv6 /64 network; 0: no such cap (all clients behind one proxy)
                                   */
    int request_deadline_ms; /* whole request must have arrived by then, counted from the connection or its first byte
                              */
    int answer_deadline_ms;  /* the client must have taken the whole answer by then (not streams); 0: 120 s */
    int idle_ms;             /* a connection without any traffic is closed after this; whole seconds; 0: 75 s */
    const char *tls_certificate, *tls_key; /* PEM file contents; both or neither */
};

/* `on_request` runs on a network thread and must not block: it answers at once with http_reply, or hands the
 * exchange on; exactly one http_reply, http_reply_made_by or http_stream_start must follow, from any thread.
 * `body_limit` is asked when the headers are in; bytes. */
struct http_handlers {
    void *context;
    void (*on_request)(void *context, const struct http_request *request);
    size_t (*body_limit)(void *context, struct text method, struct text path);
};

/* ERR_INVALID: TLS files or host unusable; ERR_UNAVAILABLE: the address is taken or may not be bound. Both are logged.
 */
enum err http_server_start(struct http_server **ret, struct env *env, const struct http_config *config,
                           const struct http_handlers *handlers) MUST_CHECK;
int http_server_port(const struct http_server *server);
/* Stops accepting, ends streams, waits up to `grace_ms` for open exchanges, answers 503 to those that are still waiting
 * and closes. A late http_reply or http_stream_send for one of them is harmless. The handle is dead afterwards. */
void http_server_stop(struct http_server *server, int grace_ms);

/* The server that took it: its first requests may come before http_server_start has returned. */
struct http_server *http_request_server(const struct http_request *request);
/* First header of that name, ignoring case; TEXT_NONE when absent. Lives as long as the request. */
struct text http_request_header(const struct http_request *request, const char *name);
struct text http_request_cookie(const struct http_request *request, const char *name);

/* The exchange and its arena must not be touched afterwards; only the network thread may until on_request returns. */
void http_reply(struct http_exchange *exchange, const struct http_response *response);

/* The same, from a thread that has better things to do than to print: `make` is called on the exchange's network thread and writes the answer,
 * from memory that lives as long as the exchange's arena. It is not called when the server stopped meanwhile. */
void http_reply_made_by(struct http_exchange *exchange, void (*make)(void *context, struct http_response *ret), void *context);

/* A text/event-stream answer. `on_closed` is called exactly once, on a network thread, when the client has gone or the
 * end has been sent; it must not block. Sends after that are dropped. The owner calls http_stream_end exactly once, in
 * any case. A client with more than `backlog_bytes_max` unread is disconnected (it will come back and catch up). */
struct http_stream;
struct http_stream *http_stream_start(struct http_exchange *exchange, size_t backlog_bytes_max,
                                      void (*on_closed)(void *context), void *context);
void http_stream_send(struct http_stream *stream, struct text bytes); /* any thread; never blocks */
void http_stream_end(struct http_stream *stream);                     /* any thread; the handle is dead afterwards */

struct http_counters {
    int64_t requests;            /* complete ones */
    int64_t refused_connections; /* over a cap */
    int64_t evicted_connections; /* idle ones that made room for new ones */
    int64_t deadline_closed;     /* too slow in sending a request or taking an answer */
    int64_t too_large;           /* bodies over the limit */
    int64_t malformed;           /* framing that two parsers could read differently */
    int64_t backlog_closed;      /* streams whose client did not keep up */
    int64_t open_connections;
};
void http_server_counters(struct http_server *server, struct http_counters *ret);

#endif

/* Why: what the process knows about its own sockets, beyond what libcurl tells.
 *
 * What is awaited on each, in an epoll set: the cost of waiting follows from what happens, not from how many transfers are under way. A socket of a kept
 * connection stays in the set between two requests; that libcurl has no use for it then is noticed only when something comes (usually the other end's good-bye).
 *
 * And which sockets there are: libcurl says QUIT to a mail server and then WAITS for its answer, inside a call that must not block; one server that has
 * gone silent would hold up every other provider. The moment QUIT has left we close the receiving side, and the wait ends at once. */
#ifndef MUSTER_CHANNEL_SOCKETS_H
#define MUSTER_CHANNEL_SOCKETS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <sys/epoll.h>

struct socket_state; /* of one descriptor */

enum { SOCKET_EVENTS_MAX = 128 }; /* looked at between two looks at the clock */

/* One thread. */
struct sockets {
    int epoll;
    struct socket_state *states; /* malloc; by descriptor */
    size_t capacity;
    struct epoll_event events[SOCKET_EVENTS_MAX]; /* of the last sockets_wait */
    size_t event_count, event_next;
};

struct socket_event {
    int fd;
    bool can_read, can_write; /* of what was awaited; an error or the end of the connection counts as both */
};

bool sockets_init(struct sockets *sockets); /* false: out of descriptors */
void sockets_free(struct sockets *sockets);

/* Close on exec; CURL_SOCKET_BAD when the system refuses. */
curl_socket_t sockets_open(struct sockets *sockets, const struct curl_sockaddr *address);
int sockets_close(struct sockets *sockets, curl_socket_t socket);
/* The socket with this local port and this other end; CURL_SOCKET_BAD when there is none. */
curl_socket_t sockets_find(const struct sockets *sockets, const char *peer_address, int peer_port, int local_port);
/* Before libcurl is told to clean up: it would say QUIT to each and wait. */
void sockets_shut_down(struct sockets *sockets);

/* From now on, until said otherwise. A descriptor that sockets_open did not open must be awaited for nothing before it is closed. False: out of memory, or not something to wait for. */
bool sockets_await(struct sockets *sockets, int fd, bool reading, bool writing);
/* Waits up to `timeout_ms` (-1: for ever) for what is awaited; sockets_next tells what came. */
void sockets_wait(struct sockets *sockets, int timeout_ms);
/* One event after the other until false, and only those that are still awaited at that moment. */
bool sockets_next(struct sockets *sockets, struct socket_event *ret);

#endif

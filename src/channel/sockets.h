/* Why: libcurl says QUIT to a mail server and then WAITS for its answer, inside a call that must not block: one server that has
 * gone silent would hold up every other provider. We know each socket libcurl opens, so that the moment QUIT has left we can
 * close the receiving side, and the wait ends at once. */
#ifndef MUSTER_CHANNEL_SOCKETS_H
#define MUSTER_CHANNEL_SOCKETS_H

#include <curl/curl.h>

/* Open sockets of the process's transfers. One thread. */
struct sockets {
    curl_socket_t *list; /* malloc */
    size_t count, capacity;
};

/* Close on exec; CURL_SOCKET_BAD when the system refuses. */
curl_socket_t sockets_open(struct sockets *sockets, const struct curl_sockaddr *address);
int sockets_close(struct sockets *sockets, curl_socket_t socket);
/* The socket with this local port and this other end; CURL_SOCKET_BAD when there is none. */
curl_socket_t sockets_find(const struct sockets *sockets, const char *peer_address, int peer_port, int local_port);
/* Before libcurl is told to clean up: it would say QUIT to each and wait. */
void sockets_shut_down(struct sockets *sockets);

#endif

/* Why: see sockets.h. */
#include "channel/sockets.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

curl_socket_t sockets_open(struct sockets *sockets, const struct curl_sockaddr *address)
{
    if (sockets->count == sockets->capacity) {
        size_t capacity = sockets->capacity ? sockets->capacity * 2 : 64;
        curl_socket_t *list = realloc(sockets->list, capacity * sizeof *list);
        if (!list)
            return CURL_SOCKET_BAD;
        sockets->list = list;
        sockets->capacity = capacity;
    }
    curl_socket_t opened = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (opened != CURL_SOCKET_BAD)
        sockets->list[sockets->count++] = opened;
    return opened;
}

int sockets_close(struct sockets *sockets, curl_socket_t socket)
{
    for (size_t i = 0; i < sockets->count; i++)
        if (sockets->list[i] == socket) {
            sockets->list[i] = sockets->list[--sockets->count];
            break;
        }
    return close(socket);
}

static int port_of(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
    return ntohs(((const struct sockaddr_in *)address)->sin_port);
}

static bool is_it(curl_socket_t socket, const char *peer_address, int peer_port, int local_port)
{
    struct sockaddr_storage local, peer;
    socklen_t local_size = sizeof local, peer_size = sizeof peer;
    char name[NI_MAXHOST];
    return getsockname(socket, (struct sockaddr *)&local, &local_size) == 0 && port_of(&local) == local_port &&
           getpeername(socket, (struct sockaddr *)&peer, &peer_size) == 0 && port_of(&peer) == peer_port &&
           getnameinfo((struct sockaddr *)&peer, peer_size, name, sizeof name, NULL, 0, NI_NUMERICHOST) == 0 && strcmp(name, peer_address) == 0;
}

curl_socket_t sockets_find(const struct sockets *sockets, const char *peer_address, int peer_port, int local_port)
{
    for (size_t i = 0; i < sockets->count; i++)
        if (is_it(sockets->list[i], peer_address, peer_port, local_port))
            return sockets->list[i];
    return CURL_SOCKET_BAD;
}

void sockets_shut_down(struct sockets *sockets)
{
    for (size_t i = 0; i < sockets->count; i++)
        shutdown(sockets->list[i], SHUT_RDWR);
}

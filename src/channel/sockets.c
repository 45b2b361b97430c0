/* Why: see sockets.h. */
#include "channel/sockets.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct socket_state {
    bool is_ours;     /* opened here, so its end is seen here */
    uint32_t awaited; /* EPOLLIN, EPOLLOUT */
    uint32_t watched; /* what the set has: what is awaited, or more */
};

bool sockets_init(struct sockets *sockets)
{
    *sockets = (struct sockets){.epoll = epoll_create1(EPOLL_CLOEXEC)};
    return sockets->epoll >= 0;
}

void sockets_free(struct sockets *sockets)
{
    close(sockets->epoll);
    free(sockets->states);
}

static struct socket_state *state_of(struct sockets *sockets, int fd)
{
    size_t place = (size_t)fd;
    if (place < sockets->capacity)
        return &sockets->states[place];
    size_t capacity = place < 64 ? 128 : place * 2;
    struct socket_state *states = realloc(sockets->states, capacity * sizeof *states);
    if (!states)
        return NULL;
    memset(states + sockets->capacity, 0, (capacity - sockets->capacity) * sizeof *states);
    sockets->states = states;
    sockets->capacity = capacity;
    return &states[place];
}

curl_socket_t sockets_open(struct sockets *sockets, const struct curl_sockaddr *address)
{
    curl_socket_t opened = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (opened == CURL_SOCKET_BAD)
        return CURL_SOCKET_BAD;
    struct socket_state *state = state_of(sockets, opened);
    if (!state) {
        close(opened);
        return CURL_SOCKET_BAD;
    }
    *state = (struct socket_state){.is_ours = true};
    return opened;
}

/* The kernel takes it out of the set. */
int sockets_close(struct sockets *sockets, curl_socket_t socket)
{
    assert((size_t)socket < sockets->capacity && sockets->states[socket].is_ours);
    sockets->states[socket] = (struct socket_state){0};
    for (size_t i = sockets->event_next; i < sockets->event_count; i++)
        if (sockets->events[i].data.fd == socket)
            sockets->events[i].events = 0; /* the number may have a new owner before we come there */
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
    for (size_t fd = 0; fd < sockets->capacity; fd++)
        if (sockets->states[fd].is_ours && is_it((curl_socket_t)fd, peer_address, peer_port, local_port))
            return (curl_socket_t)fd;
    return CURL_SOCKET_BAD;
}

void sockets_shut_down(struct sockets *sockets)
{
    for (size_t fd = 0; fd < sockets->capacity; fd++)
        if (sockets->states[fd].is_ours)
            shutdown((int)fd, SHUT_RDWR);
}

static int tell_kernel(struct sockets *sockets, int operation, int fd, uint32_t events)
{
    return epoll_ctl(sockets->epoll, operation, fd, &(struct epoll_event){.events = events, .data.fd = fd}) == 0 ? 0 : errno;
}

/* A descriptor that others closed has left the set without a word. */
static bool watch(struct sockets *sockets, struct socket_state *state, int fd, uint32_t events)
{
    if (state->watched == events)
        return true;
    int operation = state->watched == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
    int error = tell_kernel(sockets, operation, fd, events);
    if (operation == EPOLL_CTL_DEL)
        error = 0; /* gone is gone */
    else if (error == ENOENT)
        error = tell_kernel(sockets, EPOLL_CTL_ADD, fd, events);
    if (error == 0)
        state->watched = events;
    return error == 0;
}

bool sockets_await(struct sockets *sockets, int fd, bool reading, bool writing)
{
    struct socket_state *state = state_of(sockets, fd);
    if (!state)
        return false;
    state->awaited = (reading ? (uint32_t)EPOLLIN : 0) | (writing ? (uint32_t)EPOLLOUT : 0);
    if (state->is_ours && (state->watched & state->awaited) == state->awaited && !(state->watched & EPOLLOUT & ~state->awaited))
        return true;
    return watch(sockets, state, fd, state->awaited);
}

void sockets_wait(struct sockets *sockets, int timeout_ms)
{
    int count = epoll_wait(sockets->epoll, sockets->events, SOCKET_EVENTS_MAX, timeout_ms);
    sockets->event_count = count > 0 ? (size_t)count : 0;
    sockets->event_next = 0;
}

bool sockets_next(struct sockets *sockets, struct socket_event *ret)
{
    while (sockets->event_next < sockets->event_count) {
        const struct epoll_event *event = &sockets->events[sockets->event_next++];
        int fd = event->data.fd;
        struct socket_state *state = &sockets->states[fd];
        uint32_t seen = event->events & (EPOLLERR | EPOLLHUP) ? state->awaited : event->events & state->awaited;
        if (seen) {
            *ret = (struct socket_event){.fd = fd, .can_read = seen & EPOLLIN, .can_write = seen & EPOLLOUT};
            return true;
        }
        (void)watch(sockets, state, fd, state->awaited);
    }
    return false;
}

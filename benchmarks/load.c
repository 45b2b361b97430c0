/* Why: a load generator a sceptic can read. N keep-alive connections on one thread send HTTP requests to one server on loopback and
 * wait for each answer. With a rate, requests have planned times and latency counts from the plan, not from when a connection became free: a
 * stall is charged to everyone it would have hit.
 *
 * load HOST PORT PATH CONNECTIONS SECONDS RATE NEW_PERCENT BATCH KEY[,KEY...]
 * RATE: events per second, 0: as fast as the answers come. Events v2 bodies of about 600 bytes; NEW_PERCENT of them carry a dedup key never used
 * before, the others repeat one of the newest 1,000. BATCH > 1: that many events in each request (the batch endpoint).
 * PATH /api/v2/alerts speaks Alertmanager's language instead: the same facts as labels and annotations, one alert or BATCH of them.
 * Prints one JSON line: {"events","seconds","events_per_s","p50_ms","p99_ms","p999_ms","max_ms","errors"}. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "events.h"

enum { CONNECTIONS_MAX = 1024, KEYS_MAX = 4096, LATENCIES_MAX = 20000000, RECENT_KEYS = 1000, REQUEST_MAX = 1 << 20, HEAD_MAX = 4096 };

struct connection {
    int fd;
    bool busy;
    int64_t planned_us;        /* when the request under way should have started */
    char *request;
    size_t request_size, sent;
    char head[HEAD_MAX];       /* of the answer */
    size_t head_size;
    size_t body_left;          /* once the head is complete */
    bool head_done;
};

struct load {
    const char *host, *path;
    int port, connection_count, new_percent, batch;
    double seconds, rate;
    bool to_alertmanager;
    const char *keys[KEYS_MAX];
    size_t key_count;
    struct connection connections[CONNECTIONS_MAX];
    uint32_t *latencies_us;
    size_t latency_count;
    int64_t newest_key, events, errors;
    uint64_t seed;
};

static void fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static uint64_t random_number(struct load *l)
{
    l->seed ^= l->seed << 13;
    l->seed ^= l->seed >> 7;
    l->seed ^= l->seed << 17;
    return l->seed;
}

static size_t write_event(struct load *l, char *to, size_t size)
{
    bool is_new = l->newest_key == 0 || (int)(random_number(l) % 100) < l->new_percent;
    int64_t recent = l->newest_key < RECENT_KEYS ? l->newest_key : RECENT_KEYS;
    int64_t key = is_new ? ++l->newest_key : l->newest_key - (int64_t)(random_number(l) % (uint64_t)recent);
    if (l->to_alertmanager)
        return alert_write(to, size, (int)getpid(), key, 90 + (unsigned)(random_number(l) % 10));
    return event_write(to, size, l->keys[(size_t)key % l->key_count], (int)getpid(), key, 90 + (unsigned)(random_number(l) % 10),
                       random_number(l) % 1000000000);
}

static void make_request(struct load *l, struct connection *c)
{
    static char body[REQUEST_MAX / 2 * 3];
    size_t size = 0;
    if (l->to_alertmanager || l->batch > 1)
        size += (size_t)snprintf(body, sizeof body, l->to_alertmanager ? "[" : "{\"events\":[");
    for (int i = 0; i < l->batch; i++) {
        if (i > 0)
            body[size++] = ',';
        size += write_event(l, body + size, sizeof body - size);
    }
    if (l->to_alertmanager || l->batch > 1)
        size += (size_t)snprintf(body + size, sizeof body - size, l->to_alertmanager ? "]" : "]}");
    c->request_size = (size_t)snprintf(c->request, REQUEST_MAX, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                                       l->path, l->host, size);
    if (c->request_size + size > REQUEST_MAX)
        fail("batch too large");
    memcpy(c->request + c->request_size, body, size);
    c->request_size += size;
}

static void push(struct connection *c)
{
    while (c->sent < c->request_size) {
        ssize_t n = send(c->fd, c->request + c->sent, c->request_size - c->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0)
            fail("send");
        c->sent += (size_t)n;
    }
}

static void start(struct load *l, struct connection *c, int64_t planned_us)
{
    make_request(l, c);
    c->sent = c->head_size = c->body_left = 0;
    c->head_done = false;
    c->busy = true;
    c->planned_us = planned_us;
    push(c);
}

/* Reads what is there; true when the whole answer has arrived. */
static bool pull(struct load *l, struct connection *c)
{
    static char sink[65536];
    for (;;) {
        char *to = c->head_done ? sink : c->head + c->head_size;
        size_t room = c->head_done ? (c->body_left < sizeof sink ? c->body_left : sizeof sink) : HEAD_MAX - 1 - c->head_size;
        ssize_t n = recv(c->fd, to, room, 0);
        if (n < 0 && errno == EAGAIN)
            return false;
        if (n <= 0)
            fail("the server closed a connection");
        if (c->head_done) {
            c->body_left -= (size_t)n;
        } else {
            c->head_size += (size_t)n;
            c->head[c->head_size] = '\0';
            char *end = strstr(c->head, "\r\n\r\n");
            if (!end)
                continue;
            char *length = strcasestr(c->head, "content-length:");
            size_t body = length && length < end ? strtoul(length + 15, NULL, 10) : 0;
            size_t got = c->head_size - (size_t)(end + 4 - c->head);
            c->body_left = body > got ? body - got : 0;
            c->head_done = true;
            if (strncmp(c->head + 9, "202", 3) != 0 && strncmp(c->head + 9, "200", 3) != 0)
                l->errors++;
        }
        if (c->head_done && c->body_left == 0)
            return true;
    }
}

static void open_connections(struct load *l, int epoll)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)l->port)};
    if (inet_pton(AF_INET, l->host, &address.sin_addr) != 1)
        fail("address");
    for (int i = 0; i < l->connection_count; i++) {
        struct connection *c = &l->connections[i];
        c->fd = socket(AF_INET, SOCK_STREAM, 0);
        int one = 1;
        if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address) != 0)
            fail("connect");
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        fcntl(c->fd, F_SETFL, O_NONBLOCK);
        c->request = malloc(REQUEST_MAX);
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
        if (!c->request || epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) != 0)
            fail("epoll");
    }
}

static void run(struct load *l)
{
    int epoll = epoll_create1(0);
    prctl(PR_SET_TIMERSLACK, 1000UL); /* nanoseconds */
    open_connections(l, epoll);
    int64_t begin = now_us(), end = begin + (int64_t)(l->seconds * 1e6), planned = begin;
    double step_us = l->rate > 0 ? 1e6 * l->batch / l->rate : 0, next = 0;
    int busy = 0, next_idle = 0;
    for (;;) {
        int64_t now = now_us();
        /* Start what is due on idle connections. */
        int first = next_idle;
        for (int i = 0; i < l->connection_count && now < end; i++) {
            struct connection *c = &l->connections[(first + i) % l->connection_count];
            if (c->busy)
                continue;
            planned = l->rate > 0 ? begin + (int64_t)next : now;
            if (planned > now)
                break;
            next += step_us;
            start(l, c, planned);
            next_idle = (first + i + 1) % l->connection_count; /* all in turn: a connection that says nothing for long is closed by the server */
            busy++;
        }
        if (now >= end && busy == 0)
            break;
        struct epoll_event events[256];
        /* Until the next planned request, to the microsecond; spinning would take a processor from the server. */
        int64_t wait_us = 100000;
        if (l->rate > 0 && now < end && busy < l->connection_count)
            wait_us = begin + (int64_t)next - now < wait_us ? begin + (int64_t)next - now : wait_us;
        struct timespec wait = {.tv_nsec = (wait_us > 0 ? wait_us : 0) * 1000};
        int count = epoll_pwait2(epoll, events, 256, &wait, NULL);
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            if (events[i].events & EPOLLOUT)
                push(c);
            if (!c->busy || !(events[i].events & EPOLLIN) || !pull(l, c))
                continue;
            if (l->latency_count < LATENCIES_MAX)
                l->latencies_us[l->latency_count++] = (uint32_t)(now_us() - c->planned_us);
            l->events += l->batch;
            c->busy = false;
            busy--;
        }
    }
    l->seconds = (double)(now_us() - begin) / 1e6;
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static double percentile_ms(const struct load *l, double p)
{
    return l->latency_count ? l->latencies_us[(size_t)((double)(l->latency_count - 1) * p)] / 1000.0 : 0;
}

int main(int argc, char **argv)
{
    static struct load l;
    if (argc != 10) {
        fprintf(stderr, "usage: load HOST PORT PATH CONNECTIONS SECONDS RATE NEW_PERCENT BATCH KEY[,KEY...]\n");
        return 2;
    }
    l = (struct load){.host = argv[1], .port = (int)strtol(argv[2], NULL, 10), .path = argv[3], .connection_count = (int)strtol(argv[4], NULL, 10),
                      .seconds = strtod(argv[5], NULL), .rate = strtod(argv[6], NULL), .new_percent = (int)strtol(argv[7], NULL, 10),
                      .batch = (int)strtol(argv[8], NULL, 10), .seed = 88172645463325252u ^ (uint64_t)getpid()};
    if (l.connection_count < 1 || l.connection_count > CONNECTIONS_MAX || l.batch < 1) {
        fprintf(stderr, "load: connections 1..%d, batch from 1\n", CONNECTIONS_MAX);
        return 2;
    }
    l.to_alertmanager = strcmp(l.path, "/api/v2/alerts") == 0;
    for (char *rest = argv[9], *key; l.key_count < KEYS_MAX && (key = strsep(&rest, ",")) != NULL;)
        l.keys[l.key_count++] = key;
    l.latencies_us = malloc(sizeof *l.latencies_us * LATENCIES_MAX);
    if (!l.latencies_us)
        fail("memory");
    run(&l);
    qsort(l.latencies_us, l.latency_count, sizeof *l.latencies_us, by_size);
    printf("{\"events\":%lld,\"seconds\":%.3f,\"events_per_s\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f,\"max_ms\":%.3f,\"errors\":%lld}\n",
           (long long)l.events, l.seconds, (double)l.events / l.seconds, percentile_ms(&l, 0.5), percentile_ms(&l, 0.99), percentile_ms(&l, 0.999),
           percentile_ms(&l, 1), (long long)l.errors);
    return l.errors > 0;
}

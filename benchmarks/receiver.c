/* Why: stands in for a provider (and for Alertmanager's webhook receiver): answers every POST with 200 at once, counts it and, as a prober, tells
 * how long a page took. One thread, one epoll.
 *
 * receiver PORT                                  only receives
 * receiver PORT muster HOST PORT RATE SECONDS KEY[,KEY...]
 * receiver PORT alertmanager HOST PORT RATE SECONDS
 * As a prober it also sends RATE events per second for SECONDS on a connection of its own, each about a thing never seen before (muster: the keys in turn,
 * so that no person is called often enough for a bundle). The summary carries a tag; the request that brings the tag back is its page.
 * Prints the port as the first line. At the end of the probe or of standard input prints one JSON line: requests received, their distinct paths,
 * microseconds from the first to the last, and of the probe: sent, paged, percentiles of [202 received -> page arrived] (a page that
 * came before the answer counts as 0) and of [event sent -> page arrived]. Clock: CLOCK_MONOTONIC of this one process. */
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
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER_BYTES = 1 << 20, PROBES_MAX = 100000, KEYS_MAX = 4096, PATHS_MAX = 1 << 20, GRACE_US = 7000000 };

struct client {
    int fd;
    char *buffer;
    size_t size;
};

struct probe {
    int64_t sent_us, accepted_us, paged_us;
};

struct receiver {
    int epoll, listener, prober; /* prober: -1 when only receiving */
    bool to_alertmanager;
    const char *host;
    int port;
    const char *keys[KEYS_MAX];
    size_t key_count;
    double rate, seconds;
    struct probe probes[PROBES_MAX];
    int sent, answered;
    char answer[65536];
    size_t answer_size;
    long long requests, refused;
    unsigned char paths[PATHS_MAX / 8];
    int64_t first_us, last_us;
};

static void fail(const char *what)
{
    fprintf(stderr, "receiver: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void watch(struct receiver *r, int fd, void *what)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
    if (epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        fail("epoll");
}

static void no_delay(int fd)
{
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

/* Receiving --------------------------------------------------------------------------------------------------------- */

static void note(struct receiver *r, const char *request, size_t size)
{
    int64_t now = now_us();
    if (r->requests++ == 0)
        r->first_us = now;
    r->last_us = now;
    const char *end = memchr(request, ' ', size);
    const char *path_end = end ? memchr(end + 1, ' ', size - (size_t)(end + 1 - request)) : NULL;
    if (path_end) { /* "/hook/17": whom it is for */
        const char *digits = path_end;
        while (digits > end && digits[-1] >= '0' && digits[-1] <= '9')
            digits--;
        size_t person = strtoul(digits, NULL, 10) % PATHS_MAX;
        r->paths[person / 8] |= (unsigned char)(1 << person % 8);
    }
    for (const char *at = request; (at = memmem(at, size - (size_t)(at - request), "probe-", 6)) != NULL; at += 6) {
        size_t probe = strtoul(at + 6, NULL, 10);
        if (probe < (size_t)r->sent && r->probes[probe].paged_us == 0)
            r->probes[probe].paged_us = now;
    }
}

/* Length of the first whole request in the buffer, 0: not there yet. */
static size_t whole_request(const char *buffer, size_t size)
{
    const char *end = memmem(buffer, size, "\r\n\r\n", 4);
    if (!end)
        return 0;
    size_t head = (size_t)(end + 4 - buffer), body = 0;
    for (const char *line = buffer; line && line < end; line = memchr(line, '\n', (size_t)(end - line))) {
        line += *line == '\n';
        if (strncasecmp(line, "content-length:", 15) == 0)
            body = strtoul(line + 15, NULL, 10);
        if (strncasecmp(line, "expect: 100", 11) == 0)
            fail("a client that asks before it sends is not supported");
    }
    return head + body <= size ? head + body : 0;
}

static bool receive(struct receiver *r, struct client *c)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    ssize_t n = recv(c->fd, c->buffer + c->size, BUFFER_BYTES - 1 - c->size, 0);
    if (n <= 0)
        return n < 0 && errno == EAGAIN;
    c->size += (size_t)n;
    c->buffer[c->size] = '\0';
    size_t taken;
    while ((taken = whole_request(c->buffer, c->size)) > 0) {
        note(r, c->buffer, taken);
        if (send(c->fd, answer, sizeof answer - 1, MSG_NOSIGNAL) != (ssize_t)sizeof answer - 1)
            return false;
        memmove(c->buffer, c->buffer + taken, c->size - taken);
        c->size -= taken;
    }
    return c->size < BUFFER_BYTES - 1;
}

static void drop(struct client *c)
{
    close(c->fd);
    free(c->buffer);
    free(c);
}

static void take_connection(struct receiver *r)
{
    struct client *c = calloc(1, sizeof *c);
    if (!c || !(c->buffer = malloc(BUFFER_BYTES)) || (c->fd = accept4(r->listener, NULL, NULL, SOCK_NONBLOCK)) < 0)
        fail("accept");
    no_delay(c->fd);
    watch(r, c->fd, c);
}

/* Probing ----------------------------------------------------------------------------------------------------------- */

static void send_probe(struct receiver *r)
{
    char body[2048], request[4096];
    int number = r->sent;
    int size = r->to_alertmanager
                   ? snprintf(body, sizeof body,
                              "[{\"labels\":{\"alertname\":\"DiskFull\",\"instance\":\"probe-%06d-%d\",\"severity\":\"critical\"},"
                              "\"annotations\":{\"summary\":\"Disk /var is full and growing\"}}]", number, (int)getpid())
                   : snprintf(body, sizeof body,
                              "{\"routing_key\":\"%s\",\"event_action\":\"trigger\",\"dedup_key\":\"%d-%d\",\"payload\":{"
                              "\"summary\":\"probe-%06d is full and growing\",\"source\":\"host-1.eu.halden.example\",\"severity\":\"critical\"}}",
                              r->keys[(size_t)number % r->key_count], (int)getpid(), number, number);
    size = snprintf(request, sizeof request, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                    r->to_alertmanager ? "/api/v2/alerts" : "/v2/enqueue", r->host, size, body);
    r->probes[number].sent_us = now_us();
    r->sent++;
    if (send(r->prober, request, (size_t)size, MSG_NOSIGNAL) != size)
        fail("send");
}

/* Answers come in the order of the requests: one connection, no pipelining server is faster than its first answer. */
static void read_answers(struct receiver *r)
{
    ssize_t n = recv(r->prober, r->answer + r->answer_size, sizeof r->answer - 1 - r->answer_size, 0);
    if (n <= 0 && errno != EAGAIN)
        fail("the server closed the prober's connection");
    int64_t now = now_us();
    r->answer_size += n > 0 ? (size_t)n : 0;
    size_t taken;
    while (r->answer_size > 12 && (taken = whole_request(r->answer, r->answer_size)) > 0) {
        r->refused += strncmp(r->answer + 9, "20", 2) != 0;
        r->probes[r->answered++].accepted_us = now;
        memmove(r->answer, r->answer + taken, r->answer_size - taken);
        r->answer_size -= taken;
    }
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void print_percentiles(const char *name, int64_t *values, size_t count)
{
    qsort(values, count, sizeof *values, by_size);
    double p[4] = {0.5, 0.99, 0.999, 1};
    printf(",\"%s_ms\":[", name);
    for (int i = 0; i < 4; i++)
        printf("%s%.3f", i ? "," : "", count ? (double)values[(size_t)((double)(count - 1) * p[i])] / 1000 : 0.0);
    printf("]");
}

static void report(struct receiver *r)
{
    static int64_t from_answer[PROBES_MAX], from_event[PROBES_MAX];
    size_t paged = 0;
    long long people = 0;
    for (int i = 0; i < r->sent; i++) {
        struct probe *p = &r->probes[i];
        if (p->paged_us == 0)
            continue;
        int64_t after = p->accepted_us ? p->paged_us - p->accepted_us : 0;
        from_answer[paged] = after > 0 ? after : 0;
        from_event[paged++] = p->paged_us - p->sent_us;
    }
    for (size_t i = 0; i < sizeof r->paths; i++)
        people += __builtin_popcount(r->paths[i]);
    printf("{\"requests\":%lld,\"people\":%lld,\"span_us\":%lld,\"sent\":%d,\"answered\":%d,\"refused\":%lld,\"paged\":%zu", r->requests, people,
           (long long)(r->last_us - r->first_us), r->sent, r->answered, r->refused, paged);
    print_percentiles("from_answer", from_answer, paged);
    print_percentiles("from_event", from_event, paged);
    puts("}");
    fflush(stdout);
}

static bool probes_are_done(const struct receiver *r, int64_t end_us, int64_t now)
{
    if (now < end_us)
        return false;
    for (int i = 0; i < r->sent; i++)
        if (r->probes[i].paged_us == 0)
            return now > end_us + GRACE_US; /* held or lost: it shows in `paged` */
    return r->answered == r->sent;
}

static void serve(struct receiver *r)
{
    int64_t begin = now_us(), end = begin + (int64_t)(r->seconds * 1e6);
    double step_us = r->rate > 0 ? 1e6 / r->rate : 0;
    for (;;) {
        int64_t now = now_us();
        if (r->prober >= 0 && probes_are_done(r, end, now))
            return;
        int wait_ms = 200;
        if (r->prober >= 0 && now < end && r->sent < PROBES_MAX) {
            int64_t due = begin + (int64_t)(r->sent * step_us);
            if (due <= now) {
                send_probe(r);
                continue;
            }
            wait_ms = (int)((due - now) / 1000);
        }
        struct epoll_event events[128];
        int count = epoll_wait(r->epoll, events, 128, wait_ms);
        for (int i = 0; i < count; i++) {
            void *what = events[i].data.ptr;
            if (what == &r->listener)
                take_connection(r);
            else if (what == &r->prober)
                read_answers(r);
            else if (what == r) {
                char byte;
                if (read(0, &byte, 1) <= 0)
                    return;
            } else if (!receive(r, what))
                drop(what);
        }
    }
}

static struct sockaddr_in loopback(const char *host, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
        fail("address");
    return address;
}

static void start_listening(struct receiver *r, int port)
{
    struct sockaddr_in address = loopback("127.0.0.1", port);
    socklen_t size = sizeof address;
    int one = 1;
    r->listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(r->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(r->listener, (struct sockaddr *)&address, size) != 0 || listen(r->listener, 1024) != 0 ||
        getsockname(r->listener, (struct sockaddr *)&address, &size) != 0)
        fail("listen");
    watch(r, r->listener, &r->listener);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static struct receiver r = {.prober = -1};
    if (argc != 2 && argc != 7 && argc != 8) {
        fprintf(stderr, "usage: receiver PORT [muster|alertmanager HOST PORT RATE SECONDS [KEY,...]]\n");
        return 2;
    }
    r.epoll = epoll_create1(0);
    start_listening(&r, (int)strtol(argv[1], NULL, 10));
    if (argc > 2) {
        r.to_alertmanager = strcmp(argv[2], "alertmanager") == 0;
        r.host = argv[3];
        r.rate = strtod(argv[5], NULL);
        r.seconds = strtod(argv[6], NULL);
        for (char *rest = argc == 8 ? argv[7] : NULL, *key; rest && r.key_count < KEYS_MAX && (key = strsep(&rest, ",")) != NULL;)
            r.keys[r.key_count++] = key;
        struct sockaddr_in address = loopback(argv[3], (int)strtol(argv[4], NULL, 10));
        r.prober = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(r.prober, (struct sockaddr *)&address, sizeof address) != 0)
            fail("connect");
        no_delay(r.prober);
        fcntl(r.prober, F_SETFL, O_NONBLOCK);
        watch(&r, r.prober, &r.prober);
    } else {
        watch(&r, 0, &r);
    }
    serve(&r);
    report(&r);
    return 0;
}

/* Why: the first thing that outside bytes meet: the real server on a real socket, with whatever bytes a client may send. The handler looks at the
 * request in every way that the API does. */
#include <assert.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/http_server.h"
#include "target.h"

enum { BODY_LIMIT = 1000, PATIENCE_MS = 100000, SILENCE_MS = 10 };

static struct http_server *server;

static size_t body_limit(void *context, struct text method, struct text path)
{
    (void)context;
    assert(method.size > 0 && path.size > 0);
    return BODY_LIMIT;
}

static void on_request(void *context, const struct http_request *request)
{
    (void)context;
    assert(request->path.size > 0 && (request->path.data[0] == '/' || text_is(request->path, "*")));
    assert(text_find_byte(request->path, '?', 0) == request->path.size);
    assert(text_find_byte(request->path, ' ', 0) == request->path.size);
    assert(request->body.size <= BODY_LIMIT && (!request->body_too_large || request->body.size == 0));
    static const char *const names[] = {"Authorization", "Content-Type", "Content-Length", "Cookie", "Host", "Origin", "X-Test"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct text value = http_request_header(request, names[i]);
        for (size_t c = 0; c < value.size; c++)
            assert(value.data[c] != '\r' && value.data[c] != '\n' && value.data[c] != '\0');
    }
    struct text session = http_request_cookie(request, "session");
    assert(text_find_byte(session, ';', 0) == session.size);
    int64_t length;
    if (!request->body_too_large && !request->body_is_unread && text_to_int64(http_request_header(request, "Content-Length"), &length))
        assert((size_t)length == request->body.size);
    http_reply(request->exchange, &(struct http_response){.status = request->body_too_large ? 413 : 200, .content_type = "text/plain", .body = request->body});
}

static void start(void)
{
    struct http_config config = {.host = "127.0.0.1", .threads = 1, .connections_max = 500, .request_deadline_ms = 10000};
    struct http_handlers handlers = {.on_request = on_request, .body_limit = body_limit};
    enum err err = http_server_start(&server, env_real(), &config, &handlers);
    assert(err == OK);
}

static int dial(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)http_server_port(server)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int connected = connect(fd, (const struct sockaddr *)&address, sizeof address);
    assert(connected == 0);
    /* Resets instead of waiting, so that thousands of connections a second do not use up the ports. */
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
    return fd;
}

/* What the server says until it closes, or until it is silent for `patience_ms`. False: it said nothing at all. */
static bool listen_to(int fd, int patience_ms, char *ret_begin, size_t size)
{
    char buffer[4096];
    size_t kept = 0;
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    while (poll(&ready, 1, kept > 0 ? SILENCE_MS : patience_ms) == 1) {
        ssize_t got = recv(fd, buffer, sizeof buffer, 0);
        if (got <= 0)
            break;
        for (ssize_t i = 0; i < got && kept < size - 1; i++)
            ret_begin[kept++] = buffer[i];
    }
    ret_begin[kept] = '\0';
    return kept > 0;
}

static void speak(int fd, struct text bytes)
{
    for (size_t sent = 0; sent < bytes.size;) {
        ssize_t more = send(fd, bytes.data + sent, bytes.size - sent, MSG_NOSIGNAL);
        if (more <= 0)
            break; /* refused early, and closed */
        sent += (size_t)more;
    }
}

/* Now and then an ordinary client comes: whatever the others sent, it is served. */
static void expect_service(void)
{
    char answer[16];
    int fd = dial();
    speak(fd, TEXT("GET / HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n"));
    bool answered = listen_to(fd, PATIENCE_MS, answer, sizeof answer);
    assert(answered && strncmp(answer, "HTTP/1.1 200", 12) == 0);
    close(fd);
}

bool fuzz_http(struct arena *arena, struct text input)
{
    static unsigned inputs;
    (void)arena;
    if (!server)
        start();
    char answer[16];
    int fd = dial();
    speak(fd, input);
    shutdown(fd, SHUT_WR);
    bool answered = listen_to(fd, SILENCE_MS, answer, sizeof answer);
    close(fd);
    if (inputs++ % 64 == 0)
        expect_service();
    assert(!answered || strncmp(answer, "HTTP/1.", 7) == 0);
    return strncmp(answer, "HTTP/1.1 200", 12) == 0;
}

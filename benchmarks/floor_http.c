/* Why: floor F1, the most that this HTTP server can do on this machine. The same net/http_server that Muster uses, with the same settings, answers
 * every request with 202 and the body Muster sends, without looking at it.
 *
 * floor_http    prints its port; ends with standard input */
#include <stdio.h>
#include <unistd.h>

#include "net/http_server.h"

static void on_request(void *context, const struct http_request *request)
{
    (void)context;
    struct http_response response = {
        .status = 202,
        .content_type = "application/json",
        .body = TEXT("{\"status\":\"success\",\"message\":\"Event processed\",\"dedup_key\":\"disk-12345-123456\"}"),
        .headers = {{"X-Content-Type-Options", TEXT("nosniff")}, {"Cache-Control", TEXT("no-store")}},
        .header_count = 2,
    };
    http_reply(request->exchange, &response);
}

static size_t body_limit(void *context, struct text method, struct text path)
{
    (void)context, (void)method, (void)path;
    return 512 * 1024;
}

int main(void)
{
    struct env *env = env_real();
    struct http_server *server;
    struct http_config config = {.host = "127.0.0.1", .threads = 2, .connections_max = 2000, .connections_per_peer_max = 2000, .request_deadline_ms = 30000};
    struct http_handlers handlers = {.on_request = on_request, .body_limit = body_limit};
    if (http_server_start(&server, env, &config, &handlers) != OK)
        return 1;
    printf("%d\n", http_server_port(server));
    fflush(stdout);
    char byte;
    while (read(0, &byte, 1) > 0)
        ;
    http_server_stop(server, 100);
    env_free(env);
    return 0;
}

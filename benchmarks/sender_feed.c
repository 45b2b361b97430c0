/* Why: pages per second through the real sender process: this takes the engine's end of the socket pair (channel/frames.h), keeps IN_FLIGHT sends
 * under way and counts outcomes. No engine and no database: what the sender alone can do, to hold against curl_loop. The frames are made before the
 * clock starts and written many at a time, so that this program takes little of the processors from what it measures.
 *
 * sender_feed MUSTER_BINARY CONFIG_FILE PROVIDER URL COUNT IN_FLIGHT    prints {"pages","seconds","per_s","failed","cpu_us"}: the last, processor time of the
 * sender for one page. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/env.h"
#include "channel/frames.h"
#include "cli/sender_process.h"

enum { FRAME_BYTES = 2048 }; /* room for one frame */

static json_t *page(struct arena *arena, long number, const char *provider, const char *url)
{
    json_t *frame = json_object_in(arena), *incident = json_object_in(arena), *incidents = json_array_in(arena), *lines = json_array_in(arena);
    json_put_string(frame, "type", "send");
    json_put_int(frame, "id", number + 1);
    json_put_string(frame, "provider", provider);
    json_put_string(frame, "channel", "webhook");
    json_put_string(frame, "to", arena_printf(arena, "%s/%ld", url, number % 2000));
    json_put_int(frame, "timeout_s", 10);
    json_put_string(frame, "kind", "page");
    json_put_string(frame, "message_id", arena_printf(arena, "Q%09ld", number));
    json_put_string(frame, "subject", "ledger-db: Disk /var of host-17 is 97% full and growing");
    json_append_text(lines, TEXT("ledger-db: Disk /var of host-17 is 97% full and growing"));
    json_append_text(lines, TEXT("You are called because you are on call for Payments (level 1) until Monday 09:00"));
    json_put(frame, "lines", lines);
    json_put_int(incident, "number", number);
    json_put_string(incident, "title", "Disk /var of host-17 is 97% full and growing");
    json_put_string(incident, "service", "ledger-db");
    json_put_string(incident, "urgency", "high");
    json_put_string(incident, "url", "https://muster.halden.example/app/incidents/Q0F1E2D3C4B5A6");
    json_append(incidents, incident);
    json_put(frame, "incidents", incidents);
    return frame;
}

static int start_sender(const char *binary, const char *config, pid_t *ret)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0 || (*ret = fork()) < 0) {
        perror("sender_feed");
        exit(1);
    }
    if (*ret == 0) {
        dup2(ends[1], SENDER_FD);
        execl(binary, "muster", "sender", "--config", config, (char *)NULL);
        _exit(1);
    }
    close(ends[1]);
    return ends[0];
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        fprintf(stderr, "usage: sender_feed MUSTER_BINARY CONFIG_FILE PROVIDER URL COUNT IN_FLIGHT\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    long count = strtol(argv[5], NULL, 10), in_flight = strtol(argv[6], NULL, 10), sent = 0, done = 0, failed = 0;
    pid_t sender;
    int fd = start_sender(argv[1], argv[2], &sender);
    struct arena *arena = arena_new(1 << 26);
    json_t *ready;
    const struct json_node *frame;
    if (fd < 0 || frame_read(fd, arena, &ready) != OK)
        return 1;
    struct env *env = env_real();
    struct frame_buffer buffer = {0};
    char *frames = malloc((size_t)count * FRAME_BYTES);
    size_t *ends = calloc((size_t)count + 1, sizeof *ends);
    if (!frames || !ends)
        return 1;
    for (long i = 0; i < count; i++) {
        arena_reset(arena);
        struct text document = json_write(arena, page(arena, i, argv[3], argv[4]));
        frame_header((unsigned char *)frames + ends[i], document.size);
        memcpy(frames + ends[i] + FRAME_HEADER_BYTES, document.data, document.size);
        ends[i + 1] = ends[i] + FRAME_HEADER_BYTES + document.size;
    }
    int64_t begin = env_monotonic_us(env);
    while (done < count) {
        arena_reset(arena);
        long until = done + in_flight < count ? done + in_flight : count;
        for (size_t at = ends[sent]; at < ends[until];) {
            ssize_t n = write(fd, frames + at, ends[until] - at);
            if (n <= 0)
                return 1;
            at += (size_t)n;
        }
        sent = until;
        if (poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, -1) != 1) /* frame_buffer_fill does not wait, and spinning would cost a processor */
            return 1;
        if (frame_buffer_fill(&buffer, fd) != OK)
            return 1;
        while (frame_buffer_next(&buffer, arena, &frame) == OK && frame) {
            bool is_outcome = text_is(json_node_text_at(arena, frame, "type"), "outcome");
            done += is_outcome;
            failed += is_outcome && !text_is(json_node_text_at(arena, frame, "outcome"), "delivered");
        }
    }
    double seconds = (double)(env_monotonic_us(env) - begin) / 1e6;
    struct rusage used;
    close(fd);
    wait4(sender, NULL, 0, &used);
    double cpu_us = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    printf("{\"pages\":%ld,\"seconds\":%.3f,\"per_s\":%.0f,\"failed\":%ld,\"cpu_us\":%.1f}\n", count, seconds, (double)count / seconds, failed, cpu_us / (double)count);
    frame_buffer_free(&buffer);
    env_free(env);
    arena_free(arena);
    return failed > 0;
}

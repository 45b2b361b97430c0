/* Why: see link.h. */
#include "engine/link.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "channel/frames.h"

enum {
    RESPAWN_FIRST_MS = 100,
    RESPAWN_LONGEST_MS = 5000,
    QUESTIONS_MAX = 64,
    PULSE_EVERY_MS = 3000,
    PULSE_WAIT_MS = 5000,
    QUEUE_KEPT_BYTES = 256 * 1024,
    PULSES_MISSED_MAX = 2, /* one may be missed because this process itself stood still */
};

/* Frames one behind the other, as they travel. */
struct outgoing {
    char *data; /* malloc */
    size_t size, capacity;
};

struct question {
    int64_t id; /* 0: free */
    char *answer; /* the frame; malloc */
    size_t answer_size;
};

struct sender_link {
    struct link_events events;
    pthread_t reader, writer, watch;
    pthread_mutex_t lock;
    pthread_cond_t work;     /* for the writer: frames or a new socket */
    pthread_cond_t answered; /* for those who ask */
    pthread_cond_t sent;     /* for the watch */
    int64_t frames_sent;
    struct outgoing queue;
    int fd;                  /* -1: down */
    bool up, stopping;
    int64_t frames_read;     /* signs of life */
    int64_t next_question;
    struct question questions[QUESTIONS_MAX];
};

static void outgoing_add(struct outgoing *outgoing, struct text frame)
{
    size_t needed = outgoing->size + FRAME_HEADER_BYTES + frame.size;
    if (needed > outgoing->capacity) {
        char *data = realloc(outgoing->data, needed * 2);
        if (!data)
            abort();
        outgoing->data = data;
        outgoing->capacity = needed * 2;
    }
    frame_header((unsigned char *)outgoing->data + outgoing->size, frame.size);
    memcpy(outgoing->data + outgoing->size + FRAME_HEADER_BYTES, frame.data, frame.size);
    outgoing->size = needed;
}

/* A burst must not hold its memory for ever. */
static void outgoing_clear(struct outgoing *outgoing)
{
    outgoing->size = 0;
    if (outgoing->capacity <= QUEUE_KEPT_BYTES)
        return;
    free(outgoing->data);
    *outgoing = (struct outgoing){0};
}

static void wait_ms(struct sender_link *link, int ms)
{
    struct timespec until;
    env_deadline(link->events.env, ms, &until);
    pthread_mutex_lock(&link->lock);
    while (!link->stopping && pthread_cond_timedwait(&link->answered, &link->lock, &until) != ETIMEDOUT) {
    }
    pthread_mutex_unlock(&link->lock);
}

static void take_answer(struct sender_link *link, const struct json_node *frame)
{
    int64_t id = json_node_int_at(frame, "id", 0);
    struct text document = json_node_raw(frame);
    pthread_mutex_lock(&link->lock);
    for (size_t i = 0; i < QUESTIONS_MAX; i++) {
        struct question *question = &link->questions[i];
        if (question->id != id || id == 0 || question->answer)
            continue;
        question->answer = malloc(document.size);
        if (!question->answer)
            abort();
        memcpy(question->answer, document.data, document.size);
        question->answer_size = document.size;
    }
    pthread_cond_broadcast(&link->answered);
    pthread_mutex_unlock(&link->lock);
}

static void set_up(struct sender_link *link, bool up)
{
    pthread_mutex_lock(&link->lock);
    link->up = up;
    if (!up)
        outgoing_clear(&link->queue);
    pthread_cond_broadcast(&link->work);
    pthread_cond_broadcast(&link->answered);
    pthread_mutex_unlock(&link->lock);
    link->events.on_state(link->events.context, up);
}

static void take_frame(struct sender_link *link, struct arena *arena, const struct json_node *frame)
{
    struct text type = json_node_text_at(arena, frame, "type");
    pthread_mutex_lock(&link->lock);
    link->frames_read++;
    pthread_mutex_unlock(&link->lock);
    if (text_is(type, "ready"))
        set_up(link, true);
    else if (text_is(type, "outcome"))
        link->events.on_outcome(link->events.context, arena, frame);
    else if (text_is(type, "verdict") || text_is(type, "signed_in"))
        take_answer(link, frame);
}

static bool wait_for_bytes(int fd)
{
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    return poll(&waiting, 1, -1) == 1 || errno == EINTR;
}

/* One life of the sender process, from its socket to the end of it. */
static void read_frames(struct sender_link *link, int fd)
{
    struct arena *arena = arena_new(4 * (size_t)FRAME_BYTES_MAX);
    struct frame_buffer buffer = {0};
    const struct json_node *frame;
    bool fine = true;
    while (fine && wait_for_bytes(fd) && frame_buffer_fill(&buffer, fd) == OK) {
        while ((fine = frame_buffer_next(&buffer, arena, &frame) == OK) && frame) {
            take_frame(link, arena, frame);
            arena_reset(arena);
        }
    }
    frame_buffer_free(&buffer);
    arena_free(arena);
}

static bool is_stopping(struct sender_link *link)
{
    pthread_mutex_lock(&link->lock);
    bool stopping = link->stopping;
    pthread_mutex_unlock(&link->lock);
    return stopping;
}

static void *reader_main(void *argument)
{
    struct sender_link *link = argument;
    int pause_ms = RESPAWN_FIRST_MS;
    while (!is_stopping(link)) {
        int fd = link->events.spawn(link->events.spawn_context);
        if (fd >= 0) {
            pthread_mutex_lock(&link->lock);
            link->fd = fd;
            bool stopping = link->stopping;
            pthread_mutex_unlock(&link->lock);
            if (stopping)
                shutdown(fd, SHUT_RDWR);
            read_frames(link, fd);
            pthread_mutex_lock(&link->lock);
            link->fd = -1;
            bool was_up = link->up;
            pthread_mutex_unlock(&link->lock);
            set_up(link, false);
            close(fd);
            if (was_up)
                pause_ms = RESPAWN_FIRST_MS;
            if (!is_stopping(link))
                log_error("link", "the sender process ended; starting it again in %d ms", pause_ms);
        }
        wait_ms(link, pause_ms);
        pause_ms = pause_ms * 2 > RESPAWN_LONGEST_MS ? RESPAWN_LONGEST_MS : pause_ms * 2;
    }
    return NULL;
}

static bool write_bytes(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        data += sent;
        size -= (size_t)sent;
    }
    return true;
}

/* Whatever came together while it wrote goes together. */
static void *writer_main(void *argument)
{
    struct sender_link *link = argument;
    struct outgoing leaving = {0};
    pthread_mutex_lock(&link->lock);
    while (!link->stopping) {
        if (link->queue.size == 0 || !link->up) {
            pthread_cond_wait(&link->work, &link->lock);
            continue;
        }
        struct outgoing empty = leaving;
        leaving = link->queue;
        link->queue = empty;
        int fd = link->fd;
        pthread_mutex_unlock(&link->lock);
        /* A failure shows at the reader as the end of the stream. */
        if (fd >= 0 && !write_bytes(fd, leaving.data, leaving.size))
            shutdown(fd, SHUT_RDWR);
        outgoing_clear(&leaving);
        pthread_mutex_lock(&link->lock);
    }
    pthread_mutex_unlock(&link->lock);
    free(leaving.data);
    return NULL;
}

/* A sender that stands still keeps its socket: nobody would be paged and nothing would end. So it is asked something from time to time while it owes
 * answers; otherwise nobody wakes up for it. */
static bool shows_life(struct sender_link *link)
{
    struct arena *arena = arena_new(4096);
    bool valid;
    pthread_mutex_lock(&link->lock);
    int64_t before = link->frames_read;
    pthread_mutex_unlock(&link->lock);
    enum err err = link_verify(link, TEXT(""), TEXT(""), json_object_in(arena), TEXT(""), PULSE_WAIT_MS, &valid);
    arena_free(arena);
    pthread_mutex_lock(&link->lock);
    bool alive = err == OK || link->frames_read != before || !link->up; /* a place to ask may be wanting where there is much to verify */
    pthread_mutex_unlock(&link->lock);
    return alive;
}

static void await_debt(struct sender_link *link)
{
    pthread_mutex_lock(&link->lock);
    int64_t seen = link->frames_sent;
    pthread_mutex_unlock(&link->lock);
    if (link->events.owes_answers(link->events.context))
        return;
    pthread_mutex_lock(&link->lock);
    while (!link->stopping && link->frames_sent == seen)
        pthread_cond_wait(&link->sent, &link->lock);
    pthread_mutex_unlock(&link->lock);
}

static void *watch_main(void *argument)
{
    struct sender_link *link = argument;
    int missed = 0;
    while (!is_stopping(link)) {
        await_debt(link);
        wait_ms(link, PULSE_EVERY_MS);
        if (!link->events.owes_answers(link->events.context)) {
            missed = 0;
            continue;
        }
        missed = is_stopping(link) || shows_life(link) ? 0 : missed + 1;
        if (missed < PULSES_MISSED_MAX)
            continue;
        missed = 0;
        log_error("link", "the sender process does not answer any more; it is replaced");
        pthread_mutex_lock(&link->lock);
        if (link->fd >= 0)
            shutdown(link->fd, SHUT_RDWR);
        pthread_mutex_unlock(&link->lock);
    }
    return NULL;
}

struct sender_link *link_start(const struct link_events *events)
{
    struct sender_link *link = calloc(1, sizeof *link);
    if (!link)
        abort();
    link->events = *events;
    link->fd = -1;
    pthread_mutex_init(&link->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&link->work, &monotonic);
    pthread_cond_init(&link->answered, &monotonic);
    pthread_cond_init(&link->sent, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&link->reader, NULL, reader_main, link) != 0 || pthread_create(&link->writer, NULL, writer_main, link) != 0 ||
        pthread_create(&link->watch, NULL, watch_main, link) != 0)
        abort();
    return link;
}

void link_stop(struct sender_link *link)
{
    pthread_mutex_lock(&link->lock);
    link->stopping = true;
    if (link->fd >= 0)
        shutdown(link->fd, SHUT_RDWR);
    pthread_cond_broadcast(&link->work);
    pthread_cond_broadcast(&link->answered);
    pthread_cond_broadcast(&link->sent);
    pthread_mutex_unlock(&link->lock);
    pthread_join(link->reader, NULL);
    pthread_join(link->writer, NULL);
    pthread_join(link->watch, NULL);
    free(link->queue.data);
    pthread_cond_destroy(&link->work);
    pthread_cond_destroy(&link->answered);
    pthread_cond_destroy(&link->sent);
    pthread_mutex_destroy(&link->lock);
    free(link);
}

void link_send(struct sender_link *link, struct text frame)
{
    pthread_mutex_lock(&link->lock);
    if (link->up) {
        if (link->queue.size == 0)
            pthread_cond_signal(&link->work);
        outgoing_add(&link->queue, frame);
        link->frames_sent++;
        pthread_cond_signal(&link->sent);
    }
    pthread_mutex_unlock(&link->lock);
}

static struct question *free_slot(struct sender_link *link)
{
    for (size_t i = 0; i < QUESTIONS_MAX; i++)
        if (link->questions[i].id == 0)
            return &link->questions[i];
    return NULL;
}

/* The sender may just be starting (again): a callback that comes then waits for it. */
static struct question *take_slot(struct sender_link *link, const struct timespec *until)
{
    pthread_mutex_lock(&link->lock);
    while (!link->up && !link->stopping && pthread_cond_timedwait(&link->answered, &link->lock, until) != ETIMEDOUT) {
    }
    struct question *slot = link->up ? free_slot(link) : NULL;
    if (slot)
        *slot = (struct question){.id = ++link->next_question};
    pthread_mutex_unlock(&link->lock);
    return slot;
}

enum err link_ask(struct sender_link *link, struct arena *arena, json_t *frame, int timeout_ms, json_t **ret_answer)
{
    struct timespec until;
    env_deadline(link->events.env, timeout_ms, &until);
    struct question *slot = take_slot(link, &until);
    if (!slot)
        return ERR_UNAVAILABLE;
    json_put_int(frame, "id", slot->id);
    link_send(link, json_write(arena, frame));
    pthread_mutex_lock(&link->lock);
    while (!slot->answer && link->up && pthread_cond_timedwait(&link->answered, &link->lock, &until) != ETIMEDOUT) {
    }
    char *answer = slot->answer;
    size_t size = slot->answer_size;
    *slot = (struct question){0};
    pthread_mutex_unlock(&link->lock);
    json_t *json = answer ? json_read(arena, text_copy(arena, (struct text){answer, size}), problem_new(arena)) : NULL;
    free(answer);
    if (!json)
        return ERR_UNAVAILABLE;
    *ret_answer = json;
    return OK;
}

enum err link_verify(struct sender_link *link, struct text provider, struct text url, const json_t *parameters, struct text signature, int timeout_ms,
                     bool *ret_valid)
{
    struct arena *arena = arena_new(4 * (size_t)FRAME_BYTES_MAX);
    json_t *frame = json_object_in(arena), *answer;
    json_put_string(frame, "type", "verify");
    json_put_text(frame, "provider", provider);
    json_put_text(frame, "url", url);
    json_put(frame, "params", (json_t *)(uintptr_t)parameters);
    json_put_text(frame, "signature", signature);
    enum err err = link_ask(link, arena, frame, timeout_ms, &answer);
    if (err == OK)
        *ret_valid = json_bool_at(answer, "valid", false);
    arena_free(arena);
    return err;
}

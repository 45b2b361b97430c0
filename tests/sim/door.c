/* Why: see door.h. */
#include "door.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "net/http_server.h"

struct http_exchange { /* of ours: the listener's own is not linked in the simulator's way */
    bool replied;
    int status;
    char *body;
    size_t size;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct http_handlers handlers;
    struct api *api;
    /* what the API's worker wants from the engine */
    engine_work *work;
    void *argument;
    enum err outcome;
    bool asked, done;
} door = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* In place of the listener ---------------------------------------------------------------------------------------------------- */

#define WRAPPED(result, name, ...) result __wrap_##name(__VA_ARGS__); result __wrap_##name(__VA_ARGS__)

WRAPPED(enum err, http_server_start, struct http_server **ret, struct env *env, const struct http_config *config, const struct http_handlers *handlers)
{
    (void)env;
    (void)config;
    door.handlers = *handlers;
    *ret = (struct http_server *)(void *)&door;
    return OK;
}

WRAPPED(int, http_server_port, const struct http_server *server)
{
    (void)server;
    return 80;
}

WRAPPED(void, http_server_stop, struct http_server *server, int grace_ms)
{
    (void)server;
    (void)grace_ms;
}

WRAPPED(struct text, http_request_header, const struct http_request *request, const char *name)
{
    (void)request;
    if (strcmp(name, "From") == 0)
        return TEXT("p0@example.org");
    return strcmp(name, "Authorization") == 0 ? TEXT("Token token=" SIM_TOKEN) : TEXT_NONE;
}

WRAPPED(struct text, http_request_cookie, const struct http_request *request, const char *name)
{
    (void)request;
    (void)name;
    return TEXT_NONE;
}

WRAPPED(void, http_reply, struct http_exchange *exchange, const struct http_response *response)
{
    pthread_mutex_lock(&door.lock);
    exchange->status = response->status;
    exchange->size = response->body.size;
    exchange->body = malloc(response->body.size + 1);
    if (!exchange->body)
        abort();
    memcpy(exchange->body, response->body.data ? response->body.data : "", response->body.size);
    exchange->replied = true;
    pthread_cond_broadcast(&door.changed);
    pthread_mutex_unlock(&door.lock);
}

WRAPPED(void, http_reply_made_by, struct http_exchange *exchange, void (*make)(void *context, struct http_response *ret), void *context)
{
    struct http_response response = {0};
    make(context, &response);
    __wrap_http_reply(exchange, &response);
}

/* The worker waits here while the simulator turns the engine. */
WRAPPED(enum err, engine_execute, struct engine *engine, engine_work *work, void *argument)
{
    (void)engine;
    pthread_mutex_lock(&door.lock);
    door.work = work;
    door.argument = argument;
    door.asked = true;
    door.done = false;
    pthread_cond_broadcast(&door.changed);
    while (!door.done)
        pthread_cond_wait(&door.changed, &door.lock);
    enum err outcome = door.outcome;
    pthread_mutex_unlock(&door.lock);
    return outcome;
}

/* Asking ------------------------------------------------------------------------------------------------------------------------- */

void door_open(struct sim *sim)
{
    static struct config config;
    config = (struct config){.public_url = TEXT("http://sim.example.org"), .worker_threads = 1, .network_threads = 1, .unknown_key_answer = TEXT("400")};
    if (api_start(&door.api, &config, sim->engine, sim->env, sim->path) != OK) {
        fprintf(stderr, "muster-sim: the API does not start\n");
        exit(2);
    }
}

void door_close(struct sim *sim)
{
    (void)sim;
    api_stop(door.api);
    door.api = NULL;
}

/* Until the answer is there; what the worker asks of the engine is done on the way. */
static void wait_for_answer(struct sim *sim, struct http_exchange *exchange, bool is_event, enum sim_death death)
{
    pthread_mutex_lock(&door.lock);
    while (!exchange->replied) {
        if (door.asked) {
            door.asked = false;
            pthread_mutex_unlock(&door.lock);
            enum err outcome = sim_run_once(sim, door.work, door.argument, death);
            pthread_mutex_lock(&door.lock);
            door.outcome = outcome;
            door.done = true;
            pthread_cond_broadcast(&door.changed);
        } else if (is_event) { /* no worker: its job is in the queue, and the answer comes from the writer */
            pthread_mutex_unlock(&door.lock);
            sim->restless = engine_turn(sim->engine);
            pthread_mutex_lock(&door.lock);
        } else {
            pthread_cond_wait(&door.changed, &door.lock);
        }
    }
    pthread_mutex_unlock(&door.lock);
}

struct answer door_ask(struct sim *sim, const char *method, const char *path, const json_t *body)
{
    struct arena *arena = arena_new(256 << 20);
    struct http_exchange exchange = {0};
    const char *query = strchr(path, '?');
    struct text whole = text_of(path);
    size_t length = query ? (size_t)(query - path) : whole.size;
    struct http_request request = {.method = text_of(method), .path = text_slice(whole, 0, length), .query = query ? text_of(query + 1) : TEXT(""),
                                   .body = body ? json_write(arena, body) : TEXT(""), .peer = TEXT("192.0.2.1"), .arena = arena, .exchange = &exchange};
    bool is_event = strncmp(path, "/v2/", 4) == 0 || strncmp(path, "/generic/", 9) == 0;
    enum sim_death death = sim_draw_death(sim);
    if (is_event && death == DEATH_BEFORE_COMMIT) /* its work is not ours to spoil; the disk's faults are there for that */
        death = DEATH_NONE;
    sim->drop_frames = is_event && death == DEATH_AFTER_COMMIT;
    door.handlers.on_request(door.handlers.context, &request);
    wait_for_answer(sim, &exchange, is_event, death);
    sim->drop_frames = false;
    struct answer answer = {.status = disk_is_dead() ? 0 : exchange.status};
    judge_words(sim, "an answer", exchange.body, exchange.size);
    if (exchange.size > 0 && answer.status > 0)
        answer.body = json_read(sim->arena, text_copy(sim->arena, (struct text){exchange.body, exchange.size}), problem_new(sim->arena));
    free(exchange.body);
    arena_free(arena);
    if (death != DEATH_NONE) {
        answer.status = 0;
        sim_die(sim, death);
    } else if (answer.status >= 200 && answer.status < 300) {
        judge_answered(sim);
    }
    sim_turns(sim);
    return answer;
}

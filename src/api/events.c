/* Why: where events come in. A request is checked on its network thread, its events join the engine's next batch, and
 * the answer leaves only after the commit, from the writer thread: no thread waits and no event is answered that a
 * crash could still lose.
 *
 * Everything here lives on the request's arena, which http_reply keeps alive until the answer; that spares every copy.
 */
#include <assert.h>

#include "api/api_state.h"
#include "api/event_answers.h"
#include "api/route.h"
#include "base/id.h"
#include "base/log.h"
#include "engine/intake.h"
#include "inbound/alertmanager.h"
#include "inbound/batch.h"
#include "inbound/change_events.h"
#include "inbound/events_v1.h"
#include "inbound/events_v2.h"
#include "inbound/json_webhook.h"

enum {
    DEDUP_KEY_MADE_CHARS = 32,
    BATCH_ANSWER_BYTES_MAX = 64 * 1024 * 1024, /* 1,000 elements with 50 mistakes each are below 20 MB */
};

struct outcome {
    enum err err;          /* OK or ERR_NOT_FOUND */
    struct text dedup_key; /* the one in force */
};

struct intake_job {
    struct job job; /* first: the engine hands it back */
    struct call *call;
    const struct event_dialect *dialect;
    struct event *events;
    struct outcome *outcomes;
    size_t count;
    struct batch *batch;   /* NULL for the other dialects */
    struct text *refusals; /* answers of the batch's invalid elements */
    enum err outcome;      /* of the whole */
};

/* On the writer thread, perhaps more than once: outcomes are only overwritten. An unknown key has written nothing and
 * concerns only its own event; any other failure undoes them all, so that a sender's repeat finds nothing half done. */
static enum err apply_events(struct tx *tx, void *argument)
{
    struct intake_job *job = argument;
    for (size_t i = 0; i < job->count; i++) {
        struct disposition disposition;
        enum err err = intake_apply(tx, &job->events[i], &disposition);
        if (err != OK && err != ERR_NOT_FOUND)
            return err;
        tx->refused_clean = false; /* said of this event only; others of the job may have written */
        job->outcomes[i].err = err;
        job->outcomes[i].dedup_key =
            err == OK ? text_copy(job->call->arena, disposition.dedup_key) : job->events[i].dedup_key;
    }
    return OK;
}

static bool unknown_keys_are_accepted(const struct call *call)
{
    return text_is(call->api->config->unknown_key_answer, "202");
}

/* PagerDuty's own answer to an unknown key looks like success; so does ours where that is wanted. */
static struct text key_or_made(const struct call *call, struct text dedup_key)
{
    return dedup_key.data ? dedup_key : id_new_key(call->env, call->arena, DEDUP_KEY_MADE_CHARS);
}

static bool is_success(const struct intake_job *job, size_t i)
{
    return job->outcomes[i].err == OK || unknown_keys_are_accepted(job->call);
}

/* One answer for all: the events of these dialects share one key, so either all of them found it or none. */
static void answer_single(struct intake_job *job, struct http_response *ret)
{
    struct call *call = job->call;
    bool is_fine = job->count == 0 || is_success(job, 0);
    struct text key =
        job->count > 0 && job->dialect->key_name && is_fine ? key_or_made(call, job->outcomes[0].dedup_key) : TEXT_NONE;
    struct text body = is_fine ? event_success(call->arena, job->dialect, key, EVENT_NO_CODE)
                               : event_unknown_key(call->arena, EVENT_NO_CODE);
    event_response(is_fine ? job->dialect->status : 400, body, ret);
}

/* What an element's answer will be where that is known before the engine saw it. */
static struct text *prepare_refusals(struct arena *arena, const struct batch *batch)
{
    struct text *refusals = ARENA_ARRAY(arena, struct text, batch->count);
    for (size_t i = 0; i < batch->count; i++)
        if (!batch->elements[i].is_valid)
            refusals[i] = event_invalid(arena, batch->elements[i].problem, 400);
    return refusals;
}

static struct text element_answer(const struct intake_job *job, bool is_change, size_t outcome)
{
    struct arena *arena = job->call->arena;
    if (!is_success(job, outcome))
        return event_unknown_key(arena, 400);
    if (is_change)
        return event_success(arena, &change_dialect, TEXT_NONE, 202);
    return event_success(arena, &batch_dialect, key_or_made(job->call, job->outcomes[outcome].dedup_key), 202);
}

/* 202: all accepted; 207: look at each; 400: none accepted. */
static void answer_batch(struct intake_job *job, struct http_response *ret)
{
    struct call *call = job->call;
    size_t count = job->batch->count, outcome = 0, successes = 0;
    for (size_t i = 0; i < job->count; i++)
        successes += is_success(job, i);
    struct builder b = builder_new(call->arena, BATCH_ANSWER_BYTES_MAX);
    builder_printf(&b, "{\"status\":\"%s\",\"message\":\"%zu of %zu events processed\",\"results\":[",
                   successes == count ? "success"
                   : successes == 0   ? "invalid event"
                                      : "partial",
                   successes, count);
    for (size_t i = 0; i < count; i++) {
        const struct batch_element *element = &job->batch->elements[i];
        builder_add_string(&b, i > 0 ? "," : "");
        builder_add(&b, element->is_valid ? element_answer(job, element->event.action == EVENT_CHANGE, outcome)
                                          : job->refusals[i]);
        outcome += element->is_valid;
    }
    builder_add_string(&b, "]}");
    assert(!b.overflowed);
    event_response(successes == count ? 202 : successes == 0 ? 400 : 207, builder_text(&b), ret);
}

/* On the network thread again. */
static void make_answer(void *context, struct http_response *ret)
{
    struct intake_job *job = context;
    struct arena *arena = job->call->arena;
    if (job->outcome != OK) {
        int status;
        struct text body = event_refused(arena, job->dialect, job->outcome, &status);
        event_response(status, body, ret);
    } else if (job->batch) {
        answer_batch(job, ret);
    } else {
        answer_single(job, ret);
    }
}

/* On the writer thread, which has better things to do than to print. */
static void events_done(struct job *engine_job, enum err outcome)
{
    struct intake_job *job = (struct intake_job *)engine_job;
    job->outcome = outcome;
    http_reply_made_by(job->call->request->exchange, make_answer, job);
}

static struct intake_job *job_new(struct call *call, const struct event_dialect *dialect, struct event *events,
                                  size_t count)
{
    struct intake_job *job = ARENA_NEW(call->arena, struct intake_job);
    *job = (struct intake_job){.call = call, .dialect = dialect, .events = events, .count = count};
    job->outcomes = ARENA_ARRAY(call->arena, struct outcome, count);
    job->job = (struct job){.work = apply_events, .argument = job, .done = events_done, .weight = (int)count, .events = events, .event_count = count};
    return job;
}

/* The answer may be on its way before this returns. */
static enum err submit(struct intake_job *job)
{
    struct call *call = job->call;
    call->taken = true;
    if (job->count > 0)
        engine_submit(call->engine, &job->job);
    else
        events_done(&job->job, OK);
    return OK;
}

static enum err reply_now(struct call *call, int status, struct text body)
{
    call->taken = true;
    event_reply(call->request->exchange, status, body);
    return OK;
}

/* False: the key is over its limit and its sender has been told. The limit of one key never concerns another's events. */
static bool may_send(struct call *call, const struct event_dialect *dialect, struct text key, size_t count)
{
    if (count == 0 || !allowance_take(call->api->events, key, (int64_t)count, call->now).refused)
        return true;
    int status;
    struct text body = event_throttled(call->arena, dialect, EVENT_NO_CODE, &status);
    (void)reply_now(call, status, body);
    return false;
}

/* False: the answer has been sent. */
static bool start_reading(struct call *call, const struct event_dialect *dialect, struct reading *ret)
{
    const struct json_node *root;
    enum err err = json_scan(call->arena, call->request->body, call->problem, &root);
    if (err == ERR_INTERNAL)
        log_error("events", "the two readers of JSON do not agree about a document of %zu bytes", call->request->body.size);
    if (err == OK && !json_node_is(root, JSON_OBJECT))
        problem_add(call->problem, NULL, "Event object must be a JSON object");
    if (!problem_is_empty(call->problem)) {
        (void)reply_now(call, 400, event_unrecognized(call->arena, dialect, call->problem));
        return false;
    }
    *ret = (struct reading){
        .arena = call->arena, .problem = call->problem, .raw = call->request->body, .root = root, .prefix = ""};
    return true;
}

/* The key from a header, so that it need not stand in an address that proxies write to their logs. */
static struct text key_in_header(const struct call *call)
{
    struct text key = text_trim(http_request_header(call->request, "X-Routing-Key"));
    struct text authorization = http_request_header(call->request, "Authorization");
    struct text scheme = text_slice(authorization, 0, 7);
    if (key.size == 0 && text_equal_ignoring_case(scheme, TEXT("Bearer ")))
        key = text_trim(text_slice(authorization, 7, authorization.size));
    return key.size > 0 && text_is_utf8(key) ? key : TEXT_NONE;
}

/* Formats without a place for the key. */
static void lend_key(const struct call *call, struct reading *reading)
{
    reading->lent_key = call->path_parameters[0].size > 0 ? call->path_parameters[0] : key_in_header(call);
    if (!reading->lent_key.data)
        problem_add(call->problem, NULL, "The integration key is missing: in the address, X-Routing-Key or Authorization: Bearer");
}

/* Of one event in a request. */
struct format {
    const struct event_dialect *dialect;
    enum err (*read)(const struct reading *reading, struct event *ret);
    bool lends_key;
};

static enum err take_event(struct call *call)
{
    const struct format *format = call->route->with;
    struct reading reading;
    if (!start_reading(call, format->dialect, &reading))
        return OK;
    if (format->lends_key)
        lend_key(call, &reading);
    struct event *event = ARENA_NEW(call->arena, struct event);
    if (format->read(&reading, event) != OK)
        return reply_now(call, 400, event_invalid(call->arena, call->problem, EVENT_NO_CODE));
    if (!may_send(call, format->dialect, event->routing_key, 1))
        return OK;
    return submit(job_new(call, format->dialect, event, 1));
}

static enum err take_alertmanager(struct call *call)
{
    struct reading reading;
    if (!start_reading(call, &alertmanager_dialect, &reading))
        return OK;
    lend_key(call, &reading);
    struct event *events;
    size_t count;
    if (alertmanager_read(&reading, &events, &count) != OK)
        return reply_now(call, 400, event_invalid(call->arena, call->problem, EVENT_NO_CODE));
    if (!may_send(call, &alertmanager_dialect, reading.lent_key, count))
        return OK;
    return submit(job_new(call, &alertmanager_dialect, events, count));
}

/* Elements of a key that is over its limit are refused one by one; the others go on. */
static void throttle_elements(struct call *call, struct batch *batch, struct text *refusals)
{
    int status;
    for (size_t i = 0; i < batch->count; i++) {
        struct batch_element *element = &batch->elements[i];
        if (!element->is_valid || !allowance_take(call->api->events, element->event.routing_key, 1, call->now).refused)
            continue;
        element->is_valid = false;
        refusals[i] = event_throttled(call->arena, &batch_dialect, 429, &status);
    }
}

static enum err take_batch(struct call *call)
{
    struct reading reading;
    if (!start_reading(call, &batch_dialect, &reading))
        return OK;
    reading.lent_key = key_in_header(call);
    struct batch *batch;
    if (batch_read(&reading, &batch) != OK)
        return reply_now(call, 400, event_invalid(call->arena, call->problem, EVENT_NO_CODE));
    struct text *refusals = prepare_refusals(call->arena, batch);
    throttle_elements(call, batch, refusals);
    struct event *events = ARENA_ARRAY(call->arena, struct event, batch->count);
    size_t count = 0;
    for (size_t i = 0; i < batch->count; i++)
        if (batch->elements[i].is_valid)
            events[count++] = batch->elements[i].event;
    struct intake_job *job = job_new(call, &batch_dialect, events, count);
    job->batch = batch;
    job->refusals = refusals;
    return submit(job);
}

static const struct format events_v2 = {&events_v2_dialect, events_v2_read, false}, events_v1 = {&events_v1_dialect, events_v1_read, false},
                           change = {&change_dialect, change_events_read, false}, any_json = {&json_dialect, json_webhook_read, true};

#define ONE_EVENT .method = "POST", .handle = take_event, .fast = true, .body_kind = "raw", .body_bytes_max = EVENT_BODY_BYTES_MAX
#define SEVERAL_EVENTS .method = "POST", .fast = true, .body_kind = "raw", .body_bytes_max = BATCH_BODY_BYTES_MAX

static const struct route routes[] = {
    {ONE_EVENT, .path = "/v2/enqueue", .with = &events_v2, .summary = "Report, acknowledge or resolve a problem (Events API v2)",
     .takes = "routing_key event_action dedup_key? payload:object? client? client_url? links[]? images[]?", .answers = "status message dedup_key?"},
    {ONE_EVENT, .path = "/v2/change/enqueue", .with = &change, .summary = "Report a change, e.g. a deployment",
     .takes = "routing_key payload:object links[]? images[]?", .answers = "status message"},
    {ONE_EVENT, .path = "/change_events", .with = &change, .summary = "The same: the REST API's address for it",
     .takes = "routing_key payload:object links[]? images[]?", .answers = "status message"},
    {ONE_EVENT, .path = "/generic/2010-04-15/create_event.json", .with = &events_v1, .summary = "Report, acknowledge or resolve a problem (Events API v1)",
     .takes = "service_key event_type incident_key? description? details? client? client_url? contexts[]?", .answers = "status message incident_key?"},
    {SEVERAL_EVENTS, .path = "/muster/events/batch", .handle = take_batch, .summary = "Send up to 1,000 events in one request, each with its own answer",
     .takes = "routing_key? events[]", .answers = "status message results[]"},
    {SEVERAL_EVENTS, .path = "/integrations/alertmanager/{key}", .handle = take_alertmanager, .summary = "Prometheus Alertmanager's webhook",
     .takes = "alerts[]", .answers = "status message"},
    {SEVERAL_EVENTS, .path = "/integrations/alertmanager", .handle = take_alertmanager, .summary = "Prometheus Alertmanager's webhook, key in a header",
     .takes = "alerts[]", .answers = "status message"},
    {ONE_EVENT, .path = "/integrations/json/{key}", .with = &any_json, .summary = "Any JSON object with a summary",
     .takes = "", .answers = "status message dedup_key?"},
    {ONE_EVENT, .path = "/integrations/json", .with = &any_json, .summary = "Any JSON object with a summary, key in a header",
     .takes = "", .answers = "status message dedup_key?"},
};

const struct route_table event_routes = {routes, sizeof routes / sizeof *routes};

/* Why: see metrics.h. A family is one row: its name with the unit in it, its type, what it says, and what writes its lines. Format:
 * prometheus.io/docs/instrumenting/exposition_formats. */
#include "api/metrics.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include "api/api_state.h"
#include "api/auth.h"
#include "api/metrics_samples.h"
#include "engine/outbox.h"

enum { METRICS_BYTES_MAX = 4 << 20 };

/* Single numbers --------------------------------------------------------------------------------------------------------- */

static void put_build(struct samples *s)
{
    sample_number(s, arena_printf(s->call->arena, "{version=\"%s\",schema=\"%d\"}", MUSTER_VERSION, db_schema_version_of_binary()), 1);
}

static void put_cpu(struct samples *s)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        sample_seconds(s, "", (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * SECOND_US + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void put_database_up(struct samples *s)
{
    sample_number(s, "", s->health.database_ok);
}

static void put_sender_up(struct samples *s)
{
    sample_number(s, "", s->health.sender_ok);
}

static void put_sender_starts(struct samples *s)
{
    sample_number(s, "", s->measures->sender_starts);
}

static void put_queue(struct samples *s)
{
    sample_number(s, "", s->health.queue_length);
}

static void put_timer_age(struct samples *s)
{
    sample_seconds(s, "", s->health.oldest_due_timer_age_us);
}

static void put_turn_age(struct samples *s)
{
    sample_seconds(s, "", s->health.turn_age_us);
}

static void put_in_flight(struct samples *s)
{
    sample_number(s, "", s->health.messages_in_flight);
}

static void put_canary_age(struct samples *s)
{
    if (s->health.canary_age_us >= 0)
        sample_seconds(s, "", s->health.canary_age_us);
}

static void put_canary_missed(struct samples *s)
{
    sample_number(s, "", s->measures->canary_missed);
}

static void put_pings(struct samples *s)
{
    sample_number(s, "{outcome=\"delivered\"}", s->measures->pings);
    sample_number(s, "{outcome=\"failed\"}", s->measures->pings_failed);
}

static void put_findings(struct samples *s)
{
    if (s->measures->self_checked_us > 0)
        sample_number(s, "", s->measures->self_findings);
}

static void put_gaps(struct samples *s)
{
    if (s->measures->self_checked_us > 0)
        sample_number(s, "", s->measures->self_gaps);
}

static void put_check_age(struct samples *s)
{
    if (s->measures->self_checked_us > 0)
        sample_seconds(s, "", s->call->now.us - s->measures->self_checked_us);
}

static void put_check_duration(struct samples *s)
{
    if (s->measures->self_checked_us > 0)
        sample_seconds(s, "", s->measures->self_check_us);
}

static void put_jobs(struct samples *s)
{
    sample_number(s, "", s->measures->jobs);
}

static void put_batches(struct samples *s)
{
    sample_number(s, "", s->measures->batches);
}

static void put_batches_failed(struct samples *s)
{
    sample_number(s, "", s->measures->batches_failed);
}

static void put_database_size(struct samples *s)
{
    struct query *q = db_query(s->call->db, "metrics_database_size");
    if (query_next(q))
        sample_number(s, "", query_int(q, 0));
}

/* A PostgreSQL server keeps its log for all its databases: there is none of ours to measure. */
static void put_wal_size(struct samples *s)
{
    struct text url = text_of(s->call->api->db_url), scheme = TEXT("sqlite:");
    if (!text_starts_with(url, scheme))
        return;
    struct stat info;
    const char *path = arena_printf(s->call->arena, "%.*s-wal", TEXT_ARG(text_slice(url, scheme.size, url.size)));
    sample_number(s, "", stat(path, &info) == 0 ? info.st_size : 0);
}

/* By label ------------------------------------------------------------------------------------------------------------------ */

static void put_events(struct samples *s)
{
    for (size_t d = 0; d < DISPOSITIONS; d++)
        sample_number(s, arena_printf(s->call->arena, "{disposition=\"%s\"}", disposition_names[d]), s->measures->events[d]);
}

static void put_messages(struct samples *s)
{
    for (size_t p = 0; p < s->provider_count; p++)
        for (int c = 0; c < CHANNEL_COUNT; c++)
            for (int o = OUTCOME_ACCEPTED; o < OUTCOMES; o++)
                if (s->measures->messages[p][c][o] > 0) /* most pairs never meet */
                    sample_number(s, arena_printf(s->call->arena, "{provider=\"%s\",channel=\"%s\",outcome=\"%s\"}", s->providers[p].name,
                                                  channel_name((enum channel)c), outcome_name((enum outcome_kind)o)), s->measures->messages[p][c][o]);
}

static void put_webhooks(struct samples *s)
{
    for (int o = OUTCOME_DELIVERED; o < OUTCOMES; o++)
        sample_number(s, arena_printf(s->call->arena, "{outcome=\"%s\"}", outcome_name((enum outcome_kind)o)), s->measures->webhooks[o]);
}

static const char *provider_label(const struct samples *s, size_t p)
{
    return arena_printf(s->call->arena, "{provider=\"%s\"}", s->providers[p].name);
}

static void put_provider_in_flight(struct samples *s)
{
    for (size_t p = 0; p < s->provider_count; p++)
        sample_number(s, provider_label(s, p), s->providers[p].in_flight);
}

static void put_provider_circuit(struct samples *s)
{
    for (size_t p = 0; p < s->provider_count; p++)
        sample_number(s, provider_label(s, p), s->providers[p].circuit_open);
}

static void put_provider_success(struct samples *s)
{
    for (size_t p = 0; p < s->provider_count; p++)
        if (instant_is_set(s->providers[p].last_success))
            sample_seconds(s, provider_label(s, p), s->providers[p].last_success.us);
}

/* Distributions ------------------------------------------------------------------------------------------------------------- */

static void put_batch_size(struct samples *s)
{
    sample_histogram(s, "", &s->measures->batch_size, histogram_bounds_count, 1);
}

static void put_commit(struct samples *s)
{
    sample_histogram(s, "", &s->measures->commit, histogram_bounds_us, SECOND_US);
}

static void put_answer(struct samples *s)
{
    sample_histogram(s, "", &s->measures->answer, histogram_bounds_us, SECOND_US);
}

static void put_timer_delay(struct samples *s)
{
    sample_histogram(s, "", &s->measures->timer_delay, histogram_bounds_us, SECOND_US);
}

static void put_page_latency(struct samples *s)
{
    sample_histogram(s, "cause=\"event\"", &s->measures->page_after_event, histogram_bounds_us, SECOND_US);
    sample_histogram(s, "cause=\"due\"", &s->measures->page_after_due, histogram_bounds_us, SECOND_US);
}

/* HTTP ------------------------------------------------------------------------------------------------------------------------ */

static void put_requests(struct samples *s)
{
    sample_number(s, "", s->http.requests);
}

static void put_open_connections(struct samples *s)
{
    sample_number(s, "", s->http.open_connections);
}

static void put_closed(struct samples *s)
{
    sample_number(s, "{reason=\"refused\"}", s->http.refused_connections);
    sample_number(s, "{reason=\"evicted\"}", s->http.evicted_connections);
    sample_number(s, "{reason=\"deadline\"}", s->http.deadline_closed);
    sample_number(s, "{reason=\"malformed\"}", s->http.malformed);
    sample_number(s, "{reason=\"too_large\"}", s->http.too_large);
    sample_number(s, "{reason=\"stream_backlog\"}", s->http.backlog_closed);
}

/* The table ------------------------------------------------------------------------------------------------------------------- */

static const struct family families[] = {
    {"muster_build_info", "gauge", "1; the version of the program and of its database schema are labels.", put_build},
    {"process_cpu_seconds_total", "counter", "CPU time of the process that serves and writes, without the sender process.", put_cpu},
    {"muster_events_total", "counter", "Events stored, by what became of them.", put_events},
    {"muster_event_answer_duration_seconds", "histogram", "From handing an event to the engine until it is on disk and its answer leaves.", put_answer},
    {"muster_page_latency_seconds", "histogram", "Until a message is handed to the sender process: cause=\"event\" from the moment the oldest request of its batch was accepted, "
     "cause=\"due\" from the instant it was due (a delay of a rule or level, a retry, a place at a busy provider). Above 30 s something is wrong.", put_page_latency},
    {"muster_timer_delay_seconds", "histogram", "From the instant a timer was due until it acted. After an outage it holds the outage.", put_timer_delay},
    {"muster_oldest_due_timer_age_seconds", "gauge", "How long the oldest timer that is due has been waiting; 0 when none waits.", put_timer_age},
    {"muster_queued_jobs", "gauge", "Requests and events that wait for the writer's next batch.", put_queue},
    {"muster_writer_turn_age_seconds", "gauge", "How long the writer has been busy with its present turn; 0 when it rests.", put_turn_age},
    {"muster_jobs_total", "counter", "Changes the writer was given: requests, events, answers of providers.", put_jobs},
    {"muster_batches_total", "counter", "Transactions committed.", put_batches},
    {"muster_batches_failed_total", "counter", "Transactions rolled back; the jobs of such a one are then run one by one.", put_batches_failed},
    {"muster_batch_jobs", "histogram", "Jobs in one transaction.", put_batch_size},
    {"muster_commit_duration_seconds", "histogram", "One COMMIT, with the flush to the disk.", put_commit},
    {"muster_database_up", "gauge", "1 when the database accepts changes.", put_database_up},
    {"muster_database_size_bytes", "gauge", "Size of the database.", put_database_size},
    {"muster_database_wal_size_bytes", "gauge", "Size of the write-ahead log file. SQLite only.", put_wal_size},
    {"muster_sender_up", "gauge", "1 when the sender process is connected.", put_sender_up},
    {"muster_sender_starts_total", "counter", "Starts of the sender process; more than one means that it died.", put_sender_starts},
    {"muster_messages_total", "counter", "Attempts to reach somebody that have ended, by provider, channel and outcome.", put_messages},
    {"muster_messages_in_flight", "gauge", "Messages handed to the sender process that have no verdict yet.", put_in_flight},
    {"muster_provider_messages_in_flight", "gauge", "The same for each provider.", put_provider_in_flight},
    {"muster_provider_circuit_open", "gauge", "1 when the provider failed repeatedly and others are preferred.", put_provider_circuit},
    {"muster_provider_last_success_timestamp_seconds", "gauge", "When the provider last answered; absent until it has.", put_provider_success},
    {"muster_webhook_attempts_total", "counter", "Attempts to deliver to webhook subscriptions that have ended, by outcome: permanent ones were refused and dropped.", put_webhooks},
    {"muster_canary_age_seconds", "gauge", "Since the last canary came back, or the start; absent when it is off. Above three intervals pages may not leave.", put_canary_age},
    {"muster_canary_missed_total", "counter", "Canaries that did not come back before the next one.", put_canary_missed},
    {"muster_dead_man_pings_total", "counter", "Pings to dead_man_url, by outcome.", put_pings},
    {"muster_audit_findings", "gauge", "Broken promises the last self-check found; anything but 0 is a defect. Absent until it has run.", put_findings},
    {"muster_schedule_gaps", "gauge", "Gaps of the next seven days in schedules that services lead to, as of the last self-check.", put_gaps},
    {"muster_audit_age_seconds", "gauge", "Since the last self-check; above two intervals it hangs.", put_check_age},
    {"muster_audit_duration_seconds", "gauge", "How long the last self-check took.", put_check_duration},
    {"muster_http_requests_total", "counter", "Complete requests.", put_requests},
    {"muster_http_open_connections", "gauge", "Open connections.", put_open_connections},
    {"muster_http_refusals_total", "counter", "Connections and requests that were not served: over a limit, too slow, malformed, too large, a stream not read.", put_closed},
};
enum { FAMILIES = sizeof families / sizeof *families };

struct text metrics_documentation(struct arena *arena)
{
    struct builder b = builder_new(arena, 256 * 1024);
    builder_add_string(&b, "# Measures\n\n"
                           "`GET /metrics` answers in Prometheus' text format. Who may read it says the setting `metrics_access`: with `token` (the default) any API token, a read-only\n"
                           "one is enough; with `loopback` also anybody on the same machine without one (mind a proxy there); with `anyone` everybody. It holds no names of people,\n"
                           "services or incidents. Counters begin at 0 with each start. This page is printed by `muster metrics`.\n\n"
                           "```yaml\nscrape_configs:\n  - job_name: muster\n    authorization: {credentials_file: /etc/prometheus/muster-token}\n"
                           "    static_configs: [{targets: [\"127.0.0.1:8080\"]}]\n```\n\n"
                           "| name | type | meaning |\n|---|---|---|\n");
    for (size_t f = 0; f < FAMILIES; f++)
        builder_printf(&b, "| `%s` | %s | %s |\n", families[f].name, families[f].type, families[f].help);
    return builder_text(&b);
}

static bool is_loopback(struct text peer)
{
    return text_starts_with(peer, TEXT("127.")) || text_is(peer, "::1") || text_starts_with(peer, TEXT("::ffff:127."));
}

static bool may_read(const struct call *call)
{
    struct text access = call->api->config->metrics_access;
    return text_is(access, "anyone") || (text_is(access, "loopback") && is_loopback(call->request->peer)) || auth_may(&call->who, MAY_READ);
}

static enum err get_metrics(struct call *call)
{
    if (!may_read(call))
        return auth_refuse(call, "A token is needed to read the measures");
    struct samples s = {.call = call, .measures = engine_measures(call->engine), .out = builder_new(call->arena, METRICS_BYTES_MAX)};
    s.provider_count = engine_provider_health(call->engine, s.providers, PROVIDERS_MAX);
    engine_health(call->engine, &s.health);
    http_server_counters(http_request_server(call->request), &s.http);
    for (size_t f = 0; f < FAMILIES; f++)
        samples_of(&s, &families[f]);
    if (s.out.overflowed)
        return ERR_LIMIT;
    call->raw = (struct http_response){.status = 200, .content_type = "text/plain; version=0.0.4; charset=utf-8", .body = builder_text(&s.out)};
    return OK;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/metrics", .permission = MAY_ANYONE, .handle = get_metrics, .summary = "Measures for Prometheus; see the setting metrics_access",
     .media = "text/plain"},
};
const struct route_table metrics_routes = {routes, sizeof routes / sizeof *routes};

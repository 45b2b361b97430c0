/* Why: which account at which provider takes the next message: bounded in flight, rate-limited, and avoided for a while when it fails. */
#include "base/log.h"
#include "engine/engine_state.h"
#include "engine/ledger.h"
#include "engine/outbox_state.h"

bool provider_serves(const struct provider *provider, enum channel channel)
{
    return (provider->config->channels & (1u << channel)) != 0;
}

/* Room for one more message now? A rate-limited account earns one message per 60/rate seconds, and may save up five seconds' worth. */
static bool has_room(struct outbox *outbox, struct provider *provider, instant now)
{
    if (provider->in_flight >= provider->config->in_flight_max)
        return false;
    if (provider->config->rate_per_minute <= 0)
        return true;
    int64_t cost_us = 60 * SECOND_US / provider->config->rate_per_minute;
    int64_t most_us = cost_us > 5 * SECOND_US ? cost_us : 5 * SECOND_US;
    if (!instant_is_set(provider->tokens_at))
        provider->tokens_us = most_us;
    else if (now.us > provider->tokens_at.us)
        provider->tokens_us += now.us - provider->tokens_at.us;
    if (provider->tokens_us > most_us)
        provider->tokens_us = most_us;
    provider->tokens_at = now;
    if (provider->tokens_us >= cost_us)
        return true;
    outbox->next_due = instant_min(outbox->next_due, (instant){now.us + cost_us - provider->tokens_us});
    return false;
}

static bool is_healthy(const struct provider *provider, instant now)
{
    if (!provider->open)
        return true;
    instant probe_at = instant_add_s(instant_max(provider->last_failure, provider->last_probe), CIRCUIT_PROBE_S);
    return !instant_before(now, probe_at); /* one message is let through as a probe */
}

/* First in configured order that has room and is healthy, and was not tried in this round; then without regard to health. */
struct provider *provider_choose(struct outbox *outbox, enum channel channel, const bool *tried, instant now)
{
    for (int pass = 0; pass < 3; pass++)
        for (size_t p = 0; p < outbox->provider_count; p++) {
            struct provider *provider = &outbox->providers[p];
            bool wanted = pass == 0 ? is_healthy(provider, now) && !tried[p] : pass == 1 ? !tried[p] : true;
            if (provider_serves(provider, channel) && wanted && has_room(outbox, provider, now))
                return provider;
        }
    return NULL;
}

/* The circuit ------------------------------------------------------------------------------------------------------- */

static void count_failure(struct provider *provider, instant now)
{
    provider->failures[provider->failure_next] = now;
    provider->failure_next = (provider->failure_next + 1) % CIRCUIT_FAILURES;
    provider->last_failure = now;
    instant oldest = provider->failures[provider->failure_next];
    if (!provider->open && instant_is_set(oldest) && !instant_before(oldest, instant_add_s(now, -CIRCUIT_WINDOW_S))) {
        provider->open = true;
        log_error("outbox", "provider %s: %d failures within %d s; others are preferred, it is tried again every %d s", provider->name,
                  CIRCUIT_FAILURES, CIRCUIT_WINDOW_S, CIRCUIT_PROBE_S);
    }
}

static void count_success(struct provider *provider, instant now)
{
    provider->last_success = now;
    if (provider->open)
        log_warning("outbox", "provider %s answers again", provider->name);
    provider->open = false;
    for (size_t f = 0; f < CIRCUIT_FAILURES; f++)
        provider->failures[f] = INSTANT_NONE;
}

void provider_count_end(struct provider *provider, enum outcome_kind outcome, instant now)
{
    if (provider->config->type == PROVIDER_BUILT_IN)
        return; /* there is no other way for what it carries */
    if (outcome == OUTCOME_TEMPORARY || outcome == OUTCOME_UNKNOWN)
        count_failure(provider, now);
    else
        count_success(provider, now); /* a refusal of one address is an answer too */
}

enum err providers_note_changes(struct tx *tx, struct outbox *outbox)
{
    for (size_t p = 0; p < outbox->provider_count; p++) {
        struct provider *provider = &outbox->providers[p];
        if (provider->open == provider->told_open)
            continue;
        json_t *doc = json_object_in(tx->arena);
        json_put_string(doc, "provider", provider->name);
        int64_t seq;
        enum err err = ledger_append(tx, &(struct ledger_entry){.kind = provider->open ? LEDGER_PROVIDER_DOWN : LEDGER_PROVIDER_UP,
                                                                .actor = actor_system, .doc = json_write(tx->arena, doc)}, &seq);
        if (err != OK)
            return err;
        provider->told_open = provider->open; /* a rolled back batch loses the line, not the state: the health page has it */
    }
    return OK;
}

size_t engine_provider_health(struct engine *engine, struct provider_health *ret, size_t capacity)
{
    struct outbox *outbox = engine_outbox(engine);
    pthread_mutex_lock(&outbox->lock);
    size_t count = 0;
    for (size_t p = 0; p < outbox->provider_count && count < capacity; p++) {
        const struct provider *provider = &outbox->providers[p];
        if (provider->config->type == PROVIDER_BUILT_IN || provider->config->type == PROVIDER_OIDC)
            continue; /* nobody's account, and one that takes no messages */
        int64_t failures = 0;
        for (size_t f = 0; f < CIRCUIT_FAILURES; f++)
            failures += instant_is_set(provider->failures[f]);
        ret[count++] = (struct provider_health){.name = provider->name, .circuit_open = provider->open, .in_flight = provider->in_flight,
                                                .failures_last_minute = failures, .last_success = provider->last_success,
                                                .last_failure = provider->last_failure};
    }
    pthread_mutex_unlock(&outbox->lock);
    return count;
}

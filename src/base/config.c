/* Why: see config.h. Reads file, environment and flags by the rows of config_table.c; knows no setting by itself but for what belongs
 * together (complete()), and no value (config_value.c). */
#include "base/config.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/config_file.h"
#include "base/config_table.h"
#include "base/config_value.h"
#include "base/mail_address.h"

extern char **environ;

static const char *const channel_names[CHANNEL_COUNT] = {"email", "sms", "phone", "push", "webhook", "muster"};

const char *channel_name(enum channel channel)
{
    assert(channel < CHANNEL_COUNT);
    return channel_names[channel];
}

bool channel_parse(struct text name, enum channel *ret)
{
    for (int i = 0; i < CHANNEL_COUNT; i++) {
        if (text_is(name, channel_names[i])) {
            *ret = (enum channel)i;
            return true;
        }
    }
    return false;
}

/* Finding a setting ----------------------------------------------------------------------------------------------- */

struct loading {
    struct arena *arena;
    struct config *config;
    struct problem *problem;
    const char *set_at[SETTINGS];                                 /* where each was set by the source that is being read */
    bool was_set[SETTINGS];                                       /* by any source */
    const char *provider_set_at[PROVIDERS_MAX][PROVIDER_SETTINGS];
    const char *section_at[PROVIDERS_MAX];
};

/* Edit distance of two short names (Levenshtein), for "did you mean". */
static size_t distance(struct text a, struct text b)
{
    enum { NAME_MAX_BYTES = 40 };
    if (a.size > NAME_MAX_BYTES || b.size > NAME_MAX_BYTES)
        return SIZE_MAX;
    size_t row[NAME_MAX_BYTES + 1];
    for (size_t j = 0; j <= b.size; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            size_t replaced = diagonal + (a.data[i - 1] != b.data[j - 1]);
            diagonal = row[j];
            size_t shorter = row[j] < row[j - 1] ? row[j] : row[j - 1];
            row[j] = replaced < shorter + 1 ? replaced : shorter + 1;
        }
    }
    return row[b.size];
}

static void unknown(struct loading *loading, const char *place, const char *what, struct text name, const struct setting *table, size_t count)
{
    size_t best = SIZE_MAX;
    const char *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(name, text_of(table[i].name));
        if (d < best) {
            best = d;
            nearest = table[i].name;
        }
    }
    if (nearest && best <= 1 + name.size / 3)
        problem_add(loading->problem, place, "unknown %s '%.*s'; did you mean '%s'?", what, TEXT_ARG(name), nearest);
    else
        problem_add(loading->problem, place, "unknown %s '%.*s'; `muster config` lists them", what, TEXT_ARG(name));
}

static int find(struct text name, const struct setting *table, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_is(name, table[i].name))
            return (int)i;
    return -1;
}

static void set_global(struct loading *loading, size_t index, const char *place, struct text value)
{
    if (loading->set_at[index])
        problem_add(loading->problem, place, "%s was set before at %s", settings[index].name, loading->set_at[index]);
    loading->set_at[index] = place;
    loading->was_set[index] = true;
    config_value_set(loading->arena, &settings[index], loading->config, place, value, loading->problem);
}

/* The file -------------------------------------------------------------------------------------------------------------- */

static bool is_provider_name(struct text name)
{
    for (size_t i = 0; i < name.size; i++)
        if (!((name.data[i] >= 'a' && name.data[i] <= 'z') || (name.data[i] >= '0' && name.data[i] <= '9') || name.data[i] == '-'))
            return false;
    return name.size > 0 && name.size <= 40;
}

/* NULL when the section is none of ours; its lines are then skipped, having one mistake already. */
static struct provider_config *begin_section(struct loading *loading, const struct config_line *line)
{
    struct config *config = loading->config;
    if (!text_starts_with(line->key, TEXT("provider "))) {
        problem_add(loading->problem, line->place, "unknown section [%.*s]; there is only [provider NAME]", TEXT_ARG(line->key));
        return NULL;
    }
    struct text name = text_trim(text_slice(line->key, strlen("provider "), line->key.size));
    if (!is_provider_name(name)) {
        problem_add(loading->problem, line->place, "a provider's name is up to 40 of a-z, 0-9 and -, not '%.*s'", TEXT_ARG(name));
        return NULL;
    }
    for (size_t i = 0; i < config->provider_count; i++)
        if (text_equal(config->providers[i].name, name))
            problem_add(loading->problem, line->place, "provider %.*s was defined before at %s", TEXT_ARG(name), loading->section_at[i]);
    if (config->provider_count == PROVIDERS_MAX - 1) {
        problem_add(loading->problem, line->place, "more than %d providers", PROVIDERS_MAX - 1);
        return NULL;
    }
    struct provider_config *provider = &config->providers[config->provider_count];
    *provider = (struct provider_config){.name = text_copy(loading->arena, name)};
    for (size_t i = 0; i < PROVIDER_SETTINGS; i++)
        if (provider_settings[i].fallback[0])
            config_value_set(loading->arena, &provider_settings[i], provider, line->place, text_of(provider_settings[i].fallback), loading->problem);
    loading->section_at[config->provider_count++] = line->place;
    return provider;
}

static void read_provider_line(struct loading *loading, struct provider_config *provider, const struct config_line *line)
{
    int index = find(line->key, provider_settings, PROVIDER_SETTINGS);
    if (index < 0) {
        unknown(loading, line->place, "provider setting", line->key, provider_settings, PROVIDER_SETTINGS);
        return;
    }
    const char **set_at = loading->provider_set_at[provider - loading->config->providers];
    if (set_at[index])
        problem_add(loading->problem, line->place, "%s was set before at %s", provider_settings[index].name, set_at[index]);
    set_at[index] = line->place;
    config_value_set(loading->arena, &provider_settings[index], provider, line->place, line->value, loading->problem);
}

static void read_file(struct loading *loading, const char *path)
{
    struct text bytes;
    if (config_file_read(loading->arena, path, path, &bytes, loading->problem) != OK)
        return;
    struct config_line *lines;
    size_t count;
    config_file_lines(loading->arena, bytes, path, &lines, &count, loading->problem);
    bool in_section = false;
    struct provider_config *provider = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct config_line *line = &lines[i];
        if (line->is_section) {
            in_section = true;
            provider = begin_section(loading, line);
        } else if (provider) {
            read_provider_line(loading, provider, line);
        } else if (!in_section) {
            int index = find(line->key, settings, SETTINGS);
            if (index >= 0)
                set_global(loading, (size_t)index, line->place, line->value);
            else
                unknown(loading, line->place, "setting", line->key, settings, SETTINGS);
        }
    }
    explicit_bzero((char *)bytes.data, bytes.size); /* secrets stood in it */
}

/* Environment and flags ---------------------------------------------------------------------------------------------------- */

/* Variables of ours that are no settings: the client commands' and the tests'. */
static bool is_other_variable(struct text name)
{
    return text_is(name, "url") || text_is(name, "token") || text_is(name, "routing_key") || text_is(name, "binary") || text_is(name, "source") ||
           text_starts_with(name, TEXT("test_"));
}

static void read_environment(struct loading *loading)
{
    memset(loading->set_at, 0, sizeof loading->set_at);
    for (char **entry = environ; entry && *entry; entry++) {
        struct text text = text_of(*entry);
        if (!text_starts_with(text, TEXT("MUSTER_")))
            continue;
        size_t equals = text_find_byte(text, '=', 0);
        const char *place = text_cstring(loading->arena, text_slice(text, 0, equals));
        struct text name = text_lower(loading->arena, text_slice(text, strlen("MUSTER_"), equals));
        int index = find(name, settings, SETTINGS);
        if (index >= 0)
            set_global(loading, (size_t)index, place, text_slice(text, equals + 1, text.size));
        else if (!is_other_variable(name))
            unknown(loading, place, "setting", name, settings, SETTINGS);
    }
}

/* "--no-sample" is "--sample=no"; "--sample" alone is "--sample=yes". */
static bool match_flag(struct text name, int *ret_index, bool *ret_negated)
{
    *ret_index = find(name, settings, SETTINGS);
    *ret_negated = *ret_index < 0 && text_starts_with(name, TEXT("no_"));
    if (*ret_negated)
        *ret_index = find(text_slice(name, 3, name.size), settings, SETTINGS);
    return *ret_index >= 0 && (!*ret_negated || settings[*ret_index].kind == KIND_YES_NO);
}

static void read_flags(struct loading *loading, int count, char *const *arguments)
{
    for (int i = 0; i < count; i++) {
        struct text argument = text_of(arguments[i]);
        if (!text_starts_with(argument, TEXT("--"))) {
            problem_add(loading->problem, arguments[i], "is not expected here");
            continue;
        }
        size_t equals = text_find_byte(argument, '=', 0);
        const char *place = text_cstring(loading->arena, text_slice(argument, 0, equals));
        struct text name = text_copy(loading->arena, text_slice(argument, 2, equals));
        for (char *c = (char *)name.data; *c; c++)
            *c = *c == '-' ? '_' : *c;
        int index;
        bool negated;
        memset(loading->set_at, 0, sizeof loading->set_at); /* the last flag wins: scripts add theirs behind */
        if (!match_flag(name, &index, &negated)) {
            unknown(loading, place, "flag", name, settings, SETTINGS);
            while (i + 1 < count && equals == argument.size && !text_starts_with(text_of(arguments[i + 1]), TEXT("--")))
                i++; /* its value, most likely */
        } else if (equals < argument.size) {
            set_global(loading, (size_t)index, place, negated ? TEXT("?") : text_slice(argument, equals + 1, argument.size));
        } else if (settings[index].kind == KIND_YES_NO) {
            set_global(loading, (size_t)index, place, negated ? TEXT("no") : TEXT("yes"));
        } else if (i + 1 < count) {
            set_global(loading, (size_t)index, place, text_of(arguments[++i]));
        } else {
            problem_add(loading->problem, place, "needs a value");
        }
    }
}

/* What belongs together ------------------------------------------------------------------------------------------------------- */

static unsigned channels_of(enum provider_type type)
{
    switch (type) {
    case PROVIDER_SMTP: return 1u << CHANNEL_EMAIL;
    case PROVIDER_TWILIO: return 1u << CHANNEL_SMS | 1u << CHANNEL_PHONE;
    case PROVIDER_WEBHOOK: return 1u << CHANNEL_WEBHOOK;
    case PROVIDER_PRACTICE: return 1u << CHANNEL_EMAIL | 1u << CHANNEL_SMS | 1u << CHANNEL_PHONE | 1u << CHANNEL_PUSH;
    case PROVIDER_OIDC: return 0;
    case PROVIDER_BUILT_IN: return 1u << CHANNEL_MUSTER;
    }
    return 0;
}

static void check_provider(struct loading *loading, size_t number)
{
    struct provider_config *provider = &loading->config->providers[number];
    const char *const *set_at = loading->provider_set_at[number], *section = loading->section_at[number];
    if (!set_at[0]) { /* nothing else can be judged without the type */
        problem_add(loading->problem, section, "provider %.*s needs a type", TEXT_ARG(provider->name));
        return;
    }
    unsigned type = 1u << provider->type;
    bool has_secret_file = set_at[find(TEXT("secret_file"), provider_settings, PROVIDER_SETTINGS)];
    for (size_t i = 0; i < PROVIDER_SETTINGS; i++) {
        const struct setting *setting = &provider_settings[i];
        bool is_secret = strcmp(setting->name, "secret") == 0;
        if (set_at[i] && !(setting->types & type))
            problem_add(loading->problem, set_at[i], "%s does not apply to type %s", setting->name, provider_type_names[provider->type]);
        if (!set_at[i] && (setting->required & type) && !(is_secret && has_secret_file))
            problem_add(loading->problem, section, "provider %.*s needs %s", TEXT_ARG(provider->name), setting->name);
        if (set_at[i] && is_secret && has_secret_file)
            problem_add(loading->problem, set_at[i], "secret and secret_file exclude each other");
    }
    if (provider->type == PROVIDER_OIDC && provider->title.size == 0)
        provider->title = provider->name;
    if (provider->channels == 0)
        provider->channels = channels_of(provider->type);
    if (provider->channels & ~channels_of(provider->type))
        problem_add(loading->problem, section, "provider %.*s cannot serve these channels", TEXT_ARG(provider->name));
    if (provider->type == PROVIDER_TWILIO && provider->base_url.size == 0)
        provider->base_url = TEXT("https://api.twilio.com");
    if (provider->type == PROVIDER_SMTP && provider->from.size > 0 && !mail_address_is_valid(provider->from))
        problem_add(loading->problem, section, "provider %.*s: from must be a plain mail address, not '%.*s'", TEXT_ARG(provider->name), TEXT_ARG(provider->from));
    bool smtp_url = text_starts_with(provider->base_url, TEXT("smtp"));
    if (provider->base_url.size > 0 && smtp_url != (provider->type == PROVIDER_SMTP))
        problem_add(loading->problem, section, "provider %.*s: base_url does not fit type %s", TEXT_ARG(provider->name), provider_type_names[provider->type]);
}

/* Only where nobody else serves: a real message that failed must not count as delivered because the practice phone took it. */
static void add_practice(struct config *config)
{
    unsigned channels = channels_of(PROVIDER_PRACTICE);
    for (size_t i = 0; i < config->provider_count; i++) {
        channels &= ~config->providers[i].channels;
        if (text_is(config->providers[i].name, "practice"))
            return;
    }
    if (channels == 0 || config->provider_count == PROVIDERS_MAX - 1)
        return;
    config->providers[config->provider_count++] = (struct provider_config){
        .name = TEXT("practice"), .type = PROVIDER_PRACTICE, .channels = channels, .in_flight_max = 100, .timeout_s = 10};
}

static bool was_set(const struct loading *loading, const char *name)
{
    return loading->was_set[find(text_of(name), settings, SETTINGS)];
}

static void complete(struct loading *loading)
{
    struct config *config = loading->config;
    for (size_t i = 0; i < config->provider_count; i++)
        if (loading->section_at[i])
            check_provider(loading, i);
    if ((config->tls_certificate_file.size > 0) != (config->tls_key_file.size > 0))
        problem_add(loading->problem, NULL, "tls_certificate and tls_key only work together");
    if (config->test_clock && !was_set(loading, "data"))
        problem_add(loading->problem, NULL, "test_clock needs an explicit data directory: it must never stop the time of an installation in use");
    if (config->data_directory.size == 0)
        problem_add(loading->problem, NULL, "data cannot be empty");
    if (text_starts_with(config->public_url, TEXT("smtp")))
        problem_add(loading->problem, NULL, "public_url must begin with http:// or https://");
    if (config->database.size == 0)
        config->database = text_printf(loading->arena, "sqlite:%.*s/muster.db", TEXT_ARG(config->data_directory));
    if (!was_set(loading, "practice"))
        config->practice = config->sample;
    if (config->practice)
        add_practice(config);
    if (config->test_clock && !was_set(loading, "canary_interval_s"))
        config->canary_interval_s = 0;
    if (config->dead_man_url.size > 0 && config->canary_interval_s == 0)
        problem_add(loading->problem, NULL, "dead_man_url follows the canary, and canary_interval_s is 0");
}

enum err config_load(struct arena *arena, const char *file, int argument_count, char *const *arguments, struct config *ret,
                     struct problem *problem)
{
    struct loading *loading = ARENA_NEW(arena, struct loading);
    *loading = (struct loading){.arena = arena, .config = ARENA_NEW(arena, struct config), .problem = problem};
    size_t before = problem->count;
    for (size_t i = 0; i < SETTINGS; i++)
        if (settings[i].fallback[0] || settings[i].kind == KIND_TEXT || settings[i].kind == KIND_URL)
            config_value_set(loading->arena, &settings[i], loading->config, settings[i].name, text_of(settings[i].fallback), loading->problem);
    if (file)
        read_file(loading, file);
    read_environment(loading);
    read_flags(loading, argument_count, arguments);
    complete(loading);
    if (problem->count > before)
        return ERR_INVALID;
    *ret = *loading->config;
    return OK;
}

void config_add_built_in(struct config *config)
{
    if (config->canary_interval_s > 0)
        config->providers[config->provider_count++] = (struct provider_config){
            .name = TEXT("muster"), .type = PROVIDER_BUILT_IN, .channels = channels_of(PROVIDER_BUILT_IN), .in_flight_max = 10, .timeout_s = 10,
            .base_url = config->dead_man_url, .allow_private_addresses = config->dead_man_private};
}

void config_forget_secrets(struct config *config)
{
    for (size_t i = 0; i < config->provider_count; i++) {
        if (config->providers[i].secret.size > 0)
            explicit_bzero((char *)config->providers[i].secret.data, config->providers[i].secret.size);
        config->providers[i].secret = TEXT_NONE;
    }
}

/* Why: lets the tests in this folder, written in Python so that independent parsers can judge, drive the real sender and the
 * real rendering without the rest of the program.
 *
 *   channel-driver serve FD CONFIG.json      the sender process on FD; providers as JSON
 *   channel-driver sms|plain|html|mail|twiml|again|voicemail|say|message < content.json */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env.h"
#include "base/json_scan.h"
#include "channel/email.h"
#include "channel/email_page.h"
#include "channel/sender.h"
#include "channel/sms.h"
#include "channel/twiml.h"

static struct text read_all(struct arena *arena, FILE *file)
{
    struct builder b = builder_new(arena, 1 << 20);
    char bytes[4096];
    size_t n;
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0)
        builder_add(&b, (struct text){bytes, n});
    return builder_text(&b);
}

static enum provider_type type_of(struct text name)
{
    return text_is(name, "smtp")      ? PROVIDER_SMTP
           : text_is(name, "twilio")  ? PROVIDER_TWILIO
           : text_is(name, "webhook") ? PROVIDER_WEBHOOK
                                      : PROVIDER_PRACTICE;
}

static int serve(struct arena *arena, int fd, const char *path)
{
    static struct config config;
    FILE *file = fopen(path, "r");
    if (!file)
        return 2;
    json_t *providers = json_read(arena, read_all(arena, file), problem_new(arena));
    fclose(file);
    for (size_t i = 0; i < json_array_size(providers) && i < PROVIDERS_MAX; i++) {
        const json_t *from = json_array_get(providers, i);
        enum provider_type type = type_of(json_text_at(from, "type"));
        config.providers[config.provider_count++] = (struct provider_config){
            .name = json_text_at(from, "name"),
            .type = type,
            .channels = type == PROVIDER_SMTP      ? 1u << CHANNEL_EMAIL
                        : type == PROVIDER_TWILIO  ? 1u << CHANNEL_SMS | 1u << CHANNEL_PHONE
                        : type == PROVIDER_WEBHOOK ? 1u << CHANNEL_WEBHOOK
                                                   : (1u << CHANNEL_COUNT) - 1,
            .in_flight_max = json_int_at(from, "in_flight_max", 100),
            .timeout_s = json_int_at(from, "timeout_s", 10),
            .base_url = json_text_at(from, "base_url"),
            .account = json_text_at(from, "account"),
            .secret = json_text_at(from, "secret"),
            .from = json_text_at(from, "from"),
            .allow_private_addresses = json_bool_at(from, "allow_private_addresses", false),
            .start_tls_required = json_bool_at(from, "start_tls_required", false),
        };
    }
    struct env *env = env_real();
    int status = sender_main(fd, &config, env);
    env_free(env);
    return status;
}

static int render(struct arena *arena, const char *what)
{
    static const struct provider_config provider = {.from = {"muster@halden.example", 21}};
    const struct json_node *document = NULL;
    if (json_scan(arena, read_all(arena, stdin), problem_new(arena), &document) != OK)
        return 2;
    struct content content;
    struct text out = TEXT_NONE, action = TEXT("https://muster.halden.example/twilio/voice/7/digits?a=1&b=2");
    content_read(arena, document, &content);
    if (strcmp(what, "sms") == 0)
        out = render_sms(arena, &content);
    else if (strcmp(what, "plain") == 0)
        out = email_plain(arena, &content);
    else if (strcmp(what, "html") == 0)
        out = email_html(arena, &content);
    else if (strcmp(what, "mail") == 0)
        out = render_email(arena, &content, &provider, TEXT("ana@halden.example"), (instant){0});
    else if (strcmp(what, "twiml") == 0)
        out = twiml_page(arena, &content, action);
    else if (strcmp(what, "again") == 0)
        out = twiml_page_again(arena, &content, action);
    else if (strcmp(what, "voicemail") == 0)
        out = twiml_voicemail(arena, &content);
    else if (strcmp(what, "say") == 0)
        out = twiml_say(arena, content.lines[0]);
    else if (strcmp(what, "message") == 0)
        out = twiml_message(arena, content.lines[0]);
    else
        return 2;
    fwrite(out.data, 1, out.size, stdout);
    return 0;
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_new(64 << 20);
    int status = argc == 4 && strcmp(argv[1], "serve") == 0 ? serve(arena, (int)strtol(argv[2], NULL, 10), argv[3])
                 : argc == 2                                ? render(arena, argv[1])
                                                            : 2;
    arena_free(arena);
    return status;
}

/* Why: every setting of Muster, once, with its documentation. */
#include "base/config_table.h"

#define AT(field) offsetof(struct config, field)
const struct setting settings[SETTINGS] = {
    {"data", KIND_TEXT, AT(data_directory), "data", 0, 0, "", 0, 0, "Directory of the database and of what belongs to it. Made (mode 0700) when it does not exist."},
    {"database", KIND_TEXT, AT(database), "", 0, 0, "", 0, 0, "`sqlite:PATH` or `postgresql://...`. Without it `muster.db` in the data directory."},
    {"listen", KIND_LISTEN, 0, "127.0.0.1:8080", 0, 0, "", 0, 0, "Address and port of the HTTP server, e.g. `0.0.0.0:8080` or `[::]:8080`; port 0 takes a free one."},
    {"public_url", KIND_URL, AT(public_url), "", 0, 0, "", 0, 0, "How people's phones and browsers reach this server: stands in links and callbacks. Without it `http://` and the listening address."},
    {"tls_certificate", KIND_TEXT, AT(tls_certificate_file), "", 0, 0, "", 0, 0, "PEM file with the certificate chain; together with `tls_key` the server speaks HTTPS."},
    {"tls_key", KIND_TEXT, AT(tls_key_file), "", 0, 0, "", 0, 0, "PEM file with the private key."},
    {"log_level", KIND_CHOICE, AT(log_level), "info", 0, 0, "error warning info debug", 0, 0, "The least important lines that are still written."},
    {"catch_all", KIND_TEXT, AT(catch_all), "", 0, 0, "", 0, 0, "E-mail address of the user who is paged when a whole policy has passed without an answer. Without it the oldest administrator."},
    {"worker_threads", KIND_NUMBER, AT(worker_threads), "4", 1, 64, "", 0, 0, "Threads that answer API requests; each holds one database connection."},
    {"network_threads", KIND_NUMBER, AT(network_threads), "2", 1, 16, "", 0, 0, "Threads that read and write sockets."},
    {"connections_max", KIND_NUMBER, AT(connections_max), "2000", 10, 60000, "", 0, 0, "Open connections in all."},
    {"connections_per_peer_max", KIND_NUMBER, AT(connections_per_peer_max), "600", 1, 60000, "", 0, 0, "Open connections of one address, so that one client cannot shut out the others. Raise it behind a proxy."},
    {"request_deadline_s", KIND_NUMBER, AT(request_deadline_s), "30", 1, 600, "", 0, 0, "A request must have arrived whole within this time."},
    {"requests_per_minute", KIND_NUMBER, AT(requests_per_minute), "600000", 0, 100000000, "", 0, 0, "API requests a minute of one token, or of one person at the app; more are answered 429. Only a client gone wild reaches the default; PagerDuty's is 960. 0 is no limit."},
    {"events_per_minute", KIND_NUMBER, AT(events_per_minute), "600000", 0, 100000000, "", 0, 0, "Events a minute of one integration key; more are answered 429 (or what that sender understands as \"later\"). 0 is no limit."},
    {"second_factor", KIND_CHOICE, AT(second_factor), "optional", 0, 0, "optional required", 0, 0, "Whether everybody who signs in with a password must have a second factor (an app that shows codes). With `required`, who has none sets it up before anything else. Tokens and links in mails need none."},
    {"metrics_access", KIND_CHOICE, AT(metrics_access), "token", 0, 0, "token loopback anyone", 0, 0, "Who may read `GET /metrics`: a caller with any API token; also callers on the same machine without one (a proxy there counts as such); everybody."},
    {"unknown_key_answer", KIND_CHOICE, AT(unknown_key_answer), "400", 0, 0, "400 202", 0, 0, "What an event with an unknown integration key gets. `202` tells a stranger nothing, but a mistyped key then goes unnoticed."},
    {"confine", KIND_CHOICE, AT(confine), "if_possible", 0, 0, "if_possible required off", 0, 0, "Let the kernel hold each process to the files and system calls it needs. `required` does not start where the kernel cannot; `off` is for debuggers."},
    {"sample", KIND_YES_NO, AT(sample), "no", 0, 0, "", 0, 0, "Fill a new database with the sample organisation \"Halden Freight\". For trying out only: its passwords are printed."},
    {"practice", KIND_YES_NO, AT(practice), "", 0, 0, "", 0, 0, "The practice phone in the browser serves the channels that no provider serves. Without it: as `sample`."},
    {"announce", KIND_YES_NO, AT(announce), "yes", 0, 0, "", 0, 0, "Print address, API token and integration key when the server is ready. Turn it off under a service manager that keeps a log."},
    {"canary_interval_s", KIND_NUMBER, AT(canary_interval_s), "60", 0, 3600, "", 0, 0, "Every so many seconds Muster pages itself through the whole path; no answer within three intervals is an alarm. 0 turns it off; so does `test_clock` unless this is set."},
    {"self_check_interval_s", KIND_NUMBER, AT(self_check_interval_s), "300", 0, 86400, "", 0, 0, "Every so many seconds Muster asks its stored state for broken promises and its schedules for gaps; what is new opens an incident on the service \"Muster itself\". 0, or `test_clock`: only at `POST /muster/self_check`."},
    {"dead_man_url", KIND_URL, AT(dead_man_url), "", 0, 0, "", 0, 0, "A URL of somebody who watches Muster from outside (healthchecks.io, Dead Man's Snitch, another Muster's proxy): a GET after every canary that came back."},
    {"dead_man_private", KIND_YES_NO, AT(dead_man_private), "no", 0, 0, "", 0, 0, "`dead_man_url` may lie on this machine or in a private network."},
    {"webhook_timeout_s", KIND_NUMBER, AT(webhook_timeout_s), "5", 1, 30, "", 0, 0, "How long a receiver of a webhook subscription may take to answer."},
    {"webhook_private", KIND_YES_NO, AT(webhook_private), "no", 0, 0, "", 0, 0, "Webhook subscriptions may call this machine and private networks. Whoever may manage could then reach what only the inside reaches."},
    {"test_clock", KIND_YES_NO, AT(test_clock), "no", 0, 0, "", 0, 0, "Time stands still until `PUT /test/clock` moves it. For tests only; needs an explicit `data`."},
};

#undef AT
#define AT(field) offsetof(struct provider_config, field)
const struct setting provider_settings[PROVIDER_SETTINGS] = {
    {"type", KIND_TYPE, AT(type), "", 0, 0, "smtp twilio webhook practice oidc", OF_ALL, OF_ALL, "What the account is: an SMTP server, an API compatible with Twilio's, a signed webhook, the practice phone; oidc: a provider of OpenID Connect, with whose accounts people sign in."},
    {"channels", KIND_CHANNELS, AT(channels), "", 0, 0, "email sms phone push webhook", OF_SENDING, 0, "Which ways to a person it serves. Without it: smtp `email`, twilio `sms phone`, webhook `webhook`, practice `email sms phone push`."},
    {"base_url", KIND_URL, AT(base_url), "", 0, 0, "", OF_SMTP | OF_TWILIO | OF_WEBHOOK | OF_OIDC, OF_SMTP | OF_OIDC, "smtp: `smtp://host:port` or `smtps://host:port`; twilio: default `https://api.twilio.com`; webhook: where to post, without it the address of the contact method; oidc: the issuer, exactly as the provider names itself."},
    {"account", KIND_TEXT, AT(account), "", 0, 0, "", OF_SMTP | OF_TWILIO | OF_OIDC, OF_TWILIO | OF_OIDC, "smtp: user name; twilio: account SID; oidc: client id."},
    {"secret", KIND_TEXT, AT(secret), "", 0, 0, "", OF_SMTP | OF_TWILIO | OF_WEBHOOK | OF_OIDC, OF_TWILIO, "smtp: password; twilio: auth token; webhook: key of the signature; oidc: client secret, none for a public client. Only the sender process keeps it."},
    {"secret_file", KIND_SECRET_FILE, AT(secret), "", 0, 0, "", OF_SMTP | OF_TWILIO | OF_WEBHOOK | OF_OIDC, 0, "A file whose first line is the secret, instead of `secret`. A name without `/` is looked for among the credentials that systemd hands over (`LoadCredential=`)."},
    {"from", KIND_TEXT, AT(from), "", 0, 0, "", OF_SMTP | OF_TWILIO, OF_SMTP | OF_TWILIO, "smtp: address of the sender; twilio: the number that sends and calls."},
    {"rate_per_minute", KIND_NUMBER, AT(rate_per_minute), "0", 0, 1000000, "", OF_SENDING, 0, "Messages a minute that the account may send; 0 is no limit. Urgent pages go before everything else."},
    {"in_flight_max", KIND_NUMBER, AT(in_flight_max), "100", 1, 1000, "", OF_ALL, 0, "Sends under way at once."},
    {"timeout_s", KIND_NUMBER, AT(timeout_s), "10", 1, 120, "", OF_ALL, 0, "How long one send may take in all; then the next provider of the channel is tried."},
    {"allow_private_addresses", KIND_YES_NO, AT(allow_private_addresses), "no", 0, 0, "", OF_WEBHOOK | OF_OIDC, 0, "May call loopback and private networks."},
    {"start_tls_required", KIND_YES_NO, AT(start_tls_required), "no", 0, 0, "", OF_SMTP, 0, "Refuse to send over a connection that is not encrypted."},
    {"title", KIND_TEXT, AT(title), "", 0, 0, "", OF_OIDC, 0, "What the button says: \"Sign in with TITLE\". Without it the name of the section."},
    {"new_people", KIND_CHOICE, AT(new_people), "no", 0, 0, "no observer limited_user user restricted_access read_only_user read_only_limited_user", OF_OIDC, 0, "The role of whoever signs in and is not known yet; `no` lets in only people who are there already."},
};
#undef AT

const char *const provider_type_names[PROVIDER_TYPES] = {"smtp", "twilio", "webhook", "practice", "oidc"};

/* Documentation ------------------------------------------------------------------------------------------------------------------- */

static void document(struct builder *b, const struct setting *setting)
{
    builder_printf(b, "- **`%s`**: %s", setting->name, setting->meaning);
    if (setting->kind == KIND_NUMBER)
        builder_printf(b, " From %lld to %lld.", (long long)setting->min, (long long)setting->max);
    if (setting->kind == KIND_YES_NO)
        builder_add_string(b, " `yes` or `no`.");
    if (setting->choices[0])
        builder_printf(b, " Values: `%s`.", setting->choices);
    if (setting->fallback[0])
        builder_printf(b, " Default `%s`.", setting->fallback);
    if (setting->types != 0 && setting->types != OF_ALL) {
        builder_add_string(b, " For:");
        for (size_t i = 0; i < PROVIDER_TYPES; i++)
            if (setting->types & 1u << i)
                builder_printf(b, " %s%s", provider_type_names[i], setting->required & 1u << i ? " (needed)" : "");
        builder_add_string(b, ".");
    }
    builder_add_string(b, "\n");
}

struct text config_documentation(struct arena *arena)
{
    struct builder b = builder_new(arena, 64 * 1024);
    builder_add_string(&b, "# Settings\n\n"
                           "In a file (`--config FILE`): `key = value` lines, `#` comments, quotes around a value that holds ` #`. The same settings as flags\n"
                           "(`--worker-threads 8`, `--sample`, `--no-sample`) and environment (`MUSTER_WORKER_THREADS=8`). A flag wins over the environment, that over\n"
                           "the file. What is not listed here is an error.\n\n");
    for (size_t i = 0; i < SETTINGS; i++)
        document(&b, &settings[i]);
    builder_add_string(&b, "\n## Providers\n\nOne `[provider NAME]` section in the file for each account. Their order is the order of failover within a channel.\n\n");
    for (size_t i = 0; i < PROVIDER_SETTINGS; i++)
        document(&b, &provider_settings[i]);
    builder_add_string(&b, "\n```\nlisten = 0.0.0.0:8080\npublic_url = https://muster.example.org\n\n[provider mail]\ntype = smtp\n"
                           "base_url = smtp://mail.example.org:587\nfrom = muster@example.org\naccount = muster\nsecret_file = /etc/muster/mail-password\n"
                           "start_tls_required = yes\n```\n");
    return builder_text(&b);
}

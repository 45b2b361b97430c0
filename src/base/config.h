/* Why: every setting is one row of one table (config_table.c): name, type, default, limits, documentation. File, environment
 * (MUSTER_NAME) and flags (--name) read the same table, `muster config` prints it, and an unknown key is an error with its line.
 *
 * File: `key = value` lines, `#` comments, and one `[provider NAME]` section per account at a provider. The order of
 * the sections is the order of failover within a channel. A flag wins over the environment, that over the file. */
#ifndef MUSTER_BASE_CONFIG_H
#define MUSTER_BASE_CONFIG_H

#include "base/problem.h"

enum { PROVIDERS_MAX = 33 }; /* the last one is Muster's own */

enum provider_type { PROVIDER_SMTP, PROVIDER_TWILIO, PROVIDER_WEBHOOK, PROVIDER_PRACTICE, PROVIDER_OIDC, PROVIDER_BUILT_IN };

/* Channels as bits: a provider may serve several. */
enum channel { CHANNEL_EMAIL, CHANNEL_SMS, CHANNEL_PHONE, CHANNEL_PUSH, CHANNEL_WEBHOOK, CHANNEL_MUSTER, CHANNEL_COUNT }; /* MUSTER: what it sends about itself */
const char *channel_name(enum channel channel); /* "email" "sms" "phone" "push" "webhook" "muster" */
bool channel_parse(struct text name, enum channel *ret);

struct provider_config {
    struct text name;            /* of the section; [a-z0-9-], unique */
    enum provider_type type;
    unsigned channels;           /* 1u << enum channel */
    int64_t rate_per_minute;     /* per account; 0: unlimited */
    int64_t in_flight_max;       /* default 100 */
    int64_t timeout_s;           /* total per send; default 10 */
    struct text base_url;        /* twilio: default https://api.twilio.com; smtp: smtp://host:port or smtps://; webhook: target (may be empty: the address is the target);
                                    oidc: issuer */
    struct text account, secret; /* twilio: SID and auth token; smtp: user name and password (empty: none); webhook: signing secret; oidc: client id and client secret. `secret` is emptied in the core process */
    struct text title, new_people; /* oidc: on its button; role of those who are not known yet, or "no" */
    struct text from;            /* twilio: number; smtp: sender address */
    bool allow_private_addresses;/* webhook, oidc: may call loopback and private ranges */
    bool start_tls_required;     /* smtp */
};

struct config {
    struct text data_directory;  /* holds muster.db */
    struct text database;        /* URL; default sqlite:DATA/muster.db */
    struct text listen_host;
    int64_t listen_port;
    struct text public_url;      /* default http://HOST:PORT; may carry a path prefix; no trailing slash */
    struct text tls_certificate_file, tls_key_file;
    struct text log_level;
    struct text catch_all;       /* e-mail of the account-wide catch-all; empty: the oldest administrator */
    int64_t worker_threads, network_threads, connections_max, connections_per_peer_max, request_deadline_s;
    int64_t requests_per_minute, events_per_minute; /* of one API token, of one integration key; 0: no limit */
    struct text second_factor;   /* "optional", "required": of whoever signs in with a password */
    struct text metrics_access;  /* "token", "loopback", "anyone" */
    struct text confine;         /* "if_possible" (default), "required" or "off": cli/confine.h */
    struct text unknown_key_answer; /* events for an unknown routing key: "400" (default) or "202" */
    bool test_clock;             /* only with an explicit data directory */
    bool sample;                 /* a new database gets the sample organisation */
    bool announce;               /* `muster serve` prints url, token and routing key */
    bool practice;               /* the practice phone serves the channels that no other provider serves; default: as `sample` */
    struct provider_config providers[PROVIDERS_MAX];
    size_t provider_count;
    int64_t canary_interval_s;   /* 0: none */
    int64_t self_check_interval_s; /* 0: only when asked */
    int64_t webhook_timeout_s;   /* total per delivery to a webhook subscription */
    bool webhook_private;        /* ... which may lie on this machine or in a private network */
    struct text dead_man_url;    /* empty: none */
    bool dead_man_private;
};

/* `file`: NULL for none. `arguments`: flags only, without the program and command; the caller has taken out its own. The environment is
 * that of the process. Adds every mistake with its place ("muster.conf:12", "--listen", "MUSTER_LISTEN"); ERR_INVALID when there is one. */
enum err config_load(struct arena *arena, const char *file, int argument_count, char *const *arguments, struct config *ret,
                     struct problem *problem) MUST_CHECK;
/* Adds the account through which Muster sends what is about itself, when the canary is on. For the server and its sender. */
void config_add_built_in(struct config *config);
/* Overwrites what only the sender process may know. */
void config_forget_secrets(struct config *config);
/* The reference of all settings as Markdown, from the table. */
struct text config_documentation(struct arena *arena);

#endif

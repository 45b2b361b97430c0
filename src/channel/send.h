/* Why: one message on its way to one provider, as the event loop (sender.c) and the channels share it.
 *
 * A channel starts a send in one of two ways: it settles it at once with send_settle(), or it prepares `easy` and the loop
 * runs it and then calls the channel's `finish`, which settles it or has prepared the next transfer in `easy`. Nothing here may block. */
#ifndef MUSTER_CHANNEL_SEND_H
#define MUSTER_CHANNEL_SEND_H

#include <curl/curl.h>

#include "base/config.h"
#include "base/env.h"
#include "base/json_node.h"
#include "channel/sockets.h"
#include "channel/spare.h"
#include "core/outcome.h"

struct outcome {
    enum outcome_kind kind;
    struct text ref;      /* the provider's name for it; TEXT_NONE */
    struct text error;    /* one line for people; TEXT_NONE */
    int64_t retry_after_s; /* 0: the provider named none */
    bool address_refused;
    int64_t status;       /* of HTTP, where the engine keeps it; 0: none */
};

enum { ANSWER_BYTES_MAX = 64 * 1024 }; /* kept of a provider's answer; the rest is read and dropped */

/* Each has ids of its own. */
enum errand {
    ERRAND_MESSAGE,
    ERRAND_POST,    /* a delivery to a subscription */
    ERRAND_SIGN_IN, /* a question to a provider of OpenID Connect */
};

struct send {
    struct send *next;
    int64_t id;
    enum errand errand;
    size_t provider_index;
    const struct provider_config *provider;
    const struct json_node *frame;
    struct arena *arena; /* dies with the send */
    instant now;
    const struct provider_config *doubted; /* the account that may have taken an earlier copy of this message; NULL: no doubt, or no such account */
    bool is_lookup;      /* the transfer asks that account; what it says is no verdict on this send */
    const struct channel_operations *operations;
    struct outcome outcome;
    /* of a transfer */
    CURL *easy;
    struct sockets *sockets;    /* the process's */
    struct spare *spare;        /* the process's */
    curl_socket_t socket;       /* this transfer's, as far as it is known */
    bool handle_is_new;         /* it has none of the options yet that all its transfers share */
    struct curl_slist *headers, *header_last; /* on the arena */
    struct curl_slist *recipients;
    struct builder answer;      /* body of an HTTP answer */
    int64_t retry_after_s;      /* from its header */
    bool has_answer;            /* an HTTP status came, of this transfer and not of the one before it on the handle */
    bool may_have_left;         /* from here on "no verdict" means unknown */
    bool only_public;           /* connect to addresses of the public internet only (address_guard.h) */
    bool address_is_private;    /* ... and it was none */
    struct text body;           /* what is sent; SMTP reads it piecemeal */
    size_t body_read;
    int stage;                  /* email.c: how far the dialogue came */
    struct text last_line;      /* email.c: the server's last answer */
    bool is_over;               /* email.c: what comes now is only the good-bye */
    json_t *discovery, *found;  /* oidc.c: the provider's endpoints; what the core asked for */
    struct text id_token, access_token; /* oidc.c */
};

struct channel_operations {
    void (*start)(struct send *send);
    void (*finish)(struct send *send, CURLcode code);
};

extern const struct channel_operations channel_email, channel_sms, channel_voice, channel_webhook, channel_practice, channel_built_in, channel_subscription,
    channel_oidc;

void send_settle(struct send *send, enum outcome_kind kind, struct text ref, struct text error);
/* A send that reached nobody because the frame or the settings do not allow it. */
void send_refuse(struct send *send, const char *reason);

/* An easy handle on the process's sockets with everything all transfers need: total timeout, no signals, no proxy from the environment, no redirects,
 * protocols as given ("http,https"). The handle may have run earlier sends of the same account: what a channel sets besides must be the same for each of
 * them, or be set for each. False: settled already. */
bool send_prepare(struct send *send, struct text url, const char *protocols);
/* ... and ends it, so that another can be prepared. Not while it runs. */
void send_end_transfer(struct send *send);
/* ... and for HTTP: collects the answer, marks the moment at which the request may leave. */
void send_prepare_http(struct send *send);
/* ... to an address that somebody else named: only to the public internet unless the provider allows more, and on a new connection, because a kept one was
 * vetted by its own provider's rule, which may be a laxer one. */
void send_guard_address(struct send *send);
/* Of the HTTP answer; 0 while there is none. */
long send_status(const struct send *send);
/* Settles by the answer of a program that was posted to: 2xx delivered, whatever became of the rest; 410 also refuses the address; without an answer
 * send_settle_failure. */
void send_finish_post(struct send *send, CURLcode code, enum outcome_kind (*kind_of_status)(long status));
/* Adds "Name: value"; a value with CR, LF or NUL settles the send as refused and returns false. */
bool send_add_header(struct send *send, const char *name, struct text value);
/* What every transport failure means (no answer from the other side): temporary before the request may have left, else unknown. */
void send_settle_failure(struct send *send, CURLcode code);

#endif

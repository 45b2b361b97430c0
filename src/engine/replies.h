/* Why: what it means when a person answers: by text message, by a key during a call, by the button behind a link in a mail. All
 * three end in the same commands as the API (engine/incidents.h), so an acknowledgement has one effect, however it came.
 *
 * Who may answer: whoever our message went to. A text message counts for a page sent to that very number, a key for the call it
 * was pressed in, a link for the person and the incidents it was signed for. Somebody who left answers nothing.
 *
 * Late answers change nothing and are told so: resolved is final, and on an incident that someone else has acknowledged
 * meanwhile a text message or a key does nothing (its sender cannot see that); the page behind a link shows it, so there the
 * button still works for resolve and escalate. */
#ifndef MUSTER_ENGINE_REPLIES_H
#define MUSTER_ENGINE_REPLIES_H

#include "base/zone.h"
#include "engine/links.h"

enum {
    REPLY_WINDOW_S = 7 * 86400,  /* pages older than that are not meant by a text message */
    REPLY_MESSAGES_MAX = 30,     /* so many of the newest are looked at */
    REPLY_INCIDENTS_MAX = 10000, /* of one bundle */
};

enum reply_source { REPLY_BY_SMS, REPLY_BY_KEY, REPLY_BY_LINK };

struct reply {
    enum reply_source source;
    struct text provider;   /* account it came through; its signature was verified (SMS, key) */
    struct text address;    /* the person's number (SMS, key) */
    struct text words;      /* the message (SMS), the digits (key) */
    int64_t message_number; /* ours (key) */
    struct link link;       /* verified (link) */
};

enum reply_outcome {
    REPLY_DONE,      /* something changed */
    REPLY_NO_CHANGE, /* understood, but it was so already, or too late */
    REPLY_UNCLEAR,   /* not understood, or it could mean several things: the answer asks */
    REPLY_REFUSED,   /* not theirs to answer */
};

struct reply_result {
    enum reply_outcome outcome;
    struct text answer; /* one or two sentences for the person; empty: say nothing */
};

enum err replies_apply(struct tx *tx, const struct reply *reply, struct reply_result *ret) MUST_CHECK;

/* As an engine_work; `argument` is this. The result's text is on `arena`. */
struct reply_work {
    struct reply reply;
    struct arena *arena;
    struct reply_result result;
};
enum err replies_work(struct tx *tx, void *argument) MUST_CHECK;

/* One incident as someone who answers needs to see it. */
struct reply_incident {
    int64_t number;
    struct text status, title, service, urgency;
    instant created_at, changed_at;
    struct text changed_by_type, changed_by_id;
};
/* Everything the message speaks of, over all its attempts; on `arena`. */
enum err replies_incidents(struct db *db, struct arena *arena, int64_t message_number, struct reply_incident **ret, size_t *ret_count) MUST_CHECK;
/* "resolved by Ben, 3 min ago"; "acknowledged by Ana and Ben, just now"; "open". */
struct text replies_state(struct db *db, struct arena *arena, const struct reply_incident *incident, instant now);

/* The person's own zone; UTC when it is not known. */
const struct zone *replies_zone(struct db *db, struct text user_id);

/* The message itself, for the pages and calls about it. ERR_NOT_FOUND. */
struct reply_message {
    int64_t number, code;
    struct text kind, channel, address, user_id, user_name, provider, provider_ref, contact_method_id, state;
    struct text content; /* JSON; channel/frames.h */
    bool possible_repeat; /* sent because nobody knows whether the message before it arrived: whoever shows it says so */
};
enum err replies_message(struct db *db, struct arena *arena, int64_t number, struct reply_message *ret) MUST_CHECK;

/* A provider's report about a message it took. Any number of times, in any order: the result is the same (invariant K4).
 * ERR_NOT_FOUND, and ERR_FORBIDDEN when provider, number or reference are not this message's. */
struct message_report {
    int64_t message_number;
    struct text provider, address, ref;
    struct text status;      /* the provider's word for it */
    int64_t error_code;      /* 0: none */
    bool picked_up;          /* a call was taken and its words were asked for; `status` does not count then */
    bool answered_by_machine;
};
enum err message_status(struct tx *tx, const struct message_report *report) MUST_CHECK;

#endif

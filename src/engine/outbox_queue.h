/* Why: what the rest of the engine tells the outbox: there may be something to send, an attempt has ended. */
#ifndef MUSTER_ENGINE_OUTBOX_QUEUE_H
#define MUSTER_ENGINE_OUTBOX_QUEUE_H

#include "base/config.h"
#include "core/failover.h"
#include "engine/tx.h"

struct outbox;

struct outbox *outbox_new(struct engine *engine, const struct provider_config *providers, size_t count);
void outbox_free(struct outbox *outbox);

/* A message for this channel was queued in this transaction. */
void outbox_expect(struct tx *tx, struct text channel);
void outbox_expect_all(struct outbox *outbox);

/* Inside the batch: takes what may be sent now (urgent first, within each provider's bounds), marks it `sending`. */
enum err outbox_claim(struct tx *tx) MUST_CHECK;
/* After the commit: hands the claimed frames to the sender. After a rollback: forgets them. */
void outbox_hand_over(struct outbox *outbox);
void outbox_forget(struct outbox *outbox);
/* When a full or rate-limited provider may take more, or INSTANT_MAX. */
/* Something is queued for which there was no room. */
bool outbox_is_waiting(const struct outbox *outbox);
instant outbox_next_due(const struct outbox *outbox);
int64_t outbox_in_flight(struct outbox *outbox);
void outbox_set_link(struct outbox *outbox, bool up);

struct attempt_end {
    int64_t message_number;
    enum outcome_kind outcome;
    bool address_refused, interrupted;
    int64_t retry_after_s;
    struct text provider_ref, error;
};
/* An attempt has ended: stores it and does what follows (core/failover.h). Unknown or finished messages are left alone. */
enum err outbox_attempt_ended(struct tx *tx, const struct attempt_end *end) MUST_CHECK;
/* After the commit that stored it: frees the place in flight and counts it for the provider's circuit. Who waits for the place is claimed by the next batch. */
void outbox_settle(struct outbox *outbox, int64_t message_number, enum outcome_kind outcome, instant now);
/* Start of the process or loss of the sender: everything marked `sending` that is not in flight ended unknown. */
enum err outbox_recover(struct tx *tx) MUST_CHECK;
void outbox_drop_in_flight(struct outbox *outbox);

#endif

/* Why: the one way to append to the record. */
#ifndef MUSTER_ENGINE_LEDGER_H
#define MUSTER_ENGINE_LEDGER_H

#include "base/json.h"
#include "core/ledger.h"
#include "engine/tx.h"

struct ledger_entry {
    int64_t seq;             /* from db_new_number; 0: the next */
    int64_t incident_number; /* 0: about the installation */
    enum ledger_kind kind;
    struct actor actor;
    struct text user_id;     /* the person it is about; absent: none */
    struct text doc;         /* a JSON object; absent: {} */
};

extern const struct actor actor_system; /* channel "auto" */

enum err ledger_append(struct tx *tx, const struct ledger_entry *entry, int64_t *ret_seq) MUST_CHECK;

#endif

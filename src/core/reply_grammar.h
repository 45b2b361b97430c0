/* Why: what a person means by a text message written half asleep, with one thumb. Tokens by hand, every word known: a word that is
 * not known makes the whole message not understood, because "don't ack 57" must not acknowledge. Pure.
 *
 *   message = { word | number }          separated by anything that is neither letter nor digit, or by a change between the two
 *   verb    = ack, a, acknowledge, 4 | resolve, r, close, 6 | escalate, e, 8  (and their other usual forms)
 *   code    = any other number; alone it acknowledges
 * "ack 57", "a57", "4 57", "57 4", "57", "4", "Resolve #57, please." A verb may be said twice ("4 57 ack") but not two different ones. */
#ifndef MUSTER_CORE_REPLY_GRAMMAR_H
#define MUSTER_CORE_REPLY_GRAMMAR_H

#include "base/text.h"

enum reply_verb { REPLY_ACKNOWLEDGE, REPLY_RESOLVE, REPLY_ESCALATE };
enum { REPLY_CODE_MAX = 999999 };

enum reply_sense {
    REPLY_COMMAND,
    REPLY_NOT_UNDERSTOOD,
    REPLY_TO_PROVIDER, /* STOP, START, HELP and kin: the provider acts on it and answers */
    REPLY_CHATTER,     /* too long for a command: an automatic answer or talk. Answering it could start a loop of two machines */
};

struct reply_words {
    enum reply_verb verb;
    int64_t code; /* 0: none */
};

enum reply_sense reply_read(struct text message, struct reply_words *ret);
/* 4, 6 and 8, on a telephone's keys and in a message. False for any other. */
bool reply_verb_of_key(int64_t key, enum reply_verb *ret);

#endif

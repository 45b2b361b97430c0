/* Why: see reply_grammar.h. */
#include "core/reply_grammar.h"

enum { COMMAND_BYTES_MAX = 60, TOKENS_MAX = 8 };

enum word_kind { WORD_VERB, WORD_FILLER };

static const struct {
    const char *word;
    enum word_kind kind;
    enum reply_verb verb;
} words[] = {
    {"a", WORD_VERB, REPLY_ACKNOWLEDGE},          {"ack", WORD_VERB, REPLY_ACKNOWLEDGE},      {"acked", WORD_VERB, REPLY_ACKNOWLEDGE},
    {"acknowledge", WORD_VERB, REPLY_ACKNOWLEDGE}, {"acknowledged", WORD_VERB, REPLY_ACKNOWLEDGE}, {"aknowledge", WORD_VERB, REPLY_ACKNOWLEDGE},
    {"r", WORD_VERB, REPLY_RESOLVE},              {"res", WORD_VERB, REPLY_RESOLVE},          {"resolve", WORD_VERB, REPLY_RESOLVE},
    {"resolved", WORD_VERB, REPLY_RESOLVE},       {"close", WORD_VERB, REPLY_RESOLVE},        {"closed", WORD_VERB, REPLY_RESOLVE},
    {"e", WORD_VERB, REPLY_ESCALATE},             {"esc", WORD_VERB, REPLY_ESCALATE},         {"escalate", WORD_VERB, REPLY_ESCALATE},
    {"please", WORD_FILLER, REPLY_ACKNOWLEDGE},   {"pls", WORD_FILLER, REPLY_ACKNOWLEDGE},    {"thanks", WORD_FILLER, REPLY_ACKNOWLEDGE},
    {"thx", WORD_FILLER, REPLY_ACKNOWLEDGE},      {"all", WORD_FILLER, REPLY_ACKNOWLEDGE},    {"incident", WORD_FILLER, REPLY_ACKNOWLEDGE},
    {"code", WORD_FILLER, REPLY_ACKNOWLEDGE},     {"reply", WORD_FILLER, REPLY_ACKNOWLEDGE},
};

static const char *const provider_words[] = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke",
                                             "start", "unstop", "yes", "help", "info"};

bool reply_verb_of_key(int64_t key, enum reply_verb *ret)
{
    if (key != 4 && key != 6 && key != 8)
        return false;
    *ret = key == 4 ? REPLY_ACKNOWLEDGE : key == 6 ? REPLY_RESOLVE : REPLY_ESCALATE;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes beyond ASCII are letters of some word: they make it an unknown one. An apostrophe does not end a word ("don't"). */
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80 || c == '\'';
}

static bool next_token(struct text *rest, struct text *ret)
{
    size_t from = 0, to;
    while (from < rest->size && !is_digit(rest->data[from]) && !is_letter(rest->data[from]))
        from++;
    if (from == rest->size)
        return false;
    bool digits = is_digit(rest->data[from]);
    for (to = from; to < rest->size && (digits ? is_digit(rest->data[to]) : is_letter(rest->data[to]));)
        to++;
    *ret = text_slice(*rest, from, to);
    *rest = text_slice(*rest, to, rest->size);
    return true;
}

struct reading {
    bool has_verb;
    enum reply_verb verb;
    int64_t numbers[2];
    size_t number_count;
};

static bool take_verb(struct reading *reading, enum reply_verb verb)
{
    if (reading->has_verb && reading->verb != verb)
        return false;
    reading->has_verb = true;
    reading->verb = verb;
    return true;
}

static bool take_word(struct reading *reading, struct text token)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!text_equal_ignoring_case(token, text_of(words[i].word)))
            continue;
        return words[i].kind == WORD_FILLER || take_verb(reading, words[i].verb);
    }
    return false;
}

static bool take_number(struct reading *reading, struct text token)
{
    int64_t number;
    if (token.size > 9 || !text_to_int64(token, &number) || number > REPLY_CODE_MAX || reading->number_count == 2)
        return false;
    reading->numbers[reading->number_count++] = number;
    return true;
}

/* Of the numbers at most one is a verb's key and at most one the code; codes are never 4, 6 or 8. */
static bool settle(struct reading *reading, struct reply_words *ret)
{
    int64_t code = 0;
    for (size_t i = 0; i < reading->number_count; i++) {
        enum reply_verb verb;
        if (reply_verb_of_key(reading->numbers[i], &verb)) {
            if (!take_verb(reading, verb))
                return false;
        } else if (code == 0 && reading->numbers[i] > 0) {
            code = reading->numbers[i];
        } else {
            return false;
        }
    }
    if (!reading->has_verb && code == 0)
        return false;
    *ret = (struct reply_words){.verb = reading->has_verb ? reading->verb : REPLY_ACKNOWLEDGE, .code = code};
    return true;
}

static bool is_provider_word(struct text message)
{
    struct text token, rest = message, more;
    if (!next_token(&rest, &token) || next_token(&rest, &more))
        return false;
    for (size_t i = 0; i < sizeof provider_words / sizeof *provider_words; i++)
        if (text_equal_ignoring_case(token, text_of(provider_words[i])))
            return true;
    return false;
}

enum reply_sense reply_read(struct text message, struct reply_words *ret)
{
    struct text rest = text_trim(message), token;
    struct reading reading = {0};
    size_t tokens = 0;
    if (rest.size > COMMAND_BYTES_MAX)
        return REPLY_CHATTER;
    if (is_provider_word(rest))
        return REPLY_TO_PROVIDER;
    while (next_token(&rest, &token)) {
        if (++tokens > TOKENS_MAX || !(is_digit(token.data[0]) ? take_number(&reading, token) : take_word(&reading, token)))
            return REPLY_NOT_UNDERSTOOD;
    }
    return settle(&reading, ret) ? REPLY_COMMAND : REPLY_NOT_UNDERSTOOD;
}

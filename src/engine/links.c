/* Why: see links.h. */
#include "engine/links.h"

#include "base/hmac.h"

enum { SIGNATURE_BYTES = 16 };

const char *link_action_name(enum link_action action)
{
    switch (action) {
    case LINK_ACKNOWLEDGE: return "acknowledge";
    case LINK_RESOLVE: return "resolve";
    case LINK_ESCALATE: return "escalate";
    }
    return "";
}

static bool action_parse(struct text name, enum link_action *ret)
{
    static const enum link_action all[] = {LINK_ACKNOWLEDGE, LINK_RESOLVE, LINK_ESCALATE};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (text_is(name, link_action_name(all[i]))) {
            *ret = all[i];
            return true;
        }
    return false;
}

static struct text sign(struct arena *arena, struct text key, struct text facts)
{
    unsigned char digest[HMAC_SHA256_BYTES];
    hmac_sha256(key, text_printf(arena, "link:%.*s", TEXT_ARG(facts)), digest);
    return text_hex(arena, digest, SIGNATURE_BYTES);
}

struct text link_token(struct arena *arena, struct text key, const struct link *link)
{
    struct text facts = text_printf(arena, "%s-%lld-%lld-%lld-%.*s", link_action_name(link->action), (long long)link->message_number,
                                    (long long)link->incident_number, (long long)(link->expires_at.us / SECOND_US), TEXT_ARG(link->user_id));
    return text_printf(arena, "%.*s-%.*s", TEXT_ARG(facts), TEXT_ARG(sign(arena, key, facts)));
}

static bool read_facts(struct text facts, struct link *ret)
{
    struct text action, message, incident, expiry;
    int64_t seconds;
    if (!text_next(&facts, '-', &action) || !text_next(&facts, '-', &message) || !text_next(&facts, '-', &incident) || !text_next(&facts, '-', &expiry))
        return false;
    if (!action_parse(action, &ret->action) || !text_to_int64(message, &ret->message_number) || !text_to_int64(incident, &ret->incident_number) ||
        !text_to_int64(expiry, &seconds) || seconds < 0 || seconds > INT64_C(253402300799))
        return false;
    ret->expires_at = (instant){seconds * SECOND_US};
    ret->user_id = facts;
    return facts.size > 0;
}

enum link_verdict link_read(struct arena *arena, struct text key, struct text token, instant now, struct link *ret)
{
    size_t end = token.size;
    while (end > 0 && token.data[end - 1] != '-')
        end--;
    if (end == 0 || key.size == 0 || token.size > 300)
        return LINK_FORGED;
    struct text facts = text_slice(token, 0, end - 1);
    struct link link;
    if (!text_equal_secret(sign(arena, key, facts), text_slice(token, end, token.size)) || !read_facts(facts, &link))
        return LINK_FORGED;
    link.user_id = text_copy(arena, link.user_id);
    *ret = link;
    return instant_before(link.expires_at, now) ? LINK_EXPIRED : LINK_VALID;
}

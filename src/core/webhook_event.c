/* Why: names of events and the pauses between attempts, from the one table in webhook_event.h. */
#include "core/webhook_event.h"

static const struct {
    const char *name, *data;
    bool sent;
} events[] = {
#define ROW(event, name, data, sent) [event] = {name, data, sent},
    WEBHOOK_EVENTS(ROW)
#undef ROW
};
_Static_assert(WEBHOOK_EVENT_COUNT <= 64, "a subscription keeps them as bits");

const char *webhook_event_name(enum webhook_event event)
{
    return events[event].name;
}

const char *webhook_event_data_type(enum webhook_event event)
{
    return events[event].data;
}

bool webhook_event_is_sent(enum webhook_event event)
{
    return events[event].sent;
}

bool webhook_event_parse(struct text name, enum webhook_event *ret)
{
    for (int event = 0; event < WEBHOOK_EVENT_COUNT; event++)
        if (event != WEBHOOK_PING && text_is(name, events[event].name)) {
            *ret = (enum webhook_event)event;
            return true;
        }
    return false;
}

struct text webhook_event_resource(enum webhook_event event)
{
    struct text name = text_of(events[event].name);
    return text_slice(name, 0, text_find(name, TEXT(".")));
}

int64_t webhook_pause_s(int64_t attempts)
{
    int64_t pause = WEBHOOK_PAUSE_FIRST_S;
    for (int64_t i = 1; i < attempts && pause < WEBHOOK_PAUSE_LONGEST_S; i++)
        pause *= 2;
    return pause < WEBHOOK_PAUSE_LONGEST_S ? pause : WEBHOOK_PAUSE_LONGEST_S;
}

/* Why: see response.h. */
#include "core/response.h"

void response_begin(struct response *response, instant created_at, instant resolved_at)
{
    *response = (struct response){.created_at = created_at, .resolved_at = resolved_at, .first_ack_at = INSTANT_NONE, .last_joined_at = INSTANT_NONE,
                                  .snoozed_at = INSTANT_NONE, .snoozed_until = INSTANT_NONE};
}

static bool add_person(struct response_people *people, struct text id, struct text name, instant since)
{
    for (size_t i = 0; i < people->count; i++)
        if (text_equal(people->list[i].id, id))
            return false;
    if (id.size == 0 || people->count == RESPONSE_PEOPLE_MAX)
        return false;
    people->list[people->count].id = id;
    people->list[people->count].name = name;
    people->list[people->count++].since = since;
    return true;
}

static void end_snooze(struct response *response, instant at)
{
    if (!instant_is_set(response->snoozed_at))
        return;
    response->snoozed_s += instant_seconds_between(response->snoozed_at, instant_min(at, response->snoozed_until));
    response->snoozed_at = INSTANT_NONE;
}

static void take_assignees(struct response *response, const struct response_entry *entry)
{
    size_t index;
    json_t *person;
    json_array_foreach(json_at(entry->doc, "assignees"), index, person)
    {
        response->assignments++;
        add_person(&response->assigned, json_text_at(person, "id"), json_text_at(person, "name"), entry->at);
    }
}

static void take_interruption(struct response *response, const struct response_entry *entry)
{
    response->notifications++;
    struct text channel = json_text_at(entry->doc, "channel");
    if (text_is(channel, "email") || text_is(channel, "webhook"))
        return;
    wall_time wall = zone_wall(entry->zone ? entry->zone : zone_utc(), entry->at);
    int64_t hour = (wall.us - wall_midnight(wall_days(wall)).us) / SECOND_US / 3600;
    if (hour < 8 || hour >= 22)
        response->sleep_interruptions++;
    else if (wall_weekday(wall) <= 5 && hour < 18)
        response->business_interruptions++;
    else
        response->off_hour_interruptions++;
}

void response_take(struct response *response, const struct response_entry *entry)
{
    struct text cause = json_text_at(entry->doc, "cause");
    if (entry->kind == LEDGER_ACKNOWLEDGE) {
        response->acknowledgements++;
        if (!instant_is_set(response->first_ack_at))
            response->first_ack_at = entry->at;
        if (add_person(&response->engaged, entry->user_id, entry->user_name, entry->at))
            response->last_joined_at = entry->at;
    } else if (entry->kind == LEDGER_ASSIGN || entry->kind == LEDGER_ESCALATE) {
        take_assignees(response, entry);
        response->reassignments += text_is(cause, "reassign");
        response->manual_escalations += entry->kind == LEDGER_ESCALATE && text_is(cause, "escalate");
        response->timeout_escalations += entry->kind == LEDGER_ESCALATE && !text_is(cause, "escalate");
    } else if (entry->kind == LEDGER_NOTIFY) {
        take_interruption(response, entry);
    } else if (entry->kind == LEDGER_SNOOZE) {
        end_snooze(response, entry->at);
        response->snoozed_at = entry->at;
        response->snoozed_until = instant_add_s(entry->at, json_int_at(entry->doc, "seconds", 0));
    } else if (entry->kind == LEDGER_SNOOZE_END || entry->kind == LEDGER_UNACKNOWLEDGE) {
        end_snooze(response, entry->at);
    } else if (entry->kind == LEDGER_RESOLVE) {
        end_snooze(response, entry->at);
        response->auto_resolved = !entry->by_person;
    }
}

void response_finish(struct response *response, instant now)
{
    instant end = instant_is_set(response->resolved_at) ? response->resolved_at : now;
    end_snooze(response, end);
    for (size_t i = 0; i < response->engaged.count; i++)
        response->engaged_s += instant_seconds_between(response->engaged.list[i].since, end);
}

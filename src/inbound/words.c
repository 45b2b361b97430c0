/* Why: see words.h. */
#include "inbound/words.h"

static const struct {
    const char *word;
    enum severity severity;
} severities[] = {
    {"critical", SEVERITY_CRITICAL},
    {"crit", SEVERITY_CRITICAL},
    {"fatal", SEVERITY_CRITICAL},
    {"emergency", SEVERITY_CRITICAL},
    {"emerg", SEVERITY_CRITICAL},
    {"alert", SEVERITY_CRITICAL},
    {"page", SEVERITY_CRITICAL},
    {"disaster", SEVERITY_CRITICAL},
    {"highest", SEVERITY_CRITICAL},
    {"p1", SEVERITY_CRITICAL},
    {"sev0", SEVERITY_CRITICAL},
    {"sev1", SEVERITY_CRITICAL},
    {"1", SEVERITY_CRITICAL},
    {"error", SEVERITY_ERROR},
    {"err", SEVERITY_ERROR},
    {"major", SEVERITY_ERROR},
    {"high", SEVERITY_ERROR},
    {"p2", SEVERITY_ERROR},
    {"sev2", SEVERITY_ERROR},
    {"2", SEVERITY_ERROR},
    {"warning", SEVERITY_WARNING},
    {"warn", SEVERITY_WARNING},
    {"minor", SEVERITY_WARNING},
    {"medium", SEVERITY_WARNING},
    {"average", SEVERITY_WARNING},
    {"p3", SEVERITY_WARNING},
    {"sev3", SEVERITY_WARNING},
    {"3", SEVERITY_WARNING},
    {"info", SEVERITY_INFO},
    {"information", SEVERITY_INFO},
    {"informational", SEVERITY_INFO},
    {"notice", SEVERITY_INFO},
    {"low", SEVERITY_INFO},
    {"lowest", SEVERITY_INFO},
    {"ok", SEVERITY_INFO},
    {"none", SEVERITY_INFO},
    {"debug", SEVERITY_INFO},
    {"p4", SEVERITY_INFO},
    {"p5", SEVERITY_INFO},
    {"sev4", SEVERITY_INFO},
    {"sev5", SEVERITY_INFO},
    {"4", SEVERITY_INFO},
    {"5", SEVERITY_INFO},
};

static const struct {
    const char *word;
    enum event_action action;
} actions[] = {
    {"resolve", EVENT_RESOLVE},
    {"resolved", EVENT_RESOLVE},
    {"ok", EVENT_RESOLVE},
    {"okay", EVENT_RESOLVE},
    {"recovered", EVENT_RESOLVE},
    {"recovery", EVENT_RESOLVE},
    {"closed", EVENT_RESOLVE},
    {"close", EVENT_RESOLVE},
    {"cleared", EVENT_RESOLVE},
    {"clear", EVENT_RESOLVE},
    {"up", EVENT_RESOLVE},
    {"normal", EVENT_RESOLVE},
    {"success", EVENT_RESOLVE},
    {"healthy", EVENT_RESOLVE},
    {"acknowledge", EVENT_ACKNOWLEDGE},
    {"acknowledged", EVENT_ACKNOWLEDGE},
    {"ack", EVENT_ACKNOWLEDGE},
};

enum severity words_severity(struct text word)
{
    for (size_t i = 0; i < sizeof severities / sizeof *severities; i++)
        if (text_equal_ignoring_case(word, text_of(severities[i].word)))
            return severities[i].severity;
    return SEVERITY_UNKNOWN;
}

enum event_action words_action(struct text word)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (text_equal_ignoring_case(word, text_of(actions[i].word)))
            return actions[i].action;
    return EVENT_TRIGGER;
}

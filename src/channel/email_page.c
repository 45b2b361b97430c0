/* Why: see email_page.h. Both forms say the same in the same order. */
#include "channel/email_page.h"

#include "channel/markup.h"

enum { PART_BYTES_MAX = 256 * 1024, DETAILS_BYTES_MAX = 16 * 1024 };

static const char promise[] = "A button opens a page; nothing happens until you press the button there.";

static bool is_page(const struct content *content)
{
    return content->kind == CONTENT_PAGE && content->incident_total > 0;
}

/* Somebody tells those who follow an incident how it stands. */
static bool is_update(const struct content *content)
{
    return content->kind == CONTENT_NOTICE && content->incident_total == 1 && content->said_by.size > 0;
}

struct text email_subject(struct arena *arena, const struct content *content)
{
    if (content->subject.size)
        return content->subject;
    if (is_page(content) && content->incident_total > 1)
        return text_printf(arena, "%zu incidents need you", content->incident_total);
    if (is_page(content))
        return content_incident_line(arena, &content->incidents[0]);
    return content->line_count ? content->lines[0] : TEXT("Message from Muster");
}

struct fact {
    const char *name;
    struct text value;
};

enum { FACTS_MAX = 7 };

static size_t facts_of(struct arena *arena, const struct content_incident *incident, struct text why, struct text said_by, struct fact ret[FACTS_MAX])
{
    const struct fact all[FACTS_MAX] = {
        {"From", said_by},
        {"Status", incident->status},
        {"Since", content_date(arena, incident->since)},
        {"Severity", incident->severity},
        {"Priority", incident->priority},
        {"Alerts", incident->alerts > 1 ? text_printf(arena, "%lld", (long long)incident->alerts) : TEXT_NONE},
        {"Why you", why},
    };
    size_t count = 0;
    for (size_t i = 0; i < FACTS_MAX; i++)
        if (all[i].value.size)
            ret[count++] = all[i];
    return count;
}

static const char *urgency_words(struct text urgency)
{
    return text_is(urgency, "high") ? "HIGH urgency" : text_is(urgency, "low") ? "Low urgency" : "Incident";
}

struct action {
    const char *name;
    struct text url;
};

enum { ACTIONS_MAX = 4 };

static size_t actions_of(const struct content_links *links, bool all, struct action ret[ACTIONS_MAX])
{
    const struct action actions[ACTIONS_MAX] = {
        {all ? "Acknowledge all" : "Acknowledge", links->acknowledge},
        {all ? "Resolve all" : "Resolve", links->resolve},
        {all ? "Escalate all" : "Escalate", links->escalate},
        {all ? "Open list" : "Open incident", links->page},
    };
    size_t count = 0;
    for (size_t i = 0; i < ACTIONS_MAX; i++)
        if (actions[i].url.size)
            ret[count++] = actions[i];
    return count;
}

/* Plain -------------------------------------------------------------------------------------------------- */

static void plain_actions(struct builder *b, const struct content_links *links, bool all)
{
    struct action actions[ACTIONS_MAX];
    size_t count = actions_of(links, all, actions);
    for (size_t i = 0; i < count; i++)
        builder_printf(b, "%s:\n  %.*s\n", actions[i].name, TEXT_ARG(actions[i].url));
    if (count)
        builder_add_string(b, "\n");
}

static void plain_incident(struct arena *arena, struct builder *b, const struct content_incident *incident, struct text why)
{
    struct fact facts[FACTS_MAX];
    size_t count = facts_of(arena, incident, why, TEXT_NONE, facts);
    builder_printf(b, "%s, #%lld, %.*s\n%.*s\n\n", urgency_words(incident->urgency), (long long)incident->number,
                   TEXT_ARG(incident->service), TEXT_ARG(incident->title));
    for (size_t i = 0; i < count; i++)
        builder_printf(b, "%-9s %.*s\n", facts[i].name, TEXT_ARG(facts[i].value));
    if (count)
        builder_add_string(b, "\n");
    plain_actions(b, &incident->links, false);
}

static void plain_bundle(struct arena *arena, struct builder *b, const struct content *content)
{
    builder_printf(b, "%zu incidents need you.\n", content->incident_total);
    if (content->why.size)
        builder_printf(b, "Why you: %.*s\n", TEXT_ARG(content->why));
    builder_add_string(b, "\n");
    plain_actions(b, &content->links, true);
    for (size_t i = 0; i < content->incident_count; i++) {
        builder_add_string(b, "----\n");
        plain_incident(arena, b, &content->incidents[i], TEXT_NONE);
    }
    if (content->incident_total > content->incident_count)
        builder_printf(b, "----\nand %zu more.\n\n", content->incident_total - content->incident_count);
}

static struct text details_of(const struct content *content)
{
    return text_utf8_cut(text_trim(text_is_present(content->details) ? content->details : TEXT("")), DETAILS_BYTES_MAX);
}

/* Details keep their line breaks and nothing else that is not text. */
static void add_details(struct arena *arena, struct builder *b, struct text details, bool html)
{
    struct text line;
    while (text_next(&details, '\n', &line)) {
        struct text clean = content_one_line(arena, line);
        size_t indent = 0;
        while (indent < line.size && line.data[indent] == ' ')
            indent++;
        builder_add(b, text_slice(line, 0, indent));
        builder_add(b, html ? text_html_escape(arena, clean) : clean);
        builder_add_string(b, "\n");
    }
}

/* What is said comes first; all else can wait. */
static void plain_update(struct arena *arena, struct builder *b, const struct content *content, struct text words)
{
    const struct content_incident *incident = &content->incidents[0];
    struct fact facts[FACTS_MAX];
    size_t count = facts_of(arena, incident, content->why, content->said_by, facts);
    builder_printf(b, "Status update, #%lld, %.*s\n%.*s\n\n", (long long)incident->number, TEXT_ARG(incident->service), TEXT_ARG(incident->title));
    add_details(arena, b, words, false);
    builder_add_string(b, "\n");
    for (size_t i = 0; i < count; i++)
        builder_printf(b, "%-9s %.*s\n", facts[i].name, TEXT_ARG(facts[i].value));
    builder_add_string(b, "\n");
    plain_actions(b, &incident->links, false);
}

struct text email_plain(struct arena *arena, const struct content *content)
{
    struct builder b = builder_new(arena, PART_BYTES_MAX);
    struct text details = details_of(content);
    if (content->repeat)
        builder_add_string(&b, "Possible repeat: it is not known whether this message reached you before.\n\n");
    if (is_page(content) && content->incident_total > 1) {
        plain_bundle(arena, &b, content);
    } else if (is_page(content)) {
        plain_incident(arena, &b, &content->incidents[0], content->why);
    } else if (is_update(content)) {
        plain_update(arena, &b, content, details);
        details = TEXT_NONE;
    } else {
        for (size_t i = 0; i < content->line_count; i++)
            builder_printf(&b, "%.*s\n", TEXT_ARG(content->lines[i]));
        builder_add_string(&b, "\n");
        plain_actions(&b, &content->links, false);
    }
    if (details.size) {
        add_details(arena, &b, details, false);
        builder_add_string(&b, "\n");
    }
    builder_add_string(&b, "-- \n");
    if (is_page(content))
        builder_printf(&b, "%s\n", promise);
    builder_add_string(&b, "Sent by Muster. Please do not reply to this address.\n");
    return builder_text(&b);
}

/* HTML --------------------------------------------------------------------------------------------------- */

static const char font[] = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

static const char *color_of(struct text urgency)
{
    return text_is(urgency, "low") ? "#2f5d8a" : "#b3261e";
}

static void html_text(struct arena *arena, struct builder *b, struct text t)
{
    builder_add(b, text_html_escape(arena, t));
}

static void html_button(struct arena *arena, struct builder *b, const struct action *action, bool first, const char *color)
{
    const char *background = first ? color : "#ffffff", *ink = first ? "#ffffff" : color;
    builder_printf(b, "<a href=\"%.*s\" style=\"display:inline-block;margin:0 8px 10px 0;padding:14px 20px;border:2px solid %s;border-radius:8px;"
                      "background:%s;color:%s;font-size:17px;font-weight:600;text-decoration:none\">%s</a>",
                   TEXT_ARG(text_html_escape(arena, action->url)), color, background, ink, action->name);
}

static void html_actions(struct arena *arena, struct builder *b, const struct content_links *links, bool all, const char *color)
{
    struct action actions[ACTIONS_MAX];
    size_t count = actions_of(links, all, actions);
    if (!count)
        return;
    builder_add_string(b, "<p style=\"margin:20px 0 6px\">");
    for (size_t i = 0; i < count; i++)
        html_button(arena, b, &actions[i], i == 0, color);
    builder_add_string(b, "</p>");
}

static void html_heading(struct arena *arena, struct builder *b, const struct content_incident *incident, const char *words, const char *color)
{
    builder_printf(b, "<div style=\"border-left:6px solid %s;padding:2px 0 2px 16px;margin:0 0 24px\">"
                      "<p style=\"margin:0;font-size:15px;font-weight:700;color:%s\">%s &middot; #%lld &middot; ",
                   color, color, words, (long long)incident->number);
    html_text(arena, b, incident->service);
    builder_add_string(b, "</p><p style=\"margin:6px 0 14px;font-size:22px;line-height:1.3;font-weight:600;word-break:break-word\">");
    html_text(arena, b, incident->title);
    builder_add_string(b, "</p>");
}

static void html_facts(struct arena *arena, struct builder *b, const struct fact *facts, size_t count)
{
    builder_add_string(b, "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" style=\"font-size:16px;line-height:1.5\">");
    for (size_t i = 0; i < count; i++) {
        builder_printf(b, "<tr><td style=\"padding:0 16px 0 0;color:#5f6368;vertical-align:top;white-space:nowrap\">%s</td><td>", facts[i].name);
        html_text(arena, b, facts[i].value);
        builder_add_string(b, "</td></tr>");
    }
    builder_add_string(b, "</table>");
}

static void html_incident(struct arena *arena, struct builder *b, const struct content_incident *incident, struct text why)
{
    struct fact facts[FACTS_MAX];
    size_t count = facts_of(arena, incident, why, TEXT_NONE, facts);
    const char *color = color_of(incident->urgency);
    html_heading(arena, b, incident, urgency_words(incident->urgency), color);
    html_facts(arena, b, facts, count);
    html_actions(arena, b, &incident->links, false, color);
    builder_add_string(b, "</div>");
}

static void html_update(struct arena *arena, struct builder *b, const struct content *content, struct text words)
{
    struct fact facts[FACTS_MAX];
    size_t count = facts_of(arena, &content->incidents[0], content->why, content->said_by, facts);
    html_heading(arena, b, &content->incidents[0], "Status update", "#2f5d8a");
    struct text markup = markup_safe(arena, text_is_present(content->html) ? content->html : TEXT(""));
    if (markup.size) {
        builder_printf(b, "<div style=\"margin:0 0 18px;font-size:18px;line-height:1.5;word-break:break-word\">%.*s</div>", TEXT_ARG(markup));
    } else {
        builder_add_string(b, "<p style=\"margin:0 0 18px;font-size:18px;line-height:1.5;white-space:pre-line;word-break:break-word\">");
        add_details(arena, b, words, true);
        builder_add_string(b, "</p>");
    }
    html_facts(arena, b, facts, count);
    html_actions(arena, b, &content->incidents[0].links, false, "#2f5d8a");
    builder_add_string(b, "</div>");
}

static void html_bundle(struct arena *arena, struct builder *b, const struct content *content)
{
    builder_printf(b, "<p style=\"margin:0 0 6px;font-size:22px;font-weight:600\">%zu incidents need you</p>", content->incident_total);
    if (content->why.size) {
        builder_add_string(b, "<p style=\"margin:0;font-size:16px\"><span style=\"color:#5f6368\">Why you:</span> ");
        html_text(arena, b, content->why);
        builder_add_string(b, "</p>");
    }
    html_actions(arena, b, &content->links, true, "#b3261e");
    builder_add_string(b, "<hr style=\"border:0;border-top:1px solid #dadce0;margin:16px 0 24px\">");
    for (size_t i = 0; i < content->incident_count; i++)
        html_incident(arena, b, &content->incidents[i], TEXT_NONE);
    if (content->incident_total > content->incident_count)
        builder_printf(b, "<p style=\"font-size:16px\">and %zu more.</p>", content->incident_total - content->incident_count);
}

static void html_lines(struct arena *arena, struct builder *b, const struct content *content)
{
    for (size_t i = 0; i < content->line_count; i++) {
        builder_printf(b, "<p style=\"margin:0 0 10px;font-size:%s;line-height:1.4\">", i == 0 ? "20px;font-weight:600" : "16px");
        html_text(arena, b, content->lines[i]);
        builder_add_string(b, "</p>");
    }
    html_actions(arena, b, &content->links, false, "#2f5d8a");
}

struct text email_html(struct arena *arena, const struct content *content)
{
    struct builder b = builder_new(arena, PART_BYTES_MAX);
    struct text details = details_of(content);
    builder_add_string(&b, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
                           "<title>");
    html_text(arena, &b, email_subject(arena, content));
    builder_printf(&b, "</title></head>\n<body style=\"margin:0;padding:0;background:#ffffff;color:#202124;%s\">"
                       "<div style=\"max-width:600px;margin:0 auto;padding:24px 16px\">\n", font);
    if (content->repeat)
        builder_add_string(&b, "<p style=\"margin:0 0 16px;padding:10px 14px;background:#fef7e0;font-size:15px\">Possible repeat: it is not known "
                               "whether this message reached you before.</p>\n");
    if (is_page(content) && content->incident_total > 1)
        html_bundle(arena, &b, content);
    else if (is_page(content))
        html_incident(arena, &b, &content->incidents[0], content->why);
    else if (is_update(content))
        html_update(arena, &b, content, details);
    else
        html_lines(arena, &b, content);
    if (details.size && !is_update(content)) {
        builder_add_string(&b, "\n<pre style=\"margin:0 0 24px;padding:14px;background:#f1f3f4;font-size:14px;line-height:1.45;white-space:pre-wrap;"
                               "word-break:break-word\">");
        add_details(arena, &b, details, true);
        builder_add_string(&b, "</pre>");
    }
    builder_printf(&b, "\n<p style=\"margin:24px 0 0;font-size:13px;line-height:1.5;color:#5f6368\">%s%sSent by Muster. Please do not reply to this address.</p>\n"
                       "</div></body></html>\n", is_page(content) ? promise : "", is_page(content) ? "<br>" : "");
    return builder_text(&b);
}

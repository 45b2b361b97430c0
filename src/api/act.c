/* Why: the page behind a button in a mail. Mail scanners and previews open every link, so opening shows and only the button on the page
 * acts. Works on any telephone without signing in: no script, nothing loaded, one form. */
#include "api/api_state.h"
#include "channel/content.h"
#include "engine/replies.h"

enum { PAGE_BYTES_MAX = 64 * 1024, INCIDENTS_SHOWN_MAX = 20, NONCE_BYTES = 16 };

static const char style[] =
    "body{margin:0;background:#fff;color:#202124;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif}"
    "main{max-width:600px;margin:0 auto;padding:24px 16px}h1{font-size:24px;line-height:1.3;margin:0 0 20px}"
    ".i{border-left:6px solid #b3261e;padding:2px 0 2px 16px;margin:0 0 20px}.low{border-color:#2f5d8a}.i p{margin:0 0 4px;font-size:16px;color:#5f6368}"
    ".i .t{font-size:20px;font-weight:600;color:#202124;word-break:break-word}"
    "button{display:block;width:100%;padding:18px;border:0;border-radius:8px;background:#b3261e;color:#fff;font-size:20px;font-weight:600}"
    "footer{margin-top:24px;font-size:14px;color:#5f6368}";

struct page {
    struct call *call;
    struct builder b;
    struct text nonce;
};

static void add(struct page *page, struct text t)
{
    builder_add(&page->b, text_html_escape(page->call->arena, t));
}

static struct page begin_page(struct call *call, const char *title)
{
    unsigned char random[NONCE_BYTES];
    struct page page = {.call = call, .b = builder_new(call->arena, PAGE_BYTES_MAX)};
    env_random(call->env, random, sizeof random);
    page.nonce = text_hex(call->arena, random, sizeof random);
    builder_printf(&page.b, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
                            "<meta name=\"robots\" content=\"noindex\"><title>%s</title><style nonce=\"%.*s\">%s</style></head><body><main><h1>%s</h1>\n",
                   title, TEXT_ARG(page.nonce), style, title);
    return page;
}

static void end_page(struct page *page, int status)
{
    struct call *call = page->call;
    builder_add_string(&page->b, "</main></body></html>\n");
    call->raw = (struct http_response){.status = status, .content_type = "text/html; charset=utf-8", .body = builder_text(&page->b), .header_count = 3};
    call->raw.headers[0] = (struct http_header){"Content-Security-Policy", text_printf(call->arena, "default-src 'none'; style-src 'nonce-%.*s'; form-action 'self'; "
                                                "base-uri 'none'; frame-ancestors 'none'", TEXT_ARG(page->nonce))};
    call->raw.headers[1] = (struct http_header){"Referrer-Policy", TEXT("no-referrer")};
    call->raw.headers[2] = (struct http_header){"Cache-Control", TEXT("no-store")};
}

static enum err show_refusal(struct call *call, const char *sentence)
{
    struct page page = begin_page(call, "This link does not work");
    builder_printf(&page.b, "<p>%s Nothing was changed.</p><footer>Sign in to Muster, or answer another message about the incident.</footer>", sentence);
    end_page(&page, 403);
    return OK;
}

static const char *button_of(enum link_action action, bool several)
{
    switch (action) {
    case LINK_ACKNOWLEDGE: return several ? "Acknowledge all" : "Acknowledge";
    case LINK_RESOLVE: return several ? "Resolve all" : "Resolve";
    case LINK_ESCALATE: return several ? "Escalate all" : "Escalate";
    }
    return "";
}

static const char *question_of(enum link_action action)
{
    switch (action) {
    case LINK_ACKNOWLEDGE: return "Acknowledge?";
    case LINK_RESOLVE: return "Resolve?";
    case LINK_ESCALATE: return "Escalate to the next level?";
    }
    return "";
}

/* ERR_FORBIDDEN: the page that says why is made. */
static enum err read_link(struct call *call, struct link *ret_link, struct reply_message *ret_message)
{
    enum link_verdict verdict = link_read(call->arena, engine_link_key(call->engine), call->path_parameters[0], call->now, ret_link);
    if (verdict == LINK_VALID) {
        enum err err = replies_message(call->db, call->arena, ret_link->message_number, ret_message);
        bool fits = err == OK && text_equal(ret_message->user_id, ret_link->user_id) && text_is_present(ret_message->user_name);
        if (err != OK && err != ERR_NOT_FOUND)
            return err;
        if (fits)
            return OK;
    }
    (void)show_refusal(call, verdict == LINK_EXPIRED ? "It has expired." : "It is not valid.");
    return ERR_FORBIDDEN;
}

/* *ret_open: how many the button would change. */
static enum err add_incidents(struct page *page, const struct link *link, size_t *ret_shown, size_t *ret_open)
{
    struct call *call = page->call;
    struct reply_incident *incidents;
    size_t count, shown = 0, open = 0;
    const struct zone *zone = replies_zone(call->db, link->user_id);
    enum err err = replies_incidents(call->db, call->arena, link->message_number, &incidents, &count);
    if (err != OK)
        return err;
    for (size_t i = 0; i < count; i++) {
        const struct reply_incident *incident = &incidents[i];
        if (link->incident_number != 0 && incident->number != link->incident_number)
            continue;
        bool done = text_is(incident->status, "resolved") || (link->action == LINK_ACKNOWLEDGE && text_is(incident->status, "acknowledged"));
        open += !done;
        if (++shown > INCIDENTS_SHOWN_MAX)
            continue;
        builder_printf(&page->b, "<div class=\"i %s\"><p>%s #%lld &middot; ", text_is(incident->urgency, "low") ? "low" : "high",
                       text_is(incident->urgency, "low") ? "Low urgency" : "HIGH urgency", (long long)incident->number);
        add(page, incident->service);
        builder_add_string(&page->b, "</p><p class=\"t\">");
        add(page, incident->title);
        builder_printf(&page->b, "</p><p>Since %.*s, ", TEXT_ARG(content_date(call->arena, zone_format(call->arena, zone, incident->created_at))));
        add(page, replies_state(call->db, call->arena, incident, call->now));
        builder_add_string(&page->b, "</p></div>\n");
    }
    if (shown > INCIDENTS_SHOWN_MAX)
        builder_printf(&page->b, "<p>and %zu more</p>", shown - INCIDENTS_SHOWN_MAX);
    *ret_shown = shown;
    *ret_open = open;
    return OK;
}

static void add_footer(struct page *page, const struct reply_message *message)
{
    builder_add_string(&page->b, "<footer>This link is for ");
    add(page, message->user_name);
    builder_add_string(&page->b, " only; please do not pass it on.</footer>");
}

static enum err show(struct call *call)
{
    struct link link;
    struct reply_message message;
    size_t shown, open;
    enum err err = read_link(call, &link, &message);
    if (err != OK)
        return err == ERR_FORBIDDEN ? OK : err;
    struct page page = begin_page(call, question_of(link.action));
    err = add_incidents(&page, &link, &shown, &open);
    if (err != OK)
        return err;
    if (shown == 0)
        return show_refusal(call, "It speaks of an incident that this message was not about.");
    if (open > 0)
        builder_printf(&page.b, "<form method=\"post\"><button>%s</button></form>", button_of(link.action, shown > 1));
    else
        builder_add_string(&page.b, "<p>There is nothing left to do here.</p>");
    add_footer(&page, &message);
    end_page(&page, 200);
    return OK;
}

static enum err act(struct call *call)
{
    struct link link;
    struct reply_message message;
    size_t shown, open;
    enum err err = read_link(call, &link, &message);
    if (err != OK)
        return err == ERR_FORBIDDEN ? OK : err;
    struct reply_work work = {.arena = call->arena, .reply = {.source = REPLY_BY_LINK, .link = link}};
    err = call_change(call, replies_work, &work);
    if (err != OK)
        return err;
    if (work.result.outcome == REPLY_REFUSED)
        return show_refusal(call, "It is not valid any more.");
    struct page page = begin_page(call, work.result.outcome == REPLY_DONE ? "Done" : "Nothing changed");
    builder_add_string(&page.b, "<p>");
    add(&page, work.result.answer);
    builder_add_string(&page.b, "</p>\n");
    err = add_incidents(&page, &link, &shown, &open);
    if (err != OK)
        return err;
    add_footer(&page, &message);
    end_page(&page, 200);
    return OK;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/act/{token}", .permission = MAY_ANYONE, .handle = show, .summary = "The page behind a link in a mail; changes nothing",
     .media = "text/html"},
    {.method = "POST", .path = "/act/{token}", .permission = MAY_ANYONE, .handle = act, .body_kind = "raw", .body_bytes_max = 16 * 1024,
     .summary = "The button on that page", .media = "text/html"},
};
const struct route_table act_routes = {routes, sizeof routes / sizeof *routes};

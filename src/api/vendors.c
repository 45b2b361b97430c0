/* Why: see vendors.h. */
#include "api/vendors.h"

static const struct vendor vendors[] = {
    {"PVALERT", "Alertmanager", "https://prometheus.io", "Prometheus Alertmanager, by its webhook or its Events API receiver."},
    {"PVCLOUD", "Amazon CloudWatch", "https://aws.amazon.com/cloudwatch", "Metrics and alarms of Amazon Web Services."},
    {"PVDATAD", "Datadog", "https://www.datadoghq.com", "Hosted monitoring."},
    {"PVGENER", "Generic webhook", "https://www.json.org", "Anything that can send a JSON document by HTTP."},
    {"PVGRAFA", "Grafana", "https://grafana.com", "Grafana alerting."},
    {"PVICING", "Icinga", "https://icinga.com", "Icinga notifications."},
    {"PVNAGIO", "Nagios", "https://www.nagios.org", "Nagios notifications."},
    {"PVPROME", "Prometheus", "https://prometheus.io", "Prometheus rules, through Alertmanager."},
    {"PVSENTR", "Sentry", "https://sentry.io", "Errors of applications."},
    {"PVZABBI", "Zabbix", "https://www.zabbix.com", "Zabbix actions."},
};
enum { VENDOR_COUNT = sizeof vendors / sizeof *vendors };

const struct vendor *vendor_find(struct text id)
{
    for (size_t i = 0; i < VENDOR_COUNT; i++)
        if (text_is(id, vendors[i].id))
            return &vendors[i];
    return NULL;
}

static json_t *encode(struct call *call, const struct vendor *vendor)
{
    json_t *object = json_object_in(call->arena);
    json_put_string(object, "id", vendor->id);
    json_put_string(object, "type", "vendor");
    json_put_string(object, "summary", vendor->name);
    json_put_text(object, "self", text_printf(call->arena, "%s/vendors/%s", call_public_url(call), vendor->id));
    json_put_null(object, "html_url");
    json_put_string(object, "name", vendor->name);
    json_put_string(object, "website_url", vendor->website_url);
    json_put_null(object, "logo_url");
    json_put_null(object, "thumbnail_url");
    json_put_string(object, "description", vendor->description);
    json_put_null(object, "integration_guide_url");
    return object;
}

static enum err list(struct call *call)
{
    struct paging paging;
    enum err err = call_paging(call, &paging);
    if (err != OK)
        return err;
    struct text part = call_query(call, "query");
    json_t *items = json_array_in(call->arena);
    int64_t fitting = 0;
    for (size_t i = 0; i < VENDOR_COUNT; i++) {
        if (part.size > 0 && !text_contains_ignoring_case(text_of(vendors[i].name), part))
            continue;
        if (fitting >= paging.offset && fitting < paging.offset + paging.limit)
            json_append(items, encode(call, &vendors[i]));
        fitting++;
    }
    call_reply_page(call, "vendors", items, &paging, fitting > paging.offset + paging.limit, fitting);
    return OK;
}

static enum err get(struct call *call)
{
    const struct vendor *vendor = vendor_find(call->path_parameters[0]);
    if (!vendor)
        return ERR_NOT_FOUND;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "vendor", encode(call, vendor));
    return OK;
}

static const struct route routes[] = {
    {"GET", "/vendors", MAY_READ, list, .summary = "List vendors",
     .query = "query limit offset total", .answers = "vendors[] limit offset more total"},
    {"GET", "/vendors/{id}", MAY_READ, get, .summary = "Get a vendor",
     .answers = "vendor"},
};
const struct route_table vendor_routes = {routes, sizeof routes / sizeof *routes};

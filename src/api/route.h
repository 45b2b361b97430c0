/* Why: every operation of the API is one row: method, path, who may, what it does, what it documents. The router, the
 * permission check and the OpenAPI document all read these rows.
 *
 * A handler is straight-line code on a worker thread: it may block, reads through `call->db` (a read snapshot), changes
 * things with engine_execute, and returns an error or fills `call->reply`. No frees: everything is on call->arena. */
#ifndef MUSTER_API_ROUTE_H
#define MUSTER_API_ROUTE_H

#include "api/allowance.h"
#include "base/json.h"
#include "engine/engine.h"
#include "net/http_server.h"

enum permission {
    MAY_ANYONE,      /* no authentication (sign-in page, events, provider callbacks: they prove themselves otherwise) */
    MAY_READ,        /* any signed-in user or token */
    MAY_RESPOND,     /* change incidents: every role but observer and read_only_* */
    MAY_MANAGE,      /* change configuration: manager (PagerDuty role "user"), admin, owner */
    MAY_SELF_OR_MANAGE, /* the user named by {id} in the path, else as MAY_MANAGE */
    MAY_ADMINISTER,  /* admin, owner */
};

/* Whose teams decide about the object that {id} names: there a team's manager may what MAY_MANAGE and MAY_RESPOND ask for, its responder what
 * MAY_RESPOND asks for, though the role of the account is a lesser one. Only for changes that reach nothing beside that object. */
enum team_of { TEAM_OF_NOTHING, TEAM_OF_TEAM, TEAM_OF_POLICY, TEAM_OF_SERVICE, TEAM_OF_SCHEDULE, TEAM_OF_INCIDENT };

enum { PATH_PARAMETERS_MAX = 4, QUERY_PARAMETERS_MAX = 64 };

struct principal {
    bool authenticated;
    struct text user_id;   /* empty for an account-level token */
    struct text name, email, time_zone;
    struct text role;      /* "owner", "admin", "user", "limited_user", "observer", "read_only_user", ... */
    struct text token_id;  /* empty for a session */
    bool is_session;
    bool must_enrol;       /* the account demands a second factor and this session was opened without one */
};

struct call {
    struct arena *arena;
    struct db *db;            /* this worker's read connection, inside a snapshot */
    struct env *env;
    instant now;
    struct engine *engine;
    struct api *api;
    const struct route *route;
    const struct http_request *request; /* a handler that takes the exchange copies what it keeps */
    struct text path_parameters[PATH_PARAMETERS_MAX]; /* decoded, in the order of the {..} in the path */
    struct { struct text name, value; } query[QUERY_PARAMETERS_MAX]; /* decoded; order kept; "ids[]" keeps its brackets */
    size_t query_count;
    json_t *body;             /* parsed object, or NULL when there was none */
    struct principal who;
    const struct sight *sight; /* what is hidden from the asker (api/visibility.h); NULL: nothing */
    struct problem *problem;  /* add mistakes here and return ERR_INVALID */
    int error_code;           /* instead of the outcome's own code, e.g. 5003; 0: by the outcome */
    const char *error_message; /* likewise; NULL: by the outcome */
    struct allowance_use allowance; /* of the token; told in the answer's headers */
    enum err read_error;      /* a read failed in a helper that returns only JSON: the answer becomes this error */
    /* the answer */
    int status;               /* default 200 */
    json_t *reply;            /* NULL: empty body (204 unless status was set) */
    struct http_response raw; /* used instead of `reply` when raw.status != 0 */
    bool taken;               /* the handler answers by itself (streams) */
};

typedef enum err route_handler(struct call *call);

#define ROUTE_NOTHING ""
#define ROUTE_ELSEWHERE "Location"

struct route {
    const char *method;
    const char *path;         /* "/services/{id}"; literal segments win over parameters; a last "{name*}" takes all the rest */
    enum permission permission;
    route_handler *handle;
    const char *summary;      /* one line for the documentation */
    bool fast;                /* runs on the network thread, must not block; no db, principal not checked (events) */
    const char *body_kind;    /* NULL or "json": parsed to call->body, unknown content types tolerated; "raw": handler reads request->body */
    size_t body_bytes_max;    /* 0: 1 MiB */
    const struct resource *resource; /* for the documentation of body and answer; may be NULL */
    /* For the documentation where no table says it, words between spaces: parameters of the query ("!" behind one that must be there), members of the body
     * and of the answer ("?" behind those that may be absent, "[]" behind lists, ":integer" and the like before these where the word alone does not say it).
     * What a word means says api/openapi_schema.c; openapi_answer in its header, what else an answer may be. */
    const char *query, *takes, *answers;
    const char *media;        /* likewise: media type of an answer that is not JSON; ROUTE_NOTHING: no content; ROUTE_ELSEWHERE: a redirect */
    enum team_of team_of;
    bool before_second_factor; /* open to a session that has yet to set up its second factor */
    const void *with;         /* for `handle` itself: what rows that share it differ in */
    route_handler *acts_as;   /* what `handle` ends in when all it does is prepare the call; documented as that. NULL: `handle` itself */
};

/* Each api/NOUN.c ends in one of these tables; api/routes.c lists the tables. */
struct route_table {
    const struct route *routes;
    size_t count;
};

/* engine_execute, then a fresh snapshot: what call->db reads afterwards includes the change. Use it for every change; plain
 * engine_execute leaves call->db at the state before it. Not in fast handlers. */
enum err call_change(struct call *call, engine_work *work, void *argument) MUST_CHECK;

/* Error answers: {"error":{"message":..,"code":..,"errors":[..]}}; codes in api/errors.h.
 * ERR_INVALID -> 400/2001 with call->problem's lines; ERR_NOT_FOUND -> 404/2100; ERR_CONFLICT -> 400 or 409 as the handler set
 * call->status; ERR_FORBIDDEN -> 403/2010; ERR_LIMIT -> 429/2020; ERR_UNAVAILABLE, ERR_AMBIGUOUS -> 503/2000; ERR_INTERNAL -> 500/2000. */

struct text call_query(const struct call *call, const char *name);               /* first of that name; TEXT_NONE */
/* All values of `name[]` as a JSON array text for @list(:x) in SQL; TEXT_NONE when there is none. */
struct text call_query_list(const struct call *call, const char *name_with_brackets);
/* Absent: leaves *value alone; above `max` it is `max`: whoever asks for more than there can be gets all. Anything else adds a mistake: false. */
bool call_query_number(struct call *call, const char *name, int64_t min, int64_t max, int64_t *value);
bool call_wants(const struct call *call, const char *name);                      /* name=true, True (as Python writes it) or 1 */
bool call_includes(const struct call *call, const char *what);                   /* include[]=what */
/* The acting person for the ledger: session or user token; else the From header's user; adds a mistake (code 1008) when
 * `required` and there is neither. */
enum err call_actor(struct call *call, bool required, struct actor *ret) MUST_CHECK;
/* Public base URL, e.g. "https://muster.example.org/pd", never with a trailing slash. */
const char *call_public_url(const struct call *call);

/* Offset paging (pagerduty-api.md section 3): default 25, max 100, offset + limit <= 10000. */
struct paging {
    int64_t limit, offset;
    bool want_total;
};
enum err call_paging(struct call *call, struct paging *ret) MUST_CHECK;
/* The same with another default and maximum. */
enum err call_paging_up_to(struct call *call, int64_t fallback, int64_t max, struct paging *ret) MUST_CHECK;
/* Fetch limit + 1 rows, append at most limit to `items`; this writes limit, offset, more, total and `name`: items. */
void call_reply_page(struct call *call, const char *name, json_t *items, const struct paging *paging, bool more, int64_t total);

/* {"id","type","summary","self","html_url"}; `type` without "_reference", which is appended. Null paths make null urls. */
json_t *api_reference(struct call *call, const char *type, struct text id, struct text summary, const char *self_path, const char *html_path);
/* The same for a noun whose paths are known: "user", "team", "service", "escalation_policy", "schedule", "schedule_v3", "incident", "priority",
 * "vendor", "maintenance_window", "incident_type". An absent id makes JSON null. */
json_t *api_reference_to(struct call *call, const char *type, struct text id, struct text summary);

#endif

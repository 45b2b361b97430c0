/* Why: most of the API is list, get, create, update and delete on a noun. A noun is a table of fields; decoding with every mistake
 * and its path, encoding with every field always present, filters, audit and the documentation derive from it.
 * Tables hold data, never logic: where a noun needs an `if`, it has one of two hooks.
 *
 * Named queries of a resource, with `queries` = "team":
 *   team_list      every row that fits; blocks for filters and sorting, :limit, :offset; last column `total` = COUNT(*) OVER ()
 *   team_get       :id
 *   team_insert    :id, :now, :parent_id if there is a parent, and one parameter per written column
 *   team_update    the same without :parent_id
 *   team_delete    :id, :now
 * list and get yield the same columns, found by name: id, one per field, `<column>_summary` beside a reference, parent_id where
 * there is a parent. Resources with list_needs_now or get_needs_now also bind :now there, those with an owner :owner there and in insert. */
#ifndef MUSTER_API_RESOURCE_H
#define MUSTER_API_RESOURCE_H

#include "api/route.h"

enum field_kind {
    FIELD_TEXT,       /* min and max in characters */
    FIELD_EMAIL,
    FIELD_ZONE,       /* IANA time zone */
    FIELD_CHOICE,     /* one of `choices`, separated by spaces */
    FIELD_INTEGER,    /* min to max */
    FIELD_BOOLEAN,
    FIELD_INSTANT,
    FIELD_MINUTES,    /* shown in minutes, stored in seconds; min and max in minutes */
    FIELD_REFERENCE,  /* {"id":..}: one object of `reference` type; column and `<column>_summary` */
    FIELD_REFERENCES, /* a list of them; query `query` (:id -> id, summary[, type, path]), when writable also `query`_clear (:id) and
                         `query`_add (:id, :value) */
    FIELD_FIXED,      /* always `fixed`, a JSON text */
    FIELD_CUSTOM,     /* decoded and encoded by the hooks; listed so that it is documented */
};

enum field_flags {
    FIELD_REQUIRED = 1,   /* on create; never null or empty */
    FIELD_NULLABLE = 2,
    FIELD_READ_ONLY = 4,  /* ignored in requests */
    FIELD_ON_CREATE = 8,  /* later values are ignored */
    FIELD_MANAGERS = 16,  /* acts for whoever knows it: null for those who may not manage */
    FIELD_WHOLE = 32,     /* a reference that is always shown as the object of `target` itself */
};

struct field {
    const char *name;
    enum field_kind kind;
    unsigned flags;
    const char *column;    /* default: the name */
    int64_t min, max;
    const char *choices;
    const char *fallback;  /* value on create when absent: text, or decimal digits for numbers; NULL: null */
    const char *reference; /* type of what is referred to */
    const char *query;
    const struct resource *target; /* what include[]=`name` (or `include`) embeds */
    const char *include;
    const char *fixed;
    const char *doc;
};

enum filter_kind { FILTER_TEXT, FILTER_LIST, FILTER_BLOCK /* the value names a block of the query, if among `choices` */ };
struct filter {
    const char *query;     /* name in the URL */
    enum filter_kind kind;
    const char *parameter; /* of the named query; FILTER_BLOCK: prefix of the block's name */
    const char *choices;
    const char *fallback;
};

enum change_kind { CHANGE_CREATE, CHANGE_UPDATE, CHANGE_DELETE };

/* When the write hook is called, in this order, inside the transaction (except that CHECK alone also comes for deletions first). */
enum change_moment {
    MOMENT_CHECK,  /* decode custom fields, look at other rows; add mistakes, or return an error */
    MOMENT_BIND,   /* bind custom columns to change->statement */
    MOMENT_STORED, /* the row is written: write what hangs on it */
};

struct value {
    bool present, null;
    struct text text;   /* FIELD_TEXT, EMAIL, ZONE, CHOICE, REFERENCE (id) */
    int64_t number;     /* INTEGER, BOOLEAN, MINUTES (seconds), INSTANT (microseconds) */
    struct text *ids;   /* REFERENCES */
    size_t id_count;
};

enum { RESOURCE_FIELDS_MAX = 32, REFERENCES_MAX = 500 };

struct change {
    struct call *call;      /* db is the transaction's; arena and problem are the caller's */
    struct tx *tx;
    const struct resource *resource;
    enum change_kind kind;
    enum change_moment moment;
    struct actor actor;
    struct text id, parent_id;
    const json_t *body;     /* the object inside the wrapper; NULL for deletions */
    const json_t *before;   /* as shown before the change; NULL for creations */
    json_t *after;
    struct value values[RESOURCE_FIELDS_MAX]; /* by field; for updates what the body leaves out is filled from `before` */
    struct query *statement;
    void *custom;           /* from CHECK to the later moments of the same run */
    bool wrote;             /* something was written: an error now has to be rolled back */
};

struct resource {
    const char *name;        /* "team": the wrapper of one object and the start of paths in mistakes */
    const char *noun;        /* what records, references and the description call it where its wrapper is that of another, too; default: the name */
    const char *type;        /* of its objects; default: the name */
    const char *plural;      /* "teams": the wrapper of a list */
    const char *path;        /* "/teams"; with a parent "/users/{id}/contact_methods" */
    const char *html_path;   /* NULL: html_url is null */
    const char *queries;
    const char *owner;       /* nouns that share a table: whose rows these are */
    const struct resource *parent;
    const struct field *fields;
    size_t field_count;
    const char *summary;     /* column; default "name" */
    const char *unique;      /* field that a conflict is about */
    const struct filter *filters;
    size_t filter_count;
    const char *sorts;       /* "name:asc name:desc": blocks sort_name_asc, sort_name_desc */
    bool has_sight;          /* the list query has the block `hidden_ids` (api/visibility.h) */
    bool paged;              /* lists carry limit, offset, more, total */
    bool list_needs_now, get_needs_now;
    bool no_type;            /* objects of this noun carry no "type" */
    bool untimed_insert, untimed_update, untimed_delete; /* these statements take no :now */
    enum err (*write)(struct change *change);
    void (*show)(struct call *call, struct query *row, json_t *object); /* must not run the resource's own list or get query */
};

#define FIELD_COUNT(fields) (sizeof(fields) / sizeof *(fields))

/* Handlers for route rows; the row names the resource. */
enum err resource_list(struct call *call);
enum err resource_get(struct call *call);
enum err resource_create(struct call *call);
enum err resource_update(struct call *call);
enum err resource_delete(struct call *call);

const char *resource_noun(const struct resource *resource);

/* The object as the API shows it; ERR_NOT_FOUND. For parents pass the parent's id, else TEXT_NONE. */
enum err resource_read(struct call *call, const struct resource *resource, struct text parent_id, struct text id, bool includes, json_t **ret) MUST_CHECK;
json_t *resource_encode(struct call *call, const struct resource *resource, struct query *row, bool includes);

/* Adds a mistake for everything wrong in `body` (only what is present is looked at; required ones too when `creating`). `problem`
 * NULL: what is wrong counts as absent. */
void resource_decode(const struct resource *resource, struct arena *arena, const json_t *body, bool creating, struct problem *problem,
                     struct value *values);

/* One @, nothing that could end a header or a list of addresses. */
bool resource_is_email(struct text t);

/* A whole number; also as text, because the `pd` command line quotes the numbers that it is given. */
bool resource_is_integer(const json_t *json, int64_t *ret);

/* In hooks. Index of a field by its name; aborts when there is none. */
size_t resource_field(const struct resource *resource, const char *name);
struct value *change_value(struct change *change, const char *field);
/* What the request says about a custom field, else what was there before; NULL when neither. `ret_given`: the request says it. */
const json_t *change_custom(const struct change *change, const char *field, bool *ret_given);
/* "team.name" */
const char *change_path(const struct change *change, const char *field);

/* Name of an object of one of the types "user team service business_service escalation_policy schedule vendor priority contact_method tag field service_field incident_type";
 * ERR_NOT_FOUND when it is not there (any more). */
enum err reference_summary(struct db *db, struct arena *arena, const char *type, struct text id, struct text *ret) MUST_CHECK;

/* Creates, updates or deletes one object of a resource inside a transaction of somebody else, from a body in wire form (default contact method of a user). */
enum err resource_create_in(struct change *outer, const struct resource *resource, struct text parent_id, const json_t *body, struct text *ret_id) MUST_CHECK;
enum err resource_update_in(struct change *outer, const struct resource *resource, struct text parent_id, struct text id, const json_t *body) MUST_CHECK;
enum err resource_delete_in(struct change *outer, const struct resource *resource, struct text parent_id, struct text id) MUST_CHECK;

#endif

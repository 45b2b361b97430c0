/* Why: one small set of outcomes for every fallible call, so that a caller can decide without
 * reading text. Zero is success. Texts for people travel in `struct problem`, not here. */
#ifndef MUSTER_BASE_ERR_H
#define MUSTER_BASE_ERR_H

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_index, first) __attribute__((format(printf, format_index, first)))

enum err {
    OK = 0,
    ERR_INVALID,     /* the input is wrong; a `struct problem` says where and why */
    ERR_NOT_FOUND,   /* the named thing does not exist (any more) */
    ERR_CONFLICT,    /* a uniqueness rule or a state refuses the change; nothing was written */
    ERR_FORBIDDEN,   /* known actor, not allowed */
    ERR_LIMIT,       /* a documented bound was reached */
    ERR_UNAVAILABLE, /* the store or a peer cannot do it now; nothing was written; retry later */
    ERR_AMBIGUOUS,   /* the commit or send may or may not have happened */
    ERR_TOO_NEW,     /* the database was written by a newer Muster */
    ERR_INTERNAL,    /* our own fault; logged once where it was given up */
};

/* A short lower-case English name, for logs. Never NULL. */
const char *err_name(enum err err);

#endif

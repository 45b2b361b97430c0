/* Why: names for `enum err` in one place; the switch has no default so a new value cannot be forgotten. */
#include "base/err.h"

const char *err_name(enum err err)
{
    switch (err) {
    case OK: return "ok";
    case ERR_INVALID: return "invalid";
    case ERR_NOT_FOUND: return "not found";
    case ERR_CONFLICT: return "conflict";
    case ERR_FORBIDDEN: return "forbidden";
    case ERR_LIMIT: return "limit reached";
    case ERR_UNAVAILABLE: return "unavailable";
    case ERR_AMBIGUOUS: return "ambiguous";
    case ERR_TOO_NEW: return "database is newer than this program";
    case ERR_INTERNAL: return "internal error";
    }
    return "unknown error";
}

/* Why: one line per fact on standard error, as `key=value` pairs that people and machines read.
 * Never log a secret, a token, an integration key or a message body. Thread-safe. An error is logged once,
 * where it is given up. The same error within ten seconds is counted and not written: a full disk must not be filled with saying so. */
#ifndef MUSTER_BASE_LOG_H
#define MUSTER_BASE_LOG_H

#include "base/err.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level most_verbose);
/* "2026-11-22T09:00:00.123Z error engine: text". `area` is the file's noun. Control characters are shown as '?'. */
void log_line(enum log_level level, const char *area, const char *format, ...) PRINTF_LIKE(3, 4);

#define log_error(area, ...) log_line(LOG_ERROR, area, __VA_ARGS__)
#define log_warning(area, ...) log_line(LOG_WARNING, area, __VA_ARGS__)
#define log_info(area, ...) log_line(LOG_INFO, area, __VA_ARGS__)
#define log_debug(area, ...) log_line(LOG_DEBUG, area, __VA_ARGS__)

#endif

/* Why: the small files beside the database: what `muster serve` leaves for scripts and for the other commands.
 *   admin-token  API token of the first administrator, mode 0600; delete it when you have made your own
 *   server-url   where the server listens, while it does
 *   secret-key   what links in mails are signed with, mode 0600; kept out of the database, so that a copy of that forges none
 *   sample-password  of the people in the sample data, mode 0600 */
#ifndef MUSTER_CLI_DATA_DIRECTORY_H
#define MUSTER_CLI_DATA_DIRECTORY_H

#include "base/text.h"

/* Makes the directory (0700) when it is missing. Logs the reason on failure. */
bool data_prepare(struct arena *arena, struct text directory);
/* First line of a file; false when there is none. */
bool data_read(struct arena *arena, struct text directory, const char *name, struct text *ret);
/* Replaces the file in one step, flushed to disk, mode 0600. Logs the reason on failure. */
bool data_write(struct arena *arena, struct text directory, const char *name, struct text content);
void data_remove(struct arena *arena, struct text directory, const char *name);

#endif

/* Why: gaps are asked for by every page that warns of them, and to find none a week of every schedule in use must be rendered. What was found is kept between requests.
 *
 * An answer can never be stale: it counts for one version of the configuration only (db_configuration_version of the request's own snapshot), and was looked for
 * GAP_MEMORY_DAYS further than was asked, so that until then a later request finds its gaps among these. */
#ifndef MUSTER_API_SCHEDULE_GAPS_H
#define MUSTER_API_SCHEDULE_GAPS_H

#include <stdint.h>

enum { GAP_MEMORY_DAYS = 1, GAP_MEMORY_BYTES = 1 << 20 /* beyond, nothing is kept */ };

struct gap_memory;

struct gap_memory *gap_memory_new(void);
int64_t gap_memory_answers(struct gap_memory *memory); /* how many it gave */
void gap_memory_free(struct gap_memory *memory); /* NULL is allowed */

#endif

/* Why: an organisation in a new database, before the server starts on it (benchmarks/organisation.h).
 *
 * seed DATABASE SERVICES PEOPLE SCHEDULES HOOK_URL    prints the integration keys, one a line */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "organisation.h"

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: seed DATABASE SERVICES PEOPLE SCHEDULES HOOK_URL\n");
        return 2;
    }
    struct organisation_size size = {.services = (int)strtol(argv[2], NULL, 10), .people = (int)strtol(argv[3], NULL, 10),
                                     .schedules = (int)strtol(argv[4], NULL, 10)};
    struct bench b;
    bench_open(&b, argv[1], (instant){((int64_t)time(NULL) - 86400) * SECOND_US});
    organisation_make(&b, &size, argv[5]);
    bench_close(&b);
    size_t count;
    struct text *keys = bench_column(argv[1], "SELECT integration_key FROM integrations ORDER BY id", &count);
    for (size_t i = 0; i < count; i++)
        printf("%.*s\n", TEXT_ARG(keys[i]));
    return 0;
}

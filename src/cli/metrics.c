/* Why: the reference of all measures, for docs/metrics.md and for whoever has only the binary. */
#include <stdio.h>

#include "api/metrics.h"
#include "cli/commands.h"

static enum exit_code run_metrics(struct arguments *arguments)
{
    struct text documentation = metrics_documentation(arguments->arena);
    fwrite(documentation.data, 1, documentation.size, stdout);
    return EXIT_FINE;
}

const struct command command_metrics = {"metrics", "", 0, 0, false, "print all measures of GET /metrics with their meaning", NULL, run_metrics, {{0}}};

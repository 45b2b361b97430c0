/* Why: what may stand behind the name of a setting, kind by kind, wherever it was written. */
#ifndef MUSTER_BASE_CONFIG_VALUE_H
#define MUSTER_BASE_CONFIG_VALUE_H

#include "base/config_table.h"

/* Writes `value` into `target`, the struct config or struct provider_config that the setting belongs to. What cannot stand there is
 * a mistake at `place`. Texts are copied onto `arena`; a secret_file is read. */
void config_value_set(struct arena *arena, const struct setting *setting, void *target, const char *place, struct text value, struct problem *problem);

#endif

/* Why: administration commands work on the database itself, beside a running server or without one. */
#ifndef MUSTER_CLI_STORE_ACCESS_H
#define MUSTER_CLI_STORE_ACCESS_H

#include "base/config.h"
#include "base/json.h"
#include "cli/command.h"
#include "store/db.h"

/* The settings of --config and of the flags the command left over. Prints the mistakes itself: EXIT_FINE or EXIT_USAGE. */
enum exit_code access_config(struct arguments *arguments, struct config *ret) MUST_CHECK;
/* Opens what the settings name. `change`: inside a transaction. Prints the reason when it cannot. */
enum exit_code access_open(struct arguments *arguments, bool change, struct db **ret) MUST_CHECK;
/* Commits (when nothing failed and a transaction is open) and closes. */
enum exit_code access_close(struct db *db, enum exit_code so_far) MUST_CHECK;
/* A line for each row of a query that asks for nothing. */
enum exit_code access_list(struct arguments *arguments, const char *query, void (*print_row)(struct arguments *arguments, struct query *q)) MUST_CHECK;

/* Writes who did what from this command line into the audit record; part of the open transaction. `after`: NULL or what is worth knowing. */
enum err access_audit(struct arguments *arguments, struct db *db, const char *action, const char *resource_type, struct text resource_id,
                      const json_t *after) MUST_CHECK;

enum exit_code exit_of(enum err err);

#define ACCESS_FLAGS {"config", "FILE", "configuration file", false}

#endif

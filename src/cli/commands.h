/* Why: the commands, each in the file of its noun, listed once in commands.c. */
#ifndef MUSTER_CLI_COMMANDS_H
#define MUSTER_CLI_COMMANDS_H

#include "cli/command.h"

extern const struct command command_serve, command_sender;                                              /* serve.c */
extern const struct command command_check, command_backup, command_config, command_version;             /* installation.c */
extern const struct command command_audit;                                                              /* audit.c */
extern const struct command command_metrics;                                                            /* metrics.c */
extern const struct command command_user_add, command_user_list, command_user_role, command_user_password, command_user_reset_second_factor,
    command_user_verify;                                                                                /* user.c */
extern const struct command command_token_create, command_token_list, command_token_revoke;             /* token.c */
extern const struct command command_event;                                                              /* event.c */
extern const struct command command_oncall, command_why, command_why_not, command_resolve;              /* questions.c */

#endif

/* Why: one list of all commands, in the order of the help. */
#include "cli/commands.h"

const struct command *const all_commands[] = {
    &command_serve,       &command_event,       &command_oncall,       &command_why,   &command_why_not,
    &command_resolve,     &command_user_add,    &command_user_list,    &command_user_role, &command_user_password,
    &command_user_reset_second_factor, &command_user_verify, &command_token_create, &command_token_list, &command_token_revoke,
    &command_check,       &command_audit,       &command_backup,       &command_config, &command_metrics,
    &command_version,     &command_sender,      NULL,
};

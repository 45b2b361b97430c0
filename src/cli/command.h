/* Why: every command of the program is one row: what it does, its flags and its words; help and the check of what was typed
 * come from the same rows. */
#ifndef MUSTER_CLI_COMMAND_H
#define MUSTER_CLI_COMMAND_H

#include "base/env.h"
#include "base/problem.h"

enum exit_code {
    EXIT_FINE = 0,
    EXIT_FAILED = 1,      /* it was tried and did not work; the reason is on standard error */
    EXIT_USAGE = 2,       /* wrong arguments or configuration; every mistake is listed, nothing was done */
    EXIT_UNREACHABLE = 3, /* database or server cannot be reached; trying later may help */
    EXIT_NOT_FOUND = 4,   /* what was asked for does not exist */
};

enum { FLAGS_MAX = 16, WORDS_MAX = 16 };

struct flag {
    const char *name;  /* without the dashes; NULL ends the list */
    const char *value; /* what stands for it in the help, e.g. "FILE"; NULL: a flag without a value */
    const char *meaning;
    bool required;
};

struct arguments {
    struct arena *arena;
    struct problem *problem;
    struct env *env;
    const struct command *command;
    const char *flag_values[FLAGS_MAX]; /* by row; "" for a flag without a value that was given; NULL: absent */
    const char *words[WORDS_MAX];
    int word_count;
    int rest_count;      /* command->takes_settings: everything that is no flag of its own */
    char **rest;
};

struct command {
    const char *name;    /* "serve", "user add" */
    const char *words;   /* in the help, e.g. "FILE"; "": none */
    int words_min, words_max;
    bool takes_settings; /* hands unknown flags to base/config.h */
    const char *summary; /* one line */
    const char *details; /* further lines, or NULL */
    enum exit_code (*run)(struct arguments *arguments);
    struct flag flags[FLAGS_MAX];
};

/* The whole program: finds the command, reads its arguments, runs it. */
int command_main(int argc, char **argv);
extern const struct command *const all_commands[]; /* NULL-terminated */

/* NULL when the flag was not given. Aborts when the command has no such row. */
const char *flag_of(const struct arguments *arguments, const char *name);
bool flag_is_given(const struct arguments *arguments, const char *name);
/* Prints every mistake to standard error and answers EXIT_USAGE. */
enum exit_code usage_exit(const struct arguments *arguments);
/* One line on standard error. */
void complain(const char *format, ...) PRINTF_LIKE(1, 2);

#endif

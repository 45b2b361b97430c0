/* Why: see command.h. */
#include "cli/command.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ARENA_BYTES_MAX = 256 << 20 };

void complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("muster: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

static int row_of(const struct command *command, struct text name)
{
    for (int i = 0; i < FLAGS_MAX && command->flags[i].name; i++)
        if (text_is(name, command->flags[i].name))
            return i;
    return -1;
}

const char *flag_of(const struct arguments *arguments, const char *name)
{
    int row = row_of(arguments->command, text_of(name));
    assert(row >= 0);
    return arguments->flag_values[row];
}

bool flag_is_given(const struct arguments *arguments, const char *name)
{
    return flag_of(arguments, name) != NULL;
}

enum exit_code usage_exit(const struct arguments *arguments)
{
    for (size_t i = 0; i < arguments->problem->count; i++)
        complain("%.*s", TEXT_ARG(problem_line(arguments->problem, i)));
    if (arguments->problem->dropped > 0)
        complain("and %zu more", arguments->problem->dropped);
    fprintf(stderr, "Try `muster %s --help`.\n", arguments->command->name);
    return EXIT_USAGE;
}

/* Help -------------------------------------------------------------------------------------------------------------------- */

static void print_command_help(const struct command *command)
{
    printf("muster %s%s%s%s\n\n%s\n", command->name, command->words[0] ? " " : "", command->words, command->flags[0].name ? " [flags]" : "",
           command->summary);
    if (command->details)
        printf("\n%s\n", command->details);
    if (command->flags[0].name)
        puts("\nFlags:");
    for (int i = 0; i < FLAGS_MAX && command->flags[i].name; i++) {
        const struct flag *flag = &command->flags[i];
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", flag->name, flag->value ? " " : "", flag->value ? flag->value : "");
        printf("  %-24s %s%s\n", left, flag->meaning, flag->required ? " (needed)" : "");
    }
    if (command->takes_settings)
        puts("  Any setting works as a flag too; `muster config` lists them.");
}

static void print_help(void)
{
    puts("muster " MUSTER_VERSION ": on-call and incident response\n\nusage: muster COMMAND [arguments]\n");
    for (const struct command *const *command = all_commands; *command; command++)
        if ((*command)->summary)
            printf("  %-20s %s\n", (*command)->name, (*command)->summary);
    puts("\n`muster COMMAND --help` says more. Exit codes: 0 done; 1 it did not work; 2 wrong arguments or configuration;\n"
         "3 database or server cannot be reached; 4 not found.");
}

/* Arguments ------------------------------------------------------------------------------------------------------------------ */

static bool is_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

/* Takes the flag at argv[i]; returns the index of its last argument. */
static int take_flag(struct arguments *arguments, int argc, char **argv, int i)
{
    const struct command *command = arguments->command;
    struct text argument = text_of(argv[i]);
    size_t equals = text_find_byte(argument, '=', 0);
    int row = row_of(command, text_slice(argument, 2, equals));
    const char *place = text_cstring(arguments->arena, text_slice(argument, 0, equals));
    bool has_value = equals < argument.size;
    if (row < 0 && command->takes_settings) {
        arguments->rest[arguments->rest_count++] = argv[i];
        if (!has_value && i + 1 < argc && strncmp(argv[i + 1], "--", 2) != 0)
            arguments->rest[arguments->rest_count++] = argv[++i];
    } else if (row < 0) {
        problem_add(arguments->problem, place, "is not a flag of `muster %s`", command->name);
        if (!has_value && i + 1 < argc && command->words_max == 0 && strncmp(argv[i + 1], "--", 2) != 0)
            i++; /* its value, most likely */
    } else if (!command->flags[row].value) {
        if (has_value)
            problem_add(arguments->problem, place, "takes no value");
        arguments->flag_values[row] = "";
    } else if (has_value) {
        arguments->flag_values[row] = argv[i] + equals + 1;
    } else if (i + 1 < argc) {
        arguments->flag_values[row] = argv[++i];
    } else {
        problem_add(arguments->problem, place, "needs a value: %s", command->flags[row].value);
    }
    return i;
}

static void check_complete(struct arguments *arguments)
{
    const struct command *command = arguments->command;
    for (int i = 0; i < FLAGS_MAX && command->flags[i].name; i++)
        if (command->flags[i].required && !arguments->flag_values[i])
            problem_add(arguments->problem, arena_printf(arguments->arena, "--%s", command->flags[i].name), "is missing");
    if (arguments->word_count < command->words_min)
        problem_add(arguments->problem, NULL, "expected: muster %s %s", command->name, command->words);
}

static void read_arguments(struct arguments *arguments, int argc, char **argv)
{
    arguments->rest = ARENA_ARRAY(arguments->arena, char *, (size_t)argc + 1);
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0)
            i = take_flag(arguments, argc, argv, i);
        else if (arguments->word_count < arguments->command->words_max && arguments->word_count < WORDS_MAX)
            arguments->words[arguments->word_count++] = argv[i];
        else
            problem_add(arguments->problem, argv[i], "is not expected here");
    }
    check_complete(arguments);
}

/* The command with the longest matching name ("user add" before "user"); `*ret_used`: how many arguments name it. */
static const struct command *find_command(int argc, char **argv, int *ret_used)
{
    char two[64] = "";
    if (argc >= 2)
        snprintf(two, sizeof two, "%s %s", argv[0], argv[1]);
    for (int used = 2; used >= 1; used--) {
        for (const struct command *const *command = all_commands; argc >= used && *command; command++) {
            if (strcmp((*command)->name, used == 2 ? two : argv[0]) == 0) {
                *ret_used = used;
                return *command;
            }
        }
    }
    return NULL;
}

/* "muster user": which commands begin like that. */
static bool print_family(const char *word)
{
    bool found = false;
    size_t length = strlen(word);
    for (const struct command *const *command = all_commands; *command; command++) {
        if (strncmp((*command)->name, word, length) == 0 && (*command)->name[length] == ' ') {
            printf("  %-20s %s\n", (*command)->name, (*command)->summary);
            found = true;
        }
    }
    return found;
}

int command_main(int argc, char **argv)
{
    int used = 0;
    if (argc < 2 || is_help(argv[1]) || strcmp(argv[1], "help") == 0) {
        const struct command *about = argc > 2 ? find_command(argc - 2, argv + 2, &used) : NULL;
        if (about)
            print_command_help(about);
        else
            print_help();
        return argc < 2 ? EXIT_USAGE : EXIT_FINE;
    }
    const struct command *command = find_command(argc - 1, argv + 1, &used);
    if (!command) {
        if (print_family(argv[1]))
            return argc > 2 && is_help(argv[2]) ? EXIT_FINE : EXIT_USAGE;
        complain("unknown command '%s'; `muster help` lists them", argv[1]);
        return EXIT_USAGE;
    }
    for (int i = 1 + used; i < argc; i++) {
        if (is_help(argv[i])) {
            print_command_help(command);
            return EXIT_FINE;
        }
    }
    struct arena *arena = arena_new(ARENA_BYTES_MAX);
    struct env *env = env_real();
    struct arguments arguments = {.arena = arena, .problem = problem_new(arena), .env = env, .command = command};
    read_arguments(&arguments, argc - 1 - used, argv + 1 + used);
    int code = problem_is_empty(arguments.problem) ? (int)command->run(&arguments) : (int)usage_exit(&arguments);
    env_free(env);
    arena_free(arena);
    return code;
}

/* Why: see problem.h. */
#include "base/problem.h"

#include <stdarg.h>
#include <stdio.h>

struct problem *problem_new(struct arena *arena)
{
    struct problem *problem = ARENA_NEW(arena, struct problem);
    problem->arena = arena;
    return problem;
}

bool problem_is_empty(const struct problem *problem)
{
    return problem->count == 0;
}

void problem_add(struct problem *problem, const char *path, const char *format, ...)
{
    if (problem->count == PROBLEM_MISTAKES_MAX) {
        problem->dropped++;
        return;
    }
    char message[512];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    problem->mistakes[problem->count++] = (struct mistake){
        .path = path ? text_copy(problem->arena, text_of(path)) : TEXT_NONE,
        .message = text_copy(problem->arena, text_of(message)),
    };
}

struct text problem_line(const struct problem *problem, size_t index)
{
    const struct mistake *mistake = &problem->mistakes[index];
    if (mistake->path.size == 0)
        return mistake->message;
    return text_printf(problem->arena, "%.*s %.*s", TEXT_ARG(mistake->path), TEXT_ARG(mistake->message));
}

/* Why: a failing seed is hundreds of deeds; the story of the bug is five. Leaves out halves, quarters, ... of the deeds and faults as long
 * as the same promise is still broken, prints what is left so that a person can follow it, and plays such a script again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim.h"

struct shrinking {
    struct life_plan plan;
    bool deed_off[STEPS_MAX + 1], fault_off[STEPS_MAX + 1];
    int items[2 * STEPS_MAX + 2]; /* a step for its deed, -step for its fault */
    int count, tries;
    char invariant[40];
    struct life_result best;
    time_t until;
};

static void invariant_of(const char *failure, char *ret, size_t size)
{
    const char *at = strstr(failure, "step ");
    at = at ? strstr(at, ": ") : NULL;
    const char *end = at ? strchr(at + 2, ':') : NULL;
    snprintf(ret, size, "%.*s", end ? (int)(end - at - 2) : 0, at ? at + 2 : "");
}

static void set_off(struct shrinking *s, int item, bool off)
{
    if (item > 0)
        s->deed_off[item] = off;
    else
        s->fault_off[-item] = off;
}

/* True: without these it fails just so. */
static bool still_fails(struct shrinking *s, int from, int count)
{
    for (int i = from; i < from + count; i++)
        set_off(s, s->items[i], true);
    struct life_result *result = calloc(1, sizeof *result);
    life_run(&s->plan, result);
    s->tries++;
    char invariant[40];
    invariant_of(result->failure, invariant, sizeof invariant);
    bool same = result->failure[0] && strcmp(invariant, s->invariant) == 0;
    if (same)
        s->best = *result;
    free(result);
    for (int i = from; i < from + count && !same; i++)
        set_off(s, s->items[i], false);
    return same;
}

static void leave_out(struct shrinking *s, int from, int count)
{
    memmove(&s->items[from], &s->items[from + count], (size_t)(s->count - from - count) * sizeof s->items[0]);
    s->count -= count;
}

static void print_script(struct shrinking *s)
{
    char(*words)[WORDS_MAX] = calloc(STEPS_MAX + 1, WORDS_MAX);
    struct life_result *result = calloc(1, sizeof *result);
    s->plan.silent = false;
    s->plan.words = words;
    life_run(&s->plan, result);
    printf("# %.*s\n", (int)strcspn(result->failure, "\n"), result->failure);
    printf("# play it again: build/muster-sim --trace --script FILE; what each step did stands behind it\n");
    printf("seed %llu\nsteps %lld\n", (unsigned long long)s->plan.seed, (long long)s->plan.steps);
    if (planted_now()[0])
        printf("planted %s\n", planted_now());
    for (int i = 0; i < s->count; i++) {
        int step = s->items[i] > 0 ? s->items[i] : -s->items[i];
        printf("%s %d # %s\n", s->items[i] > 0 ? "do" : "fault", step, words[step]);
    }
    printf("# end of the script: %d of the deeds and faults are needed (%d tries)\n", s->count, s->tries);
    free(result);
    free(words);
}

void script_shrink(const struct life_plan *plan, const struct life_result *failed, int64_t patience_s)
{
    struct shrinking *s = calloc(1, sizeof *s);
    s->plan = *plan;
    s->plan.silent = true;
    s->plan.trace = false;
    s->plan.each_step = true;
    s->plan.deed_off = s->deed_off;
    s->plan.fault_off = s->fault_off;
    s->best = *failed;
    s->until = time(NULL) + (time_t)patience_s;
    invariant_of(failed->failure, s->invariant, sizeof s->invariant);
    int64_t last = failed->steps < plan->steps ? failed->steps : plan->steps;
    s->plan.steps = last;
    for (int step = (int)last; step >= 1; step--) { /* the late ones first: the early ones made the situation */
        s->items[s->count++] = step;
        if (failed->fault_drawn[step])
            s->items[s->count++] = -step;
    }
    for (int chunk = (s->count + 1) / 2; chunk >= 1 && time(NULL) < s->until; chunk = chunk == 1 ? 0 : (chunk + 1) / 2)
        for (int from = 0; from < s->count && time(NULL) < s->until;) {
            int size = from + chunk <= s->count ? chunk : s->count - from;
            if (still_fails(s, from, size))
                leave_out(s, from, size);
            else
                from += size;
        }
    for (int i = 0, j = s->count - 1; i < j; i++, j--) {
        int item = s->items[i];
        s->items[i] = s->items[j];
        s->items[j] = item;
    }
    print_script(s);
    free(s);
}

int script_replay(const char *file, const char *path)
{
    FILE *in = fopen(file, "re");
    struct shrinking *s = calloc(1, sizeof *s);
    static char planted[80];
    char line[600], word[20];
    if (!in)
        return 2;
    s->plan = (struct life_plan){.path = path, .trace = true, .each_step = true, .deed_off = s->deed_off, .fault_off = s->fault_off};
    memset(s->deed_off, 1, sizeof s->deed_off);
    memset(s->fault_off, 1, sizeof s->fault_off);
    while (fgets(line, sizeof line, in)) {
        unsigned long long number = 0;
        if (line[0] == '#' || sscanf(line, "%19s", word) != 1)
            continue;
        bool numbered = sscanf(line, "%19s %llu", word, &number) == 2;
        if (strcmp(word, "planted") == 0 && sscanf(line, "%*s %79s", planted) == 1)
            planted_set(planted);
        else if (numbered && strcmp(word, "seed") == 0)
            s->plan.seed = number;
        else if (numbered && number <= STEPS_MAX && strcmp(word, "steps") == 0)
            s->plan.steps = (int64_t)number;
        else if (numbered && number <= STEPS_MAX && strcmp(word, "do") == 0)
            s->deed_off[number] = false;
        else if (numbered && number <= STEPS_MAX && strcmp(word, "fault") == 0)
            s->fault_off[number] = false;
        else
            fprintf(stderr, "muster-sim: %s: not understood: %s", file, line);
    }
    fclose(in);
    struct life_result *result = calloc(1, sizeof *result);
    life_run(&s->plan, result);
    printf("%s\n", result->failure[0] ? result->failure : "no promise was broken");
    int code = result->failure[0] ? 1 : 0;
    free(result);
    free(s);
    return code;
}

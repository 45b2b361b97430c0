/* Why: muster starts its sender from /proc/self/exe, which under valgrind 3.19 is valgrind. Preloaded, this names the program instead, so that both
 * processes are looked at. */
#include <dlfcn.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>

typedef int spawn_function(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[], char *const[]);

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, char *const arguments[],
                char *const environment[])
{
    spawn_function *spawn = (spawn_function *)dlsym(RTLD_NEXT, "posix_spawn");
    const char *self = getenv("SPAWN_SELF");
    return spawn(pid, self && strcmp(path, "/proc/self/exe") == 0 ? self : path, actions, attributes, arguments, environment);
}

/* Why: see sender_process.h. posix_spawn, because the core has threads by then. */
#include "cli/sender_process.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

extern char **environ;

enum { END_WAIT_MS = 2000, END_STEP_MS = 10 };

static bool has_ended(struct sender_process *process)
{
    return waitpid(process->pid, NULL, WNOHANG) != 0;
}

void sender_process_end(struct sender_process *process)
{
    if (process->pid == 0)
        return;
    for (int waited = 0; !has_ended(process); waited += END_STEP_MS) {
        if (waited >= END_WAIT_MS) {
            log_warning("serve", "the sender does not end; it is killed");
            kill(process->pid, SIGKILL);
            waitpid(process->pid, NULL, 0);
            break;
        }
        usleep(END_STEP_MS * 1000);
    }
    process->pid = 0;
}

static int spawn(struct sender_process *process, int child_end)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, child_end, SENDER_FD); /* clears close-on-exec, also when both are the same */
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    int reason = posix_spawn(&process->pid, "/proc/self/exe", &actions, &attributes, process->arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return reason;
}

int sender_process_spawn(void *context)
{
    struct sender_process *process = context;
    if (process->pid != 0 && !has_ended(process)) {
        kill(process->pid, SIGKILL);
        waitpid(process->pid, NULL, 0);
    }
    process->pid = 0;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        log_error("serve", "no socket pair for the sender: %s", strerror(errno));
        return -1;
    }
    int reason = spawn(process, ends[1]);
    close(ends[1]);
    if (reason == 0)
        return ends[0];
    log_error("serve", "the sender does not start: %s", strerror(reason));
    process->pid = 0;
    close(ends[0]);
    return -1;
}

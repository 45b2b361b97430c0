/* Why: see sender_process.h. */
#include "cli/sender_process.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

extern char **environ;

enum { END_WAIT_MS = 2000, END_STEP_MS = 10 };

/* The spawner --------------------------------------------------------------------------------------------------- */

static bool has_ended(pid_t sender)
{
    return waitpid(sender, NULL, WNOHANG) != 0;
}

static void kill_sender(pid_t sender)
{
    if (sender == 0 || has_ended(sender))
        return;
    kill(sender, SIGKILL);
    waitpid(sender, NULL, 0);
}

/* It ends by itself when the core's end of its socket closes. */
static void wait_for_sender(pid_t sender)
{
    if (sender == 0)
        return;
    for (int waited = 0; !has_ended(sender); waited += END_STEP_MS) {
        if (waited >= END_WAIT_MS) {
            log_warning("serve", "the sender does not end; it is killed");
            kill_sender(sender);
            return;
        }
        usleep(END_STEP_MS * 1000);
    }
}

static int spawn(char *const *arguments, int child_end, pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, child_end, SENDER_FD); /* clears close-on-exec, also when both are the same */
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int reason = posix_spawn(ret, "/proc/self/exe", &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return reason;
}

/* One datagram: 0 and the core's end of the sender's socket, or errno and none. */
static bool answer(int fd, int reason, int core_end)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {&reason, sizeof reason};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (reason == 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.header), &core_end, sizeof core_end);
    }
    return sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)sizeof reason;
}

static pid_t start_sender(int fd, char *const *arguments, bool *ret_answered)
{
    int ends[2];
    pid_t sender = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        *ret_answered = answer(fd, errno, -1);
        return 0;
    }
    int reason = spawn(arguments, ends[1], &sender);
    *ret_answered = answer(fd, reason, ends[0]);
    close(ends[0]);
    close(ends[1]);
    return reason == 0 ? sender : 0;
}

static void run_spawner(int fd, char *const *arguments)
{
    pid_t sender = 0;
    char request;
    bool answered = true;
    prctl(PR_SET_NAME, "muster-spawner");
    /* Ctrl-C and service managers signal all processes; when to end is the core's decision. */
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    while (answered) {
        ssize_t got = recv(fd, &request, 1, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got != 1)
            break;
        kill_sender(sender);
        sender = start_sender(fd, arguments, &answered);
    }
    wait_for_sender(sender);
    _exit(0);
}

/* The core's side ----------------------------------------------------------------------------------------------------- */

bool sender_process_prepare(struct sender_process *process)
{
    int ends[2];
    process->starter = pthread_self();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        log_error("serve", "no socket pair for the spawner: %s", strerror(errno));
        return false;
    }
    process->spawner = fork();
    if (process->spawner == 0) {
        close(ends[0]);
        run_spawner(ends[1], process->arguments);
    }
    close(ends[1]);
    process->fd = ends[0];
    if (process->spawner > 0)
        return true;
    log_error("serve", "no process for the spawner: %s", strerror(errno));
    close(ends[0]);
    process->spawner = 0;
    return false;
}

/* The core's end of the sender's socket; -1 with the spawner's errno; -1 with 0: it is gone. */
static int ask(int fd, int *ret_reason)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    int reason = 0, socket = -1;
    struct iovec part = {&reason, sizeof reason};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t got = -1;
    *ret_reason = 0;
    if (send(fd, "s", 1, MSG_NOSIGNAL) != 1)
        return -1;
    do
        got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof reason)
        return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (reason == 0 && header && header->cmsg_type == SCM_RIGHTS)
        memcpy(&socket, CMSG_DATA(header), sizeof socket);
    *ret_reason = reason;
    return socket;
}

int sender_process_spawn(void *context)
{
    struct sender_process *process = context;
    int reason, fd = ask(process->fd, &reason);
    if (fd >= 0)
        return fd;
    if (reason != 0) {
        log_error("serve", "the sender does not start: %s", strerror(reason));
    } else if (!atomic_exchange(&process->is_lost, true)) {
        log_error("serve", "the spawner is gone, so nobody can be paged any more; stopping, to be started anew");
        /* The starter waits for this signal; it ends the process in order. */
        pthread_kill(process->starter, SIGTERM); /* NOLINT(bugprone-bad-signal-to-kill-thread,cert-pos44-c) */
    }
    return -1;
}

void sender_process_end(struct sender_process *process)
{
    if (process->spawner == 0)
        return;
    close(process->fd);
    waitpid(process->spawner, NULL, 0);
    process->spawner = 0;
}

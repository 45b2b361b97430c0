/* Why: see service_manager.h. */
#include "cli/service_manager.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

enum { SIGNS_PER_INTERVAL = 3 };

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if ((path[0] != '/' && path[0] != '@') || length >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@')
        address.sun_path[0] = '\0'; /* an abstract name */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static int64_t number_in(const char *name)
{
    int64_t number = 0;
    return text_to_int64(text_of(getenv(name)), &number) && number > 0 ? number : 0;
}

void service_manager_open(struct service_manager *manager)
{
    const char *path = getenv("NOTIFY_SOCKET");
    *manager = (struct service_manager){.fd = -1};
    if (path && *path) {
        manager->fd = connect_to(path);
        if (manager->fd < 0)
            log_warning("serve", "the service manager cannot be told anything: %s", strerror(errno));
        int64_t pid = number_in("WATCHDOG_PID");
        if (pid == 0 || pid == getpid())
            manager->interval_us = number_in("WATCHDOG_USEC") / SIGNS_PER_INTERVAL;
    }
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_PID");
    unsetenv("WATCHDOG_USEC");
}

void service_manager_say(const struct service_manager *manager, const char *what)
{
    if (manager->fd >= 0 && send(manager->fd, what, strlen(what), MSG_NOSIGNAL) < 0)
        log_warning("serve", "the service manager was not told %s: %s", what, strerror(errno));
}

static enum err do_nothing(struct tx *tx, void *argument)
{
    (void)tx;
    (void)argument;
    return OK;
}

static void take_back(struct job *job, enum err outcome)
{
    struct service_manager *manager = job->argument;
    (void)outcome;
    atomic_store(&manager->is_out, false);
}

static void give_sign(struct service_manager *manager, struct engine *engine)
{
    if (atomic_exchange(&manager->is_out, true))
        return;
    service_manager_say(manager, "WATCHDOG=1");
    manager->pulse = (struct job){.work = do_nothing, .argument = manager, .done = take_back, .internal = true};
    engine_submit(engine, &manager->pulse);
}

int service_manager_wait(struct service_manager *manager, struct engine *engine, const sigset_t *signals)
{
    int signal_number = 0;
    if (manager->fd < 0 || manager->interval_us == 0) {
        sigwait(signals, &signal_number);
        return signal_number;
    }
    struct timespec interval = {.tv_sec = manager->interval_us / SECOND_US, .tv_nsec = manager->interval_us % SECOND_US * 1000};
    do {
        give_sign(manager, engine);
        signal_number = sigtimedwait(signals, NULL, &interval);
    } while (signal_number < 0 && (errno == EAGAIN || errno == EINTR));
    return signal_number;
}

/* Why: shows that the kernel refuses what a process gave up. Every attempt is made three times: by an unconfined child, where it must work, or the
 * attempt itself proves nothing; by a confined core; by a confined sender. Sanitizer builds only refuse sockets (cli/call_filter.h). */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/confine.h"
#include "cli/landlock.h"

enum verdict { WORKS = 0, REFUSED = 1, KILLED = 2, BROKEN = 3 };
enum role { FREE, CORE, CORE_OF_POSTGRES, SENDER };

static struct {
    char folder[32], file[64], foreign[64];
    struct arena *arena;
    int listener, port, other_listener, other_port, bound; /* made before, as the core's listening socket is */
    struct config config;
} place;

static void *do_nothing(void *argument)
{
    return argument;
}

static enum verdict of_errno(bool fine)
{
    return fine ? WORKS : errno == EACCES || errno == ENOSYS || errno == EPERM ? REFUSED : BROKEN;
}

static enum verdict opens(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);
    return of_errno(fd >= 0);
}

static enum verdict connects(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
    return of_errno(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
}

/* The attempts --------------------------------------------------------------------------------------------------- */

static enum verdict start_a_program(void)
{
    char *const words[] = {(char *)(uintptr_t)"true", NULL};
    execv("/bin/true", words); /* exits with 0 where it works */
    return of_errno(false);
}

static enum verdict be_traced(void)
{
    return of_errno(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
}

static enum verdict make_a_process(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    return of_errno(child > 0);
}

static enum verdict signal_the_parent(void)
{
    return of_errno(kill(getppid(), 0) == 0);
}

static enum verdict get_core_files_back(void)
{
    struct rlimit limit;
    return of_errno(getrlimit(RLIMIT_CORE, &limit) == 0 && setrlimit(RLIMIT_CORE, &limit) == 0);
}

static enum verdict make_a_thread(void)
{
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, do_nothing, NULL);
    return failed == 0 && pthread_join(thread, NULL) == 0 ? WORKS : BROKEN;
}

static enum verdict read_the_database(void) { return opens(place.file, O_RDWR); }
static enum verdict write_beside_it(void) { return opens(arena_printf(place.arena, "%s/fresh", place.folder), O_RDWR | O_CREAT); }
static enum verdict read_foreign_settings(void) { return opens(place.foreign, O_RDONLY); }
static enum verdict read_passwords(void) { return opens("/etc/passwd", O_RDONLY); }
static enum verdict write_elsewhere(void) { return opens(arena_printf(place.arena, "%s.new", place.foreign), O_WRONLY | O_CREAT); }
static enum verdict read_a_zone(void) { return opens("/usr/share/zoneinfo/Europe/Berlin", O_RDONLY); }
static enum verdict connect_to_the_port(void) { return connects(place.port); }
static enum verdict connect_elsewhere(void) { return connects(place.other_port); }
static enum verdict make_a_raw_socket(void) { return of_errno(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0) >= 0 || errno == EPERM); }
static enum verdict make_a_local_socket(void) { return of_errno(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0); }
static enum verdict listen_anew(void) { return of_errno(listen(place.bound, 1) == 0); }

static enum verdict look_a_name_up(void)
{
    struct addrinfo *found, hints = {.ai_socktype = SOCK_STREAM};
    return getaddrinfo("localhost", "80", &hints, &found) == 0 ? WORKS : REFUSED;
}

static enum verdict bind_a_port(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return of_errno(fd >= 0 && bind(fd, (struct sockaddr *)&any, sizeof any) == 0);
}

/* Each kind of attempt needs one of the two means, so that a kernel without Landlock is said to be skipped and not to be wrong. */
enum means { BY_CALLS, BY_SOCKETS, BY_FILES, BY_PORTS };

static const struct attempt {
    const char *what;
    enum verdict (*make)(void);
    enum means means;
    enum verdict core, core_of_postgres, sender;
} attempts[] = {
    {"start a program", start_a_program, BY_CALLS, KILLED, KILLED, KILLED},
    {"trace", be_traced, BY_CALLS, KILLED, KILLED, KILLED},
    {"make a process", make_a_process, BY_CALLS, REFUSED, REFUSED, REFUSED},
    {"make a thread", make_a_thread, BY_CALLS, WORKS, WORKS, WORKS},
    {"signal another process", signal_the_parent, BY_CALLS, REFUSED, REFUSED, REFUSED},
    {"raise a limit", get_core_files_back, BY_CALLS, REFUSED, REFUSED, REFUSED},
    {"make a local socket", make_a_local_socket, BY_SOCKETS, REFUSED, WORKS, WORKS},
    {"make a raw socket", make_a_raw_socket, BY_CALLS, REFUSED, REFUSED, REFUSED},
    {"listen", listen_anew, BY_CALLS, REFUSED, REFUSED, REFUSED},
    {"connect", connect_to_the_port, BY_SOCKETS, REFUSED, WORKS, WORKS},
    {"connect elsewhere", connect_elsewhere, BY_PORTS, REFUSED, REFUSED, WORKS},
    {"bind a port", bind_a_port, BY_PORTS, REFUSED, REFUSED, REFUSED},
    {"read and write the database", read_the_database, BY_FILES, WORKS, WORKS, REFUSED},
    {"make a file beside it", write_beside_it, BY_FILES, WORKS, WORKS, REFUSED},
    {"read a file with secrets", read_foreign_settings, BY_FILES, REFUSED, REFUSED, REFUSED},
    {"read /etc/passwd", read_passwords, BY_FILES, REFUSED, WORKS, WORKS},
    {"write elsewhere", write_elsewhere, BY_FILES, REFUSED, REFUSED, REFUSED},
    {"read a time zone", read_a_zone, BY_FILES, WORKS, WORKS, WORKS},
    {"look a name up", look_a_name_up, BY_CALLS, WORKS, WORKS, WORKS},
};

/* The children ----------------------------------------------------------------------------------------------------- */

static void confine(enum role role)
{
    struct config config = place.config;
    confine_process();
    if (role == CORE_OF_POSTGRES)
        config.database = text_printf(place.arena, "postgresql://muster@127.0.0.1:%d/muster", place.port);
    bool confined = role == SENDER ? confine_sender(&config) : confine_core(place.arena, &config) && confine_serving_core(&config);
    if (!confined)
        _exit(BROKEN);
}

static enum verdict attempt_as(const struct attempt *attempt, enum role role)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (role != FREE)
            confine(role);
        _exit((int)attempt->make());
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGSYS ? KILLED : BROKEN;
    return (enum verdict)WEXITSTATUS(status);
}

static bool can_be_judged(enum means means)
{
#ifdef MUSTER_SANITIZED
    return means == BY_SOCKETS;
#endif
    return means == BY_CALLS || means == BY_SOCKETS || (means == BY_FILES && landlock_version() >= 1) || landlock_version() >= 4;
}

static void judge(const struct attempt *attempt, const char *who, enum role role, enum verdict expected)
{
    static const char *const names[] = {"works", "is refused", "ends the process", "does something else"};
    enum verdict seen = attempt_as(attempt, role);
    if (seen != expected)
        fail_msg("%s: '%s' %s, expected: %s", who, attempt->what, names[seen], names[expected]);
}

static void each_role_keeps_what_it_needs_and_no_more(void **state)
{
    (void)state;
    size_t judged = 0;
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        const struct attempt *attempt = &attempts[i];
        if (!can_be_judged(attempt->means)) {
            print_message("skipped here: %s\n", attempt->what);
            continue;
        }
        judge(attempt, "nobody", FREE, WORKS);
        judge(attempt, "the core", CORE, attempt->core);
        judge(attempt, "the core with PostgreSQL", CORE_OF_POSTGRES, attempt->core_of_postgres);
        judge(attempt, "the sender", SENDER, attempt->sender);
        judged++;
    }
    assert_true(judged > 0);
}

static void off_takes_nothing_away(void **state)
{
    (void)state;
    struct text before = place.config.confine;
    place.config.confine = TEXT("off");
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
        if (attempts[i].make == start_a_program || attempts[i].make == connect_to_the_port)
            judge(&attempts[i], "a core that is not confined", CORE, WORKS);
    place.config.confine = before;
}

static void nobody_may_look_into_the_process(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit;
        confine_process();
        bool dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0;
#ifdef MUSTER_SANITIZED
        dumpable = false;
#endif
        bool fine = getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0 && !dumpable && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 && umask(0) == 077;
        _exit(fine ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static int listen_on_loopback(int *ret_port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 64), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static void touch(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static int set_up(void **state)
{
    (void)state;
    int any;
    place.arena = arena_new(1 << 20);
    snprintf(place.folder, sizeof place.folder, "/tmp/muster-confine-XXXXXX");
    assert_non_null(mkdtemp(place.folder));
    snprintf(place.file, sizeof place.file, "%s/muster.db", place.folder);
    snprintf(place.foreign, sizeof place.foreign, "%s.conf", place.folder);
    touch(place.file);
    touch(place.foreign);
    place.listener = listen_on_loopback(&place.port);
    place.other_listener = listen_on_loopback(&place.other_port);
    place.bound = listen_on_loopback(&any);
    place.config = (struct config){.confine = TEXT("if_possible"), .data_directory = text_of(place.folder),
                                   .database = text_printf(place.arena, "sqlite:%s", place.file)};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char fresh[96], elsewhere[96];
    snprintf(fresh, sizeof fresh, "%s/fresh", place.folder);
    snprintf(elsewhere, sizeof elsewhere, "%s.new", place.foreign);
    unlink(fresh);
    unlink(elsewhere);
    unlink(place.file);
    unlink(place.foreign);
    arena_free(place.arena);
    return rmdir(place.folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_role_keeps_what_it_needs_and_no_more),
        cmocka_unit_test(off_takes_nothing_away),
        cmocka_unit_test(nobody_may_look_into_the_process),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

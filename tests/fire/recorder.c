/* Why: writes down what a running server does to its disk and what it answers, in the order in which it happens, so that power_cut.py can cut
 * the power at every point of it. Loaded in front of libc. Stricter than the truth where it must choose: a write is noted before it is made, a
 * flush covers only what was noted before it began and counts from its return, an answer is noted before it leaves.
 *
 * RECORDER_LOG names the file. RECORDER_NORMAL=1 turns "PRAGMA synchronous = FULL" into NORMAL on its way to SQLite and hides that from
 * Muster's own check of the setting: the model must then find losses, or it proves nothing. The product has no such switch. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { WRITE = 1, TRUNCATE, FLUSH_BEGINS, FLUSHED, ANSWER };
enum { FILES_MAX = 1024, RECORD_BYTES_MAX = 1 << 17 };

struct head {
    uint32_t kind;
    uint32_t file; /* 1: database, 2: its WAL, 0: none */
    int64_t at;
    int64_t size;
    int64_t time_us;
};

static int log_fd = -1;
static bool normal;
static _Atomic uint32_t files[FILES_MAX];
static _Atomic int64_t flushes;

static void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

__attribute__((constructor)) static void set_up(void)
{
    const char *path = getenv("RECORDER_LOG"), *wanted = getenv("RECORDER_NORMAL");
    if (path && log_fd < 0)
        log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (!path || log_fd < 0)
        abort();
    normal = wanted && wanted[0] == '1';
}

static void note(enum kind kind, uint32_t file, int64_t at, const void *data, int64_t size)
{
    static _Thread_local char record[sizeof(struct head) + RECORD_BYTES_MAX];
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    if (size > RECORD_BYTES_MAX)
        abort();
    struct head head = {kind, file, at, size, (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000};
    memcpy(record, &head, sizeof head);
    if (data)
        memcpy(record + sizeof head, data, (size_t)size);
    size_t bytes = sizeof head + (data ? (size_t)size : 0);
    if (syscall(SYS_write, log_fd, record, bytes) != (long)bytes) /* one write to an appended file stays whole */
        abort();
}

static uint32_t file_of(int fd)
{
    return fd >= 0 && fd < FILES_MAX ? atomic_load(&files[fd]) : 0;
}

static int opened(int fd, const char *path)
{
    size_t size = strlen(path);
    uint32_t file = size >= 9 && strcmp(path + size - 9, "muster.db") == 0 ? 1 : size >= 13 && strcmp(path + size - 13, "muster.db-wal") == 0 ? 2 : 0;
    if (fd >= 0 && fd < FILES_MAX)
        atomic_store(&files[fd], file);
    return fd;
}

int open(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    unsigned mode = va_arg(list, unsigned);
    va_end(list);
    return opened((int)syscall(SYS_openat, AT_FDCWD, path, flags, mode), path);
}

int open64(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    unsigned mode = va_arg(list, unsigned);
    va_end(list);
    return opened((int)syscall(SYS_openat, AT_FDCWD, path, flags, mode), path);
}

int close(int fd)
{
    if (fd >= 0 && fd < FILES_MAX)
        atomic_store(&files[fd], 0);
    return (int)syscall(SYS_close, fd);
}

static ssize_t write_at(int fd, const void *data, size_t size, off_t at)
{
    if (file_of(fd))
        note(WRITE, file_of(fd), at, data, (int64_t)size);
    return syscall(SYS_pwrite64, fd, data, size, at);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return write_at(fd, data, size, at); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { return write_at(fd, data, size, at); }

static int cut(int fd, off_t size)
{
    if (file_of(fd))
        note(TRUNCATE, file_of(fd), size, NULL, 0);
    return (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate(int fd, off_t size) { return cut(fd, size); }
int ftruncate64(int fd, off64_t size) { return cut(fd, size); }

static int flush(int fd, long call)
{
    int64_t number = atomic_fetch_add(&flushes, 1);
    uint32_t file = file_of(fd);
    if (file)
        note(FLUSH_BEGINS, file, number, NULL, 0);
    int result = (int)syscall(call, fd);
    if (file && result == 0)
        note(FLUSHED, file, number, NULL, 0);
    return result;
}

int fsync(int fd) { return flush(fd, SYS_fsync); }
int fdatasync(int fd) { return flush(fd, SYS_fdatasync); }

/* Answers --------------------------------------------------------------------------------------------------------- */

static void look_at(const void *data, size_t size)
{
    if (size >= 12 && memcmp(data, "HTTP/1.1 202", 12) == 0)
        note(ANSWER, 0, 0, data, (int64_t)(size < RECORD_BYTES_MAX ? size : RECORD_BYTES_MAX));
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    static _Thread_local char whole[RECORD_BYTES_MAX];
    size_t size = 0;
    for (size_t i = 0; i < message->msg_iovlen && size + message->msg_iov[i].iov_len <= sizeof whole; i++) {
        memcpy(whole + size, message->msg_iov[i].iov_base, message->msg_iov[i].iov_len);
        size += message->msg_iov[i].iov_len;
    }
    look_at(whole, size);
    return syscall(SYS_sendmsg, fd, message, flags);
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
    look_at(data, size);
    return syscall(SYS_sendto, fd, data, size, flags, NULL, 0);
}

/* The setting that loses ------------------------------------------------------------------------------------------ */

struct sqlite3;
struct sqlite3_stmt;

static char *loosened(const char *sql)
{
    static const char strict[] = "synchronous = FULL", loose[] = "synchronous = NORMAL";
    const char *place = normal && sql ? strstr(sql, strict) : NULL;
    if (!place)
        return NULL;
    char *copy = malloc(strlen(sql) + sizeof loose);
    if (!copy)
        abort();
    memcpy(copy, sql, (size_t)(place - sql));
    strcpy(copy + (place - sql), loose);
    strcat(copy, place + sizeof strict - 1);
    return copy;
}

int sqlite3_exec(struct sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **), void *context, char **ret_error)
{
    int (*real)(struct sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **);
    *(void **)&real = next("sqlite3_exec");
    char *changed = loosened(sql);
    int code = real(db, changed ? changed : sql, row, context, ret_error);
    free(changed);
    return code;
}

int sqlite3_prepare_v2(struct sqlite3 *db, const char *sql, int size, struct sqlite3_stmt **ret, const char **ret_tail)
{
    int (*real)(struct sqlite3 *, const char *, int, struct sqlite3_stmt **, const char **);
    *(void **)&real = next("sqlite3_prepare_v2");
    return real(db, normal && strcmp(sql, "PRAGMA synchronous") == 0 ? "SELECT 2" : sql, size, ret, ret_tail);
}

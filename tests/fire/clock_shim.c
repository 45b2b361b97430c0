/* Why: lets a test set the wall clock of one process tree without touching the machine's. Loaded in front of libc; CLOCK_REALTIME and what is
 * derived from it are moved by the offset (microseconds) that the test writes into a shared file, CLOCK_MONOTONIC stays. The second
 * number in the file counts the calls, so that a test can see that it was asked at all. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct shared {
    _Atomic int64_t offset_us, asked;
};

static struct shared *shared;
static int (*real_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void set_up(void)
{
    *(void **)&real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    const char *path = getenv("CLOCK_SHIM_OFFSET");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        abort();
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED)
        abort();
    close(fd);
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    if (!real_clock_gettime)
        set_up();
    int result = real_clock_gettime(clock, ret);
    if (result != 0 || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE))
        return result;
    atomic_fetch_add(&shared->asked, 1);
    int64_t us = (int64_t)ret->tv_sec * 1000000 + ret->tv_nsec / 1000 + atomic_load(&shared->offset_us);
    ret->tv_sec = (time_t)(us / 1000000);
    ret->tv_nsec = (long)(us % 1000000) * 1000;
    return 0;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
    (void)zone;
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return -1;
    ret->tv_sec = now.tv_sec;
    ret->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *ret)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (ret)
        *ret = now.tv_sec;
    return now.tv_sec;
}

/* Why: floors F3 and F4, what the disk allows. Nothing can acknowledge more commits per second than these.
 *
 * floor_disk FILE SECONDS
 * F3: fdatasync after overwriting one 4 KiB block in place. F4: append 4 KiB, fdatasync: the simplest journal there is.
 * Prints {"f3_per_s","f4_per_s","f4_p99_ms"}. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 4096, SAMPLES_MAX = 1000000 };

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static uint32_t samples[SAMPLES_MAX];

/* Flushes per second; `append` decides where each block goes. */
static double measure(int fd, int append, double seconds, double *ret_p99_ms)
{
    char block[BLOCK];
    int64_t begin = now_us(), end = begin + (int64_t)(seconds * 1e6), before = begin;
    size_t count = 0;
    while (before < end && count < SAMPLES_MAX) {
        memset(block, (int)count, sizeof block);
        if (pwrite(fd, block, BLOCK, append ? (off_t)count * BLOCK : 0) != BLOCK || fdatasync(fd) != 0) {
            perror("floor_disk");
            exit(1);
        }
        int64_t now = now_us();
        samples[count++] = (uint32_t)(now - before);
        before = now;
    }
    qsort(samples, count, sizeof *samples, by_size);
    *ret_p99_ms = samples[(size_t)((double)(count - 1) * 0.99)] / 1000.0;
    return (double)count / ((double)(before - begin) / 1e6);
}

int main(int argc, char **argv)
{
    int fd = argc == 3 ? open(argv[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    if (fd < 0) {
        fprintf(stderr, "usage: floor_disk FILE SECONDS\n");
        return 2;
    }
    double seconds = strtod(argv[2], NULL), p99;
    double f3 = measure(fd, 0, seconds, &p99);
    if (ftruncate(fd, 0) != 0)
        return 1;
    double f4 = measure(fd, 1, seconds, &p99);
    printf("{\"f3_per_s\":%.0f,\"f4_per_s\":%.0f,\"f4_p99_ms\":%.3f}\n", f3, f4, p99);
    close(fd);
    unlink(argv[1]);
    return 0;
}

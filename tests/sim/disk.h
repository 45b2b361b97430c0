/* Why: a disk in memory that can fail like a real one, as SQLite's VFS, so that losing power costs a microsecond and follows a seed. It keeps
 * two pictures of each file: what programs read (the page cache) and what would be there after a power cut. A write reaches the second only with
 * a flush; a power cut keeps a random, possibly torn part (sectors of 512 bytes) of what was written since.
 *
 * Limits: creating, deleting and renaming files is durable at once; bytes beside a write are never damaged (SQLite's unix VFS claims the
 * same, POWERSAFE_OVERWRITE); one thread at a time. */
#ifndef MUSTER_TESTS_SIM_DISK_H
#define MUSTER_TESTS_SIM_DISK_H

#include <stdbool.h>
#include <stdint.h>

enum disk_fault {
    DISK_KILL,        /* the process is gone; the page cache stays */
    DISK_POWER_CUT,   /* what was not flushed is lost, kept or torn */
    DISK_READ_EIO,
    DISK_SHORT_READ,  /* of the WAL: less than was asked for */
    DISK_WRITE_EIO,
    DISK_FULL,        /* ENOSPC */
    DISK_FLUSH_FAILS, /* and what it was to write is not on the disk, although the page cache shows it as clean */
    DISK_FLUSH_UNHEARD, /* it is durable, and the caller is told that it failed: a lost COMMIT answer */
    DISK_FAULTS,
};
extern const char *const disk_fault_names[DISK_FAULTS];

struct disk_counts {
    int64_t fired[DISK_FAULTS];
    int64_t writes, flushes, writes_lost, writes_torn; /* the last two: at power cuts */
};
extern struct disk_counts disk_counts;

/* Makes it SQLite's default VFS. Once. */
void disk_install(void);
/* An empty disk; what follows is decided by `seed`. All connections must be closed. */
void disk_format(uint64_t seed);
/* Keeps the files as they are now as the start of later runs; back to them. */
void disk_remember(void);
void disk_recall(uint64_t seed);

/* The fault strikes at the operation of its sort (a kill or a power cut: any) that comes after so many others, and then `times` times. */
void disk_arm(enum disk_fault fault, int64_t after, int times);
void disk_disarm(void); /* works again; a dead machine stays dead */
/* Connections opened while this is on belong to an observer: reading through them meets no fault. */
void disk_observe(bool on);
/* After a kill or a power cut: nothing is read or written any more until disk_restart. */
bool disk_is_dead(void);
void disk_die(enum disk_fault how); /* now */
void disk_restart(void);            /* all connections must be closed */

#endif

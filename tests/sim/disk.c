/* Why: see disk.h. */
#include "disk.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 16, SECTOR = 512, PIECE = 4096, REGIONS_MAX = 64, SHM_LOCKS = 8 };

const char *const disk_fault_names[DISK_FAULTS] = {"kill", "power_cut", "read_eio", "short_read", "write_eio", "enospc", "flush_failed", "commit_answer_lost"};
struct disk_counts disk_counts;

struct image { unsigned char *bytes; int64_t size, capacity; };
struct unflushed { int64_t at, size; }; /* size -1: cut to `at` bytes */

struct stored {
    char name[256]; /* empty: free */
    bool is_wal;
    struct image seen, durable, remembered;
    struct unflushed *unflushed;
    size_t unflushed_count, unflushed_capacity;
    int connections, shared_locks;
    struct connection *reserved, *exclusive;
    void *regions[REGIONS_MAX];
    int region_bytes, mappers;
    int shm_shared[SHM_LOCKS];
    struct connection *shm_exclusive[SHM_LOCKS];
};

struct connection {
    sqlite3_file base;
    struct stored *stored;
    int level;
    bool delete_on_close, mapped, observes;
    unsigned shm_shared; /* bits of locks it holds */
};

static struct {
    struct stored files[FILES_MAX];
    uint64_t random;
    enum disk_fault fault;
    int64_t after;
    int times; /* 0: nothing armed */
    bool dead, observing;
} disk;

static uint64_t next_random(void)
{
    uint64_t z = disk.random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Images ----------------------------------------------------------------------------------------------------------------- */

static void reserve(struct image *image, int64_t size)
{
    if (size <= image->capacity)
        return;
    image->capacity = size * 2 < 65536 ? 65536 : size * 2;
    image->bytes = realloc(image->bytes, (size_t)image->capacity);
    assert(image->bytes);
}

static void put(struct image *image, int64_t at, const void *data, int64_t size)
{
    reserve(image, at + size);
    if (at > image->size)
        memset(image->bytes + image->size, 0, (size_t)(at - image->size));
    memcpy(image->bytes + at, data, (size_t)size);
    if (at + size > image->size)
        image->size = at + size;
}

static void cut(struct image *image, int64_t size)
{
    if (size < image->size)
        image->size = size;
}

static void copy(struct image *to, const struct image *from)
{
    to->size = 0;
    if (from->size > 0)
        put(to, 0, from->bytes, from->size);
}

static void apply(const struct stored *f, struct image *to, const struct unflushed *u)
{
    if (u->size < 0)
        cut(to, u->at);
    else if (u->at < f->seen.size) /* it may have been cut off again */
        put(to, u->at, f->seen.bytes + u->at, u->at + u->size <= f->seen.size ? u->size : f->seen.size - u->at);
}

static void apply_torn(const struct stored *f, struct image *to, const struct unflushed *u)
{
    int64_t kept = 0, sectors = (u->size + SECTOR - 1) / SECTOR;
    for (int64_t done = 0; done < u->size; done += SECTOR)
        if (next_random() % 2) {
            struct unflushed sector = {u->at + done, u->size - done < SECTOR ? u->size - done : SECTOR};
            apply(f, to, &sector);
            kept++;
        }
    disk_counts.writes_torn += kept > 0 && kept < sectors;
    disk_counts.writes_lost += kept == 0;
}

/* One of the disks that a power cut at this moment may leave: all, none or a torn part of each write. */
static void survive(const struct stored *f, struct image *to)
{
    copy(to, &f->durable);
    uint64_t mood = next_random() % 4; /* now and then nothing at all, or all of it */
    for (size_t i = 0; i < f->unflushed_count; i++) {
        const struct unflushed *u = &f->unflushed[i];
        uint64_t luck = mood == 0 ? 0 : mood == 1 ? 1 : next_random() % 4;
        if (luck == 0)
            disk_counts.writes_lost++;
        else if (luck <= 2 || u->size < 0)
            apply(f, to, u);
        else
            apply_torn(f, to, u);
    }
}

static void flushed(struct stored *f)
{
    for (size_t i = 0; i < f->unflushed_count; i++)
        apply(f, &f->durable, &f->unflushed[i]);
    f->unflushed_count = 0;
}

static void note(struct stored *f, int64_t at, int64_t size)
{
    if (f->unflushed_count > 0) { /* header and body of a frame are one write to the disk */
        struct unflushed *last = &f->unflushed[f->unflushed_count - 1];
        if (last->size >= 0 && size >= 0 && last->at + last->size == at && last->size < 8192) {
            last->size += size;
            return;
        }
    }
    if (f->unflushed_count == f->unflushed_capacity) {
        f->unflushed_capacity = f->unflushed_capacity ? f->unflushed_capacity * 2 : 64;
        f->unflushed = realloc(f->unflushed, f->unflushed_capacity * sizeof *f->unflushed);
        assert(f->unflushed);
    }
    f->unflushed[f->unflushed_count++] = (struct unflushed){at, size};
}

/* Faults ------------------------------------------------------------------------------------------------------------------- */

static void power_cut(void)
{
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct stored *f = &disk.files[i];
        if (!f->name[0])
            continue;
        struct image left = {0};
        survive(f, &left);
        copy(&f->durable, &left);
        copy(&f->seen, &left);
        free(left.bytes);
        f->unflushed_count = 0;
    }
}

void disk_die(enum disk_fault how)
{
    assert(how == DISK_KILL || how == DISK_POWER_CUT);
    if (disk.dead)
        return;
    disk.dead = true;
    disk.times = 0;
    disk_counts.fired[how]++;
    if (how == DISK_POWER_CUT)
        power_cut();
}

/* True: this operation meets the fault that waits for its sort. */
static bool strikes(enum disk_fault sort)
{
    if (disk.times == 0 || disk.fault != sort)
        return false;
    if (disk.after > 0) {
        disk.after--;
        return false;
    }
    disk.times--;
    disk_counts.fired[sort]++;
    return true;
}

/* An end may come at any write or flush, before it or after it. */
static bool ends_here(void)
{
    if (disk.times == 0 || disk.fault > DISK_POWER_CUT)
        return false;
    if (disk.after > 0) {
        disk.after--;
        return false;
    }
    return true;
}

bool disk_is_dead(void) { return disk.dead; }
void disk_observe(bool on) { disk.observing = on; }
void disk_disarm(void) { disk.times = 0; }

void disk_arm(enum disk_fault fault, int64_t after, int times)
{
    disk.fault = fault;
    disk.after = after;
    disk.times = times;
}

/* Files ------------------------------------------------------------------------------------------------------------------------ */

static struct stored *find(const char *name)
{
    for (size_t i = 0; i < FILES_MAX; i++)
        if (strcmp(disk.files[i].name, name) == 0)
            return &disk.files[i];
    return NULL;
}

static struct stored *create(const char *name, bool is_wal)
{
    struct stored *f = find("");
    assert(f && strlen(name) < sizeof f->name);
    snprintf(f->name, sizeof f->name, "%s", name);
    f->is_wal = is_wal;
    f->seen.size = f->durable.size = 0;
    f->unflushed_count = 0;
    return f;
}

static void forget(struct stored *f)
{
    f->name[0] = '\0';
    f->unflushed_count = 0;
    f->seen.size = f->durable.size = 0;
}

static struct connection *connection_of(sqlite3_file *file) { return (struct connection *)(void *)file; }

static int disk_close(sqlite3_file *file)
{
    struct connection *c = connection_of(file);
    struct stored *f = c->stored;
    if (c->delete_on_close && f->connections == 1)
        forget(f);
    f->connections--;
    return SQLITE_OK;
}

static int disk_read(sqlite3_file *file, void *to, int size, sqlite3_int64 at)
{
    struct stored *f = connection_of(file)->stored;
    bool observes = connection_of(file)->observes;
    if (disk.dead || (!observes && strikes(DISK_READ_EIO)))
        return SQLITE_IOERR_READ;
    int64_t there = f->seen.size - at < size ? f->seen.size - at : size;
    there = there < 0 ? 0 : there;
    if (f->is_wal && there == size && !observes && strikes(DISK_SHORT_READ))
        there = size / 2;
    if (there > 0)
        memcpy(to, f->seen.bytes + at, (size_t)there);
    if (there == size)
        return SQLITE_OK;
    memset((char *)to + there, 0, (size_t)(size - there));
    return SQLITE_IOERR_SHORT_READ;
}

static int change(struct stored *f, const void *from, int64_t at, int64_t size)
{
    if (disk.dead)
        return SQLITE_IOERR_WRITE;
    bool ends = ends_here(), before = ends && next_random() % 2 == 0;
    if (before) {
        disk_die(disk.fault);
        return SQLITE_IOERR_WRITE;
    }
    if (strikes(DISK_WRITE_EIO))
        return SQLITE_IOERR_WRITE;
    if (from && strikes(DISK_FULL))
        return SQLITE_FULL;
    disk_counts.writes++;
    if (from)
        put(&f->seen, at, from, size);
    else
        cut(&f->seen, at);
    for (int64_t done = 0; from && done < size; done += PIECE) /* the kernel writes a long one in any order */
        note(f, at + done, size - done < PIECE ? size - done : PIECE);
    if (!from)
        note(f, at, -1);
    if (!ends)
        return SQLITE_OK;
    disk_die(disk.fault);
    return SQLITE_IOERR_WRITE;
}

static int disk_write(sqlite3_file *file, const void *from, int size, sqlite3_int64 at)
{
    return change(connection_of(file)->stored, from, at, size);
}

static int disk_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return change(connection_of(file)->stored, NULL, size, 0);
}

static int disk_sync(sqlite3_file *file, int flags)
{
    (void)flags;
    struct stored *f = connection_of(file)->stored;
    if (disk.dead)
        return SQLITE_IOERR_FSYNC;
    bool ends = ends_here(), before = ends && next_random() % 2 == 0;
    if (before) {
        disk_die(disk.fault);
        return SQLITE_IOERR_FSYNC;
    }
    if (strikes(DISK_FLUSH_FAILS)) {
        f->unflushed_count = 0; /* clean in the page cache, never written */
        return SQLITE_IOERR_FSYNC;
    }
    flushed(f);
    disk_counts.flushes++;
    if (ends)
        disk_die(disk.fault);
    return ends || strikes(DISK_FLUSH_UNHEARD) ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int disk_size(sqlite3_file *file, sqlite3_int64 *ret)
{
    *ret = connection_of(file)->stored->seen.size;
    return SQLITE_OK;
}

/* Locks between the connections of this process ----------------------------------------------------------------------------------- */

static int disk_lock(sqlite3_file *file, int level)
{
    struct connection *c = connection_of(file);
    struct stored *f = c->stored;
    if (c->level >= level)
        return SQLITE_OK;
    if (f->exclusive && f->exclusive != c)
        return SQLITE_BUSY;
    if (c->level == SQLITE_LOCK_NONE)
        f->shared_locks++;
    c->level = c->level < SQLITE_LOCK_SHARED ? SQLITE_LOCK_SHARED : c->level;
    if (level == SQLITE_LOCK_SHARED)
        return SQLITE_OK;
    if (f->reserved && f->reserved != c)
        return SQLITE_BUSY;
    f->reserved = c;
    c->level = SQLITE_LOCK_RESERVED;
    if (level == SQLITE_LOCK_RESERVED)
        return SQLITE_OK;
    if (f->shared_locks > 1)
        return SQLITE_BUSY;
    f->exclusive = c;
    c->level = SQLITE_LOCK_EXCLUSIVE;
    return SQLITE_OK;
}

static int disk_unlock(sqlite3_file *file, int level)
{
    struct connection *c = connection_of(file);
    struct stored *f = c->stored;
    if (c->level <= level)
        return SQLITE_OK;
    if (f->exclusive == c)
        f->exclusive = NULL;
    if (f->reserved == c)
        f->reserved = NULL;
    if (level == SQLITE_LOCK_NONE)
        f->shared_locks--;
    c->level = level;
    return SQLITE_OK;
}

static int disk_reserved(sqlite3_file *file, int *ret)
{
    *ret = connection_of(file)->stored->reserved != NULL;
    return SQLITE_OK;
}

static int disk_map(sqlite3_file *file, int region, int size, int extend, void volatile **ret)
{
    struct connection *c = connection_of(file);
    struct stored *f = c->stored;
    assert(region < REGIONS_MAX);
    f->mappers += !c->mapped;
    c->mapped = true;
    if (!f->regions[region] && extend)
        f->regions[region] = calloc(1, (size_t)size);
    f->region_bytes = size;
    *ret = f->regions[region];
    return SQLITE_OK;
}

static bool holds(const struct connection *c, int lock)
{
    return ((c->shm_shared >> lock) & 1) != 0;
}

static int disk_shm_lock(sqlite3_file *file, int at, int count, int flags)
{
    struct connection *c = connection_of(file);
    struct stored *f = c->stored;
    for (int i = at; i < at + count; i++) {
        bool others = f->shm_exclusive[i] && f->shm_exclusive[i] != c;
        bool readers = f->shm_shared[i] > (holds(c, i) ? 1 : 0);
        if ((flags & SQLITE_SHM_LOCK) && (others || ((flags & SQLITE_SHM_EXCLUSIVE) && readers)))
            return SQLITE_BUSY;
    }
    for (int i = at; i < at + count; i++) {
        bool held = holds(c, i);
        if (flags & SQLITE_SHM_EXCLUSIVE) {
            f->shm_exclusive[i] = flags & SQLITE_SHM_LOCK ? c : f->shm_exclusive[i] == c ? NULL : f->shm_exclusive[i];
        } else if (!!(flags & SQLITE_SHM_LOCK) != held) {
            f->shm_shared[i] += flags & SQLITE_SHM_LOCK ? 1 : -1;
            c->shm_shared ^= 1u << i;
        }
    }
    return SQLITE_OK;
}

static void disk_barrier(sqlite3_file *file)
{
    (void)file;
    __sync_synchronize();
}

static int disk_unmap(sqlite3_file *file, int remove)
{
    (void)remove;
    struct connection *c = connection_of(file);
    struct stored *f = c->stored;
    if (c->mapped)
        f->mappers--;
    c->mapped = false;
    for (int i = 0; i < SHM_LOCKS; i++) {
        f->shm_shared[i] -= holds(c, i);
        if (f->shm_exclusive[i] == c)
            f->shm_exclusive[i] = NULL;
    }
    c->shm_shared = 0;
    for (int r = 0; f->mappers == 0 && r < REGIONS_MAX; r++) {
        free(f->regions[r]);
        f->regions[r] = NULL;
    }
    return SQLITE_OK;
}

static int disk_control(sqlite3_file *file, int what, void *argument)
{
    (void)file;
    if (what != SQLITE_FCNTL_HAS_MOVED)
        return SQLITE_NOTFOUND;
    *(int *)argument = 0;
    return SQLITE_OK;
}

static int disk_sector(sqlite3_file *file) { (void)file; return SECTOR; }
static int disk_characteristics(sqlite3_file *file) { (void)file; return SQLITE_IOCAP_POWERSAFE_OVERWRITE; } /* as SQLite's unix VFS says */

static const sqlite3_io_methods methods = {
    .iVersion = 2, .xClose = disk_close, .xRead = disk_read, .xWrite = disk_write, .xTruncate = disk_truncate, .xSync = disk_sync,
    .xFileSize = disk_size, .xLock = disk_lock, .xUnlock = disk_unlock, .xCheckReservedLock = disk_reserved, .xFileControl = disk_control,
    .xSectorSize = disk_sector, .xDeviceCharacteristics = disk_characteristics, .xShmMap = disk_map, .xShmLock = disk_shm_lock,
    .xShmBarrier = disk_barrier, .xShmUnmap = disk_unmap,
};

/* The VFS -------------------------------------------------------------------------------------------------------------------------------- */

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    (void)vfs;
    file->pMethods = NULL;
    if (disk.dead)
        return SQLITE_CANTOPEN;
    const char *called = name ? name : "(temporary)";
    struct stored *f = name ? find(called) : NULL;
    if (!f && !(flags & (SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB)))
        return SQLITE_CANTOPEN;
    if (!f)
        f = create(called, (flags & SQLITE_OPEN_WAL) != 0);
    f->connections++;
    *connection_of(file) = (struct connection){.base.pMethods = &methods, .stored = f, .observes = disk.observing, .delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0};
    if (ret_flags)
        *ret_flags = flags;
    return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    (void)sync;
    struct stored *f = find(name);
    if (disk.dead)
        return SQLITE_IOERR_DELETE;
    if (!f)
        return SQLITE_IOERR_DELETE_NOENT;
    forget(f);
    return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
    (void)vfs;
    struct stored *f = find(name);
    *ret = f && (flags != SQLITE_ACCESS_EXISTS || f->seen.size > 0);
    return disk.dead ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

static int disk_full_name(sqlite3_vfs *vfs, const char *name, int size, char *ret)
{
    (void)vfs;
    snprintf(ret, (size_t)size, "%s", name);
    return SQLITE_OK;
}

static int disk_randomness(sqlite3_vfs *vfs, int size, char *ret)
{
    (void)vfs;
    for (int i = 0; i < size; i++)
        ret[i] = (char)next_random();
    return size;
}

void disk_install(void)
{
    static sqlite3_vfs vfs;
    vfs = *sqlite3_vfs_find("unix");
    vfs.zName = "muster-simulated";
    vfs.szOsFile = (int)sizeof(struct connection);
    vfs.pNext = NULL;
    vfs.xOpen = disk_open;
    vfs.xDelete = disk_delete;
    vfs.xAccess = disk_access;
    vfs.xFullPathname = disk_full_name;
    vfs.xRandomness = disk_randomness;
    int code = sqlite3_vfs_register(&vfs, 1);
    assert(code == SQLITE_OK);
}

static void start(uint64_t seed)
{
    disk.random = seed;
    disk.times = 0;
    disk.dead = false;
}

void disk_format(uint64_t seed)
{
    for (size_t i = 0; i < FILES_MAX; i++) {
        assert(disk.files[i].connections == 0);
        forget(&disk.files[i]);
    }
    start(seed);
}

void disk_remember(void)
{
    for (size_t i = 0; i < FILES_MAX; i++) {
        flushed(&disk.files[i]);
        copy(&disk.files[i].remembered, &disk.files[i].seen);
    }
}

void disk_recall(uint64_t seed)
{
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct stored *f = &disk.files[i];
        assert(f->connections == 0);
        f->unflushed_count = 0;
        copy(&f->seen, &f->remembered);
        copy(&f->durable, &f->remembered);
        if (f->remembered.size == 0)
            forget(f);
    }
    start(seed);
}

void disk_restart(void)
{
    for (size_t i = 0; i < FILES_MAX; i++)
        assert(disk.files[i].connections == 0);
    disk.dead = false;
    disk.times = 0;
}

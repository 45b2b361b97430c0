/* Why: "accepted" means "survives a power cut", and killing a process cannot show that: the kernel keeps what was written. Here a VFS
 * keeps two disks: what was flushed, and what was only written since. At every write and flush the power is cut: a disk is
 * made of everything flushed and of a random, possibly torn part of the rest, and whatever was acknowledged must be on it.
 * The same cuts under synchronous=NORMAL must lose something, or the model proves nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/backend.h"
#include "store/checkpointer.h"

enum { DATABASE, WAL, FILES, PENDING_MAX = 4096, IMAGE_BYTES_MAX = 8 << 20, SECTOR = 512, INSERTS = 40, STATES_PER_CUT = 2 };
static const char *const suffixes[FILES] = {"", "-wal"};

struct image {
    unsigned char *bytes;
    int64_t size;
};

struct pending { /* written and not flushed; data NULL: a truncation to `at` */
    int file;
    int64_t at, size;
    unsigned char *data;
};

/* The checkpointer writes beside the writer: one write or flush at a time, in the order in which they come. */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static struct {
    bool armed;
    struct image flushed[FILES];
    struct pending pending[PENDING_MAX];
    size_t pending_count;
    uint64_t random;
    int64_t acknowledged;
    int64_t cuts, states, lost, damaged;
} disk;

static char directory[64], cut_directory[80], url[128];
static struct db *db;

static uint64_t next_random(void)
{
    disk.random ^= disk.random << 13;
    disk.random ^= disk.random >> 7;
    disk.random ^= disk.random << 17;
    return disk.random;
}

/* The model ----------------------------------------------------------------------------------------------------------- */

static void apply(struct image *image, int64_t at, const unsigned char *data, int64_t size)
{
    assert_true(at + size <= IMAGE_BYTES_MAX);
    if (at > image->size)
        memset(image->bytes + image->size, 0, (size_t)(at - image->size));
    memcpy(image->bytes + at, data, (size_t)size);
    if (at + size > image->size)
        image->size = at + size;
}

static void apply_pending(struct image *image, const struct pending *pending)
{
    if (pending->data)
        apply(image, pending->at, pending->data, pending->size);
    else
        image->size = pending->at < image->size ? pending->at : image->size;
}

/* Some sectors of a write that was under way, or all, or none. */
static void apply_partly(struct image *image, const struct pending *pending)
{
    uint64_t luck = next_random() % 4;
    if (luck == 0)
        return;
    if (luck <= 2 || !pending->data) {
        apply_pending(image, pending);
        return;
    }
    for (int64_t done = 0; done < pending->size; done += SECTOR) {
        int64_t size = pending->size - done < SECTOR ? pending->size - done : SECTOR;
        if (next_random() % 2)
            apply(image, pending->at + done, pending->data + done, size);
    }
}

static void write_image(int file, const struct image *image)
{
    char path[128];
    snprintf(path, sizeof path, "%s/muster.db%s", cut_directory, suffixes[file]);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, image->bytes, (size_t)image->size), image->size);
    close(fd);
}

static int64_t ask(sqlite3 *handle, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int64_t answer = -1;
    if (sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return answer;
}

/* What a server finds that starts on this disk. */
static void judge(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s/muster.db", cut_directory);
    sqlite3 *handle;
    assert_int_equal(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, "unix"), SQLITE_OK);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL); /* the verdict does not need the time it takes */
    int64_t rows = ask(handle, "SELECT count(*) FROM installation WHERE name LIKE 'row %'");
    bool sound = ask(handle, "SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1;
    sqlite3_close(handle);
    char shared[140];
    snprintf(shared, sizeof shared, "%s-shm", path);
    unlink(shared);
    disk.states++;
    disk.damaged += rows < 0 || !sound;
    disk.lost += rows < disk.acknowledged;
}

static void cut_power(void)
{
    disk.cuts++;
    for (int state = 0; state < STATES_PER_CUT; state++) {
        for (int file = 0; file < FILES; file++) {
            struct image image = {malloc(IMAGE_BYTES_MAX), disk.flushed[file].size};
            assert_non_null(image.bytes);
            memcpy(image.bytes, disk.flushed[file].bytes, (size_t)image.size);
            for (size_t i = 0; i < disk.pending_count; i++)
                if (disk.pending[i].file == file)
                    apply_partly(&image, &disk.pending[i]);
            write_image(file, &image);
            free(image.bytes);
        }
        judge();
    }
}

static void note(int file, int64_t at, const void *data, int64_t size)
{
    if (!disk.armed)
        return;
    assert_true(disk.pending_count < PENDING_MAX);
    unsigned char *copy = NULL;
    if (data) {
        copy = malloc((size_t)size);
        assert_non_null(copy);
        memcpy(copy, data, (size_t)size);
    }
    disk.pending[disk.pending_count++] = (struct pending){file, at, size, copy};
    cut_power();
}

static void flush(int file)
{
    if (!disk.armed)
        return;
    size_t kept = 0;
    for (size_t i = 0; i < disk.pending_count; i++) {
        struct pending pending = disk.pending[i];
        if (pending.file != file) {
            disk.pending[kept++] = pending;
            continue;
        }
        apply_pending(&disk.flushed[file], &pending);
        free(pending.data);
    }
    disk.pending_count = kept;
    cut_power();
}

/* The VFS between SQLite and the disk ------------------------------------------------------------------------------------- */

struct model_file {
    sqlite3_file base;
    int file; /* DATABASE, WAL or -1: not looked at */
    sqlite3_file *real;
};

static sqlite3_vfs *real_vfs;

static struct model_file *model_of(sqlite3_file *file) { return (struct model_file *)file; }
static sqlite3_file *real_of(sqlite3_file *file) { return model_of(file)->real; }
static int model_close(sqlite3_file *file) { return real_of(file)->pMethods->xClose(real_of(file)); }
static int model_read(sqlite3_file *file, void *to, int size, sqlite3_int64 at) { return real_of(file)->pMethods->xRead(real_of(file), to, size, at); }

static int model_write(sqlite3_file *file, const void *from, int size, sqlite3_int64 at)
{
    pthread_mutex_lock(&one_at_a_time);
    if (model_of(file)->file >= 0)
        note(model_of(file)->file, at, from, size);
    int code = real_of(file)->pMethods->xWrite(real_of(file), from, size, at);
    pthread_mutex_unlock(&one_at_a_time);
    return code;
}

static int model_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    pthread_mutex_lock(&one_at_a_time);
    if (model_of(file)->file >= 0)
        note(model_of(file)->file, size, NULL, 0);
    int code = real_of(file)->pMethods->xTruncate(real_of(file), size);
    pthread_mutex_unlock(&one_at_a_time);
    return code;
}

static int model_sync(sqlite3_file *file, int flags)
{
    pthread_mutex_lock(&one_at_a_time);
    if (model_of(file)->file >= 0)
        flush(model_of(file)->file);
    int code = real_of(file)->pMethods->xSync(real_of(file), flags);
    pthread_mutex_unlock(&one_at_a_time);
    return code;
}

static int model_size(sqlite3_file *file, sqlite3_int64 *ret) { return real_of(file)->pMethods->xFileSize(real_of(file), ret); }
static int model_lock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xLock(real_of(file), level); }
static int model_unlock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xUnlock(real_of(file), level); }
static int model_reserved(sqlite3_file *file, int *ret) { return real_of(file)->pMethods->xCheckReservedLock(real_of(file), ret); }
static int model_control(sqlite3_file *file, int what, void *argument) { return real_of(file)->pMethods->xFileControl(real_of(file), what, argument); }
static int model_sector(sqlite3_file *file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); }
static int model_device(sqlite3_file *file) { (void)file; return 0; } /* a disk that promises nothing */
static int model_map(sqlite3_file *file, int page, int size, int extend, void volatile **ret) { return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, ret); }
static int model_shm_lock(sqlite3_file *file, int at, int count, int flags) { return real_of(file)->pMethods->xShmLock(real_of(file), at, count, flags); }
static void model_barrier(sqlite3_file *file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }
static int model_unmap(sqlite3_file *file, int remove) { return real_of(file)->pMethods->xShmUnmap(real_of(file), remove); }

static const sqlite3_io_methods methods = {
    .iVersion = 2, .xClose = model_close, .xRead = model_read, .xWrite = model_write, .xTruncate = model_truncate, .xSync = model_sync,
    .xFileSize = model_size, .xLock = model_lock, .xUnlock = model_unlock, .xCheckReservedLock = model_reserved, .xFileControl = model_control,
    .xSectorSize = model_sector, .xDeviceCharacteristics = model_device, .xShmMap = model_map, .xShmLock = model_shm_lock,
    .xShmBarrier = model_barrier, .xShmUnmap = model_unmap,
};

static int model_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    (void)vfs;
    int which = flags & SQLITE_OPEN_WAL ? WAL : flags & SQLITE_OPEN_MAIN_DB ? DATABASE : -1;
    *model_of(file) = (struct model_file){.file = which, .real = (sqlite3_file *)(void *)(model_of(file) + 1)};
    int code = real_vfs->xOpen(real_vfs, name, real_of(file), flags, ret_flags);
    file->pMethods = code == SQLITE_OK ? &methods : NULL;
    return code;
}

static void install(void)
{
    static sqlite3_vfs vfs;
    real_vfs = sqlite3_vfs_find("unix");
    assert_non_null(real_vfs);
    vfs = *real_vfs;
    vfs.zName = "power-cut";
    vfs.szOsFile = (int)sizeof(struct model_file) + real_vfs->szOsFile;
    vfs.xOpen = model_open;
    vfs.pNext = NULL;
    assert_int_equal(sqlite3_vfs_register(&vfs, 1), SQLITE_OK);
}

/* ---------------------------------------------------------------------------------------------------------------------------- */

static void read_image(int file)
{
    char path[128];
    snprintf(path, sizeof path, "%s/muster.db%s", directory, suffixes[file]);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    disk.flushed[file].bytes = malloc(IMAGE_BYTES_MAX);
    assert_non_null(disk.flushed[file].bytes);
    ssize_t got = fd >= 0 ? read(fd, disk.flushed[file].bytes, IMAGE_BYTES_MAX) : 0;
    assert_true(got >= 0 && got < IMAGE_BYTES_MAX);
    disk.flushed[file].size = got;
    if (fd >= 0)
        close(fd);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/muster-power-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(cut_directory, sizeof cut_directory, "%s/cut", directory);
    assert_int_equal(mkdir(cut_directory, 0700), 0);
    snprintf(url, sizeof url, "%s/muster.db", directory);
    memset(&disk, 0, sizeof disk);
    disk.random = UINT64_C(0x9E3779B97F4A7C15);
    /* Checkpoints are part of the danger: many of them, and a WAL that starts anew often. */
    checkpointer_limits = (struct checkpointer_limits){.portion = 10, .long_enough = 30, .left_max = 20};
    assert_int_equal(db_migrate(url), OK);
    assert_int_equal(db_open(&db, url, DB_WRITER), OK);
    /* Closing the descriptor of an open database would drop its locks, but nobody else is here to see that. */
    for (int file = 0; file < FILES; file++)
        read_image(file);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    disk.armed = false;
    db_close(db);
    for (size_t i = 0; i < disk.pending_count; i++)
        free(disk.pending[i].data);
    static const char *const names[] = {"muster.db", "muster.db-wal", "muster.db-shm", "muster.db.lock", "cut/muster.db", "cut/muster.db-wal", "cut/muster.db-shm"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        unlink(path);
    }
    for (int file = 0; file < FILES; file++)
        free(disk.flushed[file].bytes);
    return rmdir(cut_directory) | rmdir(directory);
}

static void insert_rows(void)
{
    pthread_mutex_lock(&one_at_a_time);
    disk.armed = true;
    pthread_mutex_unlock(&one_at_a_time);
    for (int i = 0; i < INSERTS; i++) {
        char name[32];
        snprintf(name, sizeof name, "row %d", i);
        assert_int_equal(db_begin(db), OK);
        struct query *q = db_query(db, "installation_set");
        query_bind_text(q, "name", text_of(name));
        query_bind_text(q, "value", TEXT("x"));
        assert_int_equal(query_run(q), OK);
        assert_int_equal(db_commit(db), OK);
        pthread_mutex_lock(&one_at_a_time);
        disk.acknowledged++;
        pthread_mutex_unlock(&one_at_a_time);
    }
    pthread_mutex_lock(&one_at_a_time);
    disk.armed = false;
    pthread_mutex_unlock(&one_at_a_time);
    printf("%lld cuts, %lld disks: %lld lost acknowledged rows, %lld damaged\n", (long long)disk.cuts, (long long)disk.states, (long long)disk.lost,
           (long long)disk.damaged);
    assert_true(disk.cuts > 3 * INSERTS);
    assert_int_equal(disk.acknowledged, INSERTS);
}

static void test_what_was_acknowledged_survives_every_power_cut(void **state)
{
    (void)state;
    insert_rows();
    struct checkpointer_counts counts = checkpointer_counts(db_checkpointer(db));
    printf("%lld portions, %lld holds, %lld restarts\n", (long long)counts.portions, (long long)counts.holds, (long long)counts.restarts);
    assert_true(counts.portions > 0 && counts.restarts > 0);
    assert_int_equal(disk.lost, 0);
    assert_int_equal(disk.damaged, 0);
}

/* The same danger inside a commit: SQLite's own checkpoints, on the writer's thread. */
static void test_what_was_acknowledged_survives_with_checkpoints_in_the_commit(void **state)
{
    (void)state;
    assert_int_equal(db->backend->execute(db, "PRAGMA wal_autocheckpoint = 20"), OK);
    insert_rows();
    assert_int_equal(disk.lost, 0);
    assert_int_equal(disk.damaged, 0);
}

static void test_the_model_sees_a_setting_that_loses(void **state)
{
    (void)state;
    assert_int_equal(db->backend->execute(db, "PRAGMA synchronous = NORMAL"), OK);
    insert_rows();
    assert_true(disk.lost > 0);
}

int main(void)
{
    install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_was_acknowledged_survives_every_power_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_was_acknowledged_survives_with_checkpoints_in_the_commit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_model_sees_a_setting_that_loses, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

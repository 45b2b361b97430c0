/* Why: see data_directory.h. */
#include "cli/data_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

static const char *path_of(struct arena *arena, struct text directory, const char *name)
{
    return arena_printf(arena, "%.*s/%s", TEXT_ARG(directory), name);
}

bool data_prepare(struct arena *arena, struct text directory)
{
    const char *path = text_cstring(arena, directory);
    struct stat info;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        log_error("serve", "cannot make the data directory %s: %s", path, strerror(errno));
    else if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        log_error("serve", "%s is not a directory", path);
    else
        return true;
    return false;
}

bool data_read(struct arena *arena, struct text directory, const char *name, struct text *ret)
{
    int fd = open(path_of(arena, directory, name), O_RDONLY | O_CLOEXEC);
    char buffer[512];
    ssize_t got = fd < 0 ? -1 : read(fd, buffer, sizeof buffer);
    if (fd >= 0)
        close(fd);
    if (got <= 0)
        return false;
    struct text content = {buffer, (size_t)got};
    *ret = text_copy(arena, text_trim(text_slice(content, 0, text_find_byte(content, '\n', 0))));
    return ret->size > 0;
}

static bool write_file(const char *path, struct text content)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool written = write(fd, content.data, content.size) == (ssize_t)content.size && write(fd, "\n", 1) == 1 && fsync(fd) == 0;
    close(fd);
    return written;
}

static bool sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return synced;
}

bool data_write(struct arena *arena, struct text directory, const char *name, struct text content)
{
    const char *path = path_of(arena, directory, name), *fresh = arena_printf(arena, "%s.new", path);
    if (write_file(fresh, content) && rename(fresh, path) == 0 && sync_directory(text_cstring(arena, directory)))
        return true;
    log_error("serve", "cannot write %s: %s", path, strerror(errno));
    return false;
}

void data_remove(struct arena *arena, struct text directory, const char *name)
{
    if (unlink(path_of(arena, directory, name)) != 0 && errno != ENOENT)
        log_warning("serve", "cannot remove %s: %s", name, strerror(errno));
}

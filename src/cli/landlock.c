/* Why: see landlock.h. Numbers and layouts: Linux Documentation/userspace-api/landlock.rst; they are the kernel's promise to programs. */
#include "cli/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446, ASK_VERSION = 1, RULE_PATH = 1, RULE_PORT = 2 };

enum {
    FS_EXECUTE = 1 << 0,
    FS_WRITE_FILE = 1 << 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    FS_REMOVE_FILE = 1 << 5,
    FS_MAKE_REG = 1 << 8,
    FS_TRUNCATE = 1 << 14,
    FS_VERSION_1 = (1 << 13) - 1,
    FS_REFER = 1 << 13,     /* version 2 */
    FS_IOCTL_DEV = 1 << 15, /* version 5 */
    NET_BIND = 1 << 0,      /* version 4 */
    NET_CONNECT = 1 << 1,
    SCOPE_ABSTRACT_SOCKET = 1 << 0, /* version 6 */
    SCOPE_SIGNAL = 1 << 1,
    FILE_READS = FS_READ_FILE,
    FILE_CHANGES = FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE,
    FOLDER_READS = FS_READ_FILE | FS_READ_DIR,
    FOLDER_CHANGES = FILE_CHANGES | FS_READ_DIR | FS_REMOVE_FILE | FS_MAKE_REG,
};

struct ruleset {
    uint64_t handled_fs, handled_net, scoped;
};

struct path_rule {
    uint64_t allowed;
    int32_t fd;
} __attribute__((packed));

struct port_rule {
    uint64_t allowed, port;
};

int landlock_version(void)
{
    long version = syscall(CREATE_RULESET, NULL, 0, ASK_VERSION);
    return version > 0 ? (int)version : 0;
}

static struct ruleset handled_by(int version, bool limits_connect)
{
    struct ruleset ruleset = {.handled_fs = FS_VERSION_1};
#ifdef MUSTER_SANITIZED /* another program turns the addresses of a finding into names */
    ruleset.handled_fs &= ~(uint64_t)FS_EXECUTE;
#endif
    if (version >= 2)
        ruleset.handled_fs |= FS_REFER;
    if (version >= 3)
        ruleset.handled_fs |= FS_TRUNCATE;
    if (version >= 5)
        ruleset.handled_fs |= FS_IOCTL_DEV;
    if (version >= 4)
        ruleset.handled_net = NET_BIND | (limits_connect ? NET_CONNECT : 0);
    if (version >= 6)
        ruleset.scoped = SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL;
    return ruleset;
}

static bool add_path(int rules, const struct ruleset *ruleset, const struct landlock_path *path)
{
    int fd = open(path->path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
    struct stat info;
    bool is_folder = fstat(fd, &info) == 0 && S_ISDIR(info.st_mode);
    uint64_t wanted = path->access == LANDLOCK_CHANGES ? (is_folder ? FOLDER_CHANGES : FILE_CHANGES) : is_folder ? FOLDER_READS : FILE_READS;
    struct path_rule rule = {.allowed = wanted & ruleset->handled_fs, .fd = fd};
    bool added = syscall(ADD_RULE, rules, RULE_PATH, &rule, 0) == 0;
    int reason = errno;
    close(fd);
    errno = reason;
    return added;
}

static bool add_port(int rules, uint64_t allowed, int port)
{
    struct port_rule rule = {.allowed = allowed, .port = (uint64_t)port};
    return syscall(ADD_RULE, rules, RULE_PORT, &rule, 0) == 0;
}

static bool add_all(int rules, const struct ruleset *ruleset, const struct landlock_rules *wanted)
{
    for (size_t i = 0; i < wanted->path_count; i++)
        if (!add_path(rules, ruleset, &wanted->paths[i]))
            return false;
    if (ruleset->handled_net == 0)
        return true;
    for (size_t i = 0; wanted->limits_connect && i < wanted->connect_port_count; i++)
        if (!add_port(rules, NET_CONNECT, wanted->connect_ports[i]))
            return false;
    return wanted->bind_port == 0 || add_port(rules, NET_BIND, wanted->bind_port);
}

bool landlock_restrict(const struct landlock_rules *rules)
{
    struct ruleset ruleset = handled_by(landlock_version(), rules->limits_connect);
    /* An older kernel takes a longer description when what it does not know is zero. */
    int fd = (int)syscall(CREATE_RULESET, &ruleset, sizeof ruleset, 0);
    if (fd < 0)
        return false;
    bool restricted = add_all(fd, &ruleset, rules) && syscall(RESTRICT_SELF, fd, 0) == 0;
    int reason = errno;
    close(fd);
    errno = reason;
    return restricted;
}

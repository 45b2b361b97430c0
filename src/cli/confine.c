/* Why: see confine.h. */
#include "cli/confine.h"

#include <errno.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/log.h"
#include "cli/call_filter.h"
#include "cli/landlock.h"

enum { PATHS_MAX = 40, PORTS_MAX = 16, POSTGRES_PORT = 5432, DNS_PORT = 53 };

struct paths {
    struct landlock_path list[PATHS_MAX];
    size_t count;
};

void confine_process(void)
{
    struct rlimit none = {0, 0};
    umask(077);
    bool locked = setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
#ifndef MUSTER_SANITIZED /* the leak check traces its own process */
    locked = locked && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
#endif
    if (!locked)
        log_warning("confine", "the process keeps some of its privileges: %s", strerror(errno));
}

/* What the wish makes of a failure. */
static bool give_up(const struct config *config, const char *what, const char *reason)
{
    if (text_is(config->confine, "required")) {
        log_error("confine", "%s (%s), and `confine = required`", what, reason);
        return false;
    }
    log_warning("confine", "%s (%s); going on without", what, reason);
    return true;
}

static bool restrict_calls(const struct config *config, enum call_role role)
{
    if (text_is(config->confine, "off"))
        return true;
    return call_filter_install(role) || give_up(config, "the kernel does not limit system calls", strerror(errno));
}

static bool restrict_files(const struct config *config, const struct landlock_rules *rules)
{
    if (text_is(config->confine, "off"))
        return true;
    if (landlock_version() == 0)
        return give_up(config, "the kernel does not limit access to files", "no Landlock");
    return landlock_restrict(rules) || give_up(config, "access to files could not be limited", strerror(errno));
}

static void add(struct paths *paths, const char *path, enum landlock_access access)
{
    if (path && *path && paths->count < PATHS_MAX)
        paths->list[paths->count++] = (struct landlock_path){path, access};
}

/* Libraries are loaded late by the resolver and for TLS; certificates and time zones belong to the system. No secret lies here. */
static void add_system(struct paths *paths)
{
    static const char *const folders[] = {"/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/usr/share/zoneinfo", "/etc/ssl", "/etc/pki",
                                          "/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/etc/ca-certificates",
                                          "/sys/devices/system/cpu", "/dev/null", "/dev/urandom", "/etc/ld.so.cache"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        add(paths, folders[i], LANDLOCK_READS);
    add(paths, getenv("TZDIR"), LANDLOCK_READS);
    add(paths, getenv("SSL_CERT_FILE"), LANDLOCK_READS);
    add(paths, getenv("SSL_CERT_DIR"), LANDLOCK_READS);
    /* The name of an address to listen on is looked up once, at the start. */
    add(paths, "/etc/hosts", LANDLOCK_READS);
    add(paths, "/etc/nsswitch.conf", LANDLOCK_READS);
    add(paths, "/etc/host.conf", LANDLOCK_READS);
    add(paths, "/etc/resolv.conf", LANDLOCK_READS);
#ifdef MUSTER_SANITIZED /* they read the maps of their own process and print with the help of another program */
    add(paths, "/", LANDLOCK_READS);
#endif
}

/* Whole folders, not the files: resolv.conf is replaced by renaming, and a rule for the old file would end name resolution hours later. */
static void add_resolver(struct paths *paths)
{
    add(paths, "/etc", LANDLOCK_READS);
    add(paths, "/run/systemd/resolve", LANDLOCK_READS);
    add(paths, "/run/resolvconf", LANDLOCK_READS);
    add(paths, "/run/NetworkManager", LANDLOCK_READS);
}

static bool is_remote(const struct config *config)
{
    return text_starts_with(config->database, TEXT("postgres"));
}

/* The folder the database file lies in: its journal and lock are made beside it. */
static const char *database_folder(struct arena *arena, const struct config *config)
{
    struct text path = config->database;
    if (text_starts_with(path, TEXT("sqlite:")))
        path = text_slice(path, strlen("sqlite:"), path.size);
    size_t end = path.size;
    while (end > 0 && path.data[end - 1] != '/')
        end--;
    return end > 1 ? text_cstring(arena, text_slice(path, 0, end - 1)) : end == 1 ? "/" : ".";
}

static size_t add_ports(struct text list, int *ports)
{
    size_t count = 0;
    struct text port;
    int64_t number;
    while (count < PORTS_MAX && text_next(&list, ',', &port))
        if (text_to_int64(text_trim(port), &number) && number > 0 && number < 65536)
            ports[count++] = (int)number;
    return count;
}

/* Where libpq will connect to; it reads the URL its own way, so it is asked. */
static size_t postgres_ports(struct arena *arena, const struct config *config, int *ports)
{
    PQconninfoOption *options = PQconninfoParse(text_cstring(arena, config->database), NULL);
    const char *from_url = NULL, *from_environment = getenv("PGPORT");
    for (PQconninfoOption *option = options; option && option->keyword; option++)
        if (strcmp(option->keyword, "port") == 0)
            from_url = option->val;
    size_t count = add_ports(text_of(from_url && *from_url ? from_url : from_environment ? from_environment : ""), ports);
    if (count == 0)
        ports[count++] = POSTGRES_PORT;
    ports[count++] = DNS_PORT; /* answers too long for a datagram */
    PQconninfoFree(options);
    return count;
}

/* libpq looks for password, service and certificate files here. */
static void add_postgres(struct arena *arena, struct paths *paths)
{
    const char *home = getenv("HOME");
    add_resolver(paths);
    if (home && *home) {
        add(paths, arena_printf(arena, "%s/.pgpass", home), LANDLOCK_READS);
        add(paths, arena_printf(arena, "%s/.postgresql", home), LANDLOCK_READS);
        add(paths, arena_printf(arena, "%s/.pg_service.conf", home), LANDLOCK_READS);
    }
    add(paths, getenv("PGPASSFILE"), LANDLOCK_READS);
    add(paths, getenv("PGSSLROOTCERT"), LANDLOCK_READS);
}

bool confine_core(struct arena *arena, const struct config *config)
{
    struct paths *paths = ARENA_NEW(arena, struct paths);
    int *ports = ARENA_ARRAY(arena, int, PORTS_MAX + 1);
    struct landlock_rules rules = {.paths = paths->list, .limits_connect = true, .connect_ports = ports, .bind_port = (int)config->listen_port};
    add_system(paths);
    add(paths, text_cstring(arena, config->data_directory), LANDLOCK_CHANGES);
    if (config->tls_certificate_file.size > 0) {
        add(paths, text_cstring(arena, config->tls_certificate_file), LANDLOCK_READS);
        add(paths, text_cstring(arena, config->tls_key_file), LANDLOCK_READS);
    }
    if (is_remote(config)) {
        add_postgres(arena, paths);
        rules.connect_port_count = postgres_ports(arena, config, ports);
    } else {
        add(paths, database_folder(arena, config), LANDLOCK_CHANGES);
    }
    rules.path_count = paths->count;
    return restrict_files(config, &rules) && restrict_calls(config, CALLS_OF_STARTING_CORE);
}

bool confine_serving_core(const struct config *config)
{
    return restrict_calls(config, is_remote(config) ? CALLS_OF_CORE_WITH_REMOTE_DATABASE : CALLS_OF_CORE);
}

bool confine_sender(const struct config *config)
{
    struct paths paths = {0};
    add_system(&paths);
    add_resolver(&paths);
    struct landlock_rules rules = {.paths = paths.list, .path_count = paths.count};
    return restrict_files(config, &rules) && restrict_calls(config, CALLS_OF_SENDER);
}

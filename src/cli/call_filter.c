/* Why: see call_filter.h. The lists were found by running every test and by reading what glibc 2.36, libmicrohttpd, SQLite, libpq, libcurl and
 * OpenSSL call; a list that is too short shows as ENOSYS in the log of the part that asked. */
#include "cli/call_filter.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define CALL(name) SCMP_SYS(name)

static const int memory_and_threads[] = {
    CALL(brk), CALL(mmap), CALL(munmap), CALL(mremap), CALL(mprotect), CALL(madvise), CALL(futex), CALL(set_robust_list), CALL(rseq),
    CALL(sched_yield), CALL(sched_getaffinity), CALL(gettid), CALL(getpid), CALL(getppid), CALL(exit), CALL(exit_group), CALL(sigaltstack),
    CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(rt_sigtimedwait), CALL(rt_sigpending), CALL(tgkill), CALL(membarrier),
    CALL(restart_syscall), CALL(arch_prctl), CALL(set_tid_address), CALL(wait4), CALL(getrandom), CALL(uname), CALL(sysinfo), CALL(getrusage),
    CALL(getuid), CALL(geteuid), CALL(getgid), CALL(getegid), CALL(umask), CALL(times),
};
static const int time_and_waiting[] = {
    CALL(clock_gettime), CALL(clock_getres), CALL(clock_nanosleep), CALL(nanosleep), CALL(gettimeofday), CALL(time), CALL(epoll_create1),
    CALL(epoll_ctl), CALL(epoll_wait), CALL(epoll_pwait), CALL(epoll_pwait2), CALL(poll), CALL(ppoll), CALL(select), CALL(pselect6),
    CALL(eventfd2), CALL(pipe2), CALL(pipe),
};
static const int reading[] = {
    CALL(open), CALL(openat), CALL(close), CALL(close_range), CALL(read), CALL(readv), CALL(pread64), CALL(preadv), CALL(write), CALL(writev),
    CALL(pwrite64), CALL(pwritev), CALL(lseek), CALL(stat), CALL(fstat), CALL(lstat), CALL(newfstatat), CALL(statx), CALL(statfs), CALL(fstatfs),
    CALL(access), CALL(faccessat), CALL(faccessat2), CALL(readlink), CALL(readlinkat), CALL(getdents64), CALL(getcwd), CALL(fcntl), CALL(dup),
    CALL(dup2), CALL(dup3), CALL(fadvise64),
};
static const int changing_files[] = {
    CALL(flock), CALL(fsync), CALL(fdatasync), CALL(sync_file_range), CALL(ftruncate), CALL(fallocate), CALL(rename), CALL(renameat),
    CALL(renameat2), CALL(unlink), CALL(unlinkat), CALL(fchmod), CALL(fchown), CALL(utimensat), CALL(utimes),
};
static const int open_sockets[] = {
    CALL(accept), CALL(accept4), CALL(recvfrom), CALL(recvmsg), CALL(recvmmsg), CALL(sendto), CALL(sendmsg), CALL(sendmmsg), CALL(sendfile),
    CALL(shutdown), CALL(getsockname), CALL(getpeername), CALL(setsockopt), CALL(getsockopt),
};
/* Nothing here has an innocent reason, so there is nothing to go on with. */
static const int hostile[] = {
    CALL(execve), CALL(execveat), CALL(ptrace), CALL(process_vm_readv), CALL(process_vm_writev), CALL(pidfd_getfd), CALL(mount), CALL(umount2),
    CALL(pivot_root), CALL(chroot), CALL(setns), CALL(unshare), CALL(bpf), CALL(perf_event_open), CALL(init_module), CALL(finit_module),
    CALL(delete_module), CALL(kexec_load), CALL(kexec_file_load), CALL(keyctl), CALL(add_key), CALL(request_key), CALL(userfaultfd),
    CALL(io_uring_setup), CALL(open_by_handle_at), CALL(setuid), CALL(setgid), CALL(setreuid), CALL(setresuid), CALL(mknod), CALL(mknodat),
    CALL(reboot), CALL(swapon), CALL(settimeofday), CALL(clock_settime), CALL(adjtimex), CALL(clock_adjtime), CALL(modify_ldt), CALL(iopl),
    CALL(fork), CALL(vfork),
};

static int add(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < count; i++)
        failed = seccomp_rule_add(filter, action, calls[i], 0);
    return failed;
}
#define ADD(filter, action, calls) add(filter, action, calls, sizeof(calls) / sizeof *(calls))

/* Calls whose first or second argument decides. */
static int add_by_argument(scmp_filter_ctx filter)
{
    static const unsigned long ioctls[] = {FIONBIO, FIONREAD, TCGETS, TIOCGWINSZ};
    /* A thread, never a process. clone3 keeps its flags in memory, where a filter cannot look: ENOSYS makes the C library use clone. */
    int failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    if (failed == 0)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(prlimit64), 1, SCMP_A2(SCMP_CMP_EQ, 0));
    if (failed == 0)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
    for (size_t i = 0; failed == 0 && i < sizeof ioctls / sizeof *ioctls; i++)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, ioctls[i]));
    return failed;
}

static int add_making_sockets(scmp_filter_ctx filter, enum call_role role)
{
    static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK}; /* netlink: the resolver asks which addresses this machine has */
    static const int making[] = {CALL(socket), CALL(connect), CALL(bind), CALL(listen), CALL(socketpair)};
    bool makes = role != CALLS_OF_CORE, listens = role == CALLS_OF_STARTING_CORE;
    int failed = 0;
    if (!makes)
        return ADD(filter, SCMP_ACT_ERRNO(EACCES), making);
    for (size_t i = 0; failed == 0 && i < sizeof families / sizeof *families; i++)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(socket), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i]));
    if (failed == 0)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(connect), 0);
    if (failed == 0) /* the resolver binds its netlink socket */
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(bind), 0);
    if (failed == 0)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(socketpair), 0);
    return failed ? failed : seccomp_rule_add(filter, listens ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EACCES), CALL(listen), 0);
}

static int fill(scmp_filter_ctx filter, enum call_role role)
{
    int failed = add_making_sockets(filter, role);
    if (failed == 0)
        failed = ADD(filter, SCMP_ACT_ALLOW, memory_and_threads);
    if (failed == 0)
        failed = ADD(filter, SCMP_ACT_ALLOW, time_and_waiting);
    if (failed == 0)
        failed = ADD(filter, SCMP_ACT_ALLOW, reading);
    if (failed == 0 && role != CALLS_OF_SENDER)
        failed = ADD(filter, SCMP_ACT_ALLOW, changing_files);
    if (failed == 0)
        failed = ADD(filter, SCMP_ACT_ALLOW, open_sockets);
    if (failed == 0 && role == CALLS_OF_STARTING_CORE) /* the second filter */
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(seccomp), 0);
    if (failed == 0)
        failed = ADD(filter, SCMP_ACT_KILL_PROCESS, hostile);
    return failed ? failed : add_by_argument(filter);
}

#ifdef MUSTER_SANITIZED
static int fill_for_sanitizers(scmp_filter_ctx filter, enum call_role role)
{
    static const int making[] = {CALL(socket), CALL(connect), CALL(bind), CALL(listen)};
    return role == CALLS_OF_CORE ? ADD(filter, SCMP_ACT_ERRNO(EACCES), making) : 0;
}
#endif

bool call_filter_install(enum call_role role)
{
#ifdef MUSTER_SANITIZED
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int failed = filter ? fill_for_sanitizers(filter, role) : -ENOMEM;
    (void)fill;
#else
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    int failed = filter ? fill(filter, role) : -ENOMEM;
#endif
    if (failed == 0)
        failed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0); /* it is set, and the first filter no longer lets prctl through */
    if (failed == 0)
        failed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (failed == 0)
        failed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree instead of a list of some 150 comparisons */
    if (failed == 0)
        failed = seccomp_load(filter);
    if (filter)
        seccomp_release(filter);
    errno = -failed;
    return failed == 0;
}

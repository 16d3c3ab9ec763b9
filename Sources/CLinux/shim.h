// What Swift's Glibc module leaves out: extended attributes, namespaces, signal descriptors, Landlock, and calls with a
// variable number of arguments.
#ifdef __linux__
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

// Declared for GNU sources only, which would make types here differ from those of other modules.
int unshare(int flags);
int pipe2(int ends[2], int flags);
int execveat(int directory, const char *path, char *const arguments[], char *const environment[], int flags);
long syscall(long number, ...);

#ifdef __GLIBC__
// Under a name of its own, because <spawn.h> would bring the types of another module.
int linux_spawn_close_from(void *actions, int first) __asm__("posix_spawn_file_actions_addclosefrom_np");
#endif

static inline int linux_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
    return prctl(option, a, b, c, d);
}

// The kernel's signal sets have 64 bits, with which the C library's begin.
static inline int linux_signalfd(int descriptor, const void *signals, int flags) {
    return (int)syscall(SYS_signalfd4, descriptor, signals, 8, flags);
}

static inline int linux_setns(int descriptor, int kind) {
    return (int)syscall(SYS_setns, descriptor, kind);
}

static inline int linux_pivot_root(const char *new_root, const char *put_old) {
    return (int)syscall(SYS_pivot_root, new_root, put_old);
}

// Landlock, whose system calls have the same numbers everywhere and no functions in the C library.
static inline int linux_landlock_version(void) {
    return (int)syscall(444, (void *)0, (unsigned long)0, 1u);
}

static inline int linux_landlock_create(unsigned long long handled_access_fs) {
    return (int)syscall(444, &handled_access_fs, sizeof handled_access_fs, 0u);
}

static inline int linux_landlock_allow(int rules, unsigned long long access, int parent) {
    struct {
        unsigned long long allowed_access;
        int parent_fd;
    } __attribute__((packed)) rule = {access, parent};
    return (int)syscall(445, rules, 1, &rule, 0u);
}

static inline int linux_landlock_restrict(int rules) {
    return (int)syscall(446, rules, 0u);
}
#endif

/* Makes the Nth call that changes a file fail, in the process that this is preloaded into.
 *
 * Only files under $FAULT_FOLDER count, and only calls that write, sync, cut, create, rename or remove. $FAULT_AT says
 * which one fails, from 1 on; $FAULT_KIND how: "eio", "enospc", or "short", which writes half and fails the call behind
 * with ENOSPC (where there is nothing to write, it is EIO). Into the file $FAULT_SAID goes which call it was.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;
static atomic_int next_fails;

enum fate { GOES, FAILS, HALVED };

static int is_ours(const char *path) {
    const char *folder = getenv("FAULT_FOLDER");
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_open_file_ours(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_ours(path);
}

static void say(const char *call) {
    static int (*real_open)(const char *, int, ...);
    static ssize_t (*real_write)(int, const void *, size_t);
    if (!real_open) real_open = dlsym(RTLD_NEXT, "open");
    if (!real_write) real_write = dlsym(RTLD_NEXT, "write");
    int fd = real_open(getenv("FAULT_SAID"), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (fd < 0) return;
    ssize_t ignored = real_write(fd, call, strlen(call));
    ignored = real_write(fd, "\n", 1);
    (void)ignored;
    close(fd);
}

/* What becomes of this call; sets errno when it fails. */
static enum fate fate_of(const char *call, int writes) {
    const char *kind = getenv("FAULT_KIND");
    if (!kind) return GOES;
    if (atomic_exchange(&next_fails, 0)) {
        errno = ENOSPC;
        return FAILS;
    }
    if (atomic_fetch_add(&calls, 1) + 1 != atol(getenv("FAULT_AT"))) return GOES;
    say(call);
    if (strcmp(kind, "short") == 0 && writes) {
        atomic_store(&next_fails, 1);
        return HALVED;
    }
    errno = strcmp(kind, "enospc") == 0 ? ENOSPC : EIO;
    return FAILS;
}

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = dlsym(RTLD_NEXT, #name)

#define ON_OPEN_FILE(result, name, parameters, arguments) \
    result name parameters { \
        REAL(name); \
        if (is_open_file_ours(fd) && fate_of(#name, 0) == FAILS) return -1; \
        return real arguments; \
    }

#define ON_WRITE(name, parameters, arguments) \
    ssize_t name parameters { \
        REAL(name); \
        if (is_open_file_ours(fd)) { \
            enum fate fate = fate_of(#name, count > 1); \
            if (fate == FAILS) return -1; \
            if (fate == HALVED) count /= 2; \
        } \
        return real arguments; \
    }

#define ON_PATH(name, parameters, arguments, path) \
    int name parameters { \
        REAL(name); \
        if (is_ours(path) && fate_of(#name, 0) == FAILS) return -1; \
        return real arguments; \
    }

#define ON_OPENING(name, parameters, arguments) \
    int name parameters { \
        REAL(name); \
        mode_t mode = 0; \
        if (flags & (O_CREAT | O_TMPFILE)) { \
            va_list rest; \
            va_start(rest, flags); \
            mode = va_arg(rest, mode_t); \
            va_end(rest); \
        } \
        if (is_ours(path) && (flags & (O_WRONLY | O_RDWR)) && fate_of(#name, 0) == FAILS) return -1; \
        return real arguments; \
    }

ON_WRITE(write, (int fd, const void *octets, size_t count), (fd, octets, count))
ON_WRITE(pwrite, (int fd, const void *octets, size_t count, off_t at), (fd, octets, count, at))
ON_WRITE(pwrite64, (int fd, const void *octets, size_t count, off64_t at), (fd, octets, count, at))
ON_OPEN_FILE(ssize_t, writev, (int fd, const struct iovec *parts, int count), (fd, parts, count))
ON_OPEN_FILE(ssize_t, pwritev, (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at))
ON_OPEN_FILE(ssize_t, pwritev64, (int fd, const struct iovec *parts, int count, off64_t at), (fd, parts, count, at))
ON_OPEN_FILE(int, fdatasync, (int fd), (fd))
ON_OPEN_FILE(int, fsync, (int fd), (fd))
ON_OPEN_FILE(int, ftruncate, (int fd, off_t length), (fd, length))
ON_OPEN_FILE(int, ftruncate64, (int fd, off64_t length), (fd, length))
ON_OPEN_FILE(int, fallocate, (int fd, int mode, off_t at, off_t length), (fd, mode, at, length))
ON_OPEN_FILE(int, fallocate64, (int fd, int mode, off64_t at, off64_t length), (fd, mode, at, length))
ON_OPENING(open, (const char *path, int flags, ...), (path, flags, mode))
ON_OPENING(open64, (const char *path, int flags, ...), (path, flags, mode))
ON_OPENING(openat, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
ON_OPENING(openat64, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
ON_PATH(rename, (const char *from, const char *to), (from, to), to)
ON_PATH(renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), to)
ON_PATH(unlink, (const char *path), (path), path)

// Preloaded into a gateway (LD_PRELOAD): fails calls on files whose path starts in one way, as a disk that is full,
// broken or mounted read-only does, or does not answer them, as long as the test says so.
//
// DISK_FAULTS_PATH says how paths start, DISK_FAULTS_CONTROL a file of six native 32-bit integers that is mapped by both
// sides: the error number to fail with (0: none), which calls (the bits below), how many have failed, which calls do not
// return, of which kinds of files (the bits below; 0: all), and how many calls were held up.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITES = 1, ALLOCATES = 2, SYNCS = 4, OPENS = 8, REMOVES = 16, TRUNCATES = 32, READS = 64, READ_OPENS = 128 };
enum { SEGMENTS = 1, CURSORS = 2, DIRECTORIES = 4 };

struct control {
  int32_t error;
  int32_t calls;
  int32_t failed;
  int32_t hangs;
  int32_t kinds;
  int32_t held;
};

static volatile struct control *control;
static const char *start;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void map_control(void) {
  const char *path = getenv("DISK_FAULTS_CONTROL");
  start = getenv("DISK_FAULTS_PATH");
  int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  int file = path && start ? real_open(path, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *map = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (map != MAP_FAILED) control = map;
}

static int kind(const char *path) {
  const char *name = strrchr(path, '/'), *suffix = strrchr(path, '.');
  if (suffix && strcmp(suffix, ".frames") == 0) return SEGMENTS;
  return name && strcmp(name, "/cursor") == 0 ? CURSORS : DIRECTORIES;
}

static int hangs(int call, const char *path) {
  return (control->hangs & call) && (!control->kinds || (control->kinds & kind(path)));
}

// Whether a call of this kind on that path is to fail; sets errno if so.
static int fails_on(int call, const char *path) {
  pthread_once(&once, map_control);
  if (!control || strncmp(path, start, strlen(start)) != 0) return 0;
  if (hangs(call, path)) __atomic_fetch_add(&control->held, 1, __ATOMIC_RELAXED);
  while (hangs(call, path)) usleep(1000);
  if (!control->error || !(control->calls & call)) return 0;
  __atomic_fetch_add(&control->failed, 1, __ATOMIC_RELAXED);
  errno = control->error;
  return 1;
}

static int fails(int call, int file) {
  pthread_once(&once, map_control);
  if (!control || !(control->error || control->hangs)) return 0;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return fails_on(call, path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

// A full disk takes what still fits: half of the first part, every second time.
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) {
  static int turn;
  if (!fails(WRITES, file)) return REAL(pwritev)(file, parts, count, offset);
  int takes_some = errno == ENOSPC && count > 0 && parts[0].iov_len > 1;
  if (takes_some && __atomic_fetch_add(&turn, 1, __ATOMIC_RELAXED) % 2 == 0)
    return REAL(pwrite)(file, parts[0].iov_base, parts[0].iov_len / 2, offset);
  errno = control->error;
  return -1;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
  return fails(WRITES, file) ? -1 : REAL(pwrite)(file, bytes, count, offset);
}

ssize_t write(int file, const void *bytes, size_t count) {
  return fails(WRITES, file) ? -1 : REAL(write)(file, bytes, count);
}

ssize_t pread(int file, void *bytes, size_t count, off_t offset) {
  return fails(READS, file) ? -1 : REAL(pread)(file, bytes, count, offset);
}

int fallocate(int file, int mode, off_t offset, off_t length) {
  return fails(ALLOCATES, file) ? -1 : REAL(fallocate)(file, mode, offset, length);
}

int fsync(int file) { return fails(SYNCS, file) ? -1 : REAL(fsync)(file); }
int fdatasync(int file) { return fails(SYNCS, file) ? -1 : REAL(fdatasync)(file); }
int ftruncate(int file, off_t length) { return fails(TRUNCATES, file) ? -1 : REAL(ftruncate)(file, length); }
int unlink(const char *path) { return fails_on(REMOVES, path) ? -1 : REAL(unlink)(path); }
int rename(const char *path, const char *to) { return fails_on(REMOVES, path) ? -1 : REAL(rename)(path, to); }

int renameat2(int from, const char *path, int into, const char *to, unsigned flags) {
  return fails_on(REMOVES, path) ? -1 : REAL(renameat2)(from, path, into, to, flags);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0;
  va_end(rest);
  int writes = (flags & O_ACCMODE) != O_RDONLY;
  return fails_on(writes ? OPENS : READ_OPENS, path) ? -1 : REAL(open)(path, flags, mode);
}

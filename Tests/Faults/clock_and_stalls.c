// Preloaded into a gateway (LD_PRELOAD): sets the clock of the day by steps, and has calls on files whose path starts in
// one way hang, as a disk does that answers no more, as long as the test says so.
//
// CLOCK_AND_STALLS_CONTROL is a file of two native 64-bit integers that is mapped by both sides: seconds to add to the
// clock, and whether calls hang. CLOCK_AND_STALLS_PATH says how the paths start.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct control {
  int64_t step;
  int64_t stalls;
};

static volatile struct control *control;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void map_control(void) {
  const char *path = getenv("CLOCK_AND_STALLS_CONTROL");
  int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *map = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (map != MAP_FAILED) control = map;
}

static int64_t step(void) {
  pthread_once(&once, map_control);
  return control ? control->step : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  static __typeof__(&clock_gettime) real;
  if (!real) real = REAL(clock_gettime);
  int result = real(clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += step();
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  int result = REAL(gettimeofday)(now, zone);
  if (result == 0) now->tv_sec += step();
  return result;
}

time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result) *result = now.tv_sec;
  return now.tv_sec;
}

static void stall(int file) {
  pthread_once(&once, map_control);
  const char *start = getenv("CLOCK_AND_STALLS_PATH");
  if (!control || !control->stalls || !start) return;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return;
  path[length] = 0;
  while (control->stalls && strncmp(path, start, strlen(start)) == 0) usleep(10000);
}

ssize_t write(int file, const void *bytes, size_t count) {
  stall(file);
  return REAL(write)(file, bytes, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
  stall(file);
  return REAL(pwrite)(file, bytes, count, offset);
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) {
  stall(file);
  return REAL(pwritev)(file, parts, count, offset);
}

int fsync(int file) {
  stall(file);
  return REAL(fsync)(file);
}

int fdatasync(int file) {
  stall(file);
  return REAL(fdatasync)(file);
}

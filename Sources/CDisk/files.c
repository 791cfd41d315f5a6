// Of Linux, and not in the C library's standard interface, which is all that Swift sees.
#define _GNU_SOURCE
#include "CDisk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

const int past_cache = O_DIRECT;

int allocate_keeping_size(int file, off_t bytes) { return fallocate(file, FALLOC_FL_KEEP_SIZE, 0, bytes); }

int rename_without_replacing(const char *path, const char *new_path) {
  if (renameat2(AT_FDCWD, path, AT_FDCWD, new_path, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return -1;
  // A file system that cannot do it in one: the queue's lock keeps others from taking the name meanwhile.
  if (access(new_path, F_OK) == 0) errno = EEXIST;
  return errno == ENOENT ? rename(path, new_path) : -1;
}

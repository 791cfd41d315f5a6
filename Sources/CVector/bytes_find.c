// memmem and memrchr are extensions of GNU, which Swift does not see.
#define _GNU_SOURCE
#include "bytes_find.h"

#include <string.h>

const void *bytes_find(const void *base, size_t count, const void *needle, size_t needle_count) {
  return memmem(base, count, needle, needle_count);
}

const void *bytes_find_last(const void *base, int byte, size_t count) { return memrchr(base, byte, count); }

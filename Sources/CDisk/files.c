// Of Linux, and not in the C library's standard interface, which is all that Swift sees.
#define _GNU_SOURCE
#include "CDisk.h"

#include <fcntl.h>

const int past_cache = O_DIRECT;

int allocate_keeping_size(int file, off_t bytes) { return fallocate(file, FALLOC_FL_KEEP_SIZE, 0, bytes); }

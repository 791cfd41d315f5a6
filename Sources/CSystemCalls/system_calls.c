// What glibc and Linux offer beyond the standard interfaces, which are all that Swift sees.
#define _GNU_SOURCE
#include "CSystemCalls.h"

#include <malloc.h>
#include <sched.h>

int bound_cores(void) {
  cpu_set_t cores;
  return sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 0;
}

void give_back_freed_memory(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

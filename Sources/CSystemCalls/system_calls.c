// What glibc and Linux offer beyond the standard interfaces, which are all that Swift sees.
#define _GNU_SOURCE
#include "CSystemCalls.h"

#include <link.h>
#include <malloc.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

int bound_cores(void) {
  cpu_set_t cores;
  return sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 0;
}

long file_system_kind(const char *path) {
  struct statfs system;
  return statfs(path, &system) == 0 ? (long)system.f_type : 0;
}

void fix_memory_thresholds(void) {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 16 << 20);
#endif
}

void give_back_freed_memory(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

void heap_bytes(unsigned long *used, unsigned long *taken) {
  *used = *taken = 0;
#if defined(__GLIBC__)
  struct mallinfo2 heap = mallinfo2();
  *used = heap.uordblks + heap.hblkhd;
  *taken = heap.arena + heap.hblkhd;
#endif
}

static int let_go_of_object(struct dl_phdr_info *object, size_t size, void *data) {
  (void)size;
  // The program itself has no name and libraries have a path; the code that the kernel brings has neither.
  const char *name = object->dlpi_name;
  if (name[0] != '\0' && name[0] != '/') return 0;
  uintptr_t page = *(const uintptr_t *)data;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &object->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || !(part->p_flags & PF_X) || (part->p_flags & PF_W)) continue;
    uintptr_t start = (object->dlpi_addr + part->p_vaddr) & ~(page - 1);
    uintptr_t end = object->dlpi_addr + part->p_vaddr + part->p_filesz;
    madvise((void *)start, end - start, MADV_DONTNEED);
  }
  return 0;
}

// Code is never written to, so that its pages are those of the file: nothing is lost with them.
void let_go_of_code(void) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  dl_iterate_phdr(let_go_of_object, &page);
}

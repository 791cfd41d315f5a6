#ifndef CDISK_H
#define CDISK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// The CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `count` bytes, continuing from `crc`: 0 at the start.
uint32_t crc32c(uint32_t crc, const void *bytes, size_t count);

/// The same without the processor's instruction for it.
uint32_t crc32c_portable(uint32_t crc, const void *bytes, size_t count);

/// Sets disk space aside for a file up to `bytes` and leaves its size as it is. Returns -1 and sets `errno` if that
/// fails.
int allocate_keeping_size(int file, off_t bytes);

/// Gives a file another name unless something has that name. Returns -1 and sets `errno` if that fails, to EEXIST if the
/// name is taken.
int rename_without_replacing(const char *path, const char *new_path);

/// The flag of `open` for writing past the system's cache (`O_DIRECT`).
extern const int past_cache;

/// Asks for turns of 0.1 ms for the calling thread (sched_setattr(2)): one that works little and that others wait for
/// then runs as soon as it wakes. Linux heeds it from 6.12 on; elsewhere nothing changes.
void take_short_turns(void);

#endif

#ifndef CVECTOR_UTF8_TEXT_H
#define CVECTOR_UTF8_TEXT_H

#include <stdbool.h>

#include "bytes16.h"

/// Which of sixteen bytes are not ASCII. Bit 0 is the first byte.
static inline uint32_t utf8_beyond_ascii16(bytes16 bytes) { return bytes16_mask(bytes); }

/// Whether the bytes from `start` to `end` of `text` are ASCII, for `start <= end` and `16 <= end`: of a run shorter
/// than sixteen bytes, those before it are read too.
__attribute__((always_inline)) static inline bool utf8_is_ascii(const uint8_t *text, size_t start, size_t end) {
  bytes16 found = bytes16_load(text + end - 16);
  size_t count = end - start;
  if (count <= 16) return bytes16_mask(found) >> (16 - count) == 0;
  for (; start + 16 < end; start += 16) found |= bytes16_load(text + start);
  return bytes16_mask(found) == 0;
}

#endif

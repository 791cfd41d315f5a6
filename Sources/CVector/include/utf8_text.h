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
  found |= bytes16_load(text + start);
  for (start += 16; start + 16 < end; start += 16) found |= bytes16_load(text + start);
  return bytes16_mask(found) == 0;
}

/// Bytes of the valid sequence that starts with `text[0]`, a byte that is not ASCII, and ends within `count` bytes; 0 if
/// there is none (RFC 3629; Unicode 16, table 3-7).
static inline size_t utf8_sequence(const uint8_t *text, size_t count) {
  uint8_t first = text[0];
  if (first < 0xC2 || count < 2 || (text[1] & 0xC0) != 0x80) return 0;
  if (first < 0xE0) return 2;
  if (count < 3 || (text[2] & 0xC0) != 0x80) return 0;
  if (first < 0xF0) return (first == 0xE0 && text[1] < 0xA0) || (first == 0xED && text[1] > 0x9F) ? 0 : 3;
  if (count < 4 || (text[3] & 0xC0) != 0x80 || first > 0xF4) return 0;
  return (first == 0xF0 && text[1] < 0x90) || (first == 0xF4 && text[1] > 0x8F) ? 0 : 4;
}

/// The offset of the first byte from `start` on that starts no valid sequence; `end` if all do.
static inline size_t utf8_valid_end(const uint8_t *text, size_t start, size_t end) {
  while (start < end) {
    if (text[start] < 0x80) {
      uint32_t beyond = start + 16 <= end ? utf8_beyond_ascii16(bytes16_load(text + start)) : 2;
      start += beyond == 0 ? 16 : (size_t)__builtin_ctz(beyond);
    } else {
      size_t length = utf8_sequence(text + start, end - start);
      if (length == 0) return start;
      start += length;
    }
  }
  return end;
}

#endif

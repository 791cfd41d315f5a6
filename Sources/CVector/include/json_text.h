#ifndef CVECTOR_JSON_TEXT_H
#define CVECTOR_JSON_TEXT_H

#include "bytes16.h"

/// Sixteen bytes, zero in place of those that may not stand in a JSON string as they are (RFC 8259 section 7): quotes,
/// backslashes and control characters. (Flipping 2 swaps the quote with the space.)
static inline bytes16 json_plain16(bytes16 bytes) {
  bytes16 quotes = __builtin_elementwise_sub_sat(bytes ^ 2, bytes16_all(0x20));
  return __builtin_elementwise_min(quotes, bytes ^ '\\');
}

/// Which of sixteen bytes must be escaped. Bit 0 is the first byte.
static inline uint32_t json_special16(bytes16 bytes) { return bytes16_mask((bytes16)(json_plain16(bytes) == 0)); }

/// Copies the bytes of a string up to the first that must be escaped, and returns how many that are, at most `count`.
/// Reads up to 16 bytes beyond `count`, and writes up to 32 beyond those copied.
static inline size_t json_copy_plain(void *target, const void *source, size_t count) {
  uint8_t *to = target;
  const uint8_t *from = source;
  size_t done = 0;
  for (; count - done > 32; done += 32) {
    bytes16 first = bytes16_load(from + done), second = bytes16_load(from + done + 16);
    bytes16_store(to + done, first);
    bytes16_store(to + done + 16, second);
    bytes16 plain = __builtin_elementwise_min(json_plain16(first), json_plain16(second));
    if (bytes16_mask((bytes16)(plain == 0)) != 0) break;
  }
  for (; count - done > 16; done += 16) {
    bytes16 bytes = bytes16_load(from + done);
    uint32_t special = json_special16(bytes);
    bytes16_store(to + done, bytes);
    if (special) return done + (size_t)__builtin_ctz(special);
  }
  bytes16 bytes = bytes16_load(from + done);
  uint32_t special = json_special16(bytes);
  bytes16_store(to + done, bytes);
  return done + (size_t)__builtin_ctz(special | 1u << (count - done));
}

/// The same, but reads no byte beyond `count`.
static inline size_t json_copy_plain_exact(void *target, const void *source, size_t count) {
  uint8_t *to = target;
  const uint8_t *from = source;
  size_t whole = count & ~(size_t)15;
  size_t done = whole > 0 ? json_copy_plain(to, from, whole) : 0;
  if (done < whole || whole == count) return done;
  bytes16 rest = bytes16_load_part(from + whole, count - whole);
  bytes16_store(to + whole, rest);
  return whole + (size_t)__builtin_ctz(json_special16(rest) | 1u << (count - whole));
}

#endif

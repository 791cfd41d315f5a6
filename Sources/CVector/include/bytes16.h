#ifndef CVECTOR_BYTES16_H
#define CVECTOR_BYTES16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Sixteen bytes; a comparison of two gives 0xFF where it holds and 0 elsewhere.
typedef uint8_t bytes16 __attribute__((vector_size(16)));

/// Sixteen bytes from any address.
static inline bytes16 bytes16_load(const void *source) {
  bytes16 bytes;
  memcpy(&bytes, source, sizeof bytes);
  return bytes;
}

/// Sixteen bytes to any address.
static inline void bytes16_store(void *target, bytes16 bytes) { memcpy(target, &bytes, sizeof bytes); }

/// Sixteen times the same byte.
static inline bytes16 bytes16_all(uint8_t byte) { return (bytes16){0} + byte; }

/// `bytes16_mask` for processors without an instruction for it.
static inline uint32_t bytes16_mask_portable(bytes16 bytes) {
  uint64_t halves[2];
  memcpy(halves, &bytes, sizeof halves);
  uint64_t tops = 0x8080808080808080u, gather = 0x0002040810204081u;
  uint32_t low = (uint32_t)(((halves[0] & tops) * gather) >> 56);
  uint32_t high = (uint32_t)(((halves[1] & tops) * gather) >> 56);
  return low | high << 8;
}

/// The top bits of sixteen bytes; bit 0 is that of the first.
static inline uint32_t bytes16_mask(bytes16 bytes) {
#if defined(__SSE2__)
  return (uint32_t)_mm_movemask_epi8((__m128i)bytes);
#else
  return bytes16_mask_portable(bytes);
#endif
}

/// Fewer than sixteen bytes, and zeros after them.
static inline bytes16 bytes16_load_part(const void *source, size_t count) {
  const uint8_t *from = source;
  uint64_t halves[2] = {0};
  if (count >= 8) {
    memcpy(&halves[0], from, 8);
    memcpy(&halves[1], from + count - 8, 8);
    halves[1] = halves[1] >> 8 * (15 - count) >> 8;
  } else if (count >= 4) {
    uint32_t first, last;
    memcpy(&first, from, 4);
    memcpy(&last, from + count - 4, 4);
    halves[0] = first | (uint64_t)last << 8 * (count - 4);
  } else if (count > 0) {
    size_t middle = count / 2;
    halves[0] = from[0] | (uint64_t)from[middle] << 8 * middle | (uint64_t)from[count - 1] << 8 * (count - 1);
  }
  return bytes16_load(halves);
}

/// Whether `count` bytes are the same. Reads up to 16 bytes beyond `count` at both addresses.
static inline bool bytes16_equal(const void *left, const void *right, size_t count) {
  const uint8_t *a = left, *b = right;
  bytes16 equal = (bytes16)(bytes16_load(a) == bytes16_load(b));
  if (count <= 16) return (bytes16_mask(equal) | ~0u << count) == ~0u;
  equal &= (bytes16)(bytes16_load(a + count - 16) == bytes16_load(b + count - 16));
  for (size_t done = 16; __builtin_expect(done + 16 < count, 0); done += 16) {
    equal &= (bytes16)(bytes16_load(a + done) == bytes16_load(b + done));
  }
  return bytes16_mask(equal) == 0xFFFF;
}

/// Copies `count` bytes, mostly at most 32. Reads and writes up to 32 beyond them.
static inline void bytes16_copy_short(void *target, const void *source, size_t count) {
  uint8_t *to = target;
  const uint8_t *from = source;
  bytes16_store(to, bytes16_load(from));
  bytes16_store(to + 16, bytes16_load(from + 16));
  if (__builtin_expect(count <= 32, 1)) return;
  if (count > 128) {
    memcpy(to + 32, from + 32, count - 32);
    return;
  }
#pragma clang loop unroll(disable)
  for (size_t done = 32; done < count; done += 32) {
    bytes16_store(to + done, bytes16_load(from + done));
    bytes16_store(to + done + 16, bytes16_load(from + done + 16));
  }
}

#endif

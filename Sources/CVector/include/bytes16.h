#ifndef CVECTOR_BYTES16_H
#define CVECTOR_BYTES16_H

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

/// The top bits of sixteen bytes; bit 0 is that of the first.
static inline uint32_t bytes16_mask(bytes16 bytes) {
#if defined(__SSE2__)
  return (uint32_t)_mm_movemask_epi8((__m128i)bytes);
#else
  uint64_t halves[2];
  memcpy(halves, &bytes, sizeof halves);
  uint64_t tops = 0x8080808080808080u, gather = 0x0002040810204081u;
  uint32_t low = (uint32_t)(((halves[0] & tops) * gather) >> 56);
  uint32_t high = (uint32_t)(((halves[1] & tops) * gather) >> 56);
  return low | high << 8;
#endif
}

#endif

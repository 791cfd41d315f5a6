#ifndef CVECTOR_HEX_DIGITS_H
#define CVECTOR_HEX_DIGITS_H

#include "bytes16.h"

/// Eight bytes, the highest of `value` first, as sixteen lower-case hexadecimal digits.
static inline bytes16 hex_digits16(uint64_t value) {
  uint64_t halves[2] = {__builtin_bswap64(value), 0};
  bytes16 bytes = bytes16_load(halves);
  bytes16 nibbles = __builtin_shufflevector(bytes >> 4, bytes & 15, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  return nibbles + '0' + ((bytes16)(nibbles > 9) & ('a' - '0' - 10));
}

#endif

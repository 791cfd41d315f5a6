#ifndef CVECTOR_JSON_SCAN_H
#define CVECTOR_JSON_SCAN_H

#include <stdbool.h>

#include "bytes16.h"

/// The offset of the first byte from `start` on that is a quote, a backslash, a control character or not ASCII. Reads
/// nothing from `end` on: with no such byte in a whole sixteen before it, an offset beyond `end - 16`.
__attribute__((always_inline)) static inline size_t json_plain_end(const uint8_t *text, size_t start, size_t end) {
  typedef int8_t signed16 __attribute__((vector_size(16)));
  for (; start + 16 <= end; start += 16) {
    bytes16 bytes = bytes16_load(text + start);
    // With its second bit turned over, a quote is next to the control characters; as a signed number, a byte that is
    // not ASCII is below them.
    bytes16 plain = (bytes16)((signed16)(bytes ^ 2) > 0x20) & ~(bytes16)(bytes == '\\');
    uint32_t mask = bytes16_mask(plain);
    if (mask != 0xFFFF) return start + (size_t)__builtin_ctz(~mask);
  }
  return start;
}

/// The number that eight digits stand for, of which the first is the low byte.
static inline uint64_t json_eight_digits(uint64_t digits) {
  uint64_t pairs = digits * 10 + (digits >> 8);
  uint64_t even = (pairs & 0x000000FF000000FFu) * (100 + (1000000ull << 32));
  uint64_t odd = (pairs >> 16 & 0x000000FF000000FFu) * (1 + (10000ull << 32));
  return (even + odd) >> 32;
}

/// Ten to the power of `exponent`, which is at most 15.
static inline uint64_t json_power_of_ten(size_t exponent) {
  static const uint64_t powers[16] = {
      1,         10,         100,         1000,         10000,         100000,         1000000,         10000000,
      100000000, 1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000,
  };
  return powers[exponent & 15];
}

/// Reads the decimal number at `text`, of which 24 bytes are read: returns how many digits it has and stores it, unless
/// there are more than 19 digits, which a `uint64_t` may not hold.
__attribute__((always_inline)) static inline size_t json_digits(const uint8_t *text, uint64_t *number) {
  uint64_t value = 0;
  for (size_t count = 0; count < 24; count += 8) {
    uint64_t digits;
    memcpy(&digits, text + count, sizeof digits);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    digits = __builtin_bswap64(digits);
#endif
    digits ^= 0x3030303030303030u;
    uint64_t others = ((digits + 0x7676767676767676u) | digits) & 0x8080808080808080u;
    if (others != 0) {
      size_t more = (size_t)__builtin_ctzll(others) / 8;
      *number = more == 0 ? value : value * json_power_of_ten(more) + json_eight_digits(digits << (64 - 8 * more));
      return count + more;
    }
    value = value * 100000000 + json_eight_digits(digits);
  }
  return 24;
}

/// Reads sixteen hexadecimal digits in either case; false if one is none.
static inline bool json_hexadecimal(const uint8_t *text, uint64_t *number) {
  bytes16 digits = bytes16_load(text);
  bytes16 decimal = digits - '0';
  bytes16 letter = (digits | 0x20) - 'a';
  bytes16 is_decimal = (bytes16)(decimal < 10), is_letter = (bytes16)(letter < 6);
  if (bytes16_mask(is_decimal | is_letter) != 0xFFFF) return false;
  bytes16 nibbles = (decimal & is_decimal) | ((letter + 10) & ~is_decimal);
  bytes16 high = __builtin_shufflevector(nibbles, nibbles, 0, 2, 4, 6, 8, 10, 12, 14, 0, 2, 4, 6, 8, 10, 12, 14);
  bytes16 low = __builtin_shufflevector(nibbles, nibbles, 1, 3, 5, 7, 9, 11, 13, 15, 1, 3, 5, 7, 9, 11, 13, 15);
  bytes16 pairs = (high << 4) | low;
  uint64_t word;
  memcpy(&word, &pairs, sizeof word);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  *number = word;
  return true;
}

#endif

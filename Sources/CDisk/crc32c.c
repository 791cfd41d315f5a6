// CRC-32C by the processor's instruction where it has one, else by tables, eight bytes at a time.
#include "CDisk.h"

#include <pthread.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>
#ifndef HWCAP_CRC32
#define HWCAP_CRC32 (1 << 7)
#endif
#endif

// Bytes of each of the runs that are added at the same time; a multiple of eight.
#define STRIDE 1024

static uint32_t tables[8][256];
// By how many strides of zeros follow, less one, and by the place of a byte in the checksum.
static uint32_t shifts[2][4][256];
static int has_instruction;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static uint64_t load(const unsigned char *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

static uint32_t by_tables(uint32_t crc, const unsigned char *bytes, size_t count) {
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word = load(bytes) ^ crc;
    crc = tables[7][word & 0xff] ^ tables[6][(word >> 8) & 0xff] ^ tables[5][(word >> 16) & 0xff] ^
          tables[4][(word >> 24) & 0xff] ^ tables[3][(word >> 32) & 0xff] ^ tables[2][(word >> 40) & 0xff] ^
          tables[1][(word >> 48) & 0xff] ^ tables[0][word >> 56];
  }
  for (; count > 0; bytes++, count--) crc = (crc >> 8) ^ tables[0][(crc ^ *bytes) & 0xff];
  return crc;
}

// Checksums are linear, so those of all bytes follow from those of single bits.
static void prepare_shifts(void) {
  static const unsigned char zeros[2 * STRIDE];
  for (int strides = 1; strides <= 2; strides++) {
    for (int bit = 0; bit < 32; bit++) {
      uint32_t crc = by_tables((uint32_t)1 << bit, zeros, (size_t)strides * STRIDE);
      uint32_t *table = shifts[strides - 1][bit / 8];
      for (int byte = 0; byte < 256; byte++) {
        if ((byte >> (bit % 8)) & 1) table[byte] ^= crc;
      }
    }
  }
}

static void prepare(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1)));
    tables[0][byte] = crc;
  }
  for (int table = 1; table < 8; table++) {
    for (uint32_t byte = 0; byte < 256; byte++) {
      uint32_t before = tables[table - 1][byte];
      tables[table][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  prepare_shifts();
#if defined(__x86_64__)
  has_instruction = __builtin_cpu_supports("sse4.2") != 0;
#elif defined(__aarch64__)
  has_instruction = (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
#endif
}

// What `crc` becomes once the zeros of one or two strides have been added.
static uint32_t shifted(int strides, uint32_t crc) {
  const uint32_t(*table)[256] = shifts[strides - 1];
  return table[0][crc & 0xff] ^ table[1][(crc >> 8) & 0xff] ^ table[2][(crc >> 16) & 0xff] ^ table[3][crc >> 24];
}

// The instruction takes three cycles and one can start in each, so three strides are added at once: checksums are
// linear, and that of a run is those of its parts, each shifted by what follows it.
#if defined(__x86_64__)
#define INSTRUCTION __attribute__((target("sse4.2")))
#define ADD_WORD(crc, word) (uint32_t) _mm_crc32_u64(crc, word)
#define ADD_BYTE(crc, byte) _mm_crc32_u8(crc, byte)
#elif defined(__aarch64__)
#define INSTRUCTION __attribute__((target("crc")))
#define ADD_WORD(crc, word) __crc32cd(crc, word)
#define ADD_BYTE(crc, byte) __crc32cb(crc, byte)
#endif

#ifdef INSTRUCTION
INSTRUCTION static uint32_t by_instruction(uint32_t crc, const unsigned char *bytes, size_t count) {
  for (; count >= 3 * STRIDE; bytes += 3 * STRIDE, count -= 3 * STRIDE) {
    uint32_t second = 0, third = 0;
    for (size_t offset = 0; offset < STRIDE; offset += 8) {
      crc = ADD_WORD(crc, load(bytes + offset));
      second = ADD_WORD(second, load(bytes + STRIDE + offset));
      third = ADD_WORD(third, load(bytes + 2 * STRIDE + offset));
    }
    crc = shifted(2, crc) ^ shifted(1, second) ^ third;
  }
  for (; count >= 8; bytes += 8, count -= 8) crc = ADD_WORD(crc, load(bytes));
  for (; count > 0; bytes++, count--) crc = ADD_BYTE(crc, *bytes);
  return crc;
}
#else
static uint32_t by_instruction(uint32_t crc, const unsigned char *bytes, size_t count) {
  return by_tables(crc, bytes, count);
}
#endif

uint32_t crc32c(uint32_t crc, const void *bytes, size_t count) {
  pthread_once(&once, prepare);
  return has_instruction ? ~by_instruction(~crc, bytes, count) : ~by_tables(~crc, bytes, count);
}

uint32_t crc32c_portable(uint32_t crc, const void *bytes, size_t count) {
  pthread_once(&once, prepare);
  return ~by_tables(~crc, bytes, count);
}

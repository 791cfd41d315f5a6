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

static uint32_t tables[8][256];
static int has_instruction;
static pthread_once_t once = PTHREAD_ONCE_INIT;

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
#if defined(__x86_64__)
  has_instruction = __builtin_cpu_supports("sse4.2") != 0;
#elif defined(__aarch64__)
  has_instruction = (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
#endif
}

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

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t by_instruction(
    uint32_t crc, const unsigned char *bytes, size_t count) {
  uint64_t wide = crc;
  for (; count >= 8; bytes += 8, count -= 8) wide = _mm_crc32_u64(wide, load(bytes));
  crc = (uint32_t)wide;
  for (; count > 0; bytes++, count--) crc = _mm_crc32_u8(crc, *bytes);
  return crc;
}
#elif defined(__aarch64__)
__attribute__((target("crc"))) static uint32_t by_instruction(
    uint32_t crc, const unsigned char *bytes, size_t count) {
  for (; count >= 8; bytes += 8, count -= 8) crc = __crc32cd(crc, load(bytes));
  for (; count > 0; bytes++, count--) crc = __crc32cb(crc, *bytes);
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

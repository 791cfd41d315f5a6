// Sets of bytes looked up by the two halves of a byte, after the Teddy algorithm (Hyperscan, G. Langdale 2015).
#include "literal_table.h"

#include "bytes16.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

__attribute__((target("xsave"))) static bool keeps_wide_registers(void) { return (_xgetbv(0) & 6) == 6; }

static bool has_wide_lookups(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !keeps_wide_registers()) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_AVX2) && (b & bit_BMI) && (b & bit_BMI2);
}

/// What sixteen bytes pass for at the first two places: groups 0 to 7 of each byte, then groups 8 to 15.
typedef struct {
  __m256i first, second;
} passed;

__attribute__((target("avx2,bmi,bmi2"), always_inline)) static inline __m256i look_up(
    const literal_table *table, int place, __m256i lower, __m256i upper) {
  __m256i by_lower = _mm256_loadu_si256((const __m256i *)table->lower[place]);
  __m256i by_upper = _mm256_loadu_si256((const __m256i *)table->upper[place]);
  return _mm256_and_si256(_mm256_shuffle_epi8(by_lower, lower), _mm256_shuffle_epi8(by_upper, upper));
}

/// Which of the next sixteen bytes may be at the third place, and what they pass for at the others.
__attribute__((target("avx2,bmi,bmi2"), always_inline)) static inline uint64_t step(
    const literal_table *table, passed *before, bytes16 next) {
  __m256i bytes = _mm256_broadcastsi128_si256((__m128i)next), low_half = _mm256_set1_epi8(15);
  __m256i lower = _mm256_and_si256(bytes, low_half), upper = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), low_half);
  passed now = {look_up(table, 0, lower, upper), look_up(table, 1, lower, upper)};
  __m256i groups = _mm256_and_si256(
      _mm256_alignr_epi8(now.first, before->first, 14), _mm256_alignr_epi8(now.second, before->second, 15));
  groups = _mm256_and_si256(groups, look_up(table, 2, lower, upper));
  *before = now;
  uint32_t none = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(groups, _mm256_setzero_si256()));
  return 0xFFFF & ~(none & none >> 16);
}

/// Where the bytes of all places pass for the same group.
__attribute__((target("avx2,bmi,bmi2"), always_inline)) static inline uint64_t candidates(
    const literal_table *table, const uint8_t *text, size_t count, size_t start) {
  passed before = {_mm256_setzero_si256(), _mm256_setzero_si256()};
  step(table, &before, start >= 16 ? bytes16_load(text + start - 16) : (bytes16){0});
  uint64_t found = 0;
  size_t done = 0;
  for (; done < 64 && start + done + 16 <= count; done += 16) {
    found |= step(table, &before, bytes16_load(text + start + done)) << done;
  }
  if (done == 64 || start + done >= count + 2) return found;
  size_t left = count - start - done;
  found |= step(table, &before, left > 0 ? bytes16_load_part(text + start + done, left) : (bytes16){0}) << done;
  // With fifteen bytes left, the last anchor takes in a sixteenth place and one more, which is not worth a step.
  if (left == 15 && done < 48) found |= (uint64_t)1 << (done + 16);
  return found;
}

__attribute__((target("avx2,bmi,bmi2"))) uint64_t literal_anchors_wide(
    const literal_table *table, const void *bytes, size_t count, size_t start) {
  const uint8_t *text = bytes;
  if (start > count) return 1;
  uint64_t found = candidates(table, text, count, start);
  // Around the text there is nothing to look at.
  uint64_t around = start == 0 ? 3 : 0;
  if (count < start + 64) around |= ~(uint64_t)0 << (count > start ? count - start : 0);
  uint64_t anchors = found & around;
  for (found &= ~around; found != 0; found &= found - 1) {
    size_t place = (size_t)__builtin_ctzll(found);
    const uint8_t *last = text + start + place;
    uint64_t literals = table->literals[0][last[-2]] & table->literals[1][last[-1]] & table->literals[2][last[0]];
    anchors |= (uint64_t)(literals != 0) << place;
  }
  return anchors;
}

#else

static bool has_wide_lookups(void) { return false; }

uint64_t literal_anchors_wide(const literal_table *table, const void *bytes, size_t count, size_t start) {
  return literal_anchors_plain(table, bytes, count, start);
}

#endif

uint64_t literal_anchors_plain(const literal_table *table, const void *bytes, size_t count, size_t start) {
  const uint8_t *text = bytes;
  if (start > count) return 1;
  uint8_t first = start >= 2 ? text[start - 2] : 0, second = start >= 1 ? text[start - 1] : 0;
  uint64_t found = 0;
  for (size_t place = 0; place < 64 && start + place < count + 2; place++) {
    uint8_t third = start + place < count ? text[start + place] : 0;
    bool is_anchor = (table->literals[0][first] & table->literals[1][second] & table->literals[2][third]) != 0;
    found |= (uint64_t)is_anchor << place;
    first = second;
    second = third;
  }
  return found;
}

void literal_table_clear(literal_table *table) {
  memset(table, 0, sizeof *table);
  table->is_wide = has_wide_lookups();
}

void literal_table_add(literal_table *table, size_t literal, size_t group, size_t place, uint8_t byte) {
  if (literal >= 64 || group >= literal_groups || place >= literal_places) return;
  table->literals[place][byte] |= (uint64_t)1 << literal;
  uint8_t bit = (uint8_t)(1u << (group & 7));
  table->lower[place][(group & 8) * 2 + (byte & 15)] |= bit;
  table->upper[place][(group & 8) * 2 + (byte >> 4)] |= bit;
}

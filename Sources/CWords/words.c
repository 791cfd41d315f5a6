#include "CWords.h"

#include <stdlib.h>
#include <string.h>

enum { gap, letter, ideograph };

// Which ASCII characters are part of a word.
static const bool ascii_letters[256] = {['0' ... '9'] = true, ['A' ... 'Z'] = true, ['_'] = true, ['a' ... 'z'] = true};

static bool is_ascii_letter(uint8_t byte) { return ascii_letters[byte]; }

static bool between(uint32_t code, uint32_t first, uint32_t last) { return code - first <= last - first; }

static int kind_beyond_ascii(uint32_t code) {
  if (code < 0x2E80) {
    if (code < 0xC0) return code == 0xAA || code == 0xB5 || code == 0xBA ? letter : gap;
    if (code == 0xD7 || code == 0xF7) return gap;
    if (between(code, 0x1100, 0x11FF)) return ideograph;
    bool is_gap = between(code, 0x2000, 0x206F) || between(code, 0x20A0, 0x20CF) || between(code, 0x2190, 0x2BFF);
    return is_gap ? gap : letter;
  }
  if (between(code, 0x2E80, 0x2FDF) || between(code, 0x3005, 0x3007) || between(code, 0x3040, 0x31FF) ||
      between(code, 0x3400, 0x4DBF) || between(code, 0x4E00, 0x9FFF) || between(code, 0xAC00, 0xD7AF) ||
      between(code, 0xF900, 0xFAFF) || between(code, 0xFF66, 0xFF9F) || between(code, 0x20000, 0x3FFFF)) {
    return ideograph;
  }
  bool is_gap = between(code, 0x2FE0, 0x303F) || between(code, 0x3200, 0x33FF) || between(code, 0xFE10, 0xFE6F) ||
                between(code, 0xFF00, 0xFF0F) || between(code, 0xFF1A, 0xFF20) || between(code, 0xFF3B, 0xFF40) ||
                between(code, 0xFF5B, 0xFF65) || between(code, 0xFFE0, 0xFFFF) || between(code, 0xE000, 0xF8FF) ||
                between(code, 0x1F000, 0x1FAFF);
  return is_gap ? gap : letter;
}

// The kind of the character that starts a text of at least one byte, and its bytes.
static int kind_at(const uint8_t *text, size_t count, size_t *length) {
  uint8_t first = text[0];
  *length = 1;
  if (first < 0x80) return is_ascii_letter(first) ? letter : gap;
  size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || bytes > count) return gap;
  uint32_t code = first & (0xFFu >> (bytes + 1));
  for (size_t place = 1; place < bytes; place++) {
    if ((text[place] & 0xC0) != 0x80) return gap;
    code = code << 6 | (text[place] & 0x3F);
  }
  *length = bytes;
  return kind_beyond_ascii(code);
}

// The kind of the character that ends just before `at`, which is after `start`.
static int kind_before(const uint8_t *text, size_t start, size_t at) {
  size_t first = at - 1;
  while (first > start && at - first < 4 && (text[first] & 0xC0) == 0x80) first--;
  size_t length;
  int kind = kind_at(text + first, at - first, &length);
  return length == at - first ? kind : gap;
}

// MARK: Hashes

static uint64_t mixed(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
  return hash ^ hash >> 32;
}

// Without the bit that tells cases apart: words that differ in it otherwise share a hash, which does no harm.
static uint64_t hash_of(const uint8_t *text, size_t count) {
  const uint64_t fold = 0x2020202020202020u;
  uint64_t hash = count * 0xD6E8FEB86659FD93u, word;
  for (; count >= 8; text += 8, count -= 8) {
    memcpy(&word, text, 8);
    hash = mixed(hash, word | fold);
  }
  if (count >= 4) {
    uint32_t low, high;
    memcpy(&low, text, 4);
    memcpy(&high, text + count - 4, 4);
    hash = mixed(hash, (low | (uint64_t)high << 32) | fold);
  } else if (count > 0) {
    hash = mixed(hash, (text[0] | (uint64_t)text[count / 2] << 8 | (uint64_t)text[count - 1] << 16) | fold);
  }
  return mixed(hash, hash >> 29);
}

static bool grow(words_set *set) {
  size_t capacity = set->capacity ? set->capacity * 2 : 1024;
  uint64_t *slots = calloc(capacity, sizeof *slots);
  if (!slots) return false;
  for (size_t slot = 0; slot < set->capacity; slot++) {
    uint64_t hash = set->slots[slot];
    if (!hash) continue;
    size_t place = hash & (capacity - 1);
    while (slots[place]) place = (place + 1) & (capacity - 1);
    slots[place] = hash;
  }
  free(set->slots);
  set->slots = slots;
  set->capacity = capacity;
  return true;
}

bool words_set_add(words_set *set, uint64_t hash) {
  if (set->count * 2 >= set->capacity && !grow(set)) return false;
  hash += !hash;
  size_t place = hash & (set->capacity - 1);
  while (set->slots[place]) {
    if (set->slots[place] == hash) return true;
    place = (place + 1) & (set->capacity - 1);
  }
  set->slots[place] = hash;
  set->count++;
  return true;
}

void words_set_clear(words_set *set) {
  if (set->count) memset(set->slots, 0, set->capacity * sizeof *set->slots);
  set->count = 0;
}

void words_set_free(words_set *set) {
  free(set->slots);
  memset(set, 0, sizeof *set);
}

bool words_collect(words_set *set, const void *bytes, size_t count, bool is_open) {
  const uint8_t *text = bytes;
  // Where the ideograph before starts, if one is.
  size_t at = 0, previous = count, length;
  while (at < count) {
    if (text[at] < 0x80 && !is_ascii_letter(text[at])) {
      previous = count;
      at++;
      continue;
    }
    int kind = kind_at(text + at, count - at, &length);
    if (kind == letter) {
      size_t start = at;
      do {
        at += length;
        while (at < count && is_ascii_letter(text[at])) at++;
      } while (at < count && text[at] >= 0x80 && kind_at(text + at, count - at, &length) == letter);
      if (!(is_open && at == count) && !words_set_add(set, hash_of(text + start, at - start))) return false;
      previous = count;
      continue;
    }
    if (kind == ideograph) {
      if (!words_set_add(set, hash_of(text + at, length))) return false;
      if (previous < at && !words_set_add(set, hash_of(text + previous, at + length - previous))) return false;
    }
    previous = kind == ideograph ? at : count;
    at += length;
  }
  return true;
}

// MARK: Filters

// Six bits of one line, nine bits of the hash each.
static void line_mask(uint64_t hash, uint64_t mask[8]) {
  memset(mask, 0, 64);
  hash = mixed(hash, 0xA0761D6478BD642Fu);
  for (int bit = 0; bit < 6; bit++, hash >>= 9) mask[hash >> 6 & 7] |= (uint64_t)1 << (hash & 63);
}

static size_t line_of(uint64_t hash, size_t bytes) { return (size_t)((hash >> 32) * (bytes / 64) >> 32) * 64; }

void words_filter_fill(const words_set *set, void *filter, size_t bytes) {
  memset(filter, 0, bytes);
  if (bytes < 64) return;
  for (size_t slot = 0; slot < set->capacity; slot++) {
    uint64_t hash = set->slots[slot], mask[8], line[8];
    if (!hash) continue;
    uint8_t *at = (uint8_t *)filter + line_of(hash, bytes);
    line_mask(hash, mask);
    memcpy(line, at, 64);
    for (int word = 0; word < 8; word++) line[word] |= mask[word];
    memcpy(at, line, 64);
  }
}

bool words_filter_has(const void *filter, size_t bytes, uint64_t hash) {
  if (bytes < 64) return false;
  uint64_t mask[8], line[8];
  hash += !hash;
  line_mask(hash, mask);
  memcpy(line, (const uint8_t *)filter + line_of(hash, bytes), 64);
  for (int word = 0; word < 8; word++) {
    if ((line[word] & mask[word]) != mask[word]) return false;
  }
  return true;
}

// MARK: Finding

typedef uint8_t bytes16 __attribute__((vector_size(16)));

static bytes16 load16(const uint8_t *from) {
  bytes16 bytes;
  memcpy(&bytes, from, 16);
  return bytes;
}

static bytes16 all16(uint8_t byte) {
  bytes16 bytes;
  memset(&bytes, byte, 16);
  return bytes;
}

static bool any16(bytes16 bytes) {
  uint64_t halves[2];
  memcpy(halves, &bytes, 16);
  return (halves[0] | halves[1]) != 0;
}

static bool equal_folded(const uint8_t *text, const uint8_t *needle, size_t count) {
  for (size_t at = 0; at < count; at++) {
    uint8_t byte = text[at];
    if ((uint8_t)(byte - 'A') < 26) byte |= 0x20;
    if (byte != needle[at]) return false;
  }
  return true;
}

// Where the needle is found first from `at` on; `count` if it is not.
static size_t find_folded(const uint8_t *text, size_t count, size_t at, const uint8_t *needle, size_t needle_count) {
  if (needle_count == 0 || needle_count > count) return count;
  size_t last = needle_count - 1, end = count - last;
  bytes16 fold = all16(0x20), head = all16(needle[0] | 0x20), tail = all16(needle[last] | 0x20);
  for (; at + 16 <= end; at += 16) {
    bytes16 both = (bytes16)((load16(text + at) | fold) == head) & (bytes16)((load16(text + at + last) | fold) == tail);
    if (__builtin_expect(!any16(both), 1)) continue;
    for (size_t place = 0; place < 16; place++) {
      if (both[place] && equal_folded(text + at + place, needle, needle_count)) return at + place;
    }
  }
  for (; at < end; at++) {
    if (equal_folded(text + at, needle, needle_count)) return at;
  }
  return count;
}

int words_edges(const void *bytes, size_t count) {
  const uint8_t *needle = bytes;
  size_t length;
  if (count == 0) return 0;
  return (kind_at(needle, count, &length) == letter ? 1 : 0) | (kind_before(needle, 0, count) == letter ? 2 : 0);
}

// Whether a match from `at` to `to` ends with its words, in a text from `start` to `end`.
static bool is_whole(const uint8_t *text, size_t start, size_t end, size_t at, size_t to, int edges) {
  size_t length;
  if (edges & 1 && at > start && kind_before(text, start, at) == letter) return false;
  return !(edges & 2 && to < end && kind_at(text + to, end - to, &length) == letter);
}

bool words_match(const void *bytes, size_t count, const void *needle, size_t needle_count, int edges) {
  const uint8_t *text = bytes;
  for (size_t at = 0; (at = find_folded(text, count, at, needle, needle_count)) < count; at++) {
    if (is_whole(text, 0, count, at, at + needle_count, edges)) return true;
  }
  return false;
}

void words_match_rows(
    const void *bytes, const uint32_t *ends, size_t rows, const void *needle, size_t needle_count, int edges,
    uint64_t *found) {
  const uint8_t *text = bytes;
  size_t count = rows ? ends[rows - 1] : 0, row = 0;
  for (size_t at = 0; (at = find_folded(text, count, at, needle, needle_count)) < count;) {
    while (ends[row] <= at) row++;
    size_t start = row ? ends[row - 1] : 0, end = ends[row];
    if (at + needle_count <= end && is_whole(text, start, end, at, at + needle_count, edges)) {
      found[row / 64] |= (uint64_t)1 << (row % 64);
      at = end;
    } else {
      at++;
    }
  }
}

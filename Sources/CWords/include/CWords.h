// The words of texts, for search: told apart, hashed, found again. Texts are UTF-8; a byte that starts no valid
// sequence is a gap. Case is that of ASCII and counts nowhere.
//
// A word is a run of letters, digits and underscores. An ideograph (Han, kana, Hangul, Bopomofo) is no part of one:
// each counts by itself and with the next one, since texts of these have no spaces.
#ifndef CWORDS_H
#define CWORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Hashes, each once. Zeroed memory is an empty set.
typedef struct {
  uint64_t *slots;
  /// A power of two, or 0.
  size_t capacity;
  size_t count;
} words_set;

/// Adds a hash; false without memory.
bool words_set_add(words_set *set, uint64_t hash);
/// Forgets all hashes and keeps the memory.
void words_set_clear(words_set *set);
void words_set_free(words_set *set);

/// Adds the hashes of a text's words, of its ideographs and of neighbouring pairs of these; false without memory. With
/// `is_open` a word at the very end is left out, since more of it may follow.
bool words_collect(words_set *set, const void *text, size_t count, bool is_open);

/// Which ends of a needle a match must not continue beyond: 1 for the start, 2 for the end, where it has a letter.
int words_edges(const void *needle, size_t count);
/// Whether a needle in lower case is found in a text, as whole words at its `edges`.
bool words_match(const void *text, size_t count, const void *needle, size_t needle_count, int edges);
/// The same for `rows` texts that lie one after the other and end at `ends`; sets the bits of those it is found in.
void words_match_rows(
    const void *texts, const uint32_t *ends, size_t rows, const void *needle, size_t needle_count, int edges,
    uint64_t *found);

/// Sets the bits of all hashes in a filter of whole lines of 64 bytes, which is zeroed before.
void words_filter_fill(const words_set *set, void *filter, size_t bytes);
/// Whether a hash may be in a filter; if it is in the set it was filled from, it is.
bool words_filter_has(const void *filter, size_t bytes, uint64_t hash);

#endif

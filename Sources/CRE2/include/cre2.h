// A C header over RE2, for Swift: patterns in the syntax of Go's regexp, matched in time linear in the text.
// Patterns and sets may be used by several threads at once; nothing here throws, logs or keeps a text.
#ifndef CRE2_H
#define CRE2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __clang__
#define CRE2_NULLABLE _Nullable
#define CRE2_NONNULL _Nonnull
#else
#define CRE2_NULLABLE
#define CRE2_NONNULL
#endif

/// One pattern, compiled or refused.
typedef struct cre2_pattern cre2_pattern;
/// Several patterns that are looked for in one pass.
typedef struct cre2_set cre2_set;

/// A run of bytes of the text; `offset` is -1 for a group that took no part in the match.
typedef struct {
  ptrdiff_t offset;
  size_t count;
} cre2_range;

/// Compiles a pattern that may use `max_memory_bytes`; NULL only without memory. Free it even if it is refused.
cre2_pattern *CRE2_NULLABLE cre2_pattern_create(
    const char *CRE2_NULLABLE text, size_t count, int64_t max_memory_bytes);
void cre2_pattern_free(cre2_pattern *CRE2_NONNULL pattern);
/// Why the pattern was refused; NULL if it was not. Valid as long as the pattern.
const char *CRE2_NULLABLE cre2_pattern_error(const cre2_pattern *CRE2_NONNULL pattern);
/// The number of groups in parentheses, named or not.
int cre2_pattern_group_count(const cre2_pattern *CRE2_NONNULL pattern);
/// The name of a group, counted from 1; NULL if it has none. Valid as long as the pattern.
const char *CRE2_NULLABLE cre2_pattern_group_name(const cre2_pattern *CRE2_NONNULL pattern, int group);
/// Looks for the pattern anywhere from `start` on in the text. Fills `captures[0]` with the match and the following
/// with the groups, up to `capture_count`.
bool cre2_pattern_match(
    const cre2_pattern *CRE2_NONNULL pattern, const char *CRE2_NULLABLE text, size_t count, size_t start,
    cre2_range *CRE2_NULLABLE captures, int capture_count);

/// An empty set whose patterns may use `max_memory_bytes` together; NULL without memory.
cre2_set *CRE2_NULLABLE cre2_set_create(int64_t max_memory_bytes);
void cre2_set_free(cre2_set *CRE2_NONNULL set);
/// Adds a pattern and returns its index, or -1 if it is refused.
int cre2_set_add(cre2_set *CRE2_NONNULL set, const char *CRE2_NULLABLE text, size_t count);
/// To be called once after the last pattern was added; false if they need too much memory.
bool cre2_set_compile(cre2_set *CRE2_NONNULL set);
/// Whether any pattern is found in the text; -1 if the set ran out of memory and cannot tell.
int cre2_set_match(const cre2_set *CRE2_NONNULL set, const char *CRE2_NULLABLE text, size_t count);

#ifdef __cplusplus
}
#endif

#endif

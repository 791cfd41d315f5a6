#ifndef CVECTOR_LITERAL_TABLE_H
#define CVECTOR_LITERAL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Neighbouring bytes of a literal that tell where it may stand, its anchor, and groups that literals are sorted into.
enum { literal_places = 3, literal_groups = 16 };

/// Which of 64 literals each byte may belong to at each place of their anchors; literal 0 is bit 0.
typedef struct {
  uint64_t literals[literal_places][256];
  /// Which groups the lower and the upper half of a byte may belong to. Groups 0 to 7 are the bits of the first 16
  /// entries, groups 8 to 15 those of the others.
  uint8_t lower[literal_places][32], upper[literal_places][32];
  /// Whether the processor looks 32 halves up at once.
  bool is_wide;
} literal_table;

/// Empties a table.
void literal_table_clear(literal_table *table);

/// Lets a byte pass at a place for a literal, which is of a group.
void literal_table_add(literal_table *table, size_t literal, size_t group, size_t place, uint8_t byte);

uint64_t literal_anchors_wide(const literal_table *table, const void *text, size_t count, size_t start);
uint64_t literal_anchors_plain(const literal_table *table, const void *text, size_t count, size_t start);

/// Where in a text an anchor stands: bit `i` is set if one does from `start + i - 2` on, for 64 offsets. The first and
/// last two offsets of a text may be reported without one; NULs are taken to stand around it. Reads the first `count`
/// bytes only; `start` is a multiple of 64.
static inline uint64_t literal_anchors(const literal_table *table, const void *text, size_t count, size_t start) {
  return table->is_wide ? literal_anchors_wide(table, text, count, start)
                        : literal_anchors_plain(table, text, count, start);
}

#endif

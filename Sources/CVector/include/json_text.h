#ifndef CVECTOR_JSON_TEXT_H
#define CVECTOR_JSON_TEXT_H

#include "bytes16.h"

/// Which of sixteen bytes may not stand in a JSON string as they are (RFC 8259 section 7): quotes, backslashes and
/// control characters. Bit 0 is the first byte.
static inline uint32_t json_special16(bytes16 bytes) {
  return bytes16_mask((bytes16)((bytes < 0x20) | (bytes == '"') | (bytes == '\\')));
}

#endif

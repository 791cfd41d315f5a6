#ifndef CVECTOR_UTF8_TEXT_H
#define CVECTOR_UTF8_TEXT_H

#include "bytes16.h"

/// Which of sixteen bytes are not ASCII. Bit 0 is the first byte.
static inline uint32_t utf8_beyond_ascii16(bytes16 bytes) { return bytes16_mask(bytes); }

#endif

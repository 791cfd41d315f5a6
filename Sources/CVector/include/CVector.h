#ifndef CVECTOR_H
#define CVECTOR_H

// Loops over bytes, sixteen at a time, for what Swift compiles to a loop over lanes. All of it is inlined into its
// callers; bounds are theirs to check, and each function says what it reads and writes. And SHA-256 by the instructions
// that a processor may have for it.

#include "bytes16.h"
#include "hex_digits.h"
#include "json_scan.h"
#include "json_text.h"
#include "sha256.h"
#include "utf8_text.h"

#endif

#ifndef CVECTOR_H
#define CVECTOR_H

// Loops over bytes, sixteen at a time, for what Swift compiles to a loop over lanes. All of it is inlined into its
// callers; bounds are theirs to check, and each function says what it reads and writes. And what takes instructions that
// not every processor has: SHA-256, and many sets of bytes looked up at once.

#include "bytes16.h"
#include "bytes_find.h"
#include "double_text.h"
#include "hex_digits.h"
#include "json_scan.h"
#include "json_text.h"
#include "literal_table.h"
#include "sha256.h"
#include "utf8_text.h"

#endif

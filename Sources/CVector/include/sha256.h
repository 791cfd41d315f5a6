#ifndef CVECTOR_SHA256_H
#define CVECTOR_SHA256_H

#include <stdbool.h>
#include <stdint.h>

/// Mixes the 64 bytes at `block` into the eight words of a SHA-256 state (FIPS 180-4, section 6.2.2) by the processor's
/// instructions for it; false, and nothing done, if it has none.
bool sha256_mix(uint32_t *state, const void *block);

#endif

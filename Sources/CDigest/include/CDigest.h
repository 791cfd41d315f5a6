#ifndef CDIGEST_H
#define CDIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The hash functions that libcrypto computes for the gateway.
enum digest_function { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA3_256, DIGEST_SHA512, DIGEST_SHA256 };

/// The most bytes of any digest.
#define DIGEST_MAX_BYTES 64

/// Whether the system's libcrypto offers the function: its configuration may rule some out.
bool digest_is_available(enum digest_function function);

/// Writes the digest of `head` and the `count` bytes behind it, at most DIGEST_MAX_BYTES, to `digest`; allocates nothing
/// but a state for each thread, once. False, and nothing to rely on written, if the function is not available or there is
/// no memory for that.
bool digest_of(
  enum digest_function function, const void *head, size_t head_bytes, const void *bytes, size_t count,
  uint8_t *digest);

#endif

#ifndef CVECTOR_BYTES_FIND_H
#define CVECTOR_BYTES_FIND_H

#include <stddef.h>

/// Where `needle` is found first in the `count` bytes at `base`, in time linear in both; NULL if it is not there.
const void *bytes_find(const void *base, size_t count, const void *needle, size_t needle_count);

/// Where `byte` is found last in the `count` bytes at `base`; NULL if it is not there.
const void *bytes_find_last(const void *base, int byte, size_t count);

#endif

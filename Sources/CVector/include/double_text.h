#ifndef CVECTOR_DOUBLE_TEXT_H
#define CVECTOR_DOUBLE_TEXT_H

#include <stddef.h>

/// Writes a number as printf does with the verb 'e', 'f' or 'g' and a precision, and a zero behind it. Returns how many
/// characters it has, at most `capacity` - 1; what is longer is cut.
int double_text(char *target, size_t capacity, char verb, int precision, double number);

#endif

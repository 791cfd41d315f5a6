#include "double_text.h"

#include <stdio.h>

int double_text(char *target, size_t capacity, char verb, int precision, double number) {
  const char *format = verb == 'e' ? "%.*e" : verb == 'f' ? "%.*f" : "%.*g";
  int count = snprintf(target, capacity, format, precision, number);
  if (count < 0) return 0;
  return (size_t)count < capacity ? count : (int)capacity - 1;
}

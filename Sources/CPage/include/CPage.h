#ifndef CPAGE_H
#define CPAGE_H

#include <stddef.h>

/// One file of the page, as a browser gets it.
struct page_file {
  /// Its name; that of the page itself is `index.html`.
  const char *name;
  /// What a browser is told that it is.
  const char *type;
  const unsigned char *bytes;
  size_t count;
};

/// The files of the folder `Page`, one by one; NULL beyond the last.
const struct page_file *page_file_at(size_t index);

#endif

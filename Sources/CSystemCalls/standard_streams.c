#define _GNU_SOURCE
#include "CSystemCalls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void check_output(void) {
  int failed = ferror(stdout);
  errno = 0;
  if (fflush(stdout) != 0) failed = 1;
  if (!failed) return;
  const char *reason = errno ? strerror(errno) : "an earlier write failed";
  dprintf(STDERR_FILENO, "error: cannot write to standard output: %s\n", reason);
  _exit(1);
}

// Room for what a command prints, so that it is written at the end, where it is known why that fails.
static char output[256 << 10];

void prepare_standard_streams(void) {
  for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++) {
    if (fcntl(file, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest number that is free is the one that is missing. What is meant for it fails, as it does without: a
    // socket that is not connected takes nothing, and cannot be opened by way of /dev/stdout either.
    int hole = socket(AF_UNIX, SOCK_STREAM, 0);
    if (hole > STDERR_FILENO) close(hole);
  }
  if (!isatty(STDOUT_FILENO)) setvbuf(stdout, output, _IOFBF, sizeof output);
  atexit(check_output);
}

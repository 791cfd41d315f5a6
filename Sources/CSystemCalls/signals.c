// Signals become bytes in a pipe: a handler may do little more than write.
#define _GNU_SOURCE
#include "CSystemCalls.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

static int pipe_ends[2] = {-1, -1};

/// What the signals that are watched did before; their numbers go to 64.
static struct sigaction before[65];
static sigset_t watched;

static void note_signal(int number) {
  int saved = errno;
  unsigned char byte = (unsigned char)number;
  ssize_t written = write(pipe_ends[1], &byte, 1);
  (void)written;
  errno = saved;
}

int begin_watching_signals(void) {
  if (pipe_ends[0] >= 0) return 0;
  sigemptyset(&watched);
  return pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK);
}

static int has_default_action(int number) {
  struct sigaction action;
  return sigaction(number, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) && action.sa_handler == SIG_DFL;
}

void watch_signal(int number, int even_if_ignored) {
  if (number < 1 || number > 64 || sigismember(&watched, number) == 1) return;
  if (!even_if_ignored && !has_default_action(number)) return;
  struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESTART};
  sigfillset(&action.sa_mask);
  if (sigaction(number, &action, &before[number]) == 0) sigaddset(&watched, number);
}

void forget_signals(void) {
  if (pipe_ends[0] < 0) return;
  for (int number = 1; number <= 64; number++) {
    if (sigismember(&watched, number) == 1) sigaction(number, &before[number], NULL);
  }
  sigemptyset(&watched);
  for (int number = next_signal(0); number > 0; number = next_signal(0)) kill(getpid(), number);
}

void ignore_signal(int number) {
  if (has_default_action(number)) signal(number, SIG_IGN);
}

int next_signal(int milliseconds) {
  struct pollfd end = {.fd = pipe_ends[0], .events = POLLIN};
  if (poll(&end, 1, milliseconds) <= 0) return 0;
  unsigned char byte;
  return read(pipe_ends[0], &byte, 1) == 1 ? byte : 0;
}

import Glibc

/// The processor time that `work` takes on this thread, which what else the machine does makes no longer.
func processorTime(_ work: () -> Void) -> Duration {
  func now() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
  let began = now()
  work()
  return now() - began
}

// decision: docs/decisions/0301-memory-under-load.md

import CSystemCalls

/// Gives memory back to the system that bursts have left behind: what parts keep to use again, and what the allocator
/// holds of memory that was freed.
struct MemoryCare: Sendable {
  /// How often that is done.
  var interval = Duration.seconds(2)
  /// Has all parts give back what they did not use since the last time.
  let trim: @Sendable () -> Void

  /// Keeps the allocator from holding on to ever more after a burst. To be called before there are other threads.
  static func prepare() { fix_memory_thresholds() }

  /// Does it again and again until the task is cancelled; at first also with code that only starting needs.
  func run() async {
    let_go_of_code()
    while (try? await Task.sleep(for: interval)) != nil {
      trim()
      give_back_freed_memory()
    }
  }
}

/// How a destination's frames are batched, sent and sent again.
package struct ExportLoopOptions: Sendable, Equatable {
  /// Bodies that are sent, or wait to be sent again, at once (`sending_queue.num_consumers`). Default 4.
  package var consumers = 4
  /// Fewer bodies are sent at once while the destination is overloaded (`adaptive_concurrency.enabled`). Default true.
  package var isAdaptive = true
  /// With so many bytes waiting they are sent at once (`sending_queue.batch.min_size`). Default 2 MiB.
  package var minBatchBytes = 2 << 20
  /// With so many records waiting they are sent at once (`send_batch_size` of the `batch` processor). Default no limit.
  package var minBatchRecords = Int.max
  /// A body grows no larger than this unless one frame is (`sending_queue.batch.max_size`). Default 5 MiB.
  package var maxBatchBytes = 5 << 20
  /// True if a short backlog goes out in bodies of less than `maxBatchBytes`: where each body is long in the making, as
  /// compressed ones are, all consumers hold one, and large ones would hold much memory. Default false.
  package var sharesBacklog = false
  /// Fewer bytes than `minBatchBytes` are sent after so long (`sending_queue.batch.flush_timeout`). Default 200 ms.
  package var flushTimeout: Duration = .milliseconds(200)
  /// How long one attempt may take (`timeout`). Default 90 s.
  package var requestTimeout: Duration = .seconds(90)
  package var retry = RetryOptions()
  /// Batches of which some records wait to be written to the dead letters, or are put off again and again, take up no
  /// consumer until they are so many bytes (`sending_queue.set_aside_size`). Default 64 MiB.
  package var maxAsideBytes = 64 << 20
  /// Rejected records that could not be written to the dead letters for so long are given up; zero keeps them for ever
  /// (`dead_letter.give_up_after`). Default zero.
  package var rejectionsGiveUpAfter: Duration = .zero

  package init() {}
}

/// When a body that was not taken is sent again (`retry_on_failure`).
package struct RetryOptions: Sendable, Equatable {
  /// False gives records up after the first attempt (`enabled`). Default true.
  package var isEnabled = true
  /// Longest wait before the second attempt (`initial_interval`). Default 1 s.
  package var initialInterval: Duration = .seconds(1)
  /// Longest wait before any attempt (`max_interval`). Default 30 s.
  package var maxInterval: Duration = .seconds(30)
  /// How much longer each wait may be than the one before (`multiplier`). Default 1.5.
  package var multiplier = 1.5
  /// Records are given up so long after they were first sent; zero keeps trying for ever (`max_elapsed_time`).
  /// Default zero.
  package var maxElapsedTime: Duration = .zero
  /// Longest wait that a destination may ask for (`max_retry_after`). Default 5 min.
  package var maxRetryAfter: Duration = .seconds(300)

  package init() {}

  /// How long to wait before attempt number `attempts` + 1: a random share of an interval that grows with the
  /// attempts (full jitter), but at least what the destination asked for. `random` is in 0..<1.
  package func delay(afterAttempts attempts: Int, asked: Duration?, random: Double) -> Duration {
    let cap = min(max(maxInterval, .zero), Self.longestInterval)
    let first = min(max(initialInterval, .zero), cap)
    let interval = min(first * growth(steps: attempts - 1), cap)
    let share = random >= 0 ? min(random, 1) : 0
    return max(interval * share, min(asked ?? .zero, maxRetryAfter))
  }

  /// No interval grows beyond a day, whatever the options say.
  private static let longestInterval: Duration = .seconds(86_400)

  /// True if records first sent `elapsed` ago are not sent again.
  package func isExhausted(after elapsed: Duration) -> Bool {
    !isEnabled || (maxElapsedTime > .zero && elapsed >= maxElapsedTime)
  }

  /// `multiplier` to the power of `steps`, from 1 to 10^9 so that a Duration can be multiplied with it.
  private func growth(steps: Int) -> Double {
    guard multiplier > 1 else { return 1 }
    var result = 1.0
    var left = steps
    while left > 0, result < 1e9 {
      result *= multiplier
      left -= 1
    }
    return min(result, 1e9)
  }
}

// decision: docs/decisions/0301-memory-under-load.md

package import FrameQueues

/// Decides when the next lease is taken: enough bytes, long enough waited, a consumer free. It reads no clock.
package struct LeaseSchedule: Sendable {
  /// What to do now.
  package enum Decision: Sendable, Equatable {
    /// Take a lease now, of no more than `maxBytes` unless its first frame is larger.
    case lease(maxBytes: Int)
    /// Nothing to do before `deadline`, if there is one, unless `wakeBytes` wait, or a lease ends, or the phase
    /// changes; unless `wakeBytes` is the greatest number, `minBatchRecords` are as good.
    case wait(until: Duration?, wakeBytes: Int)
    /// All is done that will be done.
    case finish
    /// The time to finish is over: sends in flight are to be cancelled.
    case abandon
  }

  /// How far the loop is on its way to its end.
  package enum Phase: Sendable, Equatable {
    case running
    /// Everything that waits is sent without lingering.
    case draining(deadline: Duration)
    /// Nothing more is leased; sends in flight may finish.
    case stopping(deadline: Duration)
  }

  /// What a lease that is not acknowledged yet takes up.
  package enum Place: Sendable, Equatable {
    /// One of the consumers.
    case consumer
    /// None, because it keeps failing for what may be its own fault; as many leases as there are consumers may do that.
    case suspect
    /// None, because what is left of it waits for something that others need not wait for; bounded in bytes.
    case aside(bytes: Int)
  }

  package var phase = Phase.running
  /// Leases that are not acknowledged yet, wherever they are, and the one that is being fetched.
  package private(set) var openLeases = 0
  /// Leases that take up no consumer.
  package private(set) var asideLeases = 0
  /// Bytes of those that are aside, but for suspects.
  package private(set) var asideBytes = 0
  private var suspects = 0
  private let consumers: Int
  private let maxAsideBytes: Int
  private let minBatchBytes: Int
  private let minBatchRecords: Int
  private let maxBatchBytes: Int
  /// What a lease may hold however little waits.
  private let leastLeaseBytes: Int
  private let flushTimeout: Duration
  private var waitingSince: Duration?

  package init(_ options: ExportLoopOptions) {
    consumers = max(options.consumers, 1)
    maxAsideBytes = max(options.maxAsideBytes, 1)
    minBatchBytes = max(options.minBatchBytes, 1)
    minBatchRecords = max(options.minBatchRecords, 1)
    maxBatchBytes = options.maxBatchBytes
    // Of a lease of the queue's memory that is cut short, what is left is still a batch.
    leastLeaseBytes = options.sharesBacklog ? max(maxBatchBytes - minBatchBytes, minBatchBytes) : maxBatchBytes
    flushTimeout = options.flushTimeout
  }

  /// When the loop ends at the latest; nil while it does not.
  var deadline: Duration? {
    switch phase {
    case .running: nil
    case .draining(let deadline), .stopping(let deadline): deadline
    }
  }

  package mutating func leaseTaken() {
    openLeases += 1
    waitingSince = nil
  }

  package mutating func leaseEnded(at place: Place = .consumer) {
    leave(place)
    openLeases -= 1
  }

  /// Gives a lease another place, unless that would be one suspect too many; says whether it did.
  package mutating func move(from old: Place, to new: Place) -> Bool {
    if new == .suspect, suspects >= consumers { return false }
    leave(old)
    switch new {
    case .consumer: return true
    case .suspect: suspects += 1
    case .aside(let bytes): asideBytes += bytes
    }
    asideLeases += 1
    return true
  }

  private mutating func leave(_ place: Place) {
    switch place {
    case .consumer: return
    case .suspect: suspects -= 1
    case .aside(let bytes): asideBytes -= bytes
    }
    asideLeases -= 1
  }

  /// Whether one more lease may be taken.
  private var hasFreeConsumer: Bool { openLeases - asideLeases < consumers && asideBytes < maxAsideBytes }

  /// Ends draining early: nothing more is leased.
  package mutating func stopLeasing() {
    if case .draining(let deadline) = phase { phase = .stopping(deadline: deadline) }
  }

  /// Decides by what waits in the queue now.
  package mutating func decide(waiting: FrameTotals, now: Duration) -> Decision {
    switch phase {
    case .stopping(let deadline): return finish(by: deadline, now: now)
    case .draining(let deadline) where waiting.isEmpty || now >= deadline: return finish(by: deadline, now: now)
    case .draining(let deadline):
      return hasFreeConsumer ? lease(of: waiting) : .wait(until: deadline, wakeBytes: .max)
    case .running: return run(waiting: waiting, now: now)
    }
  }

  private func finish(by deadline: Duration, now: Duration) -> Decision {
    if openLeases == 0 { return .finish }
    return now >= deadline ? .abandon : .wait(until: deadline, wakeBytes: 0)
  }

  private mutating func run(waiting: FrameTotals, now: Duration) -> Decision {
    if waiting.isEmpty {
      waitingSince = nil
      return .wait(until: nil, wakeBytes: 0)
    }
    let since = waitingSince ?? now
    waitingSince = since
    if !hasFreeConsumer { return .wait(until: nil, wakeBytes: .max) }
    let isEnough = waiting.bytes >= minBatchBytes || waiting.records >= minBatchRecords
    return isEnough || now >= since + flushTimeout
      ? lease(of: waiting) : .wait(until: since + flushTimeout, wakeBytes: minBatchBytes)
  }

  /// A lease of one consumer's share of what waits.
  private func lease(of waiting: FrameTotals) -> Decision {
    .lease(maxBytes: min(max(waiting.bytes / consumers, leastLeaseBytes), maxBatchBytes))
  }
}

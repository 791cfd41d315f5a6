import FrameQueues

// When to lease.
extension ExportLoop {
  /// Whether what waits is enough to wake the loop.
  func isEnough(_ waiting: FrameTotals, wakeBytes: Int) -> Bool {
    waiting.bytes >= wakeBytes || wakeBytes < .max && waiting.records >= options.minBatchRecords
  }

  /// Whether a lease is as large as a batch that waits for nothing more.
  func isFull(_ lease: FrameLease) -> Bool {
    lease.byteCount >= options.minBatchBytes || lease.records >= options.minBatchRecords
  }

  /// Waits until it is time for a lease; nil once the loop has to end.
  func nextLease() async -> FrameLease? {
    while !Task.isCancelled {
      wakeBytes.store(0, ordering: .sequentiallyConsistent)
      if let arrived = fetch.take() {
        if let lease = arrived { return lease }
        state.withLock { $0.schedule.leaseEnded() }
      }
      switch decide() {
      case .lease(let maxBytes) where fetch.isIdle:
        state.withLock { $0.schedule.leaseTaken() }
        fetch.begin(destination.queue, maxBytes: maxBytes, wake: wake)
      case .lease: await wait(until: state.withLock { $0.schedule.deadline }, orBytes: .max)
      case .wait(let deadline, let bytes):
        await wait(until: deadline, orBytes: bytes)
      // Nothing but the desk holds these.
      case .finish where desk.hasDropped && !isOver:
        await wait(until: state.withLock { $0.schedule.deadline }, orBytes: .max)
      case .finish, .abandon:
        return nil
      }
    }
    return nil
  }

  /// Whether the time to finish is over.
  private var isOver: Bool { state.withLock { $0.schedule.deadline.map { $0 <= time.now() } ?? false } }

  private func decide() -> LeaseSchedule.Decision {
    let waiting = destination.queue.waiting
    return state.withLock { $0.schedule.decide(waiting: waiting, now: time.now()) }
  }

  private func wait(until deadline: Duration?, orBytes bytes: Int) async {
    wakeBytes.store(bytes, ordering: .sequentiallyConsistent)
    // An append between the decision and this store may have found the bar at zero and signalled, or not.
    if bytes > 0, isEnough(destination.queue.waiting, wakeBytes: bytes) { return }
    if let deadline {
      await wake.wait(until: deadline, by: time)
    } else {
      await wake.wait()
    }
  }
}

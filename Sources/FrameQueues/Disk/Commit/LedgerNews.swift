/// Tells others what a queue's ledger has for them; always without its lock.
struct LedgerNews: Sendable {
  let ledger: Guarded<DiskLedger>
  let report: @Sendable (DiskQueueEvent) -> Void

  /// Says that there is something to lease, if there is.
  func wakeExporter() {
    let (wake, waiting) = ledger.withLock { ($0.wake, $0.leasable) }
    if !waiting.isEmpty { wake?(waiting) }
  }

  /// Reports what happened, and tells those whose wait for acknowledgement is over.
  func tell() {
    let (events, waits) = ledger.withLock { $0.takeNews() }
    for event in events { report(event) }
    for wait in waits { wait.done(wait.refusal) }
  }
}

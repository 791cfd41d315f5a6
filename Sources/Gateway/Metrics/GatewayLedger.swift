import FrameQueues
import LogPipeline

extension GatewayMetrics {
  /// Every exporter's ledger: `recovered + received = filtered + dropped + delivered + failure_store +
  /// dead_lettered + queued`, in records and bytes, whenever nothing is on its way from one state to another.
  mutating func ledgers(_ counts: [ExporterCounts]) {
    let ledgers = counts.map { ($0.id, $0.ledger) }
    states(ledgers, "sluice_ledger_log_records", "Log records by what became of them.", \.records)
    states(ledgers, "sluice_ledger_bytes", "Bytes of encoded log records by what became of them.", \.bytes)
  }

  private mutating func states(
    _ ledgers: [(id: String, ledger: Ledger)], _ name: String, _ help: String, _ unit: KeyPath<FrameTotals, Int>
  ) {
    let rows = ledgers.flatMap { id, ledger in
      ledger.states.map { state, totals in (Self.labels("exporter", id) + [Label("state", state)], totals) }
    }
    family(rows, name, kind: .gauge, help) { $0[keyPath: unit] }
  }
}

extension Ledger {
  /// The totals by the value of the label `state`.
  fileprivate var states: [(String, FrameTotals)] {
    [
      ("recovered", recovered), ("received", received), ("filtered", filtered), ("dropped", dropped),
      ("delivered", delivered), ("failure_store", inFailureStore), ("dead_lettered", deadLettered), ("queued", queued),
    ]
  }
}

import LogPipeline
import Options

extension GatewayMetrics {
  /// Who sends how much of each signal: of the tenants and services that send most, each by its name. What has none has
  /// an empty label, and `other` has the rest.
  mutating func usage(_ usage: SignalUsage) {
    let read = Signal.allCases.map { ($0, usage[$0].read()) }
    self.usage(read.map { ($0, $1.tenants) }, of: "tenant", "tenants")
    self.usage(read.map { ($0, $1.services) }, of: "service", "services")
  }

  private mutating func usage(_ snapshots: [(Signal, UsageSnapshot?)], of kind: String, _ all: String) {
    let rows = snapshots.flatMap { signal, snapshot -> [([Label], UsageCounts)] in
      guard let snapshot, signal == .logs || snapshot.total != UsageCounts() else { return [] }
      let rows = [("", snapshot.unnamed), (UsageSnapshot.otherName, snapshot.other)] + snapshot.names
      return rows.map { ([Label(kind, $0.0)] + Self.labels(of: signal), $0.1) }
    }
    family(rows, "sluice_\(kind)_accepted_log_records", "Log records of \(all) that were put into queues.") {
      $0.acceptedRecords
    }
    family(rows, "sluice_\(kind)_refused_log_records", "Log records of \(all) that were decoded and refused.") {
      $0.refusedRecords
    }
    family(rows, "sluice_\(kind)_refused_requests", "Requests refused that had records of \(all).") {
      $0.refusedRequests
    }
    family(rows, "sluice_\(kind)_decompressed_bytes", "Bytes of decoded requests of \(all).") {
      $0.decompressedBytes
    }
    family(rows, "sluice_\(kind)_enqueued_bytes", "Bytes of \(all) put into queues, for each destination.") {
      $0.enqueuedBytes
    }
  }
}

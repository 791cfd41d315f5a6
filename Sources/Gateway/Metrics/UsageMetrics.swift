import LogPipeline

extension GatewayMetrics {
  /// Who sends how much: of the tenants and services that send most, each by its name. What has none has an empty
  /// label, and `other` has the rest.
  mutating func usage(_ tables: UsageTables) {
    let (tenants, services) = tables.read()
    usage(tenants, of: "tenant", "tenants")
    usage(services, of: "service", "services")
  }

  private mutating func usage(_ snapshot: UsageSnapshot?, of kind: String, _ all: String) {
    let rows = snapshot.map { snapshot in
      [([Label(kind, "")], snapshot.unnamed), ([Label(kind, UsageSnapshot.otherName)], snapshot.other)]
        + snapshot.names.map { ([Label(kind, $0.name)], $0.counts) }
    }
    family(rows ?? [], "sluice_\(kind)_accepted_log_records", "Log records of \(all) that were put into queues.") {
      $0.acceptedRecords
    }
    family(rows ?? [], "sluice_\(kind)_refused_log_records", "Log records of \(all) that were decoded and refused.") {
      $0.refusedRecords
    }
    family(rows ?? [], "sluice_\(kind)_refused_requests", "Requests refused that had records of \(all).") {
      $0.refusedRequests
    }
    family(rows ?? [], "sluice_\(kind)_decompressed_bytes", "Bytes of decoded requests of \(all).") {
      $0.decompressedBytes
    }
    family(rows ?? [], "sluice_\(kind)_enqueued_bytes", "Bytes of \(all) put into queues, for each destination.") {
      $0.enqueuedBytes
    }
  }
}

extension GatewayMetrics {
  /// What stores hold.
  mutating func stores(_ stores: [OpenStores.Store]) {
    let rows = stores.map { ([Label("exporter", $0.exporter)], $0.log.view) }
    family(rows, "sluice_store_records", kind: .gauge, "Records that a store holds.") { $0.records }
    family(rows, "sluice_store_size_bytes", kind: .gauge, "Bytes of a store's files.") { $0.byteCount }
    family(rows, "sluice_store_damaged", kind: .gauge, "Places in a store's files that are not what was written.") {
      $0.damaged
    }
  }
}

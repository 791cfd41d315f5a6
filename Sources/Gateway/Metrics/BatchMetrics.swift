import LogPipeline
import Options

extension GatewayMetrics {
  /// How much goes into queues and to destinations at once: by `batch` processor under the Collector's names, and by
  /// exporter if details are wanted.
  mutating func batches(of batchers: [Sizer], _ counts: [ExporterCounts]) {
    let exporters = batchers.map { batcher in
      (Self.labels("processor", batcher.id), counts.filter { batcher.exporters.contains($0.id) })
    }
    let rows = exporters.map { ($0.0, $0.1.map(\.sizes)) }
    histograms(
      Self.sums(rows.map { ($0.0, $0.1.map(\.records)) }), "otelcol_processor_batch_batch_send_size",
      "Items of batches.")
    family(rows, "otelcol_processor_batch_batch_size_trigger_send", "Batches sent because they were full.") { sizes in
      sizes.reduce(0) { $0 &+ $1.full }
    }
    family(rows, "otelcol_processor_batch_timeout_trigger_send", "Batches sent because their time was over.") { sizes in
      sizes.reduce(0) { $0 &+ $1.timed }
    }
    family(
      exporters, "otelcol_processor_batch_metadata_cardinality", kind: .gauge,
      "Combinations of values of metadata_keys that records on their way have; 1 without metadata_keys."
    ) { $0.map(\.combinations).max() ?? 0 }
    guard isDetailed else { return }
    histograms(
      Self.sums(rows.map { ($0.0, $0.1.map(\.bytes)) }), "otelcol_processor_batch_batch_send_size_bytes",
      "Bytes of batches.")
    let queues = counts.map { (Self.labels("exporter", $0.id), $0) }
    histograms(
      queues.map { ($0.0, $0.1.requestRecords) }, "otelcol_exporter_enqueue_size",
      "Items of requests that were put into the queue.")
    histograms(
      queues.map { ($0.0, $0.1.requestBytes) }, "otelcol_exporter_enqueue_size_bytes",
      "Bytes of requests that were put into the queue.")
    histograms(
      queues.map { ($0.0, $0.1.sizes.records) }, "otelcol_exporter_queue_batch_send_size",
      "Items of batches that were taken from the queue.")
    histograms(
      queues.map { ($0.0, $0.1.sizes.bytes) }, "otelcol_exporter_queue_batch_send_size_bytes",
      "Bytes of batches that were taken from the queue.")
  }

  /// Rows with the sum of their histograms; those that have none are left out.
  static func sums(_ rows: [([Label], [Histogram.Snapshot])]) -> [([Label], Histogram.Snapshot)] {
    rows.compactMap { labels, histograms in
      guard var sum = histograms.first else { return nil }
      for histogram in histograms.dropFirst() { sum += histogram }
      return (labels, sum)
    }
  }
}

import LogPipeline
import OTLPReceiver

extension GatewayMetrics {
  /// How long requests took, of the protocols and with the outcomes that have occurred.
  mutating func durations(of receivers: [Receiver]) {
    let rows = receivers.flatMap { receiver in
      RequestProtocol.allCases.flatMap { spoken in
        RequestOutcome.allCases.map { outcome in
          let labels = [
            Label("receiver", receiver.id), Label("transport", spoken.transport), Label("encoding", spoken.encoding),
            Label("outcome", outcome.rawValue),
          ]
          return (labels, receiver.counters.durations(spoken, outcome))
        }
      }
    }
    durations(
      rows, "sluice_receiver_request_duration_seconds", "How long requests took from their head to their answer.")
  }

  /// How long delivered records had been queued.
  mutating func queueDurations(_ counts: [ExporterCounts]) {
    let rows = counts.map { (Self.labels("exporter", $0.id), $0.durations.inQueue) }
    durations(rows, "sluice_exporter_queue_duration_seconds", "How long delivered records had been in the queue.")
  }

  /// Writes a family of histograms; those without observations are left out.
  mutating func durations(_ rows: [([Label], DurationHistogram.Snapshot)], _ name: String, _ help: String) {
    text.family(name, .histogram, help)
    for (labels, histogram) in rows where histogram.count > 0 { text.histogram(labels, histogram) }
  }
}

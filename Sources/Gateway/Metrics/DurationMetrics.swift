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
  mutating func durations(_ rows: [([Label], Histogram.Snapshot)], _ name: String, _ help: String) {
    histograms(rows, name, help)
  }

  /// Writes a family of histograms in a unit; those without observations are left out.
  mutating func histograms(
    _ rows: [([Label], Histogram.Snapshot)], _ name: String, in unit: MetricUnit? = nil, _ help: String
  ) {
    families.begin(name, .histogram, help, in: unit)
    let factor = unit == .milliseconds ? 1000.0 : 1
    for (labels, histogram) in rows where histogram.count > 0 {
      families.histogram(labels, histogram, times: factor)
    }
  }
}

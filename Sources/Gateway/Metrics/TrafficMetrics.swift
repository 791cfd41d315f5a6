import LogPipeline
import OTLPReceiver

extension GatewayMetrics {
  /// Requests on the wire under the names of OpenTelemetry's conventions, as the Collector has them with
  /// `level: detailed`.
  mutating func traffic(_ assembly: Assembly, _ counts: [ExporterCounts]) {
    servers(assembly.receivers)
    clients(assembly.exporters, counts)
  }

  private mutating func servers(_ receivers: [Receiver]) {
    let rows = receivers.flatMap { receiver in
      RequestProtocol.allCases.map { spoken in
        let labels = [Label("receiver", receiver.id), Label("encoding", spoken.encoding)]
        let durations = RequestOutcome.allCases.map { receiver.counters.durations(spoken, $0) }
        return (spoken, labels, durations, receiver.counters.bodySizes(spoken))
      }
    }
    let (calls, requests) = (rows.filter { $0.0 == .grpc }, rows.filter { $0.0 != .grpc })
    histograms(
      Self.sums(calls.map { ($0.1, $0.2) }), "rpc.server.duration", in: .milliseconds, "How long gRPC calls took.")
    histograms(
      calls.map { ($0.1, $0.3) }, "rpc.server.request.size", in: .bytes, "Bytes of requests of gRPC calls.")
    histograms(
      Self.sums(requests.map { ($0.1, $0.2) }), "http.server.request.duration", in: .seconds,
      "How long HTTP requests took.")
    histograms(
      requests.map { ($0.1, $0.3) }, "http.server.request.body.size", in: .bytes, "Bytes of bodies of HTTP requests.")
  }

  private mutating func clients(_ exporters: [Exporter], _ counts: [ExporterCounts]) {
    var (calls, requests): ([ExporterCounts], [ExporterCounts]) = ([], [])
    for counts in counts {
      switch exporters.first(where: { $0.id == counts.id })?.destination.dialect.route {
      case .grpc: calls.append(counts)
      case .http: requests.append(counts)
      case .local, .discard, nil: break
      }
    }
    histograms(
      durations(of: calls), "rpc.client.duration", in: .milliseconds, "How long gRPC calls to destinations took.")
    histograms(
      calls.map { (Self.labels("exporter", $0.id), $0.sizes.requestBytes) }, "rpc.client.request.size", in: .bytes,
      "Bytes of requests of gRPC calls to destinations.")
    histograms(
      durations(of: requests), "http.client.request.duration", in: .seconds,
      "How long HTTP requests to destinations took.")
    histograms(
      requests.map { (Self.labels("exporter", $0.id), $0.sizes.requestBytes) }, "http.client.request.body.size",
      in: .bytes, "Bytes of bodies of HTTP requests to destinations.")
  }

  private func durations(of exporters: [ExporterCounts]) -> [([Label], Histogram.Snapshot)] {
    Self.sums(exporters.map { (Self.labels("exporter", $0.id), $0.durations.byOutcome.map(\.durations)) })
  }
}

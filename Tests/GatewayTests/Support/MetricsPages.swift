@testable import Gateway

extension MetricFamilies {
  /// The families as a page in the text format.
  var page: String { page(PrometheusReader(at: TelemetryOptions.defaultMetricsEndpoint)) }

  /// The families as the page of a reader.
  func page(
    _ reader: PrometheusReader, as format: MetricsFormat = .text, resource: [(key: String, value: String)] = []
  ) -> String {
    PrometheusPage.text(self, of: OwnResource(resource), for: reader, as: format)
  }
}

extension GatewayMetrics {
  /// All metrics of a gateway that has no ports, as a page in the text format.
  static func text(
    _ assembly: Assembly, resource: [(key: String, value: String)] = [], uptime: Duration = .zero
  ) -> String {
    families(assembly, ports: [], level: .detailed, uptime: uptime)
      .page(PrometheusReader(at: TelemetryOptions.defaultMetricsEndpoint), resource: resource)
  }
}

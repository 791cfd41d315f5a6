/// The formats that metrics are read in.
enum MetricsFormat: Sendable, CaseIterable {
  /// Prometheus text format 0.0.4.
  case text
  /// OpenMetrics 1.0.
  case openMetrics

  var contentType: String {
    switch self {
    case .text: "text/plain; version=0.0.4; charset=utf-8"
    case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    }
  }

  /// What the fields `Accept` of a request prefer (RFC 9110 section 12.5.1): OpenMetrics only where it is named, and
  /// not below plain text.
  init(acceptedBy fields: [String]) {
    let ranges = fields.flatMap { $0.split(separator: ",") }.map(MediaRange.init)
    let open = ranges.filter { $0.type == "application/openmetrics-text" }.map(\.quality).max() ?? 0
    let plain = ranges.filter { $0.type == "text/plain" }.map(\.quality).max() ?? 0
    self = open > 0 && open >= plain ? .openMetrics : .text
  }

  /// One of the media types that `Accept` lists.
  private struct MediaRange {
    let type: String
    /// From 0 to 1; 1 unless it says, and 0 where what it says is no number.
    let quality: Double

    init(_ text: Substring) {
      let parts = text.split(separator: ";").map { part in
        String(part.filter { $0 != " " && $0 != "\t" }).lowercased()
      }
      type = parts.first ?? ""
      let given = parts.dropFirst().first { $0.hasPrefix("q=") }
      quality = given.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
    }
  }
}

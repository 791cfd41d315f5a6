/// The kinds of metric that the gateway has.
enum MetricKind: String, Sendable {
  case counter
  case gauge
  case histogram
}

/// What a metric is measured in, as far as names and OTLP tell.
enum MetricUnit: Sendable {
  case bytes
  case milliseconds
  case seconds

  /// What the name of a metric ends in that tells its unit.
  init?(ofName name: String) {
    if name.hasSuffix("_bytes") {
      self = .bytes
    } else if name.hasSuffix("_seconds") {
      self = .seconds
    } else {
      return nil
    }
  }

  /// How Prometheus has it at the end of a name.
  var ending: String {
    switch self {
    case .bytes: "_bytes"
    case .milliseconds: "_milliseconds"
    case .seconds: "_seconds"
    }
  }

  /// How OTLP has it (UCUM).
  var symbol: String {
    switch self {
    case .bytes: "By"
    case .milliseconds: "ms"
    case .seconds: "s"
    }
  }
}

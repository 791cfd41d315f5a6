import Options

/// What becomes of requests with a signal that no pipeline of the receiver is of (config `other_signals`).
package enum OtherSignals: String, Sendable, CaseIterable {
  /// They are refused, and the sender hears why.
  case refuse
  /// They are answered as taken and dropped, so that a sender that cannot be told otherwise keeps quiet.
  case discard
}

extension Signal {
  /// How a sender leaves the signal out, as the variables of OpenTelemetry's SDKs have it.
  var remedy: String {
    switch self {
    case .logs, .traces, .metrics: "set OTEL_\(rawValue.uppercased())_EXPORTER=none at the sender"
    case .profiles: "switch them off at the sender"
    }
  }
}

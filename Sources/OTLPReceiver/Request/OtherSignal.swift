import Options

/// A signal of OpenTelemetry that this gateway does not handle.
package enum OtherSignal: String, Sendable, CaseIterable {
  case traces, metrics, profiles

  /// The signal that OTLP/HTTP sends to a path.
  init?(httpPath: String) {
    switch httpPath {
    case "/v1/traces": self = .traces
    case "/v1/metrics": self = .metrics
    case "/v1development/profiles": self = .profiles
    default: return nil
    }
  }

  /// The signal that OTLP/gRPC sends to a method.
  init?(grpcPath: String) {
    switch grpcPath {
    case "/opentelemetry.proto.collector.trace.v1.TraceService/Export": self = .traces
    case "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export": self = .metrics
    case "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export": self = .profiles
    default: return nil
    }
  }

  var signal: Signal {
    switch self {
    case .traces: .traces
    case .metrics: .metrics
    case .profiles: .profiles
    }
  }

  /// How a sender leaves the signal out, as the variables of OpenTelemetry's SDKs have it.
  var remedy: String {
    switch self {
    case .traces: "set OTEL_TRACES_EXPORTER=none at the sender"
    case .metrics: "set OTEL_METRICS_EXPORTER=none at the sender"
    case .profiles: "switch them off at the sender"
    }
  }
}

/// What becomes of requests with another signal (config `other_signals`).
package enum OtherSignals: String, Sendable, CaseIterable {
  /// They are refused, and the sender hears why.
  case refuse
  /// They are answered as taken and dropped, so that a sender that cannot be told otherwise keeps quiet.
  case discard
}

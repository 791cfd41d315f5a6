package import Options

/// Where OTLP sends the requests of a signal.
extension Signal {
  /// The path of OTLP/HTTP.
  package var httpPath: String {
    switch self {
    case .logs: "/v1/logs"
    case .traces: "/v1/traces"
    case .metrics: "/v1/metrics"
    case .profiles: "/v1development/profiles"
    }
  }

  /// The path of OTLP/gRPC's method.
  package var grpcPath: String {
    switch self {
    case .logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
    case .traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
    case .metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
    case .profiles: "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export"
    }
  }

  /// A body of requests in protobuf as one request in OTLP's JSON mapping; nil if it is none, or of profiles.
  package func json(of body: UnsafeRawBufferPointer) -> [UInt8]? {
    guard let schema = self == .logs ? .logs : WireSchema.of(self) else { return nil }
    // Names and the marks of JSON take room that protobuf has no use for.
    var bytes = ByteWriter(capacityBytes: body.count &* 2)
    return ProtobufToJSON(schema: schema).append(body, to: &bytes) ? bytes.array : nil
  }

  /// What metrics count of it, as in the Collector.
  package var items: String {
    switch self {
    case .logs: "log_records"
    case .traces: "spans"
    case .metrics: "metric_points"
    case .profiles: "profiles"
    }
  }
}

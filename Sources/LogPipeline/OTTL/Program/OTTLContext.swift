/// What statements are run for: each record, each scope or each resource.
enum OTTLContext: String, Sendable, CaseIterable {
  case log, scope, resource

  /// The words that its paths begin with; the first is its own.
  var reaches: [String] {
    switch self {
    case .log: ["scope", "instrumentation_scope", "resource", "otelcol"]
    case .scope: ["instrumentation_scope", "resource", "otelcol"]
    case .resource: ["otelcol"]
    }
  }

  /// What is known of it, with these functions.
  func facts(_ functions: Set<String>) -> OTTLContextFacts {
    OTTLContextFacts(
      name: rawValue, reaches: reaches, symbols: self == .log ? Set(Self.severities.keys) : [], functions: functions)
  }

  /// The symbols of severity numbers.
  static let severities: [String: Int64] = {
    var symbols = ["SEVERITY_NUMBER_UNSPECIFIED": Int64(0)]
    for (place, name) in ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].enumerated() {
      for step in 0..<4 {
        symbols["SEVERITY_NUMBER_\(name)\(step == 0 ? "" : "\(step + 1)")"] = Int64(place * 4 + step + 1)
      }
    }
    return symbols
  }()
}

/// The words of paths, by the word that they begin with.
enum OTTLPathWords {
  /// The fields of what a path begins with; nil for a word that begins none.
  static func fields(of context: String) -> [String: OTTLPathField]? {
    switch context {
    case "log": log
    case "scope", "instrumentation_scope": scope
    case "resource": resource
    case "otelcol": otelcol
    default: nil
    }
  }

  private static let log: [String: OTTLPathField] = [
    "time": .time, "time_unix_nano": .timeUnixNano, "observed_time": .observedTime,
    "observed_time_unix_nano": .observedTimeUnixNano, "severity_number": .severityNumber,
    "severity_text": .severityText, "body": .body, "body.string": .bodyString, "attributes": .attributes,
    "dropped_attributes_count": .droppedAttributesCount, "flags": .flags, "trace_id": .traceID,
    "trace_id.string": .traceIDString, "span_id": .spanID, "span_id.string": .spanIDString,
    "event_name": .eventName, "cache": .cache,
  ]

  private static let scope: [String: OTTLPathField] = [
    "name": .scopeName, "version": .scopeVersion, "attributes": .scopeAttributes,
    "dropped_attributes_count": .scopeDroppedAttributesCount, "schema_url": .scopeSchemaURL, "cache": .scopeCache,
  ]

  private static let resource: [String: OTTLPathField] = [
    "attributes": .resourceAttributes, "dropped_attributes_count": .resourceDroppedAttributesCount,
    "schema_url": .resourceSchemaURL, "cache": .resourceCache,
  ]

  private static let otelcol: [String: OTTLPathField] = [
    "client.addr": .clientAddress, "client.metadata": .clientMetadata,
    "client.auth.attributes": .clientAuthAttributes, "grpc.metadata": .grpcMetadata,
  ]
}

extension OTTLPathField {
  /// The context of which it is the cache; nil if it is none.
  var cacheContext: OTTLContext? {
    switch self {
    case .cache: .log
    case .scopeCache: .scope
    case .resourceCache: .resource
    default: nil
    }
  }
}

package import HTTPTransport
package import Options

/// `limits.connections` of `receivers.otlp`: what one connection may do, so that none can exhaust the gateway.
///
/// Budgets of HTTP/2 count within `abuse_window`; past one the connection is ended with GOAWAY (ENHANCE_YOUR_CALM).
package struct ConnectionLimits: Sendable {
  /// The listener's options with these limits; host, port and TLS are not read here.
  package private(set) var listener = HTTPServerOptions()
  /// Where `max_connections` is said, or could be.
  private(set) var maxConnectionsPlace = ConfigPlace(source: "")
  private(set) var maxConnectionsPath = ""

  /// Reads the section.
  package init(_ options: ConfigReader) {
    readConnection(options)
    readBodies(options)
    readHTTP2(options)
  }

  private mutating func readConnection(_ options: ConfigReader) {
    let positive = Duration.milliseconds(1)...Duration.maxConfigured
    listener.maxConnections = options.read(
      "max_connections", .int(in: 1...1_000_000), default: listener.maxConnections,
      "Connections to one port; more are closed on arrival.")
    maxConnectionsPlace = options.place(of: "max_connections")
    maxConnectionsPath = options.path(of: "max_connections")
    listener.maxConnectionAge = options.read(
      "max_connection_age", .duration(in: positive), default: .seconds(300),
      "Age at which clients of the HTTP port are asked to connect anew, so that they spread over replicas.")
    listener.maxConnectionAgeGrace = options.read(
      "max_connection_age_grace", .duration(), default: listener.maxConnectionAgeGrace,
      "Time left to requests after that.")
    listener.maxHeaderBytes = options.read(
      "max_header_size", .byteSize(in: 1024...(1 << 20)), default: listener.maxHeaderBytes,
      "Names and values of a request's header fields, with 32 bytes for each.")
    listener.maxHeaderCount = options.read(
      "max_header_fields", .int(in: 1...10_000), default: listener.maxHeaderCount, "Header fields of a request.")
  }

  private mutating func readBodies(_ options: ConfigReader) {
    listener.bodyTimeout = options.read(
      "body_timeout", .duration(in: .milliseconds(1) ... .maxConfigured), default: listener.bodyTimeout,
      "Time in which a body must make progress.")
    listener.minBodyProgressBytes = options.read(
      "min_body_progress", .byteSize(in: 1...(1 << 20)), default: listener.minBodyProgressBytes,
      "Bytes that count as progress.")
    listener.maxDrainBytes = options.read(
      "max_drain", .byteSize(in: 0...(1 << 30)), default: listener.maxDrainBytes,
      "Bytes of a refused HTTP/1.1 body that are read and dropped, so that the client sees its answer.")
    listener.drainTimeout = options.read(
      "drain_timeout", .duration(), default: listener.drainTimeout, "How long that goes on.")
    listener.http2.streamWindowBytes = options.read(
      "stream_window", .byteSize(in: 65_535...(1 << 30)), default: listener.http2.streamWindowBytes,
      "Receive window of an HTTP/2 stream.")
    listener.http2.connectionWindowBytes = options.read(
      "connection_window", .byteSize(in: 65_535...(1 << 30)), default: listener.http2.connectionWindowBytes,
      "Receive window of an HTTP/2 connection.")
  }

  private mutating func readHTTP2(_ options: ConfigReader) {
    let limits = listener.http2
    let counts = 1...1_000_000
    listener.http2.abuseWindow = options.read(
      "abuse_window", .duration(in: .seconds(1) ... .seconds(3600)), default: limits.abuseWindow,
      "The time in which the following are counted.")
    listener.http2.maxResets = options.read(
      "max_resets", .int(in: counts), default: limits.maxResets, "Streams reset by the client or for its faults.")
    listener.http2.maxPings = options.read("max_pings", .int(in: counts), default: limits.maxPings, "PING frames.")
    listener.http2.maxSettings = options.read(
      "max_settings", .int(in: counts), default: limits.maxSettings, "SETTINGS frames.")
    listener.http2.maxEmptyData = options.read(
      "max_empty_data", .int(in: counts), default: limits.maxEmptyData, "DATA frames without data.")
    listener.http2.maxTinyData = options.read(
      "max_tiny_data", .int(in: counts), default: limits.maxTinyData, "DATA frames of less than 64 bytes.")
    listener.http2.maxUnansweredHeaderBytes = options.read(
      "max_unanswered_headers", .byteSize(in: (64 << 10)...(1 << 30)), default: limits.maxUnansweredHeaderBytes,
      "Header fields, as received and again decoded, of requests that were not answered.")
    listener.http2.maxPriorities = options.read(
      "max_priorities", .int(in: counts), default: limits.maxPriorities, "PRIORITY frames.")
    listener.http2.maxWindowUpdates = options.read(
      "max_window_updates", .int(in: counts), default: limits.maxWindowUpdates, "WINDOW_UPDATE frames.")
    listener.http2.maxGoAways = options.read(
      "max_goaways", .int(in: counts), default: limits.maxGoAways, "GOAWAY frames.")
    listener.http2.maxUnknownFrames = options.read(
      "max_unknown_frames", .int(in: counts), default: limits.maxUnknownFrames, "Frames of unknown types.")
    listener.http2.maxContinuations = options.read(
      "max_continuations", .int(in: counts), default: limits.maxContinuations,
      "CONTINUATION frames after one HEADERS frame.")
    listener.http2.maxQueuedControlFrames = options.read(
      "max_queued_control_frames", .int(in: counts), default: limits.maxQueuedControlFrames,
      "Answers to PING and SETTINGS that wait to be written.")
  }
}

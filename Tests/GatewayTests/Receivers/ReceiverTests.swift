import Access
import HTTPTransport
import LogPipeline
import OTLPReceiver
import Options
import Testing

@testable import Gateway

@Suite struct ReceiverTests {
  /// Knows nobody.
  private struct Stranger: Authenticator {
    let challenge: String? = nil
    func judge(_ head: HTTPRequestHead) -> Authentication { .decided(.absent) }
  }

  private func receiver(_ yaml: String) throws -> Receiver {
    let report = ConfigReport()
    let null = ConfigNode(.null, at: ConfigPlace(source: "f.yaml"))
    let node = YAMLParser.parse(Array(yaml.utf8), source: "f.yaml", report: report) ?? null
    let options = OTLPReceiverOptions(ConfigReader(node, path: "otlp", report: report))
    try report.throwErrors()
    return try Receiver(
      id: "otlp", options: options, pipelines: [],
      with: ReceiverSurroundings(
        health: HealthState(), refusals: RefusalLog(logger: LogCapture().logger),
        authenticators: [ComponentID(type: "basicauth"): Stranger()]))
  }

  private func options(_ yaml: String) throws -> OTLPReceiverOptions {
    let report = ConfigReport()
    let node = try #require(YAMLParser.parse(Array(yaml.utf8), source: "f.yaml", report: report))
    defer { #expect(report.errors == []) }
    return OTLPReceiverOptions(ConfigReader(node, path: "otlp", report: report))
  }

  @Test func eachPortAsksItsAuthenticators() throws {
    let receiver = try receiver(
      "protocols: {grpc: {auth: {authenticator: basicauth}}, http: {endpoint: 'localhost:0'}}")
    #expect(receiver.listeners.map(\.listener) == [OTLPListener.grpc.rawValue, OTLPListener.http.rawValue])
    #expect(receiver.counters.authentications.map(\.authenticator) == ["basicauth"])
    func isTaken(_ listener: OTLPListener) -> Bool {
      var head = HTTPRequestHead(
        method: "POST", path: "/v1/logs", headers: ["content-type": "application/json"], listener: listener.rawValue)
      if case .collect = receiver.service.plan(for: &head) { return true } else { return false }
    }
    #expect(!isTaken(.grpc) && isTaken(.http))
    #expect(receiver.counters.authentications.map { $0.count(of: .absent) } == [1])
  }

  @Test func listensOnAPortForEachProtocol() throws {
    let both = try receiver("")
    #expect(both.listeners.map(\.port) == [4317, 4318])
    #expect(both.listeners.map(\.host) == ["localhost", "localhost"])
    #expect(try receiver("protocols: {http: }").listeners.map(\.port) == [4318])
    #expect(both.budget.capacityBytes == 256 << 20)
  }

  @Test func listensEverywhereWithoutAHost() throws {
    let receiver = try receiver("protocols: {grpc: {endpoint: ':0'}, http: {endpoint: '[::1]:0'}}")
    #expect(receiver.listeners.map(\.host) == ["", "::1"])
  }

  @Test func theLimitsOfDecodingArrive() throws {
    let yaml =
      "limits: {max_depth: 5, max_records_per_request: 6, max_values_per_request: 7, invalid_utf8: refuse, "
      + "mend_time_units: false}"
    let limits = DecodeLimits(try options(yaml).limits)
    #expect(limits.maxDepth == 5 && limits.maxRecords == 6 && limits.maxValues == 7 && limits.invalidUTF8 == .refuse)
    #expect(!limits.mendsTimeUnits)
    #expect(DecodeLimits(try options("{}").limits) == DecodeLimits())
  }

  @Test func whatIsSaidOfRequestsArrives() throws {
    let yaml = """
      protocols:
        grpc: {max_recv_msg_size_mib: 3}
        http:
          logs_url_path: /l
          max_request_body_size: 5
          compression_algorithms: ["", zlib]
          response_headers: {X-A: b}
          cors: {allowed_origins: [o*], allowed_headers: [x-h], exposed_headers: [x-e], max_age: 9}
      limits: {max_encoded: 6MiB, max_in_flight: 7MiB}
      retry_after: 8s
      warn_senders: true
      """
    let service = OTLPServiceOptions(try options(yaml))
    #expect(service.maxMessageBytes == 3 << 20)
    #expect(service.logsPath == "/l")
    #expect(service.maxRequestBodyBytes == 5)
    #expect(service.acceptedCodings == [.identity, .deflate])
    #expect(service.maxEncodedBytes == 6 << 20)
    #expect(service.retryHint == .seconds(8))
    #expect(service.warnSenders)
    #expect(service.responseHeaders.map(\.name) == ["X-A"] && service.responseHeaders.map(\.value) == ["b"])
    #expect(service.cors.allowedOrigins == ["o*"] && service.cors.allowedHeaders == ["x-h"])
    #expect(service.cors.exposedHeaders == ["x-e"] && service.cors.maxAgeSeconds == 9)
    #expect(try receiver(yaml).budget.capacityBytes == 7 << 20)
  }

  @Test func theDefaultsAreThoseOfTheService() throws {
    let (given, own) = (OTLPServiceOptions(try options("{}")), OTLPServiceOptions())
    #expect(given.maxMessageBytes == own.maxMessageBytes && given.maxRequestBodyBytes == own.maxRequestBodyBytes)
    #expect(given.acceptedCodings == own.acceptedCodings && given.logsPath == own.logsPath)
    #expect(given.retryHint == own.retryHint && given.maxEncodedBytes == own.maxEncodedBytes)
  }

  @Test func theTimesOfEachPortArrive() throws {
    let receiver = try receiver(
      """
      protocols:
        grpc:
          max_concurrent_streams: 2
          keepalive: {server_parameters: {max_connection_idle: 3s, max_connection_age: 4s, max_connection_age_grace: 5s}}
        http: {read_header_timeout: 6s, write_timeout: 7s, idle_timeout: 8s}
      limits: {connections: {max_connection_age: 9s, max_connection_age_grace: 10s}}
      """)
    let grpc = try #require(receiver.listeners.first)
    #expect(grpc.http2.maxConcurrentStreams == 2)
    #expect(grpc.idleTimeout == .seconds(3))
    #expect(grpc.maxConnectionAge == .seconds(4) && grpc.maxConnectionAgeGrace == .seconds(5))
    let http = try #require(receiver.listeners.last)
    #expect(http.headerTimeout == .seconds(6) && http.writeTimeout == .seconds(7) && http.idleTimeout == .seconds(8))
    #expect(http.maxConnectionAge == .seconds(9) && http.maxConnectionAgeGrace == .seconds(10))
  }

  @Test func theLimitsOfConnectionsArriveOnBothPorts() throws {
    let receiver = try receiver(
      """
      limits:
        connections:
          max_connections: 2
          max_header_size: 2KiB
          max_header_fields: 4
          body_timeout: 5s
          min_body_progress: 6
          max_drain: 7
          drain_timeout: 8s
          stream_window: 90000
          connection_window: 100000
          abuse_window: 11s
          max_resets: 12
          max_pings: 13
          max_settings: 14
          max_empty_data: 15
          max_priorities: 16
          max_window_updates: 17
          max_continuations: 18
          max_queued_control_frames: 19
          max_tiny_data: 20
          max_unanswered_headers: 64KiB
          max_goaways: 22
          max_unknown_frames: 23
      """)
    #expect(receiver.listeners.count == 2)
    for listener in receiver.listeners {
      #expect(listener.maxConnections == 2 && listener.maxHeaderBytes == 2048 && listener.maxHeaderCount == 4)
      #expect(listener.bodyTimeout == .seconds(5) && listener.minBodyProgressBytes == 6)
      #expect(listener.maxDrainBytes == 7 && listener.drainTimeout == .seconds(8))
      let http2 = listener.http2
      #expect(http2.streamWindowBytes == 90_000 && http2.connectionWindowBytes == 100_000)
      #expect(http2.abuseWindow == .seconds(11))
      #expect(http2.maxResets == 12 && http2.maxPings == 13 && http2.maxSettings == 14 && http2.maxEmptyData == 15)
      #expect(http2.maxPriorities == 16 && http2.maxWindowUpdates == 17 && http2.maxContinuations == 18)
      #expect(http2.maxQueuedControlFrames == 19 && http2.maxTinyData == 20 && http2.maxGoAways == 22)
      #expect(http2.maxUnansweredHeaderBytes == 65_536 && http2.maxUnknownFrames == 23)
    }
  }

  @Test func aPortWithTLSHasAContext() throws {
    let made = try TestCertificates.made.get()
    let receiver = try receiver("protocols: {grpc: {tls: {cert_file: \(made.cert), key_file: \(made.key)}}, http: }")
    #expect(receiver.listeners.first?.tls != nil)
    #expect(receiver.listeners.last?.tls == nil)
    #expect(receiver.files.map(\.option) == ["protocols.grpc.tls"])
    #expect(receiver.files.map(\.files.paths) == [[made.cert, made.key]])
  }
}

import Gateway
import HTTPTransport
import Options
import Testing

@Suite struct OTLPReceiverOptionsTests {
  /// The options of `receivers: {otlp: …}` given in flow style on line 1, with all problems.
  private func options(_ yaml: String) -> (options: OTLPReceiverOptions, problems: [String]) {
    let report = ConfigReport()
    let null = ConfigNode(.null, at: ConfigPlace(source: "f.yaml"))
    let node = YAMLParser.parse(Array(yaml.utf8), source: "f.yaml", report: report) ?? null
    let reader = ConfigReader(node, path: "otlp", report: report)
    let options = OTLPReceiverOptions(reader)
    reader.finish()
    return (options, (report.errors + report.warnings).map(\.description))
  }

  @Test func runsBothProtocolsAtTheirDefaults() throws {
    let found = options("")
    #expect(found.problems == [])
    let grpc = try #require(found.options.grpc)
    #expect(grpc.endpoint == Endpoint(host: "localhost", port: 4317))
    #expect(grpc.maxMessageBytes == 64 << 20)
    #expect(grpc.keepalive.maxConnectionAge == .seconds(300))
    #expect(grpc.keepalive.maxConnectionIdle == nil)
    #expect(grpc.tls == nil)
    let http = try #require(found.options.http)
    #expect(http.endpoint == Endpoint(host: "localhost", port: 4318))
    #expect(http.logsURLPath == "/v1/logs")
    #expect(http.maxRequestBodyBytes == 64 << 20)
    #expect(found.options.limits.maxDepth == 64)
    #expect(found.options.limits.invalidUTF8 == .replace)
  }

  @Test func runsOnlyTheProtocolsThatAreNamed() {
    #expect(options("protocols: {grpc: }").options.http == nil)
    #expect(options("protocols: {http: }").options.grpc == nil)
    #expect(
      options("protocols: {}").problems == ["f.yaml:1:1: otlp.protocols: at least one of grpc and http is required"])
  }

  @Test func readsEveryGRPCOption() throws {
    let made = try TestCertificates.made.get()
    let yaml = """
      protocols:
        grpc:
          endpoint: "[::1]:14317"
          transport: tcp
          max_recv_msg_size_mib: 4
          max_concurrent_streams: 16
          keepalive:
            server_parameters:
              max_connection_idle: 11s
              max_connection_age: 12s
              max_connection_age_grace: 13s
          tls: {cert_file: \(made.cert), key_file: \(made.key), client_ca_file: \(made.cert), min_version: 1.3}
      """
    let found = options(yaml)
    #expect(found.problems == [])
    let grpc = try #require(found.options.grpc)
    #expect(grpc.endpoint == Endpoint(host: "::1", port: 14317))
    #expect(grpc.maxMessageBytes == 4 << 20)
    #expect(grpc.maxConcurrentStreams == 16)
    #expect(grpc.keepalive.maxConnectionIdle == .seconds(11))
    #expect(grpc.keepalive.maxConnectionAge == .seconds(12))
    #expect(grpc.keepalive.maxConnectionAgeGrace == .seconds(13))
    let tls = try #require(grpc.tls)
    #expect(tls.material.chain == .file(made.cert) && tls.material.key == .file(made.key))
    #expect(tls.material.authorities == .file(made.cert) && tls.clientAuthentication == .require)
    #expect(tls.settings.minVersion == .tls13)
  }

  @Test func readsEveryHTTPOption() throws {
    let yaml = """
      protocols:
        http:
          endpoint: localhost:14318
          logs_url_path: /logs
          max_request_body_size: 1000
          compression_algorithms: [gzip, ""]
          read_header_timeout: 2s
          write_timeout: 3s
          idle_timeout: 4s
      """
    let found = options(yaml)
    #expect(found.problems == [])
    let http = try #require(found.options.http)
    #expect(http.endpoint == Endpoint(host: "localhost", port: 14318))
    #expect(http.logsURLPath == "/logs")
    #expect(http.maxRequestBodyBytes == 1000)
    #expect(http.compressionAlgorithms == ["gzip", ""])
    #expect(http.readHeaderTimeout == .seconds(2))
    #expect(http.writeTimeout == .seconds(3) && http.idleTimeout == .seconds(4))
  }

  @Test func saysWhichOptionsOfTheCollectorHaveNoEffect() {
    let ignored = options("protocols: {grpc: {include_metadata: false, keepalive: {server_parameters: {time: 30s}}}}")
    #expect(ignored.problems.count == 2 && ignored.problems.allSatisfy { $0.contains("has no effect") })
    #expect(options("protocols: {grpc: {include_metadata: true}, http: {include_metadata: true}}").problems == [])
    let refused = options("protocols: {http: {middlewares: [a]}}")
    #expect(refused.problems.count == 1 && refused.problems[0].contains("not supported by sluice"))
  }

  @Test func readsWhatAConnectionMayDo() {
    let found = options("limits: {connections: {max_connections: 7, max_header_size: 2KiB, max_pings: 9}}")
    #expect(found.problems == [])
    let listener = found.options.limits.connections.listener
    #expect(listener.maxConnections == 7 && listener.maxHeaderBytes == 2048 && listener.http2.maxPings == 9)
  }

  @Test func readsItsLimits() {
    let yaml =
      "limits: {max_depth: 256, max_records_per_request: 5, max_values_per_request: 6, "
      + "invalid_utf8: refuse, max_in_flight: 1GiB}"
    let limits = options(yaml).options.limits
    #expect(limits.maxDepth == 256 && limits.maxRecordsPerRequest == 5 && limits.maxValuesPerRequest == 6)
    #expect(limits.invalidUTF8 == .refuse)
    #expect(limits.maxInFlightBytes == 1 << 30)
  }

  @Test(arguments: [("1", true), ("256", true), ("0", false), ("257", false)])
  func keepsTheDepthInItsHardRange(_ text: String, _ isAllowed: Bool) {
    #expect(options("limits: {max_depth: \(text)}").problems.isEmpty == isAllowed)
  }

  @Test func needsRoomForTheLargestRequest() {
    #expect(options("limits: {max_in_flight: 64MiB}").problems == [])
    let expected = "f.yaml:1:1: otlp.limits: max_in_flight of 63MiB is less than the largest request of 64MiB"
    #expect(options("limits: {max_in_flight: 63MiB}").problems == [expected])
  }

  /// Room for all requests grows with the largest one unless it is said.
  @Test(arguments: [(256, 256), (257, 257), (1024, 1024)])
  func roomGrowsWithTheLargestRequest(_ mebibytes: Int, _ room: Int) {
    let found = options("protocols: {grpc: {max_recv_msg_size_mib: \(mebibytes)}}")
    #expect(found.problems == [] && found.options.limits.maxInFlightBytes == room << 20)
    let given = options("protocols: {grpc: {max_recv_msg_size_mib: \(mebibytes)}}\nlimits: {max_in_flight: 256MiB}")
    #expect(given.problems.isEmpty == (mebibytes <= 256))
  }

  /// As in the Collector.
  @Test func sizesOfZeroAreTheDefaults() {
    let found = options("protocols: {grpc: {max_recv_msg_size_mib: 0}, http: {max_request_body_size: 0}}")
    #expect(found.problems == [])
    #expect(found.options.grpc?.maxMessageBytes == 64 << 20 && found.options.http?.maxRequestBodyBytes == 64 << 20)
    #expect(options("protocols: {grpc: {max_recv_msg_size_mib: -1}}").problems.count == 1)
    #expect(options("protocols: {grpc: {max_recv_msg_size_mib: 1025}}").problems.count == 1)
  }

  @Test func warnsOfWhatHasNoEffect() {
    let yaml = """
      protocols:
        grpc: {read_buffer_size: 512, write_buffer_size: 1}
        http: {keep_alives_enabled: true}
      """
    #expect(
      options(yaml).problems == [
        "f.yaml:2:10: warning: otlp.protocols.grpc.read_buffer_size: has no effect: buffers size themselves",
        "f.yaml:2:33: warning: otlp.protocols.grpc.write_buffer_size: has no effect: buffers size themselves",
        "f.yaml:3:10: warning: otlp.protocols.http.keep_alives_enabled: has no effect: connections serve more than one "
          + "request",
      ])
  }

  @Test func eachSignalHasAPathOfItsOwn() throws {
    let paths = try #require(options("protocols: {http: {traces_url_path: /t, metrics_url_path: /m}}").options.http)
    #expect(paths.logsURLPath == "/v1/logs" && paths.tracesURLPath == "/t" && paths.metricsURLPath == "/m")
    #expect(
      options("protocols: {http: {traces_url_path: /v1/logs}}").problems == [
        "f.yaml:1:20: otlp.protocols.http.traces_url_path: /v1/logs is the path of logs_url_path too"
      ])
    #expect(
      options("protocols: {http: {logs_url_path: /v1/metrics}}").problems == [
        "f.yaml:1:20: otlp.protocols.http.logs_url_path: /v1/metrics is the path of metrics_url_path too"
      ])
  }

  @Test(arguments: [
    "auth: {authenticator: basicauth, request_params: [a]}", "middlewares: [{id: a}]",
    "tls: {tpm: {enabled: true}, cert_file: CERT, key_file: KEY}",
  ])
  func refusesWhatWouldBeMissed(_ option: String) throws {
    let made = try TestCertificates.made.get()
    let option = option.replacing("CERT", with: made.cert).replacing("KEY", with: made.key)
    let problems = options("protocols: {http: {\(option)}}").problems
    #expect(problems.count == 1)
    #expect(problems.first?.contains("not supported by sluice") == true)
  }

  @Test func readsWhichWebPagesMaySend() throws {
    let yaml = "protocols: {http: {cors: {allowed_origins: [a*], allowed_headers: [x], max_age: 7200}}}"
    let found = options(yaml)
    #expect(found.problems == [])
    let cors = try #require(found.options.http?.cors)
    #expect(cors.allowedOrigins == ["a*"] && cors.allowedHeaders == ["x"] && cors.maxAgeSeconds == 7200)
  }

  @Test func readsWhichProxiesAreTrusted() throws {
    let yaml =
      "protocols: {grpc: {proxy_protocol: {trusted: [10.0.0.0/8, '::1']}}, http: {forwarded_for: {trusted: [10.0.0.1]}}}"
    let found = options(yaml)
    #expect(found.problems == [])
    #expect(found.options.grpc?.proxies.protocolHeaders.map(\.text) == ["10.0.0.0/8", "::1"])
    #expect(found.options.grpc?.proxies.forwardedFor == [])
    #expect(found.options.http?.proxies.forwardedFor.map(\.text) == ["10.0.0.1"])
    #expect(options("").options.http?.proxies == TrustedProxies())
    #expect(options("protocols: {http: {proxy_protocol: }}").problems.count == 1)
    let wrong = options("protocols: {http: {proxy_protocol: {trusted: [10.0.0.1/8]}}}").problems
    #expect(wrong.count == 1 && wrong[0].contains("with no bits set past its prefix, found \"10.0.0.1/8\""))
  }

  @Test func needsBothFilesForTLS() throws {
    let made = try TestCertificates.made.get()
    #expect(
      options("protocols: {grpc: {tls: {cert_file: \(made.cert)}}}").problems
        == ["f.yaml:1:25: otlp.protocols.grpc.tls: key_file or key_pem: required"])
  }

  @Test func aReceiverRefusesHeadersThatCannotBeSent() {
    let yaml = withExporter("nop", "").replacing(
      "http: {", with: "http: {response_headers: {\"a b\": c}, cors: {allowed_headers: [\"x\\r\\nInjected: y\"]}, ")
    let path = "receivers.otlp.protocols.http"
    let found = standardProblems(yaml)
    #expect(found.count == 2)
    #expect(found.first?.hasSuffix("\(path).response_headers: \"a b\" is not the name of a header field") == true)
    #expect(found.last?.contains("\(path).cors.allowed_headers[0]: expected the name of a header field") == true)
  }

  @Test(arguments: ["https://elastic:pa55@es:9200", "http://token@es", "elastic:pa55@es"])
  func doesNotRepeatCredentialsOfAnEndpoint(_ text: String) {
    let shown = errors("receivers: {otlp: {protocols: {grpc: {endpoint: '\(text)'}}}}").joined()
    #expect(!shown.isEmpty && !shown.contains("pa55") && !shown.contains("token"))
  }
}

import LogExport
import LogPipeline
import Testing

@testable import Gateway

@Suite struct OTLPExporterOptionsTests {
  @Test func everyOptionOfGRPCArrives() throws {
    let made = try TestCertificates.made.get()
    let options = """
      endpoint: next:4317
      tenant_header: X-Scope-OrgID
      tenants: {acme: "42"}
      headers: {x-a: b}
      compression: gzip
      compression_params: {level: 9}
      tls: {\(ClientOptionsTests.everyTLSOption(made))}
      connect_timeout: 1s
      \(DeliveryOptionsTests.everyOption)
      """
    let (component, missing): (OTLPExporterOptions, _) = try component("otlp", options)
    #expect(missing == DeliveryOptionsTests.neverGiven + ClientOptionsTests.neverGiven + ["auth"])
    let sender = component.sender
    #expect(sender.endpoint == "next:4317" && sender.isInsecure && component.tenantHeader?.name == "X-Scope-OrgID")
    #expect(sender.headers.map(\.name) == ["x-a"] && sender.headers.map(\.value) == ["b"])
    #expect(sender.compression == .gzip(level: 9))
    #expect(sender.tls == ClientOptionsTests.everyTLSOptionRead(made))
    #expect(sender.connectTimeout == .seconds(1))
    #expect(component.delivery.loop == DeliveryOptionsTests.everyOptionRead)
  }

  @Test(arguments: ["next:4317", "next", "http://next:4317", "https://next", "[::1]:4317", "https://[::1]:4317/"])
  func takesAnAddressOfAGRPCServer(_ endpoint: String) throws {
    let (component, _): (OTLPExporterOptions, _) = try component("otlp", "endpoint: \"\(endpoint)\"")
    #expect(component.sender.endpoint == endpoint)
  }

  @Test(arguments: ["ftp://next", "next:0", "next:65536", "next:x", "http://", "http://next/path", "a b:1", "next:1?x"])
  func refusesOtherText(_ endpoint: String) {
    #expect(
      problems("otlp", "endpoint: \"\(endpoint)\"") == [
        "f.yaml:4:15: exporters.otlp.endpoint: expected host:port, or http:// or https:// with host and port, "
          + "found \"\(endpoint)\""
      ])
  }

  @Test func refusesCredentialsWithoutRepeatingThem() {
    #expect(
      problems("otlp", "endpoint: https://user:s3cr3t@next:4317") == [
        "f.yaml:4:15: exporters.otlp.endpoint: expected host:port, or http:// or https:// with host and port"
      ])
  }

  @Test(arguments: ["dns:///next:4317", "passthrough:///next:4317", "dns:next:4317", "next:4317"])
  func namesOfResolversAreTheSystemsToResolve(_ endpoint: String) throws {
    let (component, _): (OTLPExporterOptions, _) = try component("otlp", "endpoint: \"\(endpoint)\"")
    #expect(component.sender.endpoint == "next:4317")
    let balanced = problems("otlp", "endpoint: \"\(endpoint)\"\nbalancer_name: round_robin")
    #expect(balanced.count == 1 && balanced.first?.contains("balancer_name: has no effect") == true)
  }

  @Test(arguments: ["otlp_grpc", "otlp_http"]) func newNamesMeanTheSame(_ type: String) throws {
    let endpoint = type == "otlp_http" ? "http://next:4318" : "next:4317"
    #expect(problems(type, "endpoint: \"\(endpoint)\"") == [])
  }

  @Test func grpcNeedsAnAddressAndKnowsGzipOnly() {
    #expect(problems("otlp", "").contains { $0.hasSuffix("exporters.otlp.endpoint: required, but not given") })
    for other in ["zstd", "snappy", "lz4", "deflate"] {
      let found = problems("otlp", "endpoint: next:4317\ncompression: \(other)")
      #expect(found.count == 1 && found[0].contains("warning: ") && found[0].contains("gzip: \(other) is not"))
    }
    #expect(problems("otlp", "endpoint: next:4317\ncompression: br").count == 1)
  }

  @Test func everyOptionOfHTTPArrives() throws {
    let made = try TestCertificates.made.get()
    let options = """
      endpoint: https://next:4318
      encoding: json
      tenant_header: X-Scope-OrgID
      tenants: {acme: "42"}
      headers: {X-A: b}
      compression: zstd
      compression_params: {level: 7}
      tls: {\(ClientOptionsTests.everyTLSOption(made))}
      connect_timeout: 1s
      idle_conn_timeout: 2s
      max_conns_per_host: 3
      max_answer_size: 4MiB
      proxy_url: http://user:pa55@proxy:3128
      \(DeliveryOptionsTests.everyOption)
      """
    let (component, missing): (OTLPHTTPExporterOptions, _) = try component("otlphttp", options)
    #expect(
      missing == ["logs_endpoint", "traces_endpoint", "metrics_endpoint"] + DeliveryOptionsTests.neverGiven
        + ClientOptionsTests.neverGiven + ["auth"])
    #expect(component.sender.endpoints == ["https://next:4318/"])
    #expect(component.path == "/v1/logs" && component.tenantHeader?.name == "X-Scope-OrgID")
    #expect(component.encoding == .json)
    ClientOptionsTests.expectEveryOption(component.sender, made)
    #expect(component.delivery.loop == DeliveryOptionsTests.everyOptionRead)
  }

  /// Its path is the dialect's, so that dead letters have it.
  @Test(arguments: [
    ("http://b/own/path", "http://b", "/own/path"), ("http://b:1/own/", "http://b:1", "/own/"),
    ("http://b", "http://b", "/"), ("https://[::1]:1/x/v1/logs", "https://[::1]:1", "/x/v1/logs"),
  ])
  func aWholeAddressIsUsedAsItIs(_ address: String, _ base: String, _ path: String) throws {
    let (component, _): (OTLPHTTPExporterOptions, _) = try component(
      "otlphttp", "endpoint: http://a\nlogs_endpoint: \"\(address)\"")
    #expect(component.sender.endpoints == [base])
    #expect(component.path == path)
  }

  @Test func httpNeedsAnAddress() {
    #expect(
      problems("otlphttp", "") == [
        "f.yaml:3:12: exporters.otlphttp: endpoint or logs_endpoint or traces_endpoint or metrics_endpoint: required"
      ])
    #expect(
      problems("otlphttp", "endpoint: http://a\nencoding: yaml") == [
        #"f.yaml:5:15: exporters.otlphttp.encoding: expected "proto" or "json", found "yaml""#
      ])
  }

  @Test(arguments: ["otlp", "otlphttp"]) func takesAHeaderForTenants(_ type: String) {
    func found(_ options: String) -> [String] { problems(type, "endpoint: http://next:4317\n\(options)") }
    let longest = String(repeating: "a", count: 128)
    for name in ["X-Scope-OrgID", "tenant", longest] { #expect(found("tenant_header: \(name)").isEmpty, "\(name)") }
    for name in [
      "\"a b\"", "\"\"", "Authorization", "Content-Type", "host", "te", "Content-Length", longest + "a", "\"a:\"",
      "content-encoding", "user-agent", "ä",
    ] {
      #expect(found("tenant_header: \(name)").count == 1, "\(name)")
    }
    #expect(found("tenant_header: \(longest)a").first?.hasSuffix("the name has 129 bytes, the limit is 128") == true)
    for name in ["grpc-timeout", "tenant-bin"] {
      #expect(found("tenant_header: \(name)").count == (type == "otlp" ? 1 : 0), "\(name)")
    }
    #expect(
      found("tenant_header: X-Tenant\nheaders: {x-tenant: a}") == [
        "f.yaml:6:15: exporters.\(type).headers: \"x-tenant\" is set by the tenant of the records"
      ])
  }

  @Test(arguments: ["otlp", "otlphttp"]) func takesWhatTheHeaderHoldsForTenants(_ type: String) {
    func found(_ options: String) -> [String] {
      problems(type, "endpoint: http://next:4317\ntenant_header: T\ntenants: \(options)")
    }
    let longest = String(repeating: "a", count: 128)
    for map in ["{}", "{acme: 42}", "{\(longest): \(longest)}", "{\"c d\": \"!~\"}"] {
      #expect(found(map).isEmpty, "\(map)")
    }
    for value in ["\"\"", "\"a b\"", "50%", "ä", longest + "a"] {
      let expected = "expected 1 to 128 visible ASCII characters without \"%\""
      #expect(found("{acme: \(value)}").first?.contains(expected) == true, "\(value)")
    }
    #expect(found("{\(longest)a: b}").count == 1 && found("{\"\": b}").count == 1 && found("a").count == 1)
    let most = (0..<10_000).map { "t\($0): a" }.joined(separator: ", ")
    #expect(found("{\(most)}").isEmpty)
    #expect(found("{\(most), one: a}").first?.hasSuffix("found 10001 tenants: the limit is 10000") == true)
    #expect(
      problems(type, "endpoint: http://next:4317\ntenants: {a: b}") == [
        "f.yaml:5:5: exporters.\(type).tenants: says what tenant_header holds, which is not given"
      ])
  }
}

import Testing

@testable import Gateway

@Suite struct ExporterAuthCheckTests {
  private let path = "exporters.otlphttp.auth.authenticator"

  private func found(
    auth: String = "bearertokenauth", extensions: String = "bearertokenauth: {token: pa55}",
    started: String = "[bearertokenauth]", exporter: String = "otlphttp", options: String = "endpoint: \"https://h\""
  ) -> [String] {
    standardProblems(
      """
      receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
      exporters: {\(exporter): {\(options), auth: {authenticator: \(auth)}}}
      extensions: {\(extensions)}
      service:
        extensions: \(started)
        telemetry: {metrics: {level: none}}
        pipelines: {logs: {receivers: [otlp], exporters: [\(exporter)]}}
      """)
  }

  @Test func whatIsDefinedAndStartedIsRight() {
    #expect(found() == [])
    #expect(found(exporter: "otlp", options: "endpoint: \"h:4317\"") == [])
    #expect(found(exporter: "elasticsearch") == [])
    #expect(found(exporter: "victorialogs") == [])
  }

  @Test func whatIsNamedHasToBeThere() {
    let undefined = found(auth: "bearertokenauht")
    #expect(undefined.count == 1)
    #expect(
      undefined.first?.hasSuffix(
        "\(path): the extension \"bearertokenauht\" is not defined (did you mean \"bearertokenauth\"?)") == true)
    #expect(undefined.first?.hasPrefix("f.yaml:2:") == true)
    let stopped = found(started: "[]")
    #expect(stopped.first?.hasSuffix("\(path): \"bearertokenauth\" is not in service.extensions") == true)
    let storage = found(auth: "file_storage", extensions: "file_storage: {directory: /tmp}", started: "[file_storage]")
    #expect(storage.count == 1)
    #expect(storage.first?.hasSuffix("\(path): \"file_storage\" has nothing to present to destinations") == true)
  }

  @Test func oneKindOfCredentialsIsEnough() {
    for option in ["user: u", "api_key: pa55"] {
      let found = found(exporter: "elasticsearch", options: "endpoint: \"https://h\", \(option)")
      #expect(found.count == 1)
      #expect(found.first?.hasSuffix("cannot be given together with auth") == true, "\(found)")
    }
    let headers = found(options: "endpoint: \"https://h\", headers: {Authorization: pa55}")
    #expect(headers.count == 1 && headers[0].contains("has no effect where auth writes \"Authorization\" too"))
    #expect(!headers[0].contains("pa55"))
  }

  @Test func credentialsAreNotSentInClearTextOverGRPC() {
    let insecure = found(exporter: "otlp", options: "endpoint: \"h:4317\", tls: {insecure: true}")
    #expect(insecure.count == 1)
    #expect(
      insecure.first?.hasSuffix("credentials are not sent in clear text over gRPC: h:4317 needs TLS") == true
        && insecure.first?.contains("warning") == false)
    #expect(found(exporter: "otlp", options: "endpoint: \"http://h:4317\"").count == 1)
    for endpoint in ["http://localhost:4317", "http://127.0.0.1:4317", "http://[::1]:4317", "https://h:4317"] {
      #expect(found(exporter: "otlp", options: "endpoint: \"\(endpoint)\"") == [])
    }
    let setter = "headers_setter: {headers: [{key: x-scope-orgid, value: a}]}"
    let options = "endpoint: \"http://h:4317\""
    #expect(
      found(auth: "headers_setter", extensions: setter, started: "[headers_setter]", exporter: "otlp", options: options)
        == [])
    let chained = setter.dropLast() + ", additional_auth: bearertokenauth}, bearertokenauth: {token: t}"
    #expect(
      found(
        auth: "headers_setter", extensions: String(chained), started: "[headers_setter, bearertokenauth]",
        exporter: "otlp", options: options
      ).count == 1)
  }

  @Test func overHTTPTheyAreWarnedOf() {
    let plain = found(options: "endpoint: \"http://h\"")
    #expect(plain.count == 1 && plain[0].contains("warning: \(path): the credentials go to h:80 in clear text"))
    #expect(found(options: "endpoint: \"http://127.0.0.1:1\"") == [])
    let second = found(exporter: "elasticsearch", options: "endpoints: [\"https://a\", \"http://b\"]")
    #expect(second.count == 1 && second[0].contains("b:80"))
  }

  @Test func chainsHaveToEnd() {
    let setter = { (name: String, next: String) in
      "headers_setter/\(name): {headers: [{key: a, value: b}], additional_auth: \(next)}"
    }
    let circle = found(
      auth: "headers_setter/a",
      extensions: setter("a", "headers_setter/b") + ", " + setter("b", "headers_setter/a"),
      started: "[headers_setter/a, headers_setter/b]")
    #expect(circle.count == 2 && circle.allSatisfy { $0.contains("leads back to \"headers_setter/") }, "\(circle)")
    let itself = found(
      auth: "headers_setter/a", extensions: setter("a", "headers_setter/a"), started: "[headers_setter/a]")
    #expect(itself.count == 1 && itself[0].contains("extensions.headers_setter/a.additional_auth: leads back"))
    let missing = found(auth: "headers_setter/a", extensions: setter("a", "basicauth"), started: "[headers_setter/a]")
    #expect(missing.count == 1 && missing[0].contains("the extension \"basicauth\" is not defined"))
  }
}

import Testing

@testable import Gateway

@Suite struct ReceiverAuthOptionsTests {
  /// What is wrong with a receiver whose port for gRPC says this of `auth`; it stands from column 38 of line 1 on.
  private func problems(_ auth: String, started: String = "basicauth, bearertokenauth, file_storage") -> [String] {
    standardProblems(
      """
      receivers: {otlp: {protocols: {grpc: {auth: \(auth)}}}}
      extensions:
        basicauth: {htpasswd: {inline: 'a:b'}}
        bearertokenauth: {token: a}
        file_storage: {directory: /tmp}
      exporters: {nop: }
      service: {extensions: [\(started)], pipelines: {logs: {receivers: [otlp], exporters: [nop]}}}
      """)
  }

  /// It would know nobody, and refuse all.
  @Test func aCertificateThatNobodyIsAskedForIsWarnedOf() throws {
    let made = try TestCertificates.made.get()
    func problems(_ tls: String, _ auth: String = "client_certificate") -> [String] {
      standardProblems(
        """
        receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0", \(tls), auth: {authenticator: \(auth)}}}}}
        exporters: {nop: }
        extensions: {client_certificate: , bearertokenauth: {token: pa55}}
        service:
          extensions: [client_certificate, bearertokenauth]
          telemetry: {metrics: {level: none}}
          pipelines: {logs: {receivers: [otlp], exporters: [nop]}}
        """)
    }
    let pair = "cert_file: \(made.cert), key_file: \(made.key)"
    #expect(problems("tls: {\(pair), client_ca_file: \(made.cert)}") == [])
    #expect(problems("tls: {\(pair)}", "bearertokenauth") == [])
    for tls in ["tls: {\(pair)}", "max_request_body_size: 1000"] {
      let found = problems(tls)
      #expect(found.count == 1)
      #expect(found.first?.contains("protocols.http.auth.authenticator: knows nobody: without client_ca_file") == true)
    }
  }

  @Test func authenticatorsAreExtensionsThatAreStarted() {
    #expect(problems("{authenticator: basicauth}") == [])
    #expect(problems("{authenticators: [basicauth, bearertokenauth], timeout: 60s}") == [])
    for (auth, part) in [
      ("{authenticator: basicath}", "undefined extension \"basicath\" (did you mean \"basicauth\"?)"),
      ("{authenticator: file_storage}", "the extension \"file_storage\" does not say who a sender is"),
      ("{authenticators: [basicauth, bearertoken]}", "auth.authenticators[1]: undefined extension"),
      ("{authenticators: [basicauth, basicauth]}", "auth.authenticators[1]: \"basicauth\" is named twice"),
      ("{authenticator: basicauth, authenticators: [basicauth]}", "only one of authenticator and authenticators"),
      ("{}", "authenticator or authenticators: required"), ("", "authenticator or authenticators: required"),
      ("{authenticator: basicauth, timeout: 99ms}", "expected a duration from 100ms to 1m"),
      ("{authenticator: basicauth, timeout: 61s}", "expected a duration from 100ms to 1m"),
      ("{authenticator: basicauth, request_params: [token]}", "not supported by sluice"),
    ] {
      let found = problems(auth)
      #expect(found.contains { $0.contains(part) && $0.contains("f.yaml:1:") }, "\(auth): \(found)")
    }
    let stopped = problems("{authenticator: basicauth}", started: "bearertokenauth, file_storage")
    #expect(stopped.contains { $0.contains("auth.authenticator: \"basicauth\" is not in service.extensions") })
  }

  @Test func authenticatorsHaveALimit() {
    func several(_ count: Int) -> [String] {
      let names = (0..<count).map { "basicauth/\($0)" }.joined(separator: ", ")
      return problems("{authenticators: [\(names)]}").filter { $0.contains("the limit is 8") }
    }
    #expect(several(8) == [])
    #expect(several(9).count == 1)
  }
}

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

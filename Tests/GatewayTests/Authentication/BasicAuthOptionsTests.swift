import Testing

@testable import Gateway

@Suite struct BasicAuthOptionsTests {
  /// What is wrong with a configuration whose extension says this; it stands from column 14 of line 2 on.
  static func problems(_ type: String, _ options: String) -> [String] {
    standardProblems(
      """
      extensions:
        \(type): \(options)
      receivers: {otlp: {protocols: {grpc: {auth: {authenticator: \(type)}}}}}
      exporters: {nop: }
      service: {extensions: [\(type)], pipelines: {logs: {receivers: [otlp], exporters: [nop]}}}
      """)
  }

  private func problems(_ options: String) -> [String] { Self.problems("basicauth", options) }

  @Test func usersMayBeGivenInTheConfigurationOrInAFile() throws {
    #expect(problems("{htpasswd: {inline: 'a:b'}}") == [])
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/htpasswd"
    try "a:b".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(problems("{htpasswd: {file: \(path)}}") == [])
    #expect(problems("{htpasswd: {file: \(path), inline: 'c:d'}}") == [])
    try "no colon of hunter2".write(toFile: path, atomically: true, encoding: .utf8)
    let broken = problems("{htpasswd: {file: \(path)}}")
    #expect(
      broken == ["f.yaml:2:26: extensions.basicauth.htpasswd.file: cannot be used: line 1 has no \":\""])
    let missing = problems("{htpasswd: {file: \(path).gone}}")
    #expect(missing.count == 1 && missing[0].hasSuffix("No such file or directory"), "\(missing)")
  }

  @Test func whatIsMissingOrWrongIsNamed() {
    #expect(problems("{}") == ["f.yaml:2:14: extensions.basicauth: htpasswd or client_auth: required"])
    #expect(problems("{htpasswd: {}}").map { $0.contains("htpasswd: file or inline: required") } == [true])
    #expect(
      problems("{htpasswd: {inline: 'hunter2'}}") == [
        "f.yaml:2:26: extensions.basicauth.htpasswd.inline: cannot be used: line 1 has no \":\""
      ])
    #expect(
      problems("{htpasswd: {inline: '# nobody'}}") == [
        "f.yaml:2:26: extensions.basicauth.htpasswd.inline: cannot be used: it names no user"
      ])
    let both = problems("{htpasswd: {inline: 'a:b'}, client_auth: {username: a}}")
    #expect(both.contains { $0.hasSuffix("htpasswd: cannot be given together with client_auth") }, "\(both)")
  }

  @Test(arguments: [
    ("max_file", "0", "64MiB", "65MiB"), ("max_users", "0", "1000000", "1000001"),
    ("max_username", "0", "1024", "1025"),
    ("max_password", "0", "511", "512"), ("max_remembered", "1", "10000000", "10000001"),
    ("max_remembered_wrong", "1", "10000000", "10000001"), ("max_waiting", "0", "100000", "100001"),
    ("max_waiting_per_address", "0", "100000", "100001"), ("threads", "0", "64", "65"),
  ])
  func limitsHaveLimits(_ key: String, _ below: String, _ most: String, _ above: String) {
    func given(_ value: String) -> [String] { problems("{htpasswd: {inline: 'a:b'}, limits: {\(key): \(value)}}") }
    #expect(given(most) == [])
    for value in [below, above] { #expect(given(value).count == 1, "\(key): \(value)") }
  }

  @Test func aFilePastItsLimitIsNotRead() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/htpasswd"
    try "a:bc".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(problems("{htpasswd: {file: \(path)}, limits: {max_file: 4}}") == [])
    let found = problems("{htpasswd: {file: \(path)}, limits: {max_file: 3}}")
    #expect(found.count == 1 && found[0].hasSuffix("it has 4 bytes, the limit is 3 bytes"), "\(found)")
  }
}

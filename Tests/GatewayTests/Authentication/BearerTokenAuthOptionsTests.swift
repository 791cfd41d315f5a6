import Testing

@testable import Gateway

@Suite struct BearerTokenAuthOptionsTests {
  private func problems(_ options: String) -> [String] { BasicAuthOptionsTests.problems("bearertokenauth", options) }

  @Test func tokensAreGivenInOneWay() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/tokens"
    try "one\ntwo\n".write(toFile: path, atomically: true, encoding: .utf8)
    let single = "\(folder.path)/token"
    try "three\n".write(toFile: single, atomically: true, encoding: .utf8)
    for good in [
      "{token: a}", "{tokens: [a, b]}", "{filename: \(path)}", "{scheme: '', header: X-Token, token: a}",
      "{tokens: [a, {token: b, tenant: x, name: edge, signals: [logs, traces]}, {token_file: \(single)}]}",
    ] { #expect(problems(good) == [], "\(good)") }
    for (wrong, part) in [
      ("{}", "token or tokens or filename: required"),
      ("{token: a, tokens: [b]}", "cannot be given together with token"),
      ("{tokens: [{}]}", "token or token_file: required"), ("{tokens: [{token: a, token_file: b}]}", "only one of"),
      ("{token: 'a b'}", "token 1 has white space"), ("{tokens: [{token: 'a b'}]}", "has white space"),
      ("{tokens: [{token_file: \(path)}]}", "holds 2 tokens instead of one"),
      ("{filename: \(path).gone}", "No such file or directory"),
      ("{tokens: [{token: a, tenant: x}, {token: a}]}", "a token is another sender's too"),
      ("{tokens: [{token: a, signals: [log]}]}", "expected \"logs\", \"traces\", \"metrics\" or \"profiles\""),
      ("{tokens: [a, b, c], max_tokens: 2}", "there are 3 tokens: the limit is 2 (max_tokens)"),
      ("{token: a, max_tokens: 0}", "expected a whole number"), ("{token: a, max_tokens: 1000001}", "expected a whole"),
      ("{filename: \(path), max_file: 7}", "it has 8 bytes, the limit is 7 bytes"),
    ] {
      let found = problems(wrong)
      #expect(found.contains { $0.contains(part) }, "\(wrong): \(found)")
    }
    #expect(problems("{tokens: [a, b], max_tokens: 2}") == [])
    #expect(problems("{filename: \(path), max_file: 8}") == [])
  }

  @Test func tokensAreNotShown() throws {
    let yaml = """
      extensions: {bearertokenauth: {tokens: [hunter2, {token: hunter3, tenant: x}]}}
      receivers: {otlp: }
      exporters: {nop: }
      service: {extensions: [bearertokenauth], pipelines: {logs: {receivers: [otlp], exporters: [nop]}}}
      """
    let shown = try loadStandard(yaml).effectiveYAML()
    #expect(!shown.contains("hunter") && shown.contains("tenant: x"))
    #expect(problems("{tokens: [[hunter2]]}").allSatisfy { !$0.contains("hunter") })
  }
}

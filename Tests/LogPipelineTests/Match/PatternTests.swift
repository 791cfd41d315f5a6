import LogPipeline
import Testing

@Suite struct PatternTests {
  private func isFound(_ pattern: String, in text: String) throws -> Bool {
    try Pattern(pattern).matches(Array(text.utf8).span.bytes)
  }

  @Test(arguments: [
    ("b", "abc", true), ("^b", "abc", false), ("(?i)ERROR", "an error", true), ("^$", "", true), ("", "x", true),
    ("^prefix_.*$", "prefix_a", true), ("^a.b$", "a\nb", false), ("(?s)^a.b$", "a\nb", true), ("^.$", "é", true),
    (#"^\d{3}-\d{4}$"#, "555-1234", true), ("^b$", "a\nb", false), ("(?m)^b$", "a\nb", true), (#"\pL+"#, "é", true),
  ])
  func findsWhatGoFinds(_ pattern: String, _ text: String, _ expected: Bool) throws {
    #expect(try isFound(pattern, in: text) == expected)
  }

  @Test func givesGroupsByName() throws {
    let pattern = try Pattern("(?P<scheme>[a-z]+)://(?P<host>[^/:]+)(?::(?P<port>[0-9]+))?")
    #expect(pattern.groupNames == ["scheme", "host", "port"])
    let text = Array("see http://example.org/x".utf8)
    let found = text.withUnsafeBytes { bytes in
      pattern.withCaptures(in: bytes) { [$0.whole, $0[1], $0[2], $0[3], $0[4], $0[-1]] }
    }
    #expect(found == [4..<22, 4..<8, 11..<22, nil, nil, nil])
  }

  /// Go takes both ways to name a group; what looks like one in a class, behind a backslash or quoted is text.
  @Test(arguments: [
    ("(?<n>b)", "abc", ["n"], true), ("(?P<n>b)(?<m>c)", "abc", ["n", "m"], true), ("[(?<n>]", "?", [], true),
    (#"[](?<n>]"#, "]", [], true), (#"[[:alpha:](?<]"#, "<", [], true), (#"\(?<n>"#, "<n>", [], true),
    (#"\Q(?<n>\E(?<m>x)"#, "(?<n>x", ["m"], true), (#"\\(?<n>b)"#, #"a\b"#, ["n"], true),
    ("(?<n>b)", "ac", ["n"], false), (#"\Q(?<n>"#, "(?<n>", [], true),
  ])
  func namesGroupsInEitherWay(_ pattern: String, _ text: String, _ names: [String], _ expected: Bool) throws {
    #expect(try Pattern(pattern).groupNames == names)
    #expect(try isFound(pattern, in: text) == expected)
    let set = try #require(PatternSet([pattern]))
    #expect(Array(text.utf8).withUnsafeBytes { set.mayMatch($0) } == expected)
  }

  @Test(arguments: ["(?<=a)b", "(?<!a)b", "(?<>a)", "(?<a", "(?<"])
  func refusesWhatIsNoName(_ text: String) {
    #expect(throws: PatternError.self) { try Pattern(text) }
  }

  @Test func goesOnWhereItIsTold() throws {
    let pattern = try Pattern("a+")
    let starts = Array("a aa b".utf8).withUnsafeBytes { text in
      [0, 1, 4, 6, 7, -1].map { start in pattern.withCaptures(in: text, from: start) { $0.whole } }
    }
    #expect(starts == [0..<1, 2..<4, nil, nil, nil, 0..<1])
  }

  @Test(arguments: ["(", "a{1001}", "(?P<n", "[z-a]", "(?=a)", #"(a)\1"#, #"\C"#, #"\\\C"#])
  func refusesWhatGoRefuses(_ text: String) {
    #expect(throws: PatternError.self) { try Pattern(text) }
  }

  @Test func takesAnEscapedBackslashBeforeC() throws {
    #expect(try isFound(#"\\C"#, in: #"a\C"#))
  }

  @Test func saysWhatIsWrong() {
    #expect(throws: PatternError("is refused: missing ): (a")) { try Pattern("(a") }
  }

  @Test func takesTheMostGroupsAndNoMore() throws {
    let groups = { String(repeating: "(a)", count: $0) }
    #expect(try Pattern(groups(256)).groupNames.count == 256)
    #expect(throws: PatternError("has 257 groups: the limit is 256")) { try Pattern(groups(257)) }
    for count in [16, 17, 256] {
      let pattern = try Pattern(String(repeating: "(.)", count: count))
      let text = Array(String(repeating: "abc", count: 100).utf8)
      let last = text.withUnsafeBytes { bytes in pattern.withCaptures(in: bytes, from: 3) { $0[count] } }
      #expect(last == count + 2..<count + 3)
    }
  }

  @Test func takesTheLongestTextAndNoMore() throws {
    _ = try Pattern(String(repeating: "a", count: 65536))
    #expect(throws: PatternError("has 65537 bytes: the limit is 65536")) {
      try Pattern(String(repeating: "a", count: 65537))
    }
  }

  @Test func takesLinearTimeOnHostileText() throws {
    let pattern = try Pattern("(a*)*b")
    let text = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
    var isFound = true
    let time = ContinuousClock().measure { isFound = pattern.matches(text.span.bytes) }
    #expect(!isFound)
    #expect(time < .seconds(5))
  }

  @Test func aSetTellsTextsWithoutAny() throws {
    let set = try #require(PatternSet(["foo", "^ba[rz]$"]))
    let found = ["a foo", "bar", "a bar", ""].map { text in
      Array(text.utf8).withUnsafeBytes { set.mayMatch($0) }
    }
    #expect(found == [true, true, false, false])
    #expect(PatternSet(["("]) == nil)
  }
}

import Testing

@testable import LogPipeline

@Suite struct GrokPatternTests {
  private func shown(
    _ pattern: String, _ text: String, namedOnly: Bool = true, _ definitions: [String] = []
  ) throws -> String? {
    let grok = try GrokPattern(pattern, namedOnly: namedOnly, definitions: definitions)
    return ShownFields.of(text) { grok.read($0, into: &$1) }
  }

  @Test(arguments: [
    ("%{WORD:method} %{NUMBER:n:int}", "GET 42", "{method: GET, n: 42}"), ("%{NUMBER:n:float}", "1.5", "{n: 1.5}"),
    ("%{BOOL:b:bool}", "TRUE", "{b: true}"), ("%{INT:n:long}", "-7", "{n: -7}"),
    ("GIT=%{WORD:git.sha}", "x GIT=abc", "{git.sha: abc}"),
    ("%{WORD:a}", "--", "{}"), ("%{IP:a} %{WORD}", "10.0.0.1 x", "{a: 10.0.0.1}"),
    ("%{WORD:a}?%{INT:b}", "5", "{b: 5}"),
    ("%{NUMBER:n}", "1.5", "{n: 1.5}"), ("%{NUMBER:n:string}", "1.5", "{n: 1.5}"),
  ])
  func fieldsAreFound(_ pattern: String, _ text: String, _ expected: String) throws {
    #expect(try shown(pattern, text) == expected)
  }

  @Test func capturesWithoutNamesAreKeptIfWanted() throws {
    #expect(try shown("%{WORD:a} %{INT}", "x 5", namedOnly: false) == "{a: x, INT: 5}")
    #expect(try shown("x", "x", namedOnly: false) == "{}")
    #expect(try shown("%{TIME}", "10:20", namedOnly: false) == "{TIME: 10:20}")
  }

  @Test func patternsOfOnesOwnComeFirst() throws {
    #expect(try shown("%{SIZE:s:int}%{WORD:u}", "5kb", ["SIZE=\\d+", "WORD=[a-z]+"]) == "{s: 5, u: kb}")
    #expect(try shown("%{A:a}", "xy", ["A=%{B}y", "B=x"]) == "{a: xy}")
  }

  @Test func aCaptureOfAnotherTypeIsRefused() throws {
    #expect(try shown("%{WORD:n:int}", "abc") == nil)
    #expect(try shown("%{INT:n:int}", "99999999999999999999") == nil)
  }

  @Test(arguments: [
    ("%{NOPE:a}", []), ("%{WORD:a", []), ("%{WORD:a:time}", []), ("%{WORD}", []), ("(", []), ("%{A:a}", ["A=%{A}"]),
    ("%{WORD:a}", ["A"]),
    ("%{WORD:a}", ["A:B=x"]), ("%{WORD:a}", ["=x"]), (String(repeating: "%{WORD:a}", count: 257), []),
  ])
  func badPatternsAreRefused(_ pattern: String, _ definitions: [String]) {
    #expect(throws: TextFormatError.self) { try GrokPattern(pattern, namedOnly: true, definitions: definitions) }
  }

  @Test func depthIsLimited() throws {
    func chain(_ length: Int) -> [String] {
      (0..<length).map { "P\($0)=%{P\($0 + 1)}" } + ["P\(length)=x"]
    }
    #expect(try shown("%{P0:a}", "x", chain(15)) == "{a: x}")
    #expect(throws: TextFormatError.self) { try shown("%{P0:a}", "x", chain(16)) }
  }

  @Test func patternsThatAreNotThereHaveANearOne() {
    let error = #expect(throws: TextFormatError.self) { try GrokPattern("%{IPVA:x}", namedOnly: true) }
    #expect(
      error?.message
        == "names IPVA, which is no pattern (did you mean \"IPV4\"?): `sluice ottl functions --grok` lists all")
  }
}

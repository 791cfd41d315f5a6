import Testing

@testable import LogPipeline

@Suite struct GlobPatternTests {
  @Test(arguments: [
    ("*", "", true), ("*", "a/b\nc", true), ("a*c", "abbc", true), ("a*c", "abcd", false), ("a?c", "abc", true),
    ("a?c", "ac", false), ("a?c", "aäc", true), ("[a-c]x", "bx", true), ("[a-c]x", "dx", false),
    ("[!a-c]x", "dx", true),
    ("[!a-c]x", "ax", false), ("[-a]", "-", true), ("[.]", "x", false), ("{a,bc}d", "bcd", true),
    ("{a,bc}d", "abd", false),
    ("{a,{b,c}}", "c", true), ("{*.log,*.txt}", "x.txt", true), ("a.c", "abc", false), ("a+(b)^$|", "a+(b)^$|", true),
    (#"a\*b"#, "a*b", true), (#"a\*b"#, "axb", false), ("a,b", "a,b", true), ("}", "}", true), ("ä*", "äx", true),
    ("**/x", "a/b/x", true),
  ])
  func wholeTextsMatch(_ pattern: String, _ text: String, _ matches: Bool) throws {
    let glob = try GlobPattern(pattern)
    #expect(text.withBytes { glob.matches($0) } == matches)
  }

  @Test(arguments: [
    "[a", "{a", "a\\", "[]", "[!]", "[z-a]", String(repeating: "{", count: 17) + String(repeating: "}", count: 17),
  ])
  func patternsWithoutEndAreRefused(_ pattern: String) {
    #expect(throws: TextFormatError.self) { try GlobPattern(pattern) }
  }

  @Test func depthIsLimited() throws {
    let deepest = String(repeating: "{", count: 16) + "a" + String(repeating: "}", count: 16)
    #expect(try "a".withBytes { try GlobPattern(deepest).matches($0) })
  }
}

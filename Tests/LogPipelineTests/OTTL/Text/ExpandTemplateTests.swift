import Testing

@testable import LogPipeline

@Suite struct ExpandTemplateTests {
  /// A text with all matches replaced, as a function without converter does it.
  private func replaced(_ text: String, _ pattern: String, _ replacement: String) throws -> String? {
    let pattern = try Pattern(pattern)
    let template = ExpandTemplate(Array(replacement.utf8), of: pattern)
    return text.withBytes { source in
      var writer = ByteWriter(capacityBytes: 64)
      var walk = MatchWalk(pattern, in: source)
      var isFound = false
      while walk.next({ captures, before in
        writer.append(source.part(before))
        template.append(captures, of: source, to: &writer)
      }) == .match {
        isFound = true
      }
      writer.append(source.part(walk.copied..<source.count))
      return isFound ? String(decoding: writer.array, as: UTF8.self) : nil
    }
  }

  @Test(arguments: [
    ("a-b", "(a)-(b)", "$2-$1", "b-a"), ("a-b", "(?P<x>a)-(?P<y>b)", "${y}${x}", "ba"), ("ab", "(?P<x>a)b", "$x", "a"),
    ("ab", "(a)b", "$1x", ""), ("ab", "(a)b", "${1}x", "ax"), ("ab", "ab", "$$1", "$1"), ("ab", "ab", "$0$0", "abab"),
    ("ab", "ab", "$", "$"), ("ab", "ab", "$-", "$-"), ("ab", "ab", "${", "${"), ("ab", "ab", "${x", "${x"),
    ("ab", "ab", "${}", "${}"), ("ab", "a(x)?b", "[$1]", "[]"), ("ab", "(a)b", "$9", ""), ("ab", "(a)b", "$01", ""),
    ("ab", "ab", "x", "x"), ("ab", "ab", "", ""), ("ab", "(a)b", "$99999999999", ""), ("aäb", "ä", "$0$0", "aääb"),
  ])
  func referencesAreReplaced(_ text: String, _ pattern: String, _ replacement: String, _ expected: String) throws {
    #expect(try replaced(text, pattern, replacement) == expected)
  }

  @Test(arguments: [
    ("abc", "", "-", "-a-b-c-"), ("baac", "a*", "x", "xbxcx"), ("aaa", "a", "", ""), ("äö", "", "-", "-ä-ö-"),
    ("", "", "-", "-"), ("", "^", "x", "x"), ("aXbX", "X", "", "ab"), ("abab", "^ab", "x", "xab"),
    ("foo bar", "\\bb", "c", "foo car"),
  ])
  func allMatchesAreReplacedAsGoDoes(_ text: String, _ pattern: String, _ replacement: String, _ expected: String)
    throws
  {
    #expect(try replaced(text, pattern, replacement) == expected)
  }

  @Test func noMatchIsNoReplacement() throws {
    #expect(try replaced("abc", "x", "y") == nil)
    #expect(try replaced("", "x", "y") == nil)
  }

  @Test func searchesThatReadFarAreLimited() throws {
    let pattern = try Pattern("a.*z|a")
    String(repeating: "a", count: 1 << 20).withBytes { text in
      var walk = MatchWalk(pattern, in: text)
      var found = MatchWalk.Found.match
      while found == .match { found = walk.next { _, _ in } }
      #expect(found == .tooCostly)
    }
    String(repeating: "a", count: 20).withBytes { text in
      var walk = MatchWalk(pattern, in: text)
      var found = MatchWalk.Found.match
      var count = 0
      while found == .match {
        found = walk.next { _, _ in }
        if found == .match { count += 1 }
      }
      #expect(found == .end)
      #expect(count == 20)
    }
  }

  @Test func sizesAreKnownBefore() throws {
    let template = ExpandTemplate(Array("x$1$1".utf8), of: try Pattern("(a)"))
    #expect(template.maxBytes(of: 10) == 25)
  }
}

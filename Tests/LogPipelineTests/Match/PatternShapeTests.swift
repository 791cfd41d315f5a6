import Testing

@testable import LogPipeline

@Suite struct PatternShapeTests {
  @Test(arguments: [
    "abc", "KD-[0-9]{6}", "KD-[0-9]+", "a|b|cd", "(?i)bearer\\s+\\S+", "user: .*", "a.*z", "[^,]*,", "foo\\d+|bar\\w+",
    "(?:foo|bar)=\\S+", "(?P<x>a|b)c*", "a{2,5}|b", "[]a]+x", "[[:alpha:]]+|x", "\\(*a", "x{,3}|y{", "(a|b)(c|d)?x?",
    "(ab)?c+", "a+?",
  ])
  func theseReadNoFurtherThanTheNextMatch(_ pattern: String) { #expect(!PatternShape(pattern).mayReadFar) }

  @Test(arguments: [
    "a.*z|a", "a(.*z)?", "(a.*z|b)c", "(foo\\d+|bar)x", "(?:ab)*", "(ab)+c", "(a.*){2}", "\\Qa*\\E", "x|[^y]*y",
    "((a+b)|c)", "(a*|b){1,3}",
  ])
  func theseMay(_ pattern: String) { #expect(PatternShape(pattern).mayReadFar) }

  /// Searches for all matches of patterns that may not read far, over texts full of beginnings of matches.
  @Test(arguments: ["a.*z", "a[^y]*z", "[^,]*,", "a.*z.*y", "foo\\d+|bar\\w+", "a+?b?", "(?:a|b)c*"])
  func allMatchesTakeLinearTime(_ text: String) throws {
    let pattern = try Pattern(text)
    for piece in ["a", "az", "a,", "ab", "az\n", "foo1", "bara", "azy"] {
      func time(_ size: Int) -> Duration {
        let bytes = Array(String(repeating: piece, count: size / piece.utf8.count).utf8)
        var finder = MatchFinder(Detectors(RuleSet()))
        return processorTime { bytes.withUnsafeBytes { _ = finder.find(pattern, rule: 0, in: $0) } }
      }
      let (short, long) = (min(time(1 << 13), time(1 << 13)), min(time(1 << 16), time(1 << 16)))
      #expect(long < short * 32 + .milliseconds(30), "\(text) in \(piece)")
    }
  }
}

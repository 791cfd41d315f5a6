/// Regular expressions of the configuration.
extension MatchFinder {
  /// Adds what a pattern finds, in order and without overlaps among its own matches; empty matches do not count.
  mutating func find(_ pattern: Pattern, rule: Int, in bytes: UnsafeRawBufferPointer) {
    var start = 0
    while start <= bytes.count, let match = pattern.withCaptures(in: bytes, from: start, { $0.whole }) {
      if !match.isEmpty { matches.append(Match(range: match, whole: match, rule: rule)) }
      start = max(match.upperBound, match.isEmpty ? match.upperBound &+ 1 : start &+ 1)
    }
  }
}

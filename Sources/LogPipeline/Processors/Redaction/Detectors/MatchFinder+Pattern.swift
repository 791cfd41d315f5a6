/// Regular expressions of the configuration.
extension MatchFinder {
  /// How many bytes the searches for one pattern may read in a value if each may read to its end: so many times its
  /// length, and so many more.
  static var maxReads: Int { 64 }
  static var spareReadBytes: Int { 16 << 10 }

  /// Adds what a pattern finds, in order and without overlaps among its own matches; empty matches do not count.
  /// Returns false if it took too many searches to find all.
  mutating func find(_ pattern: Pattern, rule: Int, in bytes: UnsafeRawBufferPointer) -> Bool {
    var start = 0
    var left = bytes.count.multipliedReportingOverflow(by: Self.maxReads).partialValue &+ Self.spareReadBytes
    while start <= bytes.count, let match = pattern.firstMatch(in: bytes, from: start) {
      if !match.isEmpty { matches.append(Match(range: match, whole: match, rule: rule)) }
      if pattern.mayReadFar {
        left &-= bytes.count &- start
        if left < 0 { return false }
      }
      start = max(match.upperBound, match.isEmpty ? match.upperBound &+ 1 : start &+ 1)
    }
    return true
  }
}

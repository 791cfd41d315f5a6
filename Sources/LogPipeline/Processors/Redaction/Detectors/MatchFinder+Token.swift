/// Tokens and keys with a prefix of their issuer.
extension MatchFinder {
  /// Notes a token of `prefix` bytes and a run of an alphabet, if the run's length is in `lengths`. A token does not
  /// start inside a run of its alphabet, so that no long run is walked twice.
  mutating func noteToken(
    _ rule: Rule, _ text: ScannedText, _ start: Int, prefix: Int, _ lengths: ClosedRange<Int>,
    of isMember: (UInt8) -> Bool
  ) {
    guard enabled(rule), text.startsToken(start), text[start &- 1] != UInt8(ascii: "_") else { return }
    if lengths.upperBound == .max && isMember(text[start &- 1]) { return }
    let limit = lengths.upperBound == .max ? Int.max : lengths.upperBound &+ 1
    let end = text.end(ofRunAt: start &+ prefix, limit: limit, of: isMember)
    guard lengths.contains(end &- start &- prefix), text.endsToken(end) else { return }
    note(rule, start..<end)
  }
}

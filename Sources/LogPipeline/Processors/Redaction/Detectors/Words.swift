/// Tells words of prose and code from what was made up to be a secret.
extension ScannedText {
  /// Whether a text is made of words and numbers, such as `camelCase`, `SNAKE_CASE` and `12ms`; `hunter2` and `aXbQ`
  /// are none.
  func isWords(_ range: Range<Int>) -> Bool {
    var offset = range.lowerBound
    while offset < range.upperBound {
      let end = self.end(ofRunAt: offset, limit: range.upperBound &- offset) { $0.isAlphanumeric }
      if end > offset, !isNumber(offset..<end), !isWord(offset..<end) { return false }
      offset = Swift.max(end, offset &+ 1)
    }
    return true
  }

  /// Digits, and after them a unit of two letters, or of three small ones.
  private func isNumber(_ run: Range<Int>) -> Bool {
    let digits = end(ofRunAt: run.lowerBound, limit: run.count) { $0.isDigit }
    let unit = end(ofRunAt: digits, limit: run.upperBound &- digits) { $0.isLetter }
    let isSmall = !(digits..<unit).contains { self[$0].isUpper }
    return digits > run.lowerBound && unit == run.upperBound && unit &- digits <= (isSmall ? 3 : 2)
  }

  /// Letters that are words one after the other, each with a capital or none, such as `firstName` and `HTTPServer`, or
  /// all capitals. A word of three letters or more has a vowel.
  private func isWord(_ run: Range<Int>) -> Bool {
    if end(ofRunAt: run.lowerBound, limit: run.count, of: { $0.isUpper }) == run.upperBound { return true }
    var offset = run.lowerBound
    while offset < run.upperBound {
      let small = end(ofRunAt: offset, limit: run.upperBound &- offset) { $0.isUpper }
      let end = end(ofRunAt: small, limit: run.upperBound &- small) { $0.isLower }
      if end == offset || !isPart(offset..<end, small: small, isLast: end == run.upperBound) { return false }
      offset = end
    }
    return true
  }

  /// Whether capitals and the small letters from `small` on are a part of a name such as `user`, `Name`, `HTTPServer`,
  /// `ID` and `Id`.
  private func isPart(_ part: Range<Int>, small: Int, isLast: Bool) -> Bool {
    let (capitals, letters) = (small &- part.lowerBound, part.upperBound &- small)
    if letters == 0 { return isLast && capitals == 2 }
    if capitals == 1, letters == 1 { return isLast && has("Id", at: part.lowerBound) }
    if capitals > 0, letters < Swift.min(capitals &+ 1, 3) { return false }
    let spoken = capitals > 1 ? small..<part.upperBound : part
    return part.count < 3 || spoken.contains { self[$0].isVowel }
  }

  /// Whether text looks drawn by lot, unlike `verification-failed-44`: letters and digits take turns inside a word, or
  /// capitals do so more often than in `camelCase`.
  func isRandom(_ range: Range<Int>) -> Bool {
    var (digitTurns, capitalTurns) = (0, 0)
    for offset in range.dropFirst() {
      let (byte, before) = (self[offset], self[offset &- 1])
      guard byte.isAlphanumeric, before.isAlphanumeric else { continue }
      if byte.isDigit != before.isDigit { digitTurns &+= 1 }
      if byte.isUpper && before.isLower { capitalTurns &+= 1 }
    }
    return digitTurns >= 2 || capitalTurns >= 4
  }
}

extension UInt8 {
  /// One of the vowels of ASCII and `y`, in any case.
  fileprivate var isVowel: Bool {
    switch self | 0x20 {
    case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"), UInt8(ascii: "u"),
      UInt8(ascii: "y"):
      true
    default: false
    }
  }
}

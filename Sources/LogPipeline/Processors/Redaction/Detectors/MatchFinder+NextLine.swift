/// Values in the line after their key.
extension MatchFinder {
  /// Where a value starts that stands alone in the line after its key, indented, as YAML, code and printed JSON have
  /// it; `end` is after the separator. In quotes it may be anything. Without, the key must start its line, and the
  /// value stand deeper and be no words, since what comes after a line such as `password:` is a map, a list or a
  /// message more often.
  func nextLineStart(_ text: ScannedText, _ key: Range<Int>, _ end: Int) -> Int? {
    guard let line = nextLine(text, end) else { return nil }
    let start = text.end(ofRunAt: line, limit: Self.maxSpaces) { $0.isBlank }
    guard start > line, !text[start].isSpace else { return nil }
    let separator = text.start(ofRunBefore: end, limit: Self.maxSpaces) { $0.isBlank }
    if let open = opening(text, start) {
      let lineEnd = text.end(ofRunAt: open.end, limit: Self.maxBracketBytes) { $0 != 0x0A && $0 != 0 }
      let last = text.start(ofRunBefore: lineEnd, limit: 8) {
        $0.isSpace || $0.isCloser || $0 == 0x2C || $0 == 0x3B || $0 == UInt8(ascii: "+") || $0 == 0x5C
      }
      return last > open.end && text[last &- 1] == open.byte ? start : nil
    }
    let word = text.end(ofRunAt: start, limit: 256) { !$0.isSpace && $0 != 0 }
    let item = text.has("- ", at: key.lowerBound &- 2) ? key.lowerBound &- 2 : key.lowerBound
    let indent = text.start(ofRunBefore: item, limit: Self.maxSpaces) { $0.isBlank }
    guard separator == key.upperBound &+ 1, text[key.upperBound] == UInt8(ascii: ":"), word &- start >= 6,
      isLineEnd(text, word),
      text[indent &- 1] == 0x0A || indent == 0, start &- line > key.lowerBound &- indent,
      text[word &- 1] != UInt8(ascii: ":"), text[start].isAlphanumeric, !text.isWords(start..<word)
    else { return nil }
    // One more line of the same depth makes it a text of several lines, or no value at all.
    guard let next = nextLine(text, word) else { return start }
    return text.end(ofRunAt: next, limit: Self.maxSpaces, of: { $0.isBlank }) &- next < start &- line ? start : nil
  }

  /// The value of a field of a form in parts (RFC 7578), `name="password"`, a blank line and the value, up to the end
  /// of its line; four lines of headers may stand between.
  func partValue(_ text: ScannedText, _ key: Range<Int>) -> Range<Int>? {
    let end = text.end(ofRunAt: key.upperBound, limit: 4) { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]") }
    guard text[end] == 0x22 else { return nil }
    let start = text.start(ofRunBefore: key.lowerBound, limit: 64) {
      $0.isWord || $0 == UInt8(ascii: "[") || $0 == 0x5D
    }
    guard text[start &- 1] == 0x22, text.hasIgnoringCase("name=", at: start &- 6), text.startsToken(start &- 6) else {
      return nil
    }
    var line = end &+ 1
    for _ in 0...4 {
      guard let next = nextLine(text, line) else { return nil }
      if let start = nextLine(text, next) {
        return start..<text.end(ofRunAt: start, limit: Self.maxBracketBytes) { $0 != 0x0A && $0 != 0x0D && $0 != 0 }
      }
      guard text.hasIgnoringCase("content-", at: next) else { return nil }
      line = text.end(ofRunAt: next, limit: 256) { $0 != 0x0A && $0 != 0x0D }
    }
    return nil
  }

  /// Whether nothing but spaces stands between an offset and the end of its line.
  private func isLineEnd(_ text: ScannedText, _ offset: Int) -> Bool {
    let end = text.end(ofRunAt: offset, limit: 8) { $0.isBlank }
    return text[end] == 0 || text[end] == 0x0A || text[end] == 0x0D
  }

  /// Where the line after the line end at an offset starts; nil if none ends there.
  private func nextLine(_ text: ScannedText, _ end: Int) -> Int? {
    let feed = text[end] == 0x0D ? end &+ 1 : end
    return text[feed] == 0x0A ? feed &+ 1 : nil
  }
}

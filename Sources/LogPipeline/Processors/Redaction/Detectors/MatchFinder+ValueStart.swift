/// Where the value of a name starts, in the forms that languages and formats write pairs in.
extension MatchFinder {
  /// The most backslashes before a quote: those of JSON in strings of JSON, four deep.
  static var maxSlashes: Int { 15 }
  /// The most spaces beside a separator, as in columns.
  private static var maxSpaces: Int { 64 }

  /// Where the value of a key that ends at `keyEnd` starts, opening quote included; nil if no separator follows.
  func valueStart(_ text: ScannedText, _ keyEnd: Int) -> Int? {
    var position = text.end(ofRunAt: keyEnd, limit: Self.maxSlashes) { $0 == 0x5C }
    if text[position].isQuote { position &+= 1 }
    if text.has(";s:", at: position) { return serializedStart(text, position &+ 3) }
    position = afterVisibility(text, position) ?? position
    if text[position] == UInt8(ascii: "]") { position &+= 1 }
    position = afterSpaces(text, position)
    guard let separatorEnd = separatorEnd(text, position) else { return nil }
    return dumpedStart(text, separatorEnd) ?? afterSpaces(text, separatorEnd)
  }

  /// After spaces, and after what sets colours of a terminal, `ESC [ 36 m`.
  private func afterSpaces(_ text: ScannedText, _ start: Int) -> Int {
    var position = text.end(ofRunAt: start, limit: Self.maxSpaces) { $0.isBlank }
    for _ in 0..<4 where text[position] == 0x1B && text[position &+ 1] == UInt8(ascii: "[") {
      let end = text.end(ofRunAt: position &+ 2, limit: 16) { $0.isDigit || $0 == UInt8(ascii: ";") }
      guard text[end] == UInt8(ascii: "m") else { break }
      position = text.end(ofRunAt: end &+ 1, limit: Self.maxSpaces) { $0.isBlank }
    }
    return position
  }

  /// Where `=`, `:`, `=>`, `:=`, `==`, `->` or a wide colon or equals sign ends; nil if none stands here.
  private func separatorEnd(_ text: ScannedText, _ position: Int) -> Int? {
    switch text[position] {
    case UInt8(ascii: "="):
      let end = text.end(ofRunAt: position, limit: 3) { $0 == UInt8(ascii: "=") }
      return text[end] == UInt8(ascii: ">") || text[end] == UInt8(ascii: ":") ? end &+ 1 : end
    case UInt8(ascii: ":"):
      // Two colons and a space stand before base64 in LDIF (RFC 2849).
      if text.has(":: ", at: position) { return position &+ 2 }
      if text.has("::", at: position) || text.has("://", at: position) { return nil }
      return text[position &+ 1] == UInt8(ascii: "=") ? position &+ 2 : position &+ 1
    case UInt8(ascii: "-"): return text[position &+ 1] == UInt8(ascii: ">") ? position &+ 2 : nil
    case 0xEF: return text.has("：", at: position) || text.has("＝", at: position) ? position &+ 3 : nil
    default: return nil
    }
  }

  /// After `:protected` or `:User:private` of a member of an object, `[password:protected] => …` of PHP.
  private func afterVisibility(_ text: ScannedText, _ start: Int) -> Int? {
    guard text[start] == UInt8(ascii: ":") else { return nil }
    let end = text.end(ofRunAt: start, limit: 64) { $0.isWord || $0 == UInt8(ascii: ":") || $0.isQuote || $0 == 0x5C }
    return text[end] == UInt8(ascii: "]") && text.has("=>", at: end &+ (text[end &+ 1] == 0x20 ? 2 : 1)) ? end : nil
  }

  /// `…;s:7:"…"` of PHP's `serialize`.
  private func serializedStart(_ text: ScannedText, _ start: Int) -> Int? {
    let end = text.end(ofRunAt: start, limit: 8) { $0.isDigit }
    guard end > start, text[end] == UInt8(ascii: ":") else { return nil }
    return opening(text, end &+ 1) == nil ? nil : end &+ 1
  }

  /// `…=>⏎ string(7) "…"` of PHP's `var_dump`.
  private func dumpedStart(_ text: ScannedText, _ separatorEnd: Int) -> Int? {
    let start = text.end(ofRunAt: separatorEnd, limit: Self.maxSpaces) { $0.isSpace }
    guard text.has("string(", at: start) else { return nil }
    let end = text.end(ofRunAt: start &+ 7, limit: 8) { $0.isDigit }
    return text.has(") ", at: end) ? end &+ 2 : nil
  }

  /// After the closing quote of a word that ends at `end`, if it has one, and whether it has.
  private func closing(_ text: ScannedText, _ end: Int) -> (end: Int, isQuoted: Bool) {
    let quote = text.end(ofRunAt: end, limit: Self.maxSlashes) { $0 == 0x5C }
    return text[quote].isQuote ? (quote &+ 1, true) : (end, false)
  }
}

/// Values that stand beside their key without a separator of their own.
extension MatchFinder {
  /// Where the content of an element of XML starts, `<ns:password type="text">…</`, or of one that has the key in an
  /// attribute or a sibling, `<entry key="password">…</` and `<name>password</name><value>…</`.
  func contentStart(_ text: ScannedText, _ key: Range<Int>) -> Int? {
    var start = key.lowerBound
    let before = text[start &- 1]
    guard before == 0x3C || before == 0x3E || before == 0x3A || before.isQuote else { return nil }
    if before == 0x3A { start = text.start(ofRunBefore: start &- 1, limit: 32) { $0.isWord || $0 == 0x2D } }
    let isTag = text[start &- 1] == 0x3C && (text[key.upperBound] == 0x3E || text[key.upperBound].isSpace)
    let isSibling = text[start &- 1] == 0x3E && text.has("</", at: key.upperBound)
    let isAttribute = text[start &- 1].isQuote && text[start &- 2] == 0x3D && text.has(">", at: key.upperBound &+ 1)
    guard isTag || isSibling || isAttribute else { return nil }
    if isSibling {
      let words: [StaticString] = ["name>", "key>"]
      guard words.contains(where: { text.hasIgnoringCase($0, at: start &- $0.utf8CodeUnitCount) }) else { return nil }
    }
    let from = isSibling ? key.upperBound &+ 2 : key.upperBound
    let tag = text.end(ofRunAt: from, limit: 256) { $0 != 0x3E && $0 != 0x3C }
    guard text[tag] == 0x3E, text[tag &- 1] != 0x2F else { return nil }
    if !isSibling { return tag &+ 1 }
    let next = text.end(ofRunAt: tag &+ 1, limit: Self.maxSpaces) { $0.isSpace }
    return text[next] == 0x3C && text[next &+ 1].isLetter ? next : nil
  }

  /// Text up to the next tag, after at most four tags that open and the start of a CDATA section.
  func content(_ text: ScannedText, _ start: Int) -> Range<Int> {
    var start = start
    for _ in 0..<4 {
      let next = text.end(ofRunAt: start, limit: Self.maxSpaces) { $0.isSpace }
      if text.has("<![CDATA[", at: next) {
        var end = next &+ 9
        while end < text.count, !text.has("]]>", at: end) { end &+= 1 }
        return next &+ 9..<Swift.min(end, text.count)
      }
      guard text[next] == 0x3C, text[next &+ 1].isLetter else { break }
      let tag = text.end(ofRunAt: next &+ 1, limit: 256) { $0 != 0x3E && $0 != 0x3C }
      guard text[tag] == 0x3E, text[tag &- 1] != 0x2F else { break }
      start = tag &+ 1
    }
    return start..<text.end(ofRunAt: start) { $0 != 0x3C }
  }

  /// The word after a flag of a command, `--password …` or `-Password …`, also as the next item of a list.
  func flaggedStart(_ text: ScannedText, _ key: Range<Int>) -> Int? {
    let before = text[key.lowerBound &- 1]
    guard text[key.lowerBound] == 0x2D, !before.isAlphanumeric, before != 0x3E else { return nil }
    let (end, isQuoted) = closing(text, key.upperBound)
    var start = text.end(ofRunAt: end, limit: Self.maxSpaces) { $0.isSpace }
    if text.has("\\\n", at: start) { start = text.end(ofRunAt: start &+ 1, limit: Self.maxSpaces) { $0.isSpace } }
    let isItem = text[start] == 0x2C || text.has("- ", at: start)
    if isItem, isQuoted || text.has("- ", at: start) {
      start = text.end(ofRunAt: start &+ 1, limit: Self.maxSpaces) { $0.isSpace }
    } else if text[end] != 0x20 {
      return nil
    }
    let word = opening(text, start)?.end ?? start
    return text[word] == 0x2D ? nil : start
  }

  /// The value of a member whose sibling names it: `{"name": "DB_PASSWORD", "value": "…"}` in any notation.
  func listedStart(_ text: ScannedText, _ key: Range<Int>) -> Int? {
    let before = text[key.lowerBound &- 1].isBlank ? text[key.lowerBound &- 2] : text[key.lowerBound &- 1]
    guard before == 0x3A || before == 0x3D || before == 0x3E || before.isQuote || before.isBlank else { return nil }
    let (end, _) = closing(text, key.upperBound)
    let word = text.end(ofRunAt: end, limit: Self.maxSpaces) { $0.isSpace || $0 == 0x2C || $0 == 0x3B || $0 == 0x2D }
    let first = opening(text, word)?.end ?? word
    let last = text.end(ofRunAt: first, limit: 16) { $0.isLetter }
    guard word > end, ListedNames.isValue(text.bytes(first..<last)), isNamed(text, key.lowerBound) else { return nil }
    return valueStart(text, last)
  }

  /// Whether a word such as `name` and a separator stand before a key, with quotes or without.
  private func isNamed(_ text: ScannedText, _ keyStart: Int) -> Bool {
    let isBetween: (UInt8) -> Bool = { $0.isQuote || $0 == 0x5C || $0.isBlank }
    let separator = text.start(ofRunBefore: keyStart, limit: Self.maxSlashes, of: isBetween)
    guard text[separator &- 1] == 0x3A || text[separator &- 1] == 0x3D || text.has("=>", at: separator &- 2) else {
      return false
    }
    let sign = text.start(ofRunBefore: separator, limit: 2) { $0 == 0x3A || $0 == 0x3D || $0 == 0x3E }
    let end = text.start(ofRunBefore: sign, limit: Self.maxSlashes, of: isBetween)
    let start = text.start(ofRunBefore: end, limit: 16) { $0.isLetter }
    return ListedNames.isName(text.bytes(start..<end))
  }

  /// The second word of a pair in a list of pairs, `[["Authorization", "…"], …]`; brackets in brackets tell it from a
  /// list of words.
  func pairedStart(_ text: ScannedText, _ key: Range<Int>) -> Int? {
    guard text[key.lowerBound &- 1].isQuote else { return nil }
    let (end, isQuoted) = closing(text, key.upperBound)
    guard isQuoted, text[end] == 0x2C else { return nil }
    let isSlash: (UInt8) -> Bool = { $0 == 0x5C }
    let first = text.start(ofRunBefore: key.lowerBound &- 1, limit: Self.maxSlashes, of: isSlash)
    let prefix = text.start(ofRunBefore: first, limit: 1) { $0 == UInt8(ascii: "b") }
    let bracket = text.start(ofRunBefore: prefix, limit: Self.maxSpaces) { $0.isSpace }
    guard text[bracket &- 1].isOpener else { return nil }
    let outer = text.start(ofRunBefore: bracket &- 1, limit: Self.maxSpaces) { $0.isSpace }
    guard text[outer &- 1].isOpener || text[outer &- 1] == 0x2C else { return nil }
    let start = text.end(ofRunAt: end &+ 1, limit: Self.maxSpaces) { $0.isSpace }
    return opening(text, text[start] == UInt8(ascii: "b") ? start &+ 1 : start) == nil ? nil : start
  }

  /// The argument of `PASSWORD('…')` and `Secret("…")`, and the text of `WITH PASSWORD '…'`.
  func callStart(_ text: ScannedText, _ key: Range<Int>) -> Int? {
    let start = key.upperBound &+ 1
    guard text[start &- 1] == 0x28 || text[start &- 1] == 0x20 && text[start].isQuote else { return nil }
    if text[key.upperBound] == UInt8(ascii: "(") {
      let prefix = text.end(ofRunAt: start, limit: 2) { $0.isLetter }
      return opening(text, prefix) == nil ? nil : start
    }
    guard let open = opening(text, start) else { return nil }
    let words: [StaticString] = ["password", "passwd", "passphrase", "pwd"]
    guard open.slashes == 0 else { return nil }
    return words.contains { text.hasIgnoringCase($0, at: key.upperBound &- $0.utf8CodeUnitCount) } ? start : nil
  }
}

/// Pairs of a sensitive name and a value: `password=…`, `"api_key": "…"`, `Authorization: Bearer …`.
extension MatchFinder {
  /// Looks at the pair whose key has the offset inside or at its end.
  mutating func findPair(_ text: ScannedText, _ offset: Int) {
    guard enabled(.secretKV), offset > pairEnd else { return }
    let isMember: (UInt8) -> Bool = { $0.isWord || $0 == 0x2D || $0 == 0x2E }
    let key =
      text.start(ofRunBefore: offset, limit: 64, of: isMember)..<text.end(ofRunAt: offset, limit: 64, of: isMember)
    pairEnd = key.upperBound
    if let value = valueStart(text, key.upperBound) {
      if SensitiveName.matches(text, key) { notePair(text, key, value) }
    } else if let value = elementRange(text, key) ?? flagRange(text, key) ?? escapedRange(text, key) {
      if SensitiveName.matches(text, key) { noteValue(text, key.lowerBound, value) }
    } else {
      findSpokenPassword(text, key)
    }
  }

  private mutating func notePair(_ text: ScannedText, _ key: Range<Int>, _ value: Int) {
    var (range, whole) = valueRange(text, value)
    if let credentials = skippingScheme(text, range) { (range, whole) = (credentials, credentials) }
    let isQuoted = text[range.lowerBound &- 1].isQuote
    if !isQuoted, text.hasIgnoringCase("cookie", at: key.upperBound &- 6) {
      range = range.lowerBound..<cookiesEnd(text, range.upperBound)
    }
    guard range.count >= (isQuoted ? 1 : 3), !isMasked(text, range), !isPlainWord(text, range) else { return }
    note(.secretKV, range, whole: key.lowerBound..<Swift.max(whole.upperBound, range.upperBound))
  }

  private mutating func noteValue(_ text: ScannedText, _ keyStart: Int, _ range: Range<Int>) {
    guard range.count >= 3, !isMasked(text, range), !isPlainWord(text, range) else { return }
    note(.secretKV, range, whole: keyStart..<range.upperBound)
  }

  /// Where the value of a key that ends at `keyEnd` starts, opening quote included; nil if no separator follows.
  private func valueStart(_ text: ScannedText, _ keyEnd: Int) -> Int? {
    var position = text.end(ofRunAt: keyEnd, limit: 3) { $0 == 0x5C }
    if text[position].isQuote { position &+= 1 }
    position = text.end(ofRunAt: position, limit: 4) { $0 == 0x20 || $0 == 0x09 }
    let separator = text[position]
    guard separator == 0x3D || separator == 0x3A, !text.has("::", at: position), !text.has("://", at: position) else {
      return nil
    }
    position &+= 1
    if text[position] == 0x3D || text[position] == 0x3E { position &+= 1 }
    return text.end(ofRunAt: position, limit: 4) { $0 == 0x20 || $0 == 0x09 }
  }

  /// The value without its quotes, and with them.
  private func valueRange(_ text: ScannedText, _ start: Int) -> (range: Range<Int>, whole: Range<Int>) {
    let slashes = text.end(ofRunAt: start, limit: 3) { $0 == 0x5C }
    let quote = text[slashes]
    if quote.isQuote {
      var end = slashes &+ 1
      while end < text.count, text[end] != quote || isEscaped(text, end, openedAt: slashes) { end &+= 1 }
      if end < text.count {
        var inner = end
        while inner > slashes &+ 1, text[inner &- 1] == 0x5C { inner &-= 1 }
        return (slashes &+ 1..<inner, start..<end &+ 1)
      }
    }
    let first = quote.isQuote ? slashes &+ 1 : start
    let end = text.end(ofRunAt: first) {
      !$0.isSpace && !$0.isQuote && $0 != 0x2C && $0 != 0x3B && $0 != 0x26 && $0 != 0x7D && $0 != 0
    }
    return (first..<end, start..<end)
  }

  /// Whether more backslashes stand before a quote than stood before the one that opened the value.
  private func isEscaped(_ text: ScannedText, _ offset: Int, openedAt open: Int) -> Bool {
    let opening = open &- text.start(ofRunBefore: open, limit: 3) { $0 == 0x5C }
    return offset &- text.start(ofRunBefore: offset, limit: 8) { $0 == 0x5C } > opening
  }

  /// Where the further cookies of a header end (RFC 6265 section 4.2.1), of which the first ends at `end`.
  private func cookiesEnd(_ text: ScannedText, _ end: Int) -> Int {
    var end = end
    while text[end] == 0x3B {
      let start = text.end(ofRunAt: end &+ 1, limit: 4) { $0 == 0x20 }
      let next = text.end(ofRunAt: start) {
        !$0.isSpace && !$0.isQuote && $0 != 0x2C && $0 != 0x3B && $0 != 0x7D && $0 != 0
      }
      guard next > start else { return end }
      end = next
    }
    return end
  }

  /// The credentials after a scheme such as `Bearer`, if the value is one; all parameters of a scheme that has some.
  private func skippingScheme(_ text: ScannedText, _ range: Range<Int>) -> Range<Int>? {
    let schemes: [StaticString] = [
      "bearer", "basic", "token", "digest", "negotiate", "apikey", "aws4-hmac-sha256", "hmac",
    ]
    for scheme in schemes where text.hasIgnoringCase(scheme, at: range.lowerBound) {
      let end = range.lowerBound &+ scheme.utf8CodeUnitCount
      guard text[end] == 0x20, end <= range.upperBound else { continue }
      let start = text.end(ofRunAt: end, limit: 4) { $0 == 0x20 }
      let stop = text.end(ofRunAt: start) { !$0.isSpace && !$0.isQuote && $0 != 0x2C && $0 != 0x3B && $0 != 0x7D }
      return start..<Swift.max(stop, parametersEnd(text, start))
    }
    return nil
  }

  /// Where `name="value", name=value` (RFC 9110 section 11.2) ends that starts here, at most 32 of these.
  private func parametersEnd(_ text: ScannedText, _ start: Int) -> Int {
    var end = start
    var position = start
    for _ in 0..<32 {
      let name = text.end(ofRunAt: position, limit: 64) { $0.isWord || $0 == 0x2D }
      guard name > position, text[name] == 0x3D else { return end }
      let open = text.end(ofRunAt: name &+ 1, limit: 3) { $0 == 0x5C }
      if text[open].isQuote {
        let close = text.end(ofRunAt: open &+ 1) { $0 != 0x22 && $0 != 0x27 }
        end = Swift.min(close &+ 1, text.count)
      } else {
        end = text.end(ofRunAt: name &+ 1) { !$0.isSpace && !$0.isQuote && $0 != 0x2C && $0 != 0x7D }
      }
      guard text[end] == 0x2C else { return end }
      position = text.end(ofRunAt: end &+ 1, limit: 4) { $0 == 0x20 }
    }
    return end
  }
}

/// Values that stand beside their key without a separator of their own.
extension MatchFinder {
  /// The content of an element of XML, `<ns:password type="text">…</`.
  private func elementRange(_ text: ScannedText, _ key: Range<Int>) -> Range<Int>? {
    var start = key.lowerBound
    if text[start &- 1] == 0x3A { start = text.start(ofRunBefore: start &- 1, limit: 32) { $0.isWord || $0 == 0x2D } }
    guard text[start &- 1] == 0x3C, text[key.upperBound] == 0x3E || text[key.upperBound].isSpace else { return nil }
    let tag = text.end(ofRunAt: key.upperBound, limit: 256) { $0 != 0x3E && $0 != 0x3C }
    guard text[tag] == 0x3E, text[tag &- 1] != 0x2F else { return nil }
    return tag &+ 1..<text.end(ofRunAt: tag &+ 1) { $0 != 0x3C }
  }

  /// The word after a flag of a command, `--password …`, also as the next item of a list of words.
  private func flagRange(_ text: ScannedText, _ key: Range<Int>) -> Range<Int>? {
    guard text.has("--", at: key.lowerBound) else { return nil }
    var start = text.end(ofRunAt: key.upperBound, limit: 3) { $0 == 0x5C }
    if text[start].isQuote {
      start = text.end(ofRunAt: start &+ 1, limit: 4) { $0 == 0x20 }
      guard text[start] == 0x2C else { return nil }
      start &+= 1
    } else if text[start] != 0x20 {
      return nil
    }
    start = text.end(ofRunAt: start, limit: 4) { $0 == 0x20 }
    return text[start] == 0x2D ? nil : valueRange(text, start).range
  }

  /// A value behind an escaped `=` or `:` of a URL, `password%3D…`, up to what may be the next of its pairs.
  private func escapedRange(_ text: ScannedText, _ key: Range<Int>) -> Range<Int>? {
    var start = key.upperBound
    if text.has("%22", at: start) { start &+= 3 }
    guard text.hasIgnoringCase("%3d", at: start) || text.hasIgnoringCase("%3a", at: start) else { return nil }
    start &+= 3
    if text.has("%20", at: start) { start &+= 3 }
    if text.has("%22", at: start) { start &+= 3 }
    let ends: [StaticString] = ["%22", "%26", "%2c", "%3b", "%7d", "%20", "%0a"]
    var end = start
    while end < text.count {
      let byte = text[end]
      if byte.isSpace || byte.isQuote || byte == 0x26 { break }
      if byte == 0x25, ends.contains(where: { text.hasIgnoringCase($0, at: end) }) { break }
      end &+= 1
    }
    return start..<end
  }

  /// `password is hunter2`: told from prose such as `password is required` by a digit in at least six characters.
  private mutating func findSpokenPassword(_ text: ScannedText, _ key: Range<Int>) {
    let words: [StaticString] = ["password", "passwd", "passphrase", "passcode", "pwd"]
    guard words.contains(where: { text.hasIgnoringCase($0, at: key.upperBound &- $0.utf8CodeUnitCount) }) else {
      return
    }
    guard text.hasIgnoringCase(" is ", at: key.upperBound) || text.hasIgnoringCase(" was ", at: key.upperBound) else {
      return
    }
    var start = text.end(ofRunAt: key.upperBound &+ 1, limit: 3) { $0.isLetter } &+ 1
    if text[start].isQuote { start &+= 1 }
    var hasDigit = false
    var end = text.end(ofRunAt: start) { byte in
      if byte.isDigit { hasDigit = true }
      return !byte.isSpace && !byte.isQuote && byte < 0x80
    }
    while end > start, !text[end &- 1].isAlphanumeric { end &-= 1 }
    guard hasDigit, end &- start >= 6, !isMasked(text, start..<end) else { return }
    note(.secretKV, start..<end, whole: key.lowerBound..<end)
  }

  /// `密码：…`, and words for other secrets, one of which ends at `end`; what is no ASCII ends the value.
  mutating func findChinesePair(_ text: ScannedText, _ end: Int) {
    guard enabled(.secretKV) else { return }
    if let value = valueStart(text, end), text[text.end(ofRunAt: value, limit: 3) { $0 == 0x5C }].isQuote {
      return notePair(text, end &- 6..<end, value)
    }
    guard let start = chineseValueStart(text, end) else { return }
    let stop = text.end(ofRunAt: start) {
      $0 > 0x20 && $0 < 0x7F && !$0.isQuote && $0 != 0x2C && $0 != 0x3B && $0 != 0x26 && $0 != 0x7D
    }
    noteValue(text, end &- 6, start..<stop)
  }

  /// Where a value starts after up to three of `）`, `：`, `是`, `为`, `=` and `:`, one of which is no bracket.
  private func chineseValueStart(_ text: ScannedText, _ end: Int) -> Int? {
    let separators: [StaticString] = ["：", "是", "为", "＝", ":", "="]
    let brackets: [StaticString] = ["）", ")", "」", "】"]
    var position = end
    var isSeparated = false
    for _ in 0..<3 {
      position = text.end(ofRunAt: position, limit: 4) { $0 == 0x20 }
      if let separator = separators.first(where: { text.has($0, at: position) }) {
        position &+= separator.utf8CodeUnitCount
        isSeparated = true
      } else if let bracket = brackets.first(where: { text.has($0, at: position) }) {
        position &+= bracket.utf8CodeUnitCount
      }
    }
    return isSeparated ? position : nil
  }

  /// Words that stand where a value is missing.
  private func isPlainWord(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    let words: [StaticString] = ["null", "true", "false", "none", "nil", "undefined"]
    return words.contains { $0.utf8CodeUnitCount == range.count && text.hasIgnoringCase($0, at: range.lowerBound) }
  }

  /// Whether a value is what a redaction leaves: asterisks, or a digest under its name.
  func isMasked(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    RedactedText.isWhole(text, range)
  }
}

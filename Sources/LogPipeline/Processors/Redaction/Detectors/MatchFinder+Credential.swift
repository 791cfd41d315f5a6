import Glibc

/// Secrets that are told by what stands before them.
extension MatchFinder {
  /// `bearer`, `basic` or `token`, which ends at `end`, and the credentials after it (RFC 9110 section 11.4).
  mutating func findScheme(_ text: ScannedText, _ end: Int) {
    guard enabled(.bearerBasic), text[end] == 0x20 else { return }
    let start = text.end(ofRunAt: end, limit: 4) { $0 == 0x20 }
    let isBasic = text.hasIgnoringCase("basic", at: end &- 5) && text.startsToken(end &- 5)
    guard isBasic || isOpaqueScheme(text, end) else { return }
    let stop = text.end(ofRunAt: start) { byte in
      byte.isBase64URL || byte == 0x2E || byte == 0x7E || byte == 0x2B || byte == 0x2F || byte == 0x3D
    }
    guard stop &- start >= (isBasic ? 4 : 12) else { return }
    if isBasic ? isUserAndPassword(text, start..<stop) : isRandom(text, start..<stop) {
      note(.bearerBasic, start..<stop)
    }
  }

  /// Whether text looks drawn by lot, unlike `verification-failed-44`: letters and digits take turns inside a word, or
  /// capitals do so more often than in `camelCase`.
  private func isRandom(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    var (digitTurns, capitalTurns) = (0, 0)
    for offset in range.dropFirst() {
      let (byte, before) = (text[offset], text[offset &- 1])
      guard byte.isAlphanumeric, before.isAlphanumeric else { continue }
      if byte.isDigit != before.isDigit { digitTurns &+= 1 }
      if byte.isUpper && before.isLower { capitalTurns &+= 1 }
    }
    return digitTurns >= 2 || capitalTurns >= 4
  }

  private func isOpaqueScheme(_ text: ScannedText, _ end: Int) -> Bool {
    (text.hasIgnoringCase("bearer", at: end &- 6) && text.startsToken(end &- 6))
      || (text.hasIgnoringCase("token", at: end &- 5) && text.startsToken(end &- 5))
  }

  /// Whether base64 text decodes to visible text with a `:` (RFC 7617 section 2).
  private func isUserAndPassword(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    var decoder = Base64Bytes(text, range)
    var hasColon = false
    while let byte = decoder.next() {
      if byte == UInt8(ascii: ":") { hasColon = true }
      if byte < 0x20 || byte == 0x7F { return false }
    }
    return hasColon
  }

  /// The password of `scheme://user:password@host` (RFC 3986 section 3.2.1); `start` is after the `://`.
  mutating func findURLCredentials(_ text: ScannedText, _ start: Int) {
    guard text[start &- 4].isAlphanumeric else { return }
    let end = text.end(ofRunAt: start, limit: 1024) {
      !$0.isSpace && !$0.isQuote && $0 != 0x2F && $0 != 0x3F && $0 != 0x23 && $0 != 0x3C && $0 != 0x3E && $0 != 0x5C
    }
    var at = end
    while at > start, text[at] != 0x40 { at &-= 1 }
    guard at > start else { return }
    let colon = text.end(ofRunAt: start) { $0 != 0x3A }
    guard colon &+ 1 < at, !isMasked(text, colon &+ 1..<at) else { return }
    note(.urlCredentials, colon &+ 1..<at)
  }

  /// A secret access key: 40 characters of base64, told by `aws` and a word for it before, and by their entropy.
  mutating func findAWSSecret(_ text: ScannedText, _ start: Int) {
    var word = start
    while word < start &+ 20, !text.hasIgnoringCase("secret", at: word), !text.hasIgnoringCase("sk", at: word) {
      word &+= 1
    }
    guard word < start &+ 20 else { return }
    var position = word &+ 2
    while position < word &+ 40 {
      let end = text.end(ofRunAt: position, limit: 60) { $0.isBase64 || $0 == 0x3D && $0 != text[position &- 1] }
      let before = text[position &- 1]
      let isSeparated = before.isQuote || before == 0x3D || before == 0x3A || before == 0x20
      if end &- position == 40, isSeparated, entropy(text, position..<end) >= 4 {
        note(.awsSecretKey, position..<end)
        return
      }
      position = text[position] == 0x3D ? position &+ 1 : Swift.max(end, position &+ 1)
    }
  }

  /// Shannon's entropy of the bytes in a short range, bits a byte.
  private func entropy(_ text: ScannedText, _ range: Range<Int>) -> Double {
    var sum = 0.0
    for offset in range {
      let same = range.reduce(0) { $0 &+ (text[$1] == text[offset] ? 1 : 0) }
      sum += log2(Double(range.count) / Double(same))
    }
    return sum / Double(range.count)
  }
}

/// Pairs of a sensitive name and a value: `password=…`, `"api_key": "…"`, `Authorization: Bearer …`.
extension MatchFinder {
  /// Looks at the pair whose key has the offset inside or at its end.
  mutating func findPair(_ text: ScannedText, _ offset: Int) {
    guard enabled(.secretKV), offset > pairEnd else { return }
    let isMember: (UInt8) -> Bool = { $0.isWord || $0 == 0x2D || $0 == 0x2E }
    let keyStart = text.start(ofRunBefore: offset, limit: 64, of: isMember)
    let keyEnd = text.end(ofRunAt: offset, limit: 64, of: isMember)
    pairEnd = keyEnd
    guard let value = valueStart(text, keyEnd) else { return findSpokenPassword(text, keyStart..<keyEnd) }
    guard SensitiveName.matches(text, keyStart..<keyEnd) else { return }
    notePair(text, keyStart, value)
  }

  private mutating func notePair(_ text: ScannedText, _ keyStart: Int, _ value: Int) {
    var (range, whole) = valueRange(text, value)
    if let credentials = skippingScheme(text, range) { (range, whole) = (credentials, credentials) }
    let least = text[range.lowerBound &- 1].isQuote ? 1 : 3
    guard range.count >= least, !isMasked(text, range), !isPlainWord(text, range) else { return }
    note(.secretKV, range, whole: keyStart..<Swift.max(whole.upperBound, range.upperBound))
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
      return notePair(text, end &- 6, value)
    }
    var start = valueStart(text, end) ?? end
    for separator: StaticString in ["：", "是", "为", "＝"] where text.has(separator, at: end) {
      start = text.end(ofRunAt: end &+ separator.utf8CodeUnitCount, limit: 4) { $0 == 0x20 }
    }
    let stop = text.end(ofRunAt: start) {
      $0 > 0x20 && $0 < 0x7F && !$0.isQuote && $0 != 0x2C && $0 != 0x3B && $0 != 0x26 && $0 != 0x7D
    }
    guard start > end, stop &- start >= 3, !isMasked(text, start..<stop), !isPlainWord(text, start..<stop) else {
      return
    }
    note(.secretKV, start..<stop, whole: end &- 6..<stop)
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

  /// The credentials after a scheme such as `Bearer`, if the value is one.
  private func skippingScheme(_ text: ScannedText, _ range: Range<Int>) -> Range<Int>? {
    let schemes: [StaticString] = ["bearer", "basic", "token", "digest", "negotiate", "apikey"]
    for scheme in schemes where text.hasIgnoringCase(scheme, at: range.lowerBound) {
      let end = range.lowerBound &+ scheme.utf8CodeUnitCount
      guard text[end] == 0x20, end <= range.upperBound else { continue }
      let start = text.end(ofRunAt: end, limit: 4) { $0 == 0x20 }
      let stop = text.end(ofRunAt: start) { !$0.isSpace && !$0.isQuote && $0 != 0x2C && $0 != 0x3B && $0 != 0x7D }
      return start..<stop
    }
    return nil
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

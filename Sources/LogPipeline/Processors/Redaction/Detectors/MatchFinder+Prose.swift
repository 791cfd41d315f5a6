/// Secrets in sentences, and beside names that have other letters than ASCII's.
extension MatchFinder {
  /// `password is hunter2`, `token set to …`, `API key is: …`. What comes after a colon is one; what comes after a word
  /// is told from prose such as `password is required` by its look.
  mutating func findSpoken(_ text: ScannedText, _ key: Range<Int>) {
    guard let (end, hasColon) = verbEnd(text, key.upperBound) else { return findNextWord(text, key) }
    guard let name = secretName(text, key) else { return }
    if hasColon { return notePair(text, name, end) }
    if opening(text, end) != nil {
      if !text.isWords(glance(text, end)) { notePair(text, name, end) }
      return
    }
    var hasDigit = false
    var stop = text.end(ofRunAt: end) { byte in
      if byte.isDigit { hasDigit = true }
      return !byte.isSpace && !byte.isQuote && byte < 0x80
    }
    while stop > end, !text[stop &- 1].isAlphanumeric { stop &-= 1 }
    guard isPassword(text, key) ? hasDigit && stop &- end >= 6 : stop &- end >= 8 && text.isRandom(end..<stop) else {
      return
    }
    if !isMasked(text, end..<stop) { note(.secretKV, end..<stop, whole: name.lowerBound..<stop) }
  }

  /// `with password a1b2c3d4` and `password - a1b2c3d4`: what looks drawn by lot after a word for a password.
  private mutating func findNextWord(_ text: ScannedText, _ key: Range<Int>) {
    guard isPassword(text, key) else { return }
    var start = key.upperBound &+ 1
    for dash: StaticString in ["- ", "– ", "— "] where text.has(dash, at: start) { start &+= dash.utf8CodeUnitCount }
    let word = glance(text, start)
    guard word.count >= 8, text[start].isAlphanumeric, text.isRandom(word), !isMasked(text, word) else { return }
    let end = text.end(ofRunAt: word.upperBound, of: Self.isInWord)
    note(.secretKV, start..<end, whole: key.lowerBound..<end)
  }

  /// Whether a key ends in a word for a password.
  func isPassword(_ text: ScannedText, _ key: Range<Int>) -> Bool {
    func ends(in word: StaticString) -> Bool {
      text.hasIgnoringCase(word, at: key.upperBound &- word.utf8CodeUnitCount)
    }
    switch text[key.upperBound &- 1] | 0x20 {
    case UInt8(ascii: "d"): return ends(in: "password") || ends(in: "passwd") || ends(in: "pwd")
    case UInt8(ascii: "e"): return ends(in: "passphrase") || ends(in: "passcode")
    case UInt8(ascii: "t"): return ends(in: "passwort")
    default: return false
    }
  }

  /// Where what is said of a key starts, after up to four words such as `is`, `was set to` and a colon.
  private func verbEnd(_ text: ScannedText, _ start: Int) -> (end: Int, hasColon: Bool)? {
    var (position, isComplete) = (start, false)
    for _ in 0..<4 where text[position] == 0x20 {
      guard let verb = verb(text, position &+ 1) else { break }
      // After `to` alone stands who is sent a password.
      isComplete = position == start ? verb.isCopula : verb.isCopula || verb.isLink
      position = verb.end
    }
    if position > start, text.has(": ", at: position) { return (position &+ 2, true) }
    return isComplete && text[position] == 0x20 ? (position &+ 1, false) : nil
  }

  /// A word that what is said of a key is said with: where it ends, whether it is `is` or `was`, and whether what a key
  /// is comes after it in company.
  private func verb(_ text: ScannedText, _ start: Int) -> (end: Int, isCopula: Bool, isLink: Bool)? {
    let word: StaticString
    var (isCopula, isLink) = (false, false)
    switch text[start] | 0x20 {
    case UInt8(ascii: "i"): (word, isCopula) = ("is", true)
    case UInt8(ascii: "w"): (word, isCopula) = ("was", true)
    case UInt8(ascii: "n"): (word, isLink) = ("now", true)
    case UInt8(ascii: "t"): (word, isLink) = ("to", true)
    case UInt8(ascii: "a"): (word, isLink) = ("as", true)
    case UInt8(ascii: "h"): word = "has"
    case UInt8(ascii: "b"): word = text[start &+ 2] | 0x20 == UInt8(ascii: "e") ? "been" : "be"
    case UInt8(ascii: "s"): word = "set"
    case UInt8(ascii: "c"): word = "changed"
    case UInt8(ascii: "r"): word = "reset"
    case UInt8(ascii: "u"): word = "updated"
    default: return nil
    }
    let end = start &+ word.utf8CodeUnitCount
    guard text[end] == 0x20 || text[end] == 0x3A, text.hasIgnoringCase(word, at: start) else { return nil }
    return (end, isCopula, isLink)
  }

  /// `密码：…`, `пароль = …` and the like, whose name ends at an offset.
  mutating func findWidePair(_ text: ScannedText, _ end: Int) {
    guard enabled(.secretKV), let name = WideNames.range(in: text, endingAt: end) else { return }
    let plain = valueStart(text, end)
    if let start = plain, opening(text, start) != nil { return notePair(text, name, start) }
    guard let start = plain ?? chineseValueStart(text, end) else { return }
    if text[name.lowerBound] < 0xE3 || opening(text, start) != nil { return notePair(text, name, start) }
    // In Chinese, Japanese and Korean no space sets the next word apart, so that what is no ASCII ends the value.
    var end = start
    while text[end] > 0x20, text[end] < 0x7F, !endsPlain(text, end) { end &+= 1 }
    noteValue(text, name.lowerBound, start..<end)
  }

  /// Where a value starts after up to three of `）`, `：`, `是`, `为`, `=` and `:`, one of which is no bracket.
  private func chineseValueStart(_ text: ScannedText, _ end: Int) -> Int? {
    let separators: [StaticString] = ["：", "是", "为", "為", "は", "＝", "﹕", "﹦", ":", "="]
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
}

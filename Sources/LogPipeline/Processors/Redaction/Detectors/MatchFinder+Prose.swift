/// Secrets in sentences, and beside names that have other letters than ASCII's.
extension MatchFinder {
  /// `password is hunter2`, `token set to …`, `API key is: …`. What comes after a colon is one; what comes after a word is
  /// told from prose such as `password is required` by its look.
  mutating func findSpoken(_ text: ScannedText, _ key: Range<Int>) {
    guard text[key.upperBound] == 0x20 else { return }
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
    if word.count >= 8, text[start].isAlphanumeric, text.isRandom(word), !isMasked(text, word) {
      note(.secretKV, word, whole: key.lowerBound..<word.upperBound)
    }
  }

  private func isPassword(_ text: ScannedText, _ key: Range<Int>) -> Bool {
    let words: [StaticString] = ["password", "passwd", "passphrase", "passcode", "passwort", "pwd"]
    return words.contains { text.hasIgnoringCase($0, at: key.upperBound &- $0.utf8CodeUnitCount) }
  }

  /// Where what is said of a key starts, after up to four words such as `is`, `was set to` and a colon.
  private func verbEnd(_ text: ScannedText, _ start: Int) -> (end: Int, hasColon: Bool)? {
    let verbs: [StaticString] = [
      "is", "was", "has", "been", "be", "set", "changed", "reset", "updated", "now", "to", "as",
    ]
    let last: [StaticString] = ["is", "was", "now", "to", "as"]
    var (position, isComplete) = (start, false)
    for _ in 0..<4 where text[position] == 0x20 {
      let end = text.end(ofRunAt: position &+ 1, limit: 8) { $0.isLetter }
      let isWord: (StaticString) -> Bool = { word in
        word.utf8CodeUnitCount == end &- position &- 1 && text.hasIgnoringCase(word, at: position &+ 1)
      }
      guard text[end] == 0x20 || text[end] == 0x3A, verbs.contains(where: isWord) else { break }
      // After `to` alone stands who is sent a password.
      isComplete = last.prefix(position == start ? 2 : 5).contains(where: isWord)
      position = end
    }
    if position > start, text.has(": ", at: position) { return (position &+ 2, true) }
    return isComplete && text[position] == 0x20 ? (position &+ 1, false) : nil
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

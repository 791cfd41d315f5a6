/// Passwords in statements of SQL.
extension MatchFinder {
  /// `IDENTIFIED BY '…'` and `IDENTIFIED WITH plugin BY '…'`; `end` is after `identified b` or `w`. In lower case it is
  /// told from prose, as in `order identified by 'a1'`, by a word of such a statement before.
  mutating func findIdentified(_ text: ScannedText, _ end: Int) {
    guard enabled(.secretKV), text.hasIgnoringCase("iden", at: end &- 12) else { return }
    var start = end &+ 1
    if text.hasIgnoringCase("with ", at: end &- 1) {
      let plugin = text.end(ofRunAt: end &+ 4, limit: 64) { !$0.isSpace }
      start = plugin &+ 3
      guard text.hasIgnoringCase(" by", at: plugin) || text.hasIgnoringCase(" as", at: plugin) else { return }
    } else if !text.hasIgnoringCase("by", at: end &- 1) {
      return
    }
    guard text[start].isSpace else { return }
    start = text.end(ofRunAt: start, limit: 64) { $0.isSpace }
    // Oracle's `BY VALUES` and MariaDB's `BY PASSWORD` have a hash after them.
    if text.hasIgnoringCase("values ", at: start) { start &+= 7 }
    if text.hasIgnoringCase("password ", at: start) { start &+= 9 }
    guard text[end &- 1].isUpper || isInStatement(text, end) else { return }
    notePair(text, end &- 12..<end, start)
  }

  /// Whether a statement that sets a password starts in the 256 bytes before an offset.
  private func isInStatement(_ text: ScannedText, _ end: Int) -> Bool {
    func starts(_ words: StaticString..., at offset: Int) -> Bool {
      words.contains { text.hasIgnoringCase($0, at: offset) }
    }
    return (Swift.max(0, end &- 256)..<end).contains { offset in
      switch text[offset] | 0x20 {
      case UInt8(ascii: "a"): starts("alter user", "alter role", at: offset)
      case UInt8(ascii: "c"): starts("create user", "create role", "connect to ", at: offset)
      case UInt8(ascii: "g"): starts("grant ", at: offset)
      default: false
      }
    }
  }

  /// The value of `SET PASSWORD FOR 'user'@'host' = '…'`.
  func setForStart(_ text: ScannedText, _ key: Range<Int>) -> Int? {
    guard text.hasIgnoringCase(" for ", at: key.upperBound), text.hasIgnoringCase("set ", at: key.lowerBound &- 4)
    else {
      return nil
    }
    let sign = text.end(ofRunAt: key.upperBound, limit: 256) { $0 != 0x3D && $0 != 0x0A && $0 != 0x3B }
    guard text[sign] == 0x3D else { return nil }
    let start = text.end(ofRunAt: sign &+ 1, limit: 4) { $0 == 0x20 }
    return opening(text, start) == nil ? nil : start
  }
}

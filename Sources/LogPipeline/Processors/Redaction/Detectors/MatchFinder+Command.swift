/// Secrets in commands of protocols that are lines of text.
extension MatchFinder {
  /// What stands after `PASS` of FTP, POP3 and IRC, and after `AUTH PLAIN` and `AUTHENTICATE PLAIN` of SMTP, IMAP and
  /// IRC.
  func commandCredentials(_ text: ScannedText, _ key: Range<Int>) -> Range<Int>? {
    guard text[key.lowerBound] | 0x20 == UInt8(ascii: "a") else { return passArgument(text, key) }
    let isCommand =
      key.count == 4 && text.hasIgnoringCase("auth", at: key.lowerBound)
      || key.count == 12 && text.hasIgnoringCase("authenticate", at: key.lowerBound)
    guard isCommand else { return nil }
    let word = key.upperBound &+ 1
    let mechanism = text.end(ofRunAt: word, limit: 20) { $0.isAlphanumeric || $0 == 0x2D }
    let start = mechanism > word && text[mechanism] == 0x20 ? mechanism &+ 1 : word
    let end = text.end(ofRunAt: start) { $0.isBase64 || $0 == 0x3D }
    return end &- start >= 8 && isSASL(text, start..<end) ? start..<end : nil
  }

  /// Whether base64 text decodes to the first message of SASL's PLAIN (RFC 4616), three pieces of visible text with
  /// NULs between them, or of OAUTHBEARER (RFC 7628) and XOAUTH2, whose pieces end with bytes of one.
  private func isSASL(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    var decoder = Base64Bytes(text, range)
    var (nulls, ones) = (0, 0)
    while let byte = decoder.next() {
      switch byte {
      case 0: nulls &+= 1
      case 1: ones &+= 1
      case 0x20..<0x7F, 0x80...: break
      default: return false
      }
    }
    return ones == 0 ? nulls == 2 : nulls == 0 && ones >= 2
  }

  /// The one word after `PASS` up to the end of its line. Test runners say `PASS` too, of a file or a case: so a user's
  /// name must have been sent before, or a mark stand before it of who sends it.
  private func passArgument(_ text: ScannedText, _ key: Range<Int>) -> Range<Int>? {
    guard key.count == 4, text.has("PASS", at: key.lowerBound) else { return nil }
    let start = key.upperBound &+ 1
    let end = text.end(ofRunAt: start, limit: 256) { !$0.isSpace && !$0.isQuote && $0 != 0 }
    let before = text[key.lowerBound &- 1]
    let isMarked = before == 0x20 && isDirection(text, key.lowerBound &- 2)
    guard isMarked || before == 0 || before == 0x0A || before.isQuote,
      text[end] == 0 || text[end] == 0x0A || text[end] == 0x0D || text[end].isQuote
    else { return nil }
    let value = start..<end
    let isOfUser = isAfterUser(text, key.lowerBound)
    guard isMarked || isOfUser, DoubtfulName.password.hides(text, value, isOfUser: isOfUser) else { return nil }
    return value
  }

  /// Whether a mark such as `C:`, `>` and `-->` ends with the byte at an offset.
  private func isDirection(_ text: ScannedText, _ last: Int) -> Bool {
    text[last] == UInt8(ascii: ">") || text.hasIgnoringCase("c:", at: last &- 1) && text.startsToken(last &- 1)
  }

  /// Whether `USER` or `NICK` stands in the 64 bytes before an offset.
  private func isAfterUser(_ text: ScannedText, _ start: Int) -> Bool {
    (Swift.max(start &- 64, 0)..<start).contains { text.has("USER ", at: $0) || text.has("NICK ", at: $0) }
  }
}

extension RuleDefinition {
  /// Passwords in URLs, and tokens that stand in their place.
  static let urlCredentials = RuleDefinition(
    id: "url_credentials", packs: [.default, .secrets],
    triggers: [Trigger("://", anchor: 1) { $0.findURLCredentials($1, $2) }])
}

extension MatchFinder {
  /// The password of `scheme://user:password@host` (RFC 3986 section 3.2.1); `start` is after the `://`.
  ///
  /// Passwords are written as they are, with `/`, `#`, `?` and `@` in them, more often than the RFC would have it. So
  /// one goes up to the last `@` before a host, unless what comes before is a port or a whole URL with a host of its
  /// own.
  mutating func findURLCredentials(_ text: ScannedText, _ start: Int) {
    guard text[start &- 4].isAlphanumeric, text[start] != UInt8(ascii: "[") else { return }
    let authority = text.end(ofRunAt: start, limit: 1024) { Self.isInURL($0) && !Self.endsAuthority($0) }
    var hasAt = false
    let colon = text.end(ofRunAt: start, limit: authority &- start) { byte in
      if byte == 0x40 { hasAt = true }
      return byte != 0x3A
    }
    guard colon < authority else {
      if hasAt { noteURLToken(text, start..<authority) }
      return
    }
    let near = Self.lastAt(text, colon..<authority)
    if near == nil {
      // A user is a name, and no port stands where a password does.
      if hasAt { return noteURLToken(text, start..<colon) }
      if isPort(text, colon &+ 1..<authority) { return }
    } else if let near, near == colon &+ 1 || text.has("x-oauth-basic@", at: colon &+ 1), isHost(text, near &+ 1) {
      // The user is the secret, and its password says nothing.
      return noteURLToken(text, start..<near &+ 1, user: start..<colon)
    } else if let near, near &- colon >= 32, isMasked(text, start..<near) {
      // A digest in the place of a token, under its name.
      return
    } else if let near, isPlainHost(text, near &+ 1, authority) {
      return noteURLPassword(text, colon &+ 1..<near)
    }
    var far = text.end(ofRunAt: authority, limit: 128, of: { Self.isInURL($0) })
    while let at = Self.lastAt(text, authority..<far) {
      if isHost(text, at &+ 1) { return noteURLPassword(text, colon &+ 1..<at) }
      far = at
    }
    if let near, !text.has("sha256:", at: near &+ 1) { noteURLPassword(text, colon &+ 1..<near) }
  }

  /// Notes the user of a URL that has no password if it is a token: sixteen characters or more that look drawn by lot.
  private mutating func noteURLToken(_ text: ScannedText, _ range: Range<Int>, user: Range<Int>? = nil) {
    guard let at = Self.lastAt(text, range), isHost(text, at &+ 1) else { return }
    let user = user ?? range.lowerBound..<at
    let isToken = (16...255).contains(user.count) && user.allSatisfy { text[$0].isBase64URL || text[$0] == 0x2E }
    if isToken, user.contains(where: { text[$0].isDigit }), text.isRandom(user) { note(.urlCredentials, user) }
  }

  private mutating func noteURLPassword(_ text: ScannedText, _ range: Range<Int>) {
    if !range.isEmpty, !isMasked(text, range) { note(.urlCredentials, range) }
  }

  @inline(__always)
  private static func isInURL(_ byte: UInt8) -> Bool {
    switch byte {
    case 0, 0x09, 0x0A, 0x0D, 0x20, 0x22, 0x27, 0x3C, 0x3E, 0x5C: false
    default: true
    }
  }

  /// Letters, digits and `-._%`, and letters that are none of ASCII.
  @inline(__always)
  private static func isInHost(_ byte: UInt8) -> Bool {
    // A bit for each byte below and from 64 on.
    let bits: UInt64 = byte < 64 ? 0x03FF_6020_0000_0000 : 0x07FF_FFFE_87FF_FFFE
    return byte >= 0x80 || bits &>> UInt64(byte & 63) & 1 != 0
  }

  /// `/`, `?` and `#`.
  private static func endsAuthority(_ byte: UInt8) -> Bool { byte == 0x2F || byte == 0x3F || byte == 0x23 }

  private static func lastAt(_ text: ScannedText, _ range: Range<Int>) -> Int? {
    range.last { text[$0] == 0x40 }
  }

  /// Whether a port, several hosts with theirs, or the place of one in a template stands after a colon.
  private func isPort(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    let digits = text.end(ofRunAt: range.lowerBound, limit: Swift.min(range.count, 6)) { $0.isDigit }
    let isNumber = digits == range.upperBound || digits > range.lowerBound && text[digits] == 0x2C
    let isPlace =
      text[range.lowerBound] == 0x7B || text[range.lowerBound] == 0x24 && text[range.lowerBound &+ 1] == 0x7B
    return isNumber || isPlace || range.count == 4 && text.hasIgnoringCase("port", at: range.lowerBound)
  }

  /// Whether a host with a point or a port in it, or `localhost`, ends at the end of an authority.
  private func isPlainHost(_ text: ScannedText, _ start: Int, _ end: Int) -> Bool {
    isHost(text, start)
      && (!Self.endsAuthority(text[end]) || text.hasIgnoringCase("localhost", at: start)
        || (start..<end).contains { text[$0] == 0x2E || text[$0] == 0x3A })
  }

  /// Whether a host starts here, and a port, a path or nothing follows.
  private func isHost(_ text: ScannedText, _ start: Int) -> Bool {
    if text[start] == UInt8(ascii: "[") { return true }
    if text.has("sha256:", at: start) { return false }
    let end = text.end(ofRunAt: start, limit: 256) { Self.isInHost($0) }
    return end > start
      && (text[end] == 0x3A || text[end] == 0x2C || Self.endsAuthority(text[end]) || !Self.isInURL(text[end])
        || text[end].isCloser || text[end] == 0x3B)
  }
}

/// Tokens and keys with a prefix of their issuer.
extension MatchFinder {
  /// Notes a token of `prefix` bytes and a run of an alphabet, if the run's length is in `lengths`. A token does not
  /// start inside a run of its alphabet, so that no long run is walked twice.
  private mutating func noteToken(
    _ rule: Rule, _ text: ScannedText, _ start: Int, prefix: Int, _ lengths: ClosedRange<Int>,
    of isMember: (UInt8) -> Bool
  ) {
    guard enabled(rule), text.startsToken(start), text[start &- 1] != UInt8(ascii: "_") else { return }
    if lengths.upperBound == .max && isMember(text[start &- 1]) { return }
    let limit = lengths.upperBound == .max ? Int.max : lengths.upperBound &+ 1
    let end = text.end(ofRunAt: start &+ prefix, limit: limit, of: isMember)
    guard lengths.contains(end &- start &- prefix), text.endsToken(end) else { return }
    note(rule, start..<end)
  }

  mutating func findCloudKey(_ text: ScannedText, _ start: Int) {
    let isUnique = ["AKIA", "ASIA", "AGPA", "AIDA", "AROA", "AIPA", "ANPA", "ANVA"] as [StaticString]
    if isUnique.contains(where: { text.has($0, at: start) }) {
      noteToken(.awsAccessKey, text, start, prefix: 4, 16...16) { $0.isUpper || (0x32...0x37).contains($0) }
    } else if text.has("AIza", at: start) {
      noteToken(.gcpAPIKey, text, start, prefix: 4, 35...35) { $0.isBase64URL }
    } else if text.has("AKID", at: start) {
      noteToken(.tencentSecretID, text, start, prefix: 4, 32...32) { $0.isAlphanumeric }
    } else if text.has("LTAI", at: start) {
      noteToken(.aliyunAK, text, start, prefix: 4, 12...26) { $0.isAlphanumeric }
    }
  }

  mutating func findUnderscoreToken(_ text: ScannedText, _ start: Int) {
    if text.has("gh", at: start) && text[start &+ 2] != UInt8(ascii: "m") {
      noteToken(.githubToken, text, start, prefix: 4, 36...255) { $0.isAlphanumeric }
    } else if text.has("npm_", at: start) {
      noteToken(.npmToken, text, start, prefix: 4, 36...36) { $0.isWord }
    }
  }

  mutating func findGitHubPAT(_ text: ScannedText, _ start: Int) {
    if text.has("github_pat_", at: start) {
      noteToken(.githubToken, text, start, prefix: 11, 22...255) { $0.isWord }
    }
  }

  mutating func findGitLab(_ text: ScannedText, _ start: Int) {
    for prefix: StaticString in ["glpat-", "gldt-", "glrt-", "glcbt-"] where text.has(prefix, at: start) {
      noteToken(.gitlabToken, text, start, prefix: prefix.utf8CodeUnitCount, 20...(.max)) { $0.isBase64URL }
    }
  }

  mutating func findSlack(_ text: ScannedText, _ start: Int) {
    let kinds: StaticString = "abposr"
    guard text[start &+ 4] == 0x2D, (0..<6).contains(where: { kinds.utf8Start[$0] == text[start &+ 3] }) else { return }
    // A token begins with the number of its workspace or application.
    let end = text.end(ofRunAt: start &+ 5, limit: 16) { !$0.isDigit && $0.isAlphanumeric || $0 == 0x2D }
    guard text[end].isDigit else { return }
    noteToken(.slackToken, text, start, prefix: 5, 10...(.max)) { $0.isAlphanumeric || $0 == 0x2D }
  }

  /// An incoming webhook's address, whose path is the secret.
  mutating func findSlackHook(_ text: ScannedText, _ start: Int) {
    guard text.has("hooks.slack.com/services/T", at: start) else { return }
    let path = start &+ 25
    let end = text.end(ofRunAt: path) { $0.isWord || $0 == 0x2F }
    if end &- path > 8 { note(.slackToken, path..<end) }
  }

  mutating func findStripe(_ text: ScannedText, _ start: Int) {
    guard text.has("live_", at: start &+ 3) || text.has("test_", at: start &+ 3) else { return }
    noteToken(.stripeKey, text, start, prefix: 8, 16...(.max)) { $0.isWord }
  }

  /// `sk-` and a run that words in kebab case do not have: digits and capitals.
  mutating func findOpenAI(_ text: ScannedText, _ start: Int) {
    guard enabled(.openaiKey), text.startsToken(start), text[start &- 1] != 0x2D, text[start &- 1] != 0x5F else {
      return
    }
    var (hasDigit, hasUpper) = (false, false)
    let end = text.end(ofRunAt: start &+ 3) {
      if $0.isDigit { hasDigit = true }
      if $0.isUpper { hasUpper = true }
      return $0.isBase64URL
    }
    if end &- start >= 23 && hasDigit && hasUpper { note(.openaiKey, start..<end) }
  }

  mutating func findSendGrid(_ text: ScannedText, _ start: Int) {
    guard text.end(ofRunAt: start &+ 3, limit: 23, of: { $0.isBase64URL }) == start &+ 25 else { return }
    guard text[start &+ 25] == 0x2E else { return }
    noteToken(.sendgrid, text, start, prefix: 26, 43...43) { $0.isBase64URL }
  }

  mutating func findGCPOAuth(_ text: ScannedText, _ start: Int) {
    if text.has("ya29.", at: start) {
      noteToken(.gcpOAuth, text, start, prefix: 5, 20...(.max)) { $0.isBase64URL || $0 == 0x2E }
    }
  }

  /// A shared access signature, `sig=…`.
  mutating func findSAS(_ text: ScannedText, _ value: Int) {
    guard text[value &- 4] | 0x20 == UInt8(ascii: "s"), text.startsToken(value &- 4) else { return }
    let digits = text.end(ofRunAt: value) { $0.isBase64 || $0 == 0x25 || $0 == 0x2D || $0 == 0x5F }
    let end = text.end(ofRunAt: digits, limit: 2) { $0 == 0x3D }
    if end &- value >= 40 { note(.azureSAS, value..<end) }
  }

  /// The key of a storage account, `AccountKey=…`; `end` is after `Key`.
  mutating func findAccountKey(_ text: ScannedText, _ end: Int) {
    guard text[end] == 0x3D, text.hasIgnoringCase("accountkey", at: end &- 10) else { return }
    let digits = text.end(ofRunAt: end &+ 1, limit: 87) { $0.isBase64 }
    if digits &- end == 87, text.has("==", at: digits) { note(.azureSAS, end &+ 1..<digits &+ 2) }
  }

  /// A private key of RFC 7468, up to its end or, if it has none, to the end of the text.
  mutating func findPEM(_ text: ScannedText, _ dash: Int) {
    let start = dash &- 4
    guard start >= pemEnd, text.has("-----BEGIN ", at: start) else { return }
    let label = text.end(ofRunAt: start &+ 11, limit: 40) { $0.isUpper || $0 == 0x20 }
    guard text.has("PRIVATE KEY-----", at: label &- 11) else { return }
    var end = label &+ 5
    while end < text.count, !text.has("-----END ", at: end) { end &+= 1 }
    if end < text.count {
      end = text.end(ofRunAt: end &+ 9, limit: 40) { $0.isUpper || $0 == 0x20 }
      end = text.end(ofRunAt: end, limit: 5) { $0 == 0x2D }
    }
    pemEnd = end
    note(.privateKeyPEM, start..<end)
  }

  /// A JWS or JWE in compact form (RFC 7515, RFC 7516): a header that decodes to an object with `alg`.
  mutating func findJWT(_ text: ScannedText, _ start: Int) {
    guard text[start] == UInt8(ascii: "e"), !text[start &- 1].isBase64URL else { return }
    let header = text.end(ofRunAt: start) { $0.isBase64URL }
    guard header &- start >= 11, text[header] == 0x2E, isJOSEHeader(text, start..<header) else { return }
    let payload = text.end(ofRunAt: header &+ 1) { $0.isBase64URL }
    guard payload &- header > 8 || text[payload] == 0x2E else { return }
    var end = payload
    for _ in 0..<3 where text[end] == 0x2E && text[end &+ 1].isBase64URL {
      end = text.end(ofRunAt: end &+ 1) { $0.isBase64URL }
    }
    if text[end] == 0x2E, end == payload { end &+= 1 }
    note(.jwt, start..<end)
  }

  /// Whether base64url text decodes to `{…"alg"…}`.
  private func isJOSEHeader(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    var decoder = Base64Bytes(text, range)
    var window: UInt64 = 0
    var (hasAlgorithm, first, last) = (false, UInt8(0), UInt8(0))
    while let byte = decoder.next() {
      if first == 0 { first = byte }
      if !byte.isSpace { last = byte }
      window = (window << 8 | UInt64(byte)) & 0xFF_FFFF_FFFF
      // The bytes of "alg" with its quotes.
      if window == 0x22_616C_6722 { hasAlgorithm = true }
    }
    return hasAlgorithm && first == UInt8(ascii: "{") && last == UInt8(ascii: "}")
  }
}

/// The bytes that base64 text stands for, in either alphabet, one after the other; ends at the first other character.
struct Base64Bytes {
  private let text: ScannedText
  private var position: Int
  private let end: Int
  private var bits: UInt32 = 0
  private var bitCount: UInt32 = 0

  init(_ text: ScannedText, _ range: Range<Int>) {
    self.text = text
    position = range.lowerBound
    end = range.upperBound
  }

  mutating func next() -> UInt8? {
    while bitCount < 8 {
      guard position < end, let sextet = Self.sextet(text[position]) else { return nil }
      bits = bits << 6 | sextet
      bitCount &+= 6
      position &+= 1
    }
    bitCount &-= 8
    return UInt8(truncatingIfNeeded: bits >> bitCount)
  }

  private static func sextet(_ byte: UInt8) -> UInt32? {
    if byte.isUpper { return UInt32(byte) &- 65 }
    if byte.isLower { return UInt32(byte) &- 71 }
    if byte.isDigit { return UInt32(byte) &+ 4 }
    switch byte {
    case UInt8(ascii: "+"), UInt8(ascii: "-"): return 62
    case UInt8(ascii: "/"), UInt8(ascii: "_"): return 63
    default: return nil
    }
  }
}

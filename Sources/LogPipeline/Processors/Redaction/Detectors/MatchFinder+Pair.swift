// decision: docs/decisions/0203-pairs-in-linear-time.md

/// Pairs of a sensitive name and a value: `password=…`, `"api_key": "…"`, `Authorization: Bearer …`.
extension MatchFinder {
  /// Looks at the pair whose key has the offset inside or at its end.
  mutating func findPair(_ text: ScannedText, _ offset: Int) {
    guard enabled(.secretKV), offset > pairs.keyEnd else { return }
    let isMember: (UInt8) -> Bool = { $0.isWord || $0 == 0x2D || $0 == 0x2E }
    var key =
      text.start(ofRunBefore: offset, limit: 64, of: isMember)..<text.end(ofRunAt: offset, limit: 64, of: isMember)
    pairs.keyEnd = key.upperBound
    if text[key.lowerBound &- 2] == 0x1B {
      // What sets the colour of a key is no part of it.
      let digits = text.end(ofRunAt: key.lowerBound, limit: 3) { $0.isDigit }
      if text[digits] == UInt8(ascii: "m"), digits < key.upperBound { key = digits &+ 1..<key.upperBound }
    }
    if let value = valueStart(text, key.upperBound) {
      noteNamed(text, key, nextLineStart(text, key, value) ?? value)
    } else if let value = partValue(text, key) {
      if SensitiveName.matches(text, key) { noteValue(text, key.lowerBound, value) }
    } else if let open = tagStart(text, key) {
      if SensitiveName.matches(text, key) { findTag(text, open, key) }
    } else if let content = contentStart(text, key) {
      if SensitiveName.matches(text, key) { noteContent(text, key, content) }
    } else if let value = flaggedStart(text, key) ?? listedStart(text, key) ?? pointedStart(text, key)
      ?? callStart(text, key)
    {
      noteNamed(text, key, value)
    } else if text[key.upperBound] == 0x20 {
      findSpaced(text, key)
    } else if let value = bracketedValue(text, key) {
      if secretName(text, key) != nil || doubtful(text, key, value.lowerBound) {
        noteValue(text, key.lowerBound, value)
      }
    } else if let value = pairedStart(text, key) {
      if SensitiveName.matches(text, key) { noteListed(text, key, value) }
    } else if let value = reversedStart(text, key) {
      if SensitiveName.matches(text, key) { notePair(text, key, value) }
    }
  }

  /// Looks at what stands after a key and a space, which its first letter tells mostly.
  private mutating func findSpaced(_ text: ScannedText, _ key: Range<Int>) {
    var start: Int?
    switch text[key.upperBound &+ 1] | 0x20 {
    case 0x22, 0x27: start = quotedStart(text, key)
    case UInt8(ascii: "l"): start = comparedStart(text, key, " like ")
    case UInt8(ascii: "i"): start = comparedStart(text, key, " in (")
    case UInt8(ascii: "e"): start = comparedStart(text, key, " eq ")
    case UInt8(ascii: "n"): start = comparedStart(text, key, " ne ")
    case UInt8(ascii: "f"): start = setForStart(text, key)
    default: break
    }
    if let credentials = commandCredentials(text, key) { return noteValue(text, key.lowerBound, credentials) }
    guard let start = start ?? commandStart(text, key) else { return findSpoken(text, key) }
    if let name = secretName(text, key) { notePair(text, name, start) }
  }

  /// The name of a secret that a key is or ends, as in `api key` and `mot de passe`; nil if it is none.
  func secretName(_ text: ScannedText, _ key: Range<Int>) -> Range<Int>? {
    if SensitiveName.matches(text, key) { return key }
    guard text[key.lowerBound &- 1] == 0x20 else { return nil }
    func isWord(_ word: StaticString) -> Bool {
      word.utf8CodeUnitCount == key.count && text.hasIgnoringCase(word, at: key.lowerBound)
    }
    let kinds: [StaticString] =
      isWord("key")
      ? [
        "api", "access", "private", "secret", "signing", "encryption", "decryption", "auth", "session", "master",
        "shared", "hmac",
      ] : isWord("passe") ? ["mot de"] : []
    for kind in kinds {
      let start = key.lowerBound &- 1 &- kind.utf8CodeUnitCount
      if text.hasIgnoringCase(kind, at: start), text.startsToken(start) { return start..<key.upperBound }
    }
    return nil
  }

  /// Notes the value that starts at an offset if the key names a secret, for certain or as the value has it.
  private mutating func noteNamed(_ text: ScannedText, _ key: Range<Int>, _ start: Int) {
    guard start >= pairs.valueEnd else { return }
    if let name = secretName(text, key) { return notePair(text, name, start) }
    if doubtful(text, key, start) { notePair(text, key, start) }
  }

  /// Whether a key may mean a secret, and the value that starts at an offset looks like one.
  private mutating func doubtful(_ text: ScannedText, _ key: Range<Int>, _ start: Int) -> Bool {
    // `PASS: ` stands before the names of tests.
    guard let name = DoubtfulName(text, key), !text.has("PASS: ", at: key.lowerBound) else { return false }
    // What stands in a value that is no password is none either, so that no byte is looked at for two names.
    if name == .password, key.lowerBound < pairs.judgedEnd { return false }
    let value = glance(text, start)
    if name == .password { pairs.judgedEnd = value.upperBound }
    return name.hides(text, value, isOfUser: isOfUser(text, key.lowerBound))
  }

  /// Whether a word for a user stands in the 32 bytes before a key.
  private func isOfUser(_ text: ScannedText, _ keyStart: Int) -> Bool {
    (Swift.max(keyStart &- 32, 0)..<keyStart).contains { offset in
      switch text[offset] | 0x20 {
      case UInt8(ascii: "u"):
        text.hasIgnoringCase("user", at: offset) || text.hasIgnoringCase("usr", at: offset)
          || text.hasIgnoringCase("uid", at: offset)
      case UInt8(ascii: "l"): text.hasIgnoringCase("login", at: offset)
      case UInt8(ascii: "a"): text.hasIgnoringCase("account", at: offset)
      default: false
      }
    }
  }

  /// The start of a value, of at most 64 bytes, without its quotes.
  func glance(_ text: ScannedText, _ start: Int) -> Range<Int> {
    let limit = DoubtfulName.maxValueBytes
    guard let open = opening(text, start) else {
      return start..<text.end(ofRunAt: start, limit: limit, of: Self.isInWord)
    }
    let end = text.end(ofRunAt: open.end, limit: limit) { $0 != open.byte && $0 != 0x5C && $0 != 0x0A && $0 != 0 }
    return open.end..<end
  }

  /// Whether a byte belongs to a value without quotes as far as that can be told from it alone.
  static func isInWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0, 0x09, 0x0A, 0x0D, 0x20, 0x22, 0x26, 0x27, 0x29, 0x2C, 0x3B, 0x5D, 0x7D: false
    default: true
    }
  }

  /// Notes the value that starts at an offset, unless it is a part of the one before.
  mutating func notePair(_ text: ScannedText, _ key: Range<Int>, _ start: Int) {
    guard start >= pairs.valueEnd else { return }
    var value = value(text, at: start, of: key)
    if let credentials = skippingScheme(text, value) { value = credentials }
    if !value.isQuoted, text.hasIgnoringCase("cookie", at: key.upperBound &- 6) {
      value.range = value.range.lowerBound..<cookiesEnd(text, value.range.upperBound)
    }
    let end = Swift.max(value.whole.upperBound, value.range.upperBound)
    pairs.valueEnd = Swift.max(pairs.valueEnd, end)
    guard value.range.count >= (value.isQuoted ? 1 : 3), isHidden(text, value.range) else { return }
    note(.secretKV, value.range, whole: Swift.min(key.lowerBound, start)..<Swift.max(key.upperBound, end))
  }

  mutating func noteValue(_ text: ScannedText, _ keyStart: Int, _ range: Range<Int>) {
    guard range.count >= 3, isHidden(text, range) else { return }
    note(.secretKV, range, whole: keyStart..<range.upperBound)
  }

  /// Notes the content of an element of XML.
  mutating func noteContent(_ text: ScannedText, _ key: Range<Int>, _ start: Int) {
    guard start >= pairs.valueEnd else { return }
    let range = content(text, start)
    pairs.valueEnd = range.upperBound
    noteValue(text, key.lowerBound, range)
  }

  /// Notes the second of two quoted words in brackets.
  private mutating func noteListed(_ text: ScannedText, _ key: Range<Int>, _ start: Int) {
    guard start >= pairs.valueEnd else { return }
    let second = value(text, at: start, of: key)
    let closer = text.end(ofRunAt: second.whole.upperBound, limit: 64) { $0.isSpace }
    guard second.whole.count > 2, text[closer].isCloser else { return }
    // One pair alone may be two words of a list.
    if !isInList(text, key), text.isWords(glance(text, start)) { return }
    notePair(text, key, start)
  }

  /// Whether a value may be a secret: no word that stands where one is missing, and not what a redaction leaves.
  func isHidden(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    !isPlainWord(text, range) && !isMasked(text, range)
  }

  /// Whether a value is a word that stands where one is missing; brackets of what it stands in may follow.
  func isPlainWord(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    let words: [StaticString] = ["null", "true", "false", "none", "nil", "undefined"]
    let end = text.start(ofRunBefore: range.upperBound, limit: Swift.min(range.count, 4)) { $0.isCloser }
    let count = end &- range.lowerBound
    return words.contains { $0.utf8CodeUnitCount == count && text.hasIgnoringCase($0, at: range.lowerBound) }
  }

  /// Whether a value is what a redaction leaves: asterisks, or a digest under its name.
  func isMasked(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    RedactedText.isWhole(text, range, keyIDs: detectors.keyIDs)
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
  private mutating func skippingScheme(_ text: ScannedText, _ value: PairValue) -> PairValue? {
    let schemes: [StaticString] = [
      "bearer", "basic", "token", "digest", "negotiate", "apikey", "aws4-hmac-sha256", "hmac",
    ]
    for scheme in schemes where text.hasIgnoringCase(scheme, at: value.range.lowerBound) {
      let end = value.range.lowerBound &+ scheme.utf8CodeUnitCount
      guard text[end] == 0x20, end <= value.range.upperBound else { continue }
      let start = text.end(ofRunAt: end, limit: 4) { $0 == 0x20 }
      if value.isQuoted, start < value.range.upperBound {
        return PairValue(range: start..<value.range.upperBound, whole: value.whole, isQuoted: true)
      }
      let credentials = self.value(text, at: start, of: end..<end)
      let stop = Swift.max(credentials.whole.upperBound, parametersEnd(text, start))
      if credentials.isQuoted, stop == credentials.whole.upperBound { return credentials }
      return PairValue(range: start..<stop, whole: start..<stop, isQuoted: false)
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
      let open = text.end(ofRunAt: name &+ 1, limit: Self.maxSlashes) { $0 == 0x5C }
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

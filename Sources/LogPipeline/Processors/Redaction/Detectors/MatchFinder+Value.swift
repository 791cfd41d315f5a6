/// Where a value ends: where the language around it ends it, and if that cannot be told, at the end of the line.
extension MatchFinder {
  /// The longest text in brackets that is a value, in bytes.
  static var maxBracketBytes: Int { 4096 }

  /// The value that starts at an offset.
  mutating func value(_ text: ScannedText, at start: Int, of key: Range<Int>) -> PairValue {
    guard let open = opening(text, start) else {
      if let block = blockRange(text, start) { return PairValue(range: block, whole: block, isQuoted: false) }
      let end = withDump(text, plainEnd(text, start, key))
      return PairValue(range: start..<end, whole: start..<end, isQuoted: false)
    }
    var (range, end) = string(text, open)
    while let next = continuation(text, end, of: open) {
      let more = string(text, next)
      (range, end) = (range.lowerBound..<more.range.upperBound, more.end)
    }
    return PairValue(range: range, whole: start..<end, isQuoted: true)
  }

  /// The quote at an offset, backslashes before it included.
  func opening(_ text: ScannedText, _ start: Int) -> OpeningQuote? {
    let quote = text.end(ofRunAt: start, limit: Self.maxSlashes) { $0 == 0x5C }
    if text[quote].isQuote || text[quote] == 0x60 {
      return OpeningQuote(byte: text[quote], slashes: quote &- start, end: quote &+ 1)
    }
    guard text[start] >= 0xC2 else { return nil }
    if text.has("«", at: start) { return OpeningQuote(byte: text[start &+ 1], slashes: 0, end: start &+ 2) }
    let quotes: [StaticString] = ["“", "「", "‘", "„", "『", "‹"]
    return quotes.contains { text.has($0, at: start) }
      ? OpeningQuote(byte: text[start &+ 2], slashes: 0, end: start &+ 3) : nil
  }

  /// The inside of a string, and where its closing quote ends; without one, up to the end of the line.
  private mutating func string(_ text: ScannedText, _ open: OpeningQuote) -> (range: Range<Int>, end: Int) {
    if !pairs.hasClosings {
      for slot in 0..<22 { pairs.closings[slot] = 0..<0 }
      pairs.hasClosings = true
    }
    if open.byte >= 0x80 { return wideString(text, open) }
    let levels = [0, 1, 3, 7, 15]
    let level = levels.lastIndex { $0 <= open.slashes } ?? 0
    let slot = level &* 3 &+ (open.byte == 0x22 ? 0 : open.byte == 0x27 ? 1 : 2)
    let known = pairs.closings[slot]
    let isKnown = known.lowerBound <= open.end && open.end <= known.upperBound && !known.isEmpty
    let close = isKnown ? known.upperBound : Self.closing(text, open, slashes: levels[level])
    if !isKnown { pairs.closings[slot] = open.end..<close }
    guard close < text.count else {
      let end = lineEnd(text, open.end)
      return (open.end..<end, end)
    }
    let inner = text.start(ofRunBefore: close, limit: Swift.min(levels[level], close &- open.end)) { $0 == 0x5C }
    return (open.end..<inner, text[close] == open.byte ? close &+ 1 : inner)
  }

  /// Where the quote is that closes a string; the text's length if there is none. A quote with a letter or digit after
  /// it closes none, since not all that prints strings escapes quotes in them; two quotes are one of the string.
  private static func closing(_ text: ScannedText, _ open: OpeningQuote, slashes level: Int) -> Int {
    var offset = open.end
    while offset < text.count {
      guard text[offset] == open.byte else {
        offset &+= 1
        continue
      }
      let start = text.start(ofRunBefore: offset, limit: Swift.min(offset &- open.end, 64)) { $0 == 0x5C }
      let slashes = offset &- start
      if slashes < level { return offset }
      if (slashes &- level) % (2 &* (level &+ 1)) == 0 {
        if level == 0, text[offset &+ 1] == open.byte {
          offset &+= 2
          continue
        }
        if !text[offset &+ 1].isAlphanumeric { return offset }
      }
      offset &+= 1
    }
    return text.count
  }

  /// A string in `“”`, `「」` and the like, up to the end of its line.
  private mutating func wideString(_ text: ScannedText, _ open: OpeningQuote) -> (range: Range<Int>, end: Int) {
    let (slot, closer): (Int, StaticString) =
      switch open.byte {
      case 0x8C: (15, "」")
      case 0x8E: (16, "』")
      case 0x98: (17, "’")
      case 0x9E: (18, "“")
      case 0xAB: (19, "»")
      case 0xB9: (20, "›")
      default: (21, "”")
      }
    let known = pairs.closings[slot]
    let isKnown = known.lowerBound <= open.end && open.end <= known.upperBound && !known.isEmpty
    var end = isKnown ? known.upperBound : open.end
    while end < text.count, text[end] != 0x0A, !text.has(closer, at: end) { end &+= 1 }
    if !isKnown { pairs.closings[slot] = open.end..<end }
    return (open.end..<end, text.has(closer, at: end) ? end &+ closer.utf8CodeUnitCount : end)
  }

  /// Where a string goes on that was written in pieces: after `+` and the like, in another line, or around a quote of a
  /// shell.
  private func continuation(_ text: ScannedText, _ end: Int, of open: OpeningQuote) -> OpeningQuote? {
    if open.byte == 0x27, text.has("\\''", at: end) || text.has("\"'\"'", at: end) {
      return OpeningQuote(byte: 0x27, slashes: 0, end: text[end] == 0x5C ? end &+ 3 : end &+ 4)
    }
    var next = text.end(ofRunAt: end, limit: 4) { $0 == 0x20 }
    let joint = jointEnd(text, next)
    let isJoined = joint > next
    next = joint
    if isJoined, text[next &- 1] != 0x5C {
      // In the same line.
      let start = text.end(ofRunAt: next, limit: 4) { $0 == 0x20 }
      if let again = opening(text, start) { return again.byte == open.byte ? again : nil }
    }
    guard text[next] == 0x0A else { return nil }
    next = text.end(ofRunAt: next, limit: 256) { $0.isSpace }
    if !isJoined, text.has("- some: ", at: next) { return opening(text, next &+ 8) }
    guard isJoined || text[next &- 1].isBlank else { return nil }
    guard let again = opening(text, next), again.byte == open.byte else { return nil }
    // A key that follows in the next line is no piece.
    let close = text.end(ofRunAt: again.end, limit: 64) { $0 != open.byte }
    let after = text.end(ofRunAt: close &+ 1, limit: 4) { $0 == 0x20 }
    return text[after] == UInt8(ascii: ":") || text[after] == UInt8(ascii: "=") ? nil : again
  }

  /// Where `+`, `||`, `.` or a backslash ends that joins two strings; the offset itself if none stands there.
  private func jointEnd(_ text: ScannedText, _ start: Int) -> Int {
    switch text[start] {
    case UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "\\"): start &+ 1
    case UInt8(ascii: "|") where text[start &+ 1] == UInt8(ascii: "|"): start &+ 2
    default: start
    }
  }

  /// The end of a value with the line `- some: "…"` that Swift's `dump` writes after an optional.
  private mutating func withDump(_ text: ScannedText, _ end: Int) -> Int {
    guard text[end] == 0x0A else { return end }
    let next = text.end(ofRunAt: end, limit: 256) { $0.isSpace }
    guard text.has("- some: ", at: next), let open = opening(text, next &+ 8) else { return end }
    return string(text, open).end
  }

  private mutating func lineEnd(_ text: ScannedText, _ start: Int) -> Int {
    if pairs.line.contains(start) { return pairs.line.upperBound }
    let end = text.end(ofRunAt: start) { $0 != 0x0A && $0 != 0x0D && $0 != 0 }
    pairs.line = start..<end
    return end
  }

  /// The lines of a block scalar of YAML (YAML 1.2.2 section 8.1) after its `|` or `>`.
  private func blockRange(_ text: ScannedText, _ start: Int) -> Range<Int>? {
    guard text[start] == UInt8(ascii: "|") || text[start] == UInt8(ascii: ">") else { return nil }
    let lineEnd = text.end(ofRunAt: start &+ 1, limit: 4) { $0.isDigit || $0 == 0x2B || $0 == 0x2D || $0 == 0x0D }
    let first = text.end(ofRunAt: lineEnd &+ 1, limit: 64) { $0 == 0x20 }
    let indent = first &- lineEnd &- 1
    guard text[lineEnd] == 0x0A, indent > 0 else { return nil }
    var end = first
    while end < text.count {
      end = text.end(ofRunAt: end) { $0 != 0x0A }
      let next = text.end(ofRunAt: end &+ 1, limit: indent) { $0 == 0x20 }
      if next &- end &- 1 < indent, text[next] != 0x0A { break }
      end = next
    }
    return first..<Swift.min(end, text.count)
  }
}

/// Values without quotes around them.
extension MatchFinder {
  /// Where a value ends that no quote opens.
  private mutating func plainEnd(_ text: ScannedText, _ start: Int, _ key: Range<Int>) -> Int {
    if text.has("] => ", at: start &- 5) { return lineEnd(text, start) }
    let end = wordEnd(text, start)
    if isPlainWord(text, start..<end) { return end }
    guard text[end].isBlank || text[end] == 0x2C || text[end] == 0x3B,
      let closer = enclosingCloser(text, key.lowerBound)
    else { return end }
    return memberEnd(text, end, closer, endsAtSpace: isAfterSpace(text, key.lowerBound, start))
  }

  /// Where a word ends that may hold brackets and strings, such as `Some("…")`, `b'…'` or `["…", "…"]`.
  private mutating func wordEnd(_ text: ScannedText, _ start: Int) -> Int {
    var offset = start
    while offset < text.count {
      let byte = text[offset]
      switch byte {
      case _ where byte.isAlphanumeric: offset &+= 1
      case 0, 0x0A, 0x0D, 0x1B: return offset
      case 0x20, 0x09:
        guard let next = afterSpace(text, start, offset) else { return offset }
        offset = next
      case 0x22, 0x27, 0x60:
        if Self.isPrefix(text, start..<offset) {
          let end = string(text, OpeningQuote(byte: byte, slashes: 0, end: offset &+ 1)).end
          offset = text[offset &- 1] == UInt8(ascii: "#") ? rawEnd(text, offset) : end
        } else if Self.mayEnd(text, offset &+ 1) {
          return text.start(ofRunBefore: offset, limit: offset &- start) { $0 == 0x5C }
        } else {
          offset &+= 1
        }
      case 0x28, 0x5B, 0x7B:
        guard let end = bracketEnd(text, offset) else { return lineEnd(text, offset) }
        offset = end
      case let byte
      where byte.isCloser && byte != 0x7D && offset > start
        && (text[offset &- 1].isQuote || text[offset &- 1].isCloser):
        return offset
      case 0x3C where offset == start: offset = angleEnd(text, offset)
      case 0x2C, 0x3B, 0x26, 0x7D:
        if Self.isSeparator(text, offset) { return offset }
        offset &+= 1
      default: offset &+= 1
      }
    }
    return offset
  }

  /// Where a word goes on after the space at an offset; nil if the space ends it. It does not if it is escaped, and
  /// between a type, a constructor or an address and what it is of: `Just "…"`, `(char *) "…"`, `String = "…"`.
  private mutating func afterSpace(_ text: ScannedText, _ start: Int, _ space: Int) -> Int? {
    let before = text[space &- 1]
    var next = space &+ 1
    if before == 0x5C { return next }
    // A tag or an anchor of YAML.
    if text[start] == UInt8(ascii: "!") || text[start] == UInt8(ascii: "&") {
      let tag = text.end(ofRunAt: start &+ 1, limit: 64) { $0.isWord || $0 == UInt8(ascii: "!") }
      if tag == space { return opening(text, next).map { string(text, $0).end } ?? next }
    }
    if before.isCloser, text[next].isOpener { return next }
    if text[next] == UInt8(ascii: "="), text[next &+ 1] == 0x20, text[start].isLetter { next &+= 2 }
    guard let open = opening(text, next), open.slashes <= 1 else { return nil }
    let words: [StaticString] = ["just", "some", "right", "left", "ok", "secret"]
    let isWrapped = words.contains { $0.utf8CodeUnitCount == space &- start && text.hasIgnoringCase($0, at: start) }
    guard isWrapped || before.isCloser || next > space &+ 1 || text.has("0x", at: start) else { return nil }
    return string(text, open).end
  }

  /// Where a raw string of Rust ends, `r#"…"#`, which starts at its quote; its line's end if it is not closed there.
  private mutating func rawEnd(_ text: ScannedText, _ quote: Int) -> Int {
    let signs = quote &- text.start(ofRunBefore: quote, limit: 8) { $0 == UInt8(ascii: "#") }
    let last = Swift.min(lineEnd(text, quote), quote &+ Self.maxBracketBytes)
    var end = quote &+ 1
    while end < last {
      let hashes = text.end(ofRunAt: end &+ 1, limit: signs) { $0 == UInt8(ascii: "#") }
      if text[end] == text[quote], hashes &- end &- 1 == signs { return hashes }
      end &+= 1
    }
    return lineEnd(text, quote)
  }

  /// Whether text before a quote belongs to a string, as in `b'…'`, `r#"…"` and `N'…'`.
  private static func isPrefix(_ text: ScannedText, _ range: Range<Int>) -> Bool {
    let prefixes: [StaticString] = [
      "b", "r", "u", "f", "n", "e", "l", "x", "q", "rb", "br", "u8", "@", "$", "&", "s", "<<",
    ]
    var end = range.upperBound
    while end > range.lowerBound, text[end &- 1] == UInt8(ascii: "#") { end &-= 1 }
    let count = end &- range.lowerBound
    return count == 0 && !range.isEmpty
      || prefixes.contains { $0.utf8CodeUnitCount == count && text.hasIgnoringCase($0, at: range.lowerBound) }
  }

  private func isShortPrefix(_ text: ScannedText, _ quote: Int) -> Bool {
    !text[quote &- 2].isAlphanumeric && Self.isPrefix(text, quote &- 1..<quote)
  }

  /// Whether what stands after a quote or a bracket lets it end a value.
  private static func mayEnd(_ text: ScannedText, _ offset: Int) -> Bool {
    switch text[offset] {
    case 0, 0x09, 0x0A, 0x0D, 0x20, 0x22, 0x27, 0x60, 0x26, 0x29, 0x2C, 0x2E, 0x2F, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F,
      0x5C, 0x5D, 0x7C, 0x7D, 0x80...0xFF:
      true
    default: false
    }
  }

  /// Whether a quote, `,`, `;`, `&` or `}` ends a value without quotes.
  func endsPlain(_ text: ScannedText, _ offset: Int) -> Bool {
    switch text[offset] {
    case 0x22, 0x27, 0x60: Self.mayEnd(text, offset &+ 1)
    case 0x2C, 0x3B, 0x26, 0x7D: Self.isSeparator(text, offset)
    default: false
    }
  }

  /// Whether `,`, `;`, `&` or `}` ends a value: not if a password might go on after it.
  private static func isSeparator(_ text: ScannedText, _ offset: Int) -> Bool {
    if mayEnd(text, offset &+ 1) { return true }
    if text[offset] == 0x7D { return false }
    if isMember(text, offset &+ 1) { return true }
    // Names of two words in connection strings: `;User Id=`.
    let words: [StaticString] = [
      "user ", "data ", "initial ", "integrated ", "persist ", "application ", "connect ", "trust ", "max ", "min ",
      "multiple", "network ", "packet ", "workstation ", "failover ",
    ]
    return text[offset] == 0x3B && words.contains { text.hasIgnoringCase($0, at: offset &+ 1) }
  }

  /// Whether a name and `=` or `:` start at an offset.
  private static func isMember(_ text: ScannedText, _ start: Int) -> Bool {
    let end = text.end(ofRunAt: start, limit: 64) { $0.isWord || $0 == 0x2D || $0 == 0x2E }
    return end > start && (text[end] == 0x3D || text[end] == 0x3A)
  }

  /// Where the bracket at an offset is closed; nil if it is not, or too late, or after a line that ends like prose.
  private mutating func bracketEnd(_ text: ScannedText, _ start: Int) -> Int? {
    guard start >= pairs.openEnd else { return nil }
    let last = Swift.min(start &+ Self.maxBracketBytes, text.count)
    var stack = BracketStack()
    var offset = start
    var before: UInt8 = 0
    while offset < last {
      let byte = text[offset]
      if byte.isOpener {
        if !stack.open(byte) { break }
      } else if byte.isCloser {
        stack.close(byte)
        if stack.depth == 0 { return offset &+ 1 }
      } else if byte.isQuote, !before.isAlphanumeric || isShortPrefix(text, offset) {
        let slashes = offset &- text.start(ofRunBefore: offset, limit: Self.maxSlashes) { $0 == 0x5C }
        let end = string(text, OpeningQuote(byte: byte, slashes: slashes, end: offset &+ 1)).end
        offset = Swift.max(offset, end &- 1)
      } else if byte == 0x0A, before.isWord {
        break
      }
      if !byte.isSpace { before = byte }
      offset &+= 1
    }
    pairs.openEnd = Swift.max(offset, start &+ 1)
    return nil
  }

  /// Where `<Buffer 68 75 6e>` is closed, in the same line.
  private func angleEnd(_ text: ScannedText, _ start: Int) -> Int {
    let end = text.end(ofRunAt: start &+ 1, limit: Self.maxBracketBytes) { $0 != 0x3E && $0 != 0x3C && $0 != 0x0A }
    return text[end] == 0x3E ? end &+ 1 : start &+ 1
  }

  /// The bracket that closes the one a key stands in, of its line and of the string it is in; nil if it stands in none.
  mutating func enclosingCloser(_ text: ScannedText, _ keyStart: Int) -> UInt8? {
    while pairs.countedEnd < keyStart {
      let byte = text[pairs.countedEnd]
      if byte == 0x0A {
        (pairs.brackets, pairs.isInString) = (BracketStack(), false)
      } else if byte == 0x22 {
        pairs.isInString.toggle()
        pairs.bracketsInString = BracketStack()
      } else if byte.isOpener || byte.isCloser {
        if pairs.isInString { pairs.bracketsInString.count(byte) } else { pairs.brackets.count(byte) }
      }
      pairs.countedEnd &+= 1
    }
    return pairs.isInString ? pairs.bracketsInString.closer : pairs.brackets.closer
  }

  /// Whether members are set apart by spaces alone, as in `{User:bob Password:x}`.
  private func isAfterSpace(_ text: ScannedText, _ keyStart: Int, _ valueStart: Int) -> Bool {
    let before = text.start(ofRunBefore: keyStart, limit: 64) { $0.isBlank || $0.isQuote }
    if text[before &- 1].isOpener { return text[valueStart &- 1] == 0x3A }
    return text[before &- 1] != 0x2C && text[before &- 1] != 0x3B
  }

  /// Where a member of something in brackets ends, at the next member or the closing bracket, and at the end of the
  /// line if there is neither.
  private func memberEnd(_ text: ScannedText, _ start: Int, _ closer: UInt8, endsAtSpace: Bool) -> Int {
    var offset = start
    while offset < text.count, text[offset] != 0x0A, text[offset] != 0 {
      let byte = text[offset]
      let next = text.end(ofRunAt: offset &+ 1, limit: 4) { $0.isBlank }
      if byte == closer, Self.mayEnd(text, offset &+ 1) { break }
      if byte == 0x22, Self.mayEnd(text, offset &+ 1) { break }
      if byte == 0x2C || byte == 0x3B || byte.isBlank && endsAtSpace {
        if Self.isMember(text, next) || text[next].isQuote { break }
      }
      offset &+= 1
    }
    return text.start(ofRunBefore: offset, limit: offset &- start) { $0.isBlank }
  }
}

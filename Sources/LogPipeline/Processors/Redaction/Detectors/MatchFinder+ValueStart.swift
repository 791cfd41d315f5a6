/// Where the value of a name starts, in the forms that languages and formats write pairs in.
extension MatchFinder {
  /// The most backslashes before a quote: those of JSON in strings of JSON, four deep.
  static var maxSlashes: Int { 15 }
  /// The most spaces beside a separator, as in columns.
  static var maxSpaces: Int { 64 }

  /// Where the value of a key that ends at `keyEnd` starts, opening quote included; nil if no separator follows.
  func valueStart(_ text: ScannedText, _ keyEnd: Int) -> Int? {
    // No separator is a letter: so ends the look at most names in prose.
    if text[keyEnd] == 0x20, text[keyEnd &+ 1].isLetter { return nil }
    let position = text[keyEnd] == UInt8(ascii: "=") ? keyEnd : separatorStart(text, keyEnd)
    if text.has(";s:", at: position) { return serializedStart(text, position &+ 3) }
    guard let separatorEnd = separatorEnd(text, position) else { return nil }
    return dumpedStart(text, separatorEnd) ?? afterEmphasis(text, afterSpaces(text, separatorEnd))
  }

  /// Where the separator stands, if there is one, after what may end the name: its quote, a bracket, emphasis, spaces.
  private func separatorStart(_ text: ScannedText, _ keyEnd: Int) -> Int {
    var position = text.end(ofRunAt: keyEnd, limit: Self.maxSlashes) { $0 == 0x5C }
    if text[position].isQuote { position &+= 1 }
    position = afterVisibility(text, position) ?? position
    if text[position] == UInt8(ascii: "]") || text.has(")=(", at: position) { position &+= 1 }
    if text[position] == UInt8(ascii: "[") { position = afterIndex(text, position) }
    // Emphasis of Markdown.
    position = text.end(ofRunAt: position, limit: 2) { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "`") }
    return afterSpaces(text, position)
  }

  /// After `[]` of a form and `[0]` of a list; the offset itself if none stands there.
  private func afterIndex(_ text: ScannedText, _ start: Int) -> Int {
    let end = text.end(ofRunAt: start &+ 1, limit: 4) { $0.isDigit }
    return text[end] == UInt8(ascii: "]") ? end &+ 1 : start
  }

  /// After what ends the emphasis of a name with its separator, `**Password:** …` and `<b>Password:</b> …`.
  private func afterEmphasis(_ text: ScannedText, _ start: Int) -> Int {
    if text.has("** ", at: start) { return start &+ 3 }
    guard text.has("</", at: start) else { return start }
    let end = text.end(ofRunAt: start &+ 2, limit: 16) { $0.isAlphanumeric }
    return text[end] == UInt8(ascii: ">") ? afterSpaces(text, end &+ 1) : start
  }

  /// After spaces, and after what sets colours of a terminal, `ESC [ 36 m`.
  private func afterSpaces(_ text: ScannedText, _ start: Int) -> Int {
    var position = text.end(ofRunAt: start, limit: Self.maxSpaces) { $0.isBlank }
    for _ in 0..<4 where text[position] == 0x1B && text[position &+ 1] == UInt8(ascii: "[") {
      let end = text.end(ofRunAt: position &+ 2, limit: 16) { $0.isDigit || $0 == UInt8(ascii: ";") }
      guard text[end] == UInt8(ascii: "m") else { break }
      position = text.end(ofRunAt: end &+ 1, limit: Self.maxSpaces) { $0.isBlank }
    }
    return position
  }

  /// Where `=`, `:`, `=>`, `:=`, `==`, `->`, `<-`, `+=`, `?=`, `||=`, an arrow or a wide colon or equals sign ends; nil
  /// if none stands here.
  private func separatorEnd(_ text: ScannedText, _ position: Int) -> Int? {
    let next = text[position &+ 1]
    switch text[position] {
    case UInt8(ascii: "="):
      let end = text.end(ofRunAt: position, limit: 3) { $0 == UInt8(ascii: "=") }
      return text[end] == UInt8(ascii: ">") || text[end] == UInt8(ascii: ":") ? end &+ 1 : end
    case UInt8(ascii: ":"):
      if text.has("::=", at: position) { return position &+ 3 }
      // Two colons and a space stand before base64 in LDIF (RFC 2849).
      if text.has(":: ", at: position) { return position &+ 2 }
      if text.has("::", at: position) || text.has("://", at: position) { return nil }
      return next == UInt8(ascii: "=") ? position &+ 2 : position &+ 1
    case UInt8(ascii: "-"), UInt8(ascii: "~"): return next == UInt8(ascii: ">") ? position &+ 2 : nil
    case UInt8(ascii: "<") where next == UInt8(ascii: "-"): return position &+ 2
    // What is compared with a text is one; with a name it may be anything.
    case UInt8(ascii: "<") where next == UInt8(ascii: ">"), UInt8(ascii: "!") where next == UInt8(ascii: "="):
      let end = text.end(ofRunAt: position &+ 2, limit: 2) { $0 == UInt8(ascii: "=") }
      return opening(text, afterSpaces(text, end)) == nil ? nil : end
    case UInt8(ascii: "+"), UInt8(ascii: "?"): return next == UInt8(ascii: "=") ? position &+ 2 : nil
    case UInt8(ascii: "|"): return text.has("||=", at: position) ? position &+ 3 : nil
    // A pair of Lisp.
    case UInt8(ascii: "."): return text[position &- 1] == 0x20 && text.has(". \"", at: position) ? position &+ 1 : nil
    case 0xE2, 0xEF:
      let signs: [StaticString] = ["：", "＝", "﹕", "﹦", "→", "⇒", "←", "∶"]
      return signs.contains { text.has($0, at: position) } ? position &+ 3 : nil
    default: return nil
    }
  }

  /// After `:protected` or `:User:private` of a member of an object, `[password:protected] => …` of PHP.
  private func afterVisibility(_ text: ScannedText, _ start: Int) -> Int? {
    guard text[start] == UInt8(ascii: ":") else { return nil }
    let end = text.end(ofRunAt: start, limit: 64) { $0.isWord || $0 == UInt8(ascii: ":") || $0.isQuote || $0 == 0x5C }
    return text[end] == UInt8(ascii: "]") && text.has("=>", at: end &+ (text[end &+ 1] == 0x20 ? 2 : 1)) ? end : nil
  }

  /// `…;s:7:"…"` of PHP's `serialize`.
  private func serializedStart(_ text: ScannedText, _ start: Int) -> Int? {
    let end = text.end(ofRunAt: start, limit: 8) { $0.isDigit }
    guard end > start, text[end] == UInt8(ascii: ":") else { return nil }
    return opening(text, end &+ 1) == nil ? nil : end &+ 1
  }

  /// `…=>⏎ string(7) "…"` of PHP's `var_dump`.
  private func dumpedStart(_ text: ScannedText, _ separatorEnd: Int) -> Int? {
    let start = text.end(ofRunAt: separatorEnd, limit: Self.maxSpaces) { $0.isSpace }
    guard text.has("string(", at: start) else { return nil }
    let end = text.end(ofRunAt: start &+ 7, limit: 8) { $0.isDigit }
    return text.has(") ", at: end) ? end &+ 2 : nil
  }

  /// After the closing quote of a word that ends at `end`, if it has one, and whether it has.
  private func closing(_ text: ScannedText, _ end: Int) -> (end: Int, isQuoted: Bool) {
    let quote = text.end(ofRunAt: end, limit: Self.maxSlashes) { $0 == 0x5C }
    return text[quote].isQuote ? (quote &+ 1, true) : (end, false)
  }
}

/// Values that stand beside their key without a separator of their own.
extension MatchFinder {
  /// Where the content of an element of XML starts, `<ns:password>…</`, or of one that is named by its sibling,
  /// `<name>password</name><value>…</`.
  func contentStart(_ text: ScannedText, _ key: Range<Int>) -> Int? {
    var start = key.lowerBound
    let before = text[start &- 1]
    guard before == 0x3C || before == 0x3E || before == 0x3A else { return nil }
    if before == 0x3A { start = prefixStart(text, start) }
    let isTag = text[start &- 1] == 0x3C && text[key.upperBound] == 0x3E
    let isSibling = text[start &- 1] == 0x3E && text.has("</", at: key.upperBound)
    guard isTag || isSibling else { return nil }
    if isSibling {
      let words: [StaticString] = ["name>", "key>", "dt>"]
      guard words.contains(where: { text.hasIgnoringCase($0, at: start &- $0.utf8CodeUnitCount) }) else { return nil }
    }
    let from = isSibling ? key.upperBound &+ 2 : key.upperBound
    let tag = text.end(ofRunAt: from, limit: 256) { $0 != 0x3E && $0 != 0x3C }
    guard text[tag] == 0x3E, text[tag &- 1] != 0x2F else { return nil }
    if !isSibling { return tag &+ 1 }
    let next = text.end(ofRunAt: tag &+ 1, limit: Self.maxSpaces) { $0.isSpace }
    return text[next] == 0x3C && text[next &+ 1].isLetter ? next : nil
  }

  /// Text up to the next tag, after at most four tags that open and the start of a CDATA section.
  func content(_ text: ScannedText, _ start: Int) -> Range<Int> {
    var start = start
    for _ in 0..<4 {
      let next = text.end(ofRunAt: start, limit: Self.maxSpaces) { $0.isSpace }
      if text.has("<![CDATA[", at: next) {
        var end = next &+ 9
        while end < text.count, !text.has("]]>", at: end) { end &+= 1 }
        return next &+ 9..<Swift.min(end, text.count)
      }
      guard text[next] == 0x3C, text[next &+ 1].isLetter else { break }
      let tag = text.end(ofRunAt: next &+ 1, limit: 256) { $0 != 0x3E && $0 != 0x3C }
      guard text[tag] == 0x3E, text[tag &- 1] != 0x2F else { break }
      start = tag &+ 1
    }
    return start..<text.end(ofRunAt: start) { $0 != 0x3C }
  }

  /// The word after a flag of a command, `--password …` or `-Password …`, also as the next item of a list.
  func flaggedStart(_ text: ScannedText, _ key: Range<Int>) -> Int? {
    let before = text[key.lowerBound &- 1]
    guard text[key.lowerBound] == 0x2D, !before.isAlphanumeric, before != 0x3E else { return nil }
    let (end, isQuoted) = closing(text, key.upperBound)
    var start = text.end(ofRunAt: end, limit: Self.maxSpaces) { $0.isSpace }
    if text.has("\\\n", at: start) { start = text.end(ofRunAt: start &+ 1, limit: Self.maxSpaces) { $0.isSpace } }
    let isItem = text[start] == 0x2C || text.has("- ", at: start)
    if isItem, isQuoted || text.has("- ", at: start) {
      start = text.end(ofRunAt: start &+ 1, limit: Self.maxSpaces) { $0.isSpace }
    } else if text[end] != 0x20 {
      return nil
    }
    let word = opening(text, start)?.end ?? start
    return text[word] == 0x2D ? nil : start
  }

  /// The value of a member whose sibling names it: `{"name": "DB_PASSWORD", "value": "…"}` in any notation.
  func listedStart(_ text: ScannedText, _ key: Range<Int>) -> Int? {
    let before = text[key.lowerBound &- 1].isBlank ? text[key.lowerBound &- 2] : text[key.lowerBound &- 1]
    guard before == 0x3A || before == 0x3D || before == 0x3E || before.isQuote || before.isBlank else { return nil }
    let (end, _) = closing(text, key.upperBound)
    let word = text.end(ofRunAt: end, limit: Self.maxSpaces) { $0.isSpace || $0 == 0x2C || $0 == 0x3B || $0 == 0x2D }
    let first = opening(text, word)?.end ?? word
    let last = text.end(ofRunAt: first, limit: 16) { $0.isLetter }
    guard word > end, ListedNames.isValue(text.bytes(first..<last)), isNamed(text, key.lowerBound) else { return nil }
    return valueStart(text, last)
  }

  /// The value of an operation of JSON Patch (RFC 6902), `{"op": "replace", "path": "/password", "value": "…"}`, whose
  /// path ends in the key; `op` may stand between the two.
  func pointedStart(_ text: ScannedText, _ key: Range<Int>) -> Int? {
    guard text[key.lowerBound &- 1] == UInt8(ascii: "/") else { return nil }
    let path = text.start(ofRunBefore: key.lowerBound, limit: 128) {
      $0.isWord || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        || $0 == UInt8(ascii: "~")
    }
    guard text[path] == UInt8(ascii: "/"), isNamed(text, path, by: ListedNames.isPointer),
      let next = nextMember(text, key.upperBound)
    else { return nil }
    if ListedNames.isPointed(text.bytes(next)) { return valueStart(text, next.upperBound) }
    guard next.count == 2, text.has("op", at: next.lowerBound), let operation = valueStart(text, next.upperBound),
      let open = opening(text, operation)
    else { return nil }
    let last = nextMember(text, text.end(ofRunAt: open.end, limit: 16) { $0.isLetter })
    return last.flatMap { ListedNames.isPointed(text.bytes($0)) ? valueStart(text, $0.upperBound) : nil }
  }

  /// The name of the member after a text in quotes that ends at an offset.
  private func nextMember(_ text: ScannedText, _ end: Int) -> Range<Int>? {
    let (closed, isQuoted) = closing(text, end)
    let word = text.end(ofRunAt: closed, limit: Self.maxSpaces) { $0.isSpace || $0 == 0x2C }
    guard isQuoted, word > closed, let first = opening(text, word)?.end else { return nil }
    return first..<text.end(ofRunAt: first, limit: 16) { $0.isLetter }
  }

  /// Whether a word such as `name` and a separator stand before a key, with quotes or without.
  private func isNamed(
    _ text: ScannedText, _ keyStart: Int, by isName: (UnsafeRawBufferPointer) -> Bool = ListedNames.isName
  ) -> Bool {
    let isBetween: (UInt8) -> Bool = { $0.isQuote || $0 == 0x5C || $0.isBlank }
    let separator = text.start(ofRunBefore: keyStart, limit: Self.maxSlashes, of: isBetween)
    guard text[separator &- 1] == 0x3A || text[separator &- 1] == 0x3D || text.has("=>", at: separator &- 2) else {
      return false
    }
    let sign = text.start(ofRunBefore: separator, limit: 2) { $0 == 0x3A || $0 == 0x3D || $0 == 0x3E }
    let end = text.start(ofRunBefore: sign, limit: Self.maxSlashes, of: isBetween)
    let start = text.start(ofRunBefore: end, limit: 16) { $0.isLetter }
    return isName(text.bytes(start..<end))
  }

  /// The value of a member before the one that names it, `{"value": "…", "name": "DB_PASSWORD"}`, in quotes.
  func reversedStart(_ text: ScannedText, _ key: Range<Int>) -> Int? {
    guard text[key.lowerBound &- 1].isQuote, isNamed(text, key.lowerBound) else { return nil }
    let isBetween: (UInt8) -> Bool = { !$0.isOpener }
    let open = text.start(ofRunBefore: key.lowerBound, limit: 256, of: isBetween)
    guard text[open &- 1].isOpener else { return nil }
    let word = text.end(ofRunAt: open, limit: Self.maxSpaces) { $0.isSpace || $0.isQuote || $0 == 0x5C }
    let end = text.end(ofRunAt: word, limit: 16) { $0.isLetter }
    guard ListedNames.isValue(text.bytes(word..<end)), let start = valueStart(text, end), start < key.lowerBound else {
      return nil
    }
    return opening(text, start) == nil ? nil : start
  }

  /// The second word of a pair: in a list of pairs, `[["Authorization", "…"], …]`, of two words in round or curly
  /// brackets, `("password", "…")`, and after an atom, `{password,<<"…">>}` and `{:password, "…"}`.
  func pairedStart(_ text: ScannedText, _ key: Range<Int>) -> Int? {
    let (end, isQuoted) = closing(text, key.upperBound)
    guard text[end] == 0x2C, isQuoted == text[key.lowerBound &- 1].isQuote else { return nil }
    let bracket = pairBracket(text, key)
    let isAtom = !isQuoted && text[bracket] == UInt8(ascii: "{")
    guard isAtom || isQuoted && (isInList(text, key) || text[bracket].isOpener && text[bracket] != 0x5B) else {
      return nil
    }
    let start = text.end(ofRunAt: end &+ 1, limit: Self.maxSpaces) { $0.isSpace }
    if isAtom, text.has("<<", at: start) { return start }
    return opening(text, text[start] == UInt8(ascii: "b") ? start &+ 1 : start) == nil ? nil : start
  }

  /// Where the bracket of a pair would be that a key is the first word of.
  private func pairBracket(_ text: ScannedText, _ key: Range<Int>) -> Int {
    let isSign: (UInt8) -> Bool = { $0 == 0x5C || $0.isQuote || $0 == 0x3A }
    let first = text.start(ofRunBefore: key.lowerBound, limit: Self.maxSlashes &+ 1, of: isSign)
    let prefix = text.start(ofRunBefore: first, limit: 1) { $0 == UInt8(ascii: "b") }
    return text.start(ofRunBefore: prefix, limit: Self.maxSpaces) { $0.isSpace } &- 1
  }

  /// Whether a key is the first word of a pair in a list of pairs: brackets in brackets, or an atom.
  func isInList(_ text: ScannedText, _ key: Range<Int>) -> Bool {
    let bracket = pairBracket(text, key)
    guard text[bracket].isOpener else { return false }
    if !text[key.lowerBound &- 1].isQuote { return text[bracket] == UInt8(ascii: "{") }
    let outer = text.start(ofRunBefore: bracket, limit: Self.maxSpaces) { $0.isSpace }
    return text[outer &- 1].isOpener || text[outer &- 1] == 0x2C
  }

  /// The argument of `PASSWORD('…')` and `Secret("…")`.
  func callStart(_ text: ScannedText, _ key: Range<Int>) -> Int? {
    let start = key.upperBound &+ 1
    guard text[key.upperBound] == UInt8(ascii: "(") else { return nil }
    let prefix = text.end(ofRunAt: start, limit: 2) { $0.isLetter }
    return opening(text, prefix) == nil ? nil : start
  }

  /// The text of `WITH PASSWORD '…'`, and that of `:api-key "…"` in Clojure.
  func quotedStart(_ text: ScannedText, _ key: Range<Int>) -> Int? {
    let start = key.upperBound &+ 1
    guard text[start].isQuote else { return nil }
    let isKeyword = text[key.lowerBound &- 1] == UInt8(ascii: ":") && !text[key.lowerBound &- 2].isAlphanumeric
    return isKeyword || isPassword(text, key) ? start : nil
  }

  /// A value without quotes that a bracket ends: what looks drawn by lot in `password(…)`, and what comes after a flag
  /// in a list as Java prints it, `[login, --password, …, -v]`.
  mutating func bracketedValue(_ text: ScannedText, _ key: Range<Int>) -> Range<Int>? {
    let first = text[key.upperBound]
    if first.isOpener || first == UInt8(ascii: "<") {
      let start = key.upperBound &+ 1
      let end = text.end(ofRunAt: start, limit: 256) {
        $0 > 0x20 && !$0.isOpener && !$0.isCloser && $0 != 0x2C && $0 != 0x2E && $0 != 0x3C && $0 != 0x3E
      }
      guard text[end].isCloser || text[end] == 0x3E, end &- start >= 6, !text.has("0x", at: start) else { return nil }
      return text.isRandom(start..<end) ? start..<end : nil
    }
    let start = key.upperBound &+ 2
    guard first == 0x2C, text[key.lowerBound] == 0x2D, text[start &- 1] == 0x20, text[start] != 0x2D,
      enclosingCloser(text, key.lowerBound) == UInt8(ascii: "]")
    else { return nil }
    var end = start
    while end < text.count, text[end] != 0x0A, !text.has(", ", at: end), !endsList(text, end) { end &+= 1 }
    return start..<end
  }

  private func endsList(_ text: ScannedText, _ offset: Int) -> Bool {
    text[offset] == UInt8(ascii: "]") && !text[offset &+ 1].isAlphanumeric
  }

  /// The text after `password LIKE`, `password IN (` and the like.
  func comparedStart(_ text: ScannedText, _ key: Range<Int>, _ word: StaticString) -> Int? {
    let start = key.upperBound &+ word.utf8CodeUnitCount
    guard text.hasIgnoringCase(word, at: key.upperBound), opening(text, start) != nil else { return nil }
    return start
  }

  /// The word after a name in a command or a file that sets one: `setenv PASSWORD …`, `ENV PASSWORD …`,
  /// `set -x PASSWORD …`, and `login bob password …` of `.netrc`, unless it is a word of prose.
  func commandStart(_ text: ScannedText, _ key: Range<Int>) -> Int? {
    let start = key.upperBound &+ 1
    guard text[key.lowerBound &- 1] == 0x20, text[start] > 0x20 else { return nil }
    let before = key.lowerBound &- 1
    if isSet(text, before) { return start }
    guard isPassword(text, key) else { return nil }
    let user = text.start(ofRunBefore: before, limit: 64) { !$0.isSpace }
    return text.hasIgnoringCase("login ", at: user &- 6) && !text.isWords(glance(text, start)) ? start : nil
  }

  /// Whether a command that sets a variable ends at an offset.
  private func isSet(_ text: ScannedText, _ end: Int) -> Bool {
    switch text[end &- 1] | 0x20 {
    case UInt8(ascii: "v"):
      text.hasIgnoringCase("setenv", at: end &- 6) || text.has("ENV", at: end &- 3) && text.startsToken(end &- 3)
    case UInt8(ascii: "x"):
      text.hasIgnoringCase("set -x", at: end &- 6) || text.hasIgnoringCase("set -gx", at: end &- 7)
    default: false
    }
  }
}

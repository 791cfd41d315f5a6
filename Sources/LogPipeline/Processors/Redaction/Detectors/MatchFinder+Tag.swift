/// Secrets in tags of XML whose name, or an attribute of which, names them.
extension MatchFinder {
  /// The longest attribute of a tag that is looked at, in bytes.
  private static var maxTagBytes: Int { 512 }

  /// `<password value="…"/>`, `<add value="…" key="password"/>` and `<property name="password" type="a">…</`, with
  /// attributes in any order, of the tag that starts at an offset; attributes that name a secret themselves too.
  mutating func findTag(_ text: ScannedText, _ open: Int, _ key: Range<Int>) {
    var position = text.end(ofRunAt: open &+ 1, limit: 128) { !$0.isSpace && $0 != 0x3E && $0 != 0x2F }
    var hasValue = false
    for _ in 0..<32 {
      guard let attribute = attribute(text, position) else { break }
      let isValue = ListedNames.isValue(text.bytes(attribute.name))
      if isValue || SensitiveName.matches(text, attribute.name) {
        hasValue = hasValue || isValue
        if !attribute.value.isEmpty, isHidden(text, attribute.value) {
          note(.secretKV, attribute.value, whole: attribute.name.lowerBound..<attribute.end)
        }
      }
      position = attribute.end
    }
    let end = text.end(ofRunAt: position, limit: Self.maxTagBytes) { $0 != 0x3E && $0 != 0x3C }
    pairs.tagEnd = Swift.max(key.upperBound, end)
    let hasContent = text[end] == 0x3E && text[end &- 1] != 0x2F && !text.hasIgnoringCase("input", at: open &+ 1)
    if !hasValue, hasContent { noteContent(text, key, end &+ 1) }
  }

  /// Where the tag starts whose name a key is, or which has it as the value of an attribute such as `name`; of an input
  /// of HTML also as its type.
  func tagStart(_ text: ScannedText, _ key: Range<Int>) -> Int? {
    guard key.lowerBound >= pairs.tagEnd else { return nil }
    let before = text[key.lowerBound &- 1]
    if before == 0x3C || before == 0x3A {
      let start = before == 0x3C ? key.lowerBound : prefixStart(text, key.lowerBound)
      return text[start &- 1] == 0x3C && text[key.upperBound].isSpace ? start &- 1 : nil
    }
    guard before.isQuote, text[key.upperBound] == before else { return nil }
    let name = text.start(ofRunBefore: key.lowerBound &- 1, limit: 4) { $0 == 0x3D || $0.isBlank }
    let start = text.start(ofRunBefore: name, limit: 16) { $0.isLetter }
    let isType = text.hasIgnoringCase("type", at: name &- 4) && name &- start == 4
    guard text[name] == 0x3D || text[name &+ 1] == 0x3D, text[start &- 1].isSpace,
      isType || ListedNames.isName(text.bytes(start..<name))
    else { return nil }
    let open = text.start(ofRunBefore: start, limit: 256) { $0 != 0x3C && $0 != 0x3E }
    guard text[open &- 1] == 0x3C, text[open].isLetter else { return nil }
    return !isType || text.hasIgnoringCase("input", at: open) ? open &- 1 : nil
  }

  /// Where the prefix of a name in a namespace starts, as in `wsse:Password`.
  func prefixStart(_ text: ScannedText, _ nameStart: Int) -> Int {
    text.start(ofRunBefore: nameStart &- 1, limit: 32) { $0.isWord || $0 == 0x2D }
  }

  /// The next attribute of a tag: its name, what is in its quotes, and where it ends.
  private func attribute(
    _ text: ScannedText, _ position: Int
  ) -> (name: Range<Int>, value: Range<Int>, end: Int)? {
    let start = text.end(ofRunAt: position, limit: 128) { $0.isSpace }
    let end = text.end(ofRunAt: start, limit: 64) { $0.isWord || $0 == 0x2D || $0 == 0x3A || $0 == 0x2E }
    let sign = text.end(ofRunAt: end, limit: 4) { $0.isSpace }
    let quote = text.end(ofRunAt: sign &+ 1, limit: 4) { $0.isSpace }
    guard end > start, text[sign] == 0x3D, text[quote].isQuote else { return nil }
    let close = text.end(ofRunAt: quote &+ 1, limit: Self.maxTagBytes) { $0 != text[quote] }
    return (start..<end, quote &+ 1..<close, Swift.min(close &+ 1, text.count))
  }
}

/// A text with its escapes resolved, and where each byte of it came from: `%3D` of URLs, `\"`, `\n`, `\u003d` and
/// `\x3d` of JSON and languages, `&quot;` and `&#34;` of HTML and XML.
///
/// What is found in it is found in the text, whatever it was wrapped into on its way.
final class UnescapedText {
  /// How often the escapes of a text are resolved: `%253D` takes two.
  static let maxLayers = 4

  // Each belongs to one redactor; checks of exclusive access would be a third of the cost of a hostile text.
  @exclusivity(unchecked) private var writer = ByteWriter(capacityBytes: 256)
  /// For each byte the offset in the text it came from, and at last the text's length.
  @exclusivity(unchecked) private var sources: [Int] = []
  /// Whether there was an escape.
  @exclusivity(unchecked) private(set) var hasEscapes = false

  /// Valid until the next `read`.
  var bytes: UnsafeRawBufferPointer { writer.withUnsafeBytes { $0 } }

  /// Resolves the escapes of a text: if it has backslashes, which are those of JSON around the others, only these.
  func read(_ bytes: UnsafeRawBufferPointer, hasBackslashes: Bool) {
    let text = ScannedText(bytes)
    writer.truncate(to: 0)
    sources.removeAll(keepingCapacity: true)
    hasEscapes = false
    var position = 0
    while position < text.count {
      let start = position
      let mayEscape = !hasBackslashes || text[position] == UInt8(ascii: "\\")
      guard mayEscape, let escape = Self.escape(text, position) else {
        writer.append(text[position])
        sources.append(start)
        position &+= 1
        continue
      }
      hasEscapes = true
      append(escape.scalar, isByte: escape.isByte)
      position = escape.end
      while sources.count < writer.count { sources.append(start) }
    }
    sources.append(text.count)
  }

  /// Where what lies in a range of these bytes lies in the text; escapes are never cut.
  func source(of range: Range<Int>) -> Range<Int> {
    guard range.lowerBound >= 0, range.upperBound < sources.count else { return 0..<0 }
    let start = sources[range.lowerBound]
    var end = range.upperBound
    while end < sources.count &- 1, end > range.lowerBound, sources[end] == sources[end &- 1] { end &+= 1 }
    return start..<max(start, sources[end])
  }

  private func append(_ scalar: UInt32, isByte: Bool) {
    if isByte { return writer.append(UInt8(truncatingIfNeeded: scalar)) }
    let scalar = Unicode.Scalar(scalar) ?? "\u{FFFD}"
    for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { writer.append(byte) }
  }
}

/// The escapes.
extension UnescapedText {
  private typealias Escape = (scalar: UInt32, isByte: Bool, end: Int)

  /// Whether an escape starts at an offset.
  static func isEscape(_ text: ScannedText, _ start: Int) -> Bool { escape(text, start) != nil }

  @inline(__always)
  private static func escape(_ text: ScannedText, _ start: Int) -> Escape? {
    switch text[start] {
    case UInt8(ascii: "%"): hex(text, start &+ 1, digits: 2).map { ($0, true, start &+ 3) }
    case UInt8(ascii: "\\"): backslashed(text, start)
    case UInt8(ascii: "&"): entity(text, start)
    default: nil
    }
  }

  private static func backslashed(_ text: ScannedText, _ start: Int) -> Escape? {
    switch text[start &+ 1] {
    case UInt8(ascii: "x"): hex(text, start &+ 2, digits: 2).map { ($0, true, start &+ 4) } ?? braced(text, start &+ 2)
    case UInt8(ascii: "u"): hex(text, start &+ 2, digits: 4).map { ($0, false, start &+ 6) } ?? braced(text, start &+ 2)
    case UInt8(ascii: "U"): hex(text, start &+ 2, digits: 8).map { ($0, false, start &+ 10) }
    case UInt8(ascii: "0")...UInt8(ascii: "7"): octal(text, start &+ 1)
    case UInt8(ascii: "n"): (0x0A, true, start &+ 2)
    case UInt8(ascii: "r"): (0x0D, true, start &+ 2)
    case UInt8(ascii: "t"): (0x09, true, start &+ 2)
    case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      (UInt32(text[start &+ 1]), true, start &+ 2)
    default: nil
    }
  }

  /// Up to six digits in braces, `{3d}`, as Rust, Swift, JavaScript and Perl write them.
  private static func braced(_ text: ScannedText, _ open: Int) -> Escape? {
    let end = text.end(ofRunAt: open &+ 1, limit: 6) { $0.isHexDigit }
    guard text[open] == UInt8(ascii: "{"), end > open &+ 1, text[end] == UInt8(ascii: "}") else { return nil }
    return hex(text, open &+ 1, digits: end &- open &- 1).map { ($0, false, end &+ 1) }
  }

  /// A byte in two or three octal digits, as C, Python and JavaScript write it; no control character, so that `\1` of a
  /// regular expression is none.
  private static func octal(_ text: ScannedText, _ start: Int) -> Escape? {
    let limit = text[start] < UInt8(ascii: "4") ? 3 : 2
    let end = text.end(ofRunAt: start, limit: limit) { (0x30..<0x38).contains($0) }
    var byte: UInt32 = 0
    for offset in start..<end { byte = byte &* 8 &+ UInt32(text[offset] &- 0x30) }
    return byte >= 0x20 && byte != 0x7F ? (byte, true, end) : nil
  }

  /// A character reference (HTML 13.1.4) by number, or by one of the names that are common in text.
  private static func entity(_ text: ScannedText, _ start: Int) -> Escape? {
    if text[start &+ 1] == UInt8(ascii: "#") { return numbered(text, start) }
    let names: [(StaticString, Unicode.Scalar)] = [
      ("&quot;", "\""), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("&equals;", "="),
      ("&colon;", ":"),
    ]
    for (name, scalar) in names where text.has(name, at: start) {
      return (scalar.value, false, start &+ name.utf8CodeUnitCount)
    }
    return nil
  }

  private static func numbered(_ text: ScannedText, _ start: Int) -> Escape? {
    let isHex = text[start &+ 2] | 0x20 == UInt8(ascii: "x")
    let first = start &+ (isHex ? 3 : 2)
    let end = text.end(ofRunAt: first, limit: 7) { isHex ? $0.isHexDigit : $0.isDigit }
    guard end > first, text[end] == UInt8(ascii: ";") else { return nil }
    var scalar: UInt32 = 0
    for offset in first..<end { scalar = scalar &* (isHex ? 16 : 10) &+ value(ofHexDigit: text[offset]) }
    return (scalar, false, end &+ 1)
  }

  private static func hex(_ text: ScannedText, _ start: Int, digits: Int) -> UInt32? {
    var scalar: UInt32 = 0
    for offset in start..<start &+ digits {
      guard text[offset].isHexDigit else { return nil }
      scalar = scalar << 4 | value(ofHexDigit: text[offset])
    }
    return scalar
  }

  private static func value(ofHexDigit byte: UInt8) -> UInt32 {
    UInt32(byte.isDigit ? byte &- 48 : byte.lowercased &- 87)
  }
}

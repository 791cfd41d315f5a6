/// A replacement text with references to the groups of a pattern, as Go's `Regexp.Expand` reads them.
///
/// `$1` and `$name` reach as far as letters, digits and `_` do, `${1}` and `${name}` to the brace, and `$$` is a
/// dollar. A group that the pattern does not have, or that took no part, stands for nothing.
struct ExpandTemplate: Sendable, Equatable {
  /// A part of the replacement.
  enum Part: Equatable, Sendable {
    case text(Range<Int>)
    case group(Int)
  }

  let text: [UInt8]
  private(set) var parts: [Part] = []

  init(_ text: [UInt8], of pattern: Pattern) {
    self.text = text
    var place = 0
    var plainStart = 0
    while place < text.count {
      guard text[place] == UInt8(ascii: "$"), let reference = Self.reference(in: text, behind: place) else {
        place += 1
        continue
      }
      add(plainStart..<place)
      switch reference.name {
      case nil: add(place..<place + 1)
      case let name?: if let group = Self.group(name, of: pattern) { parts.append(.group(group)) }
      }
      place = reference.end
      plainStart = place
    }
    add(plainStart..<text.count)
  }

  private mutating func add(_ range: Range<Int>) {
    if !range.isEmpty { parts.append(.text(range)) }
  }

  /// The name behind a dollar, nil for a second dollar, and the place behind it; nil if none can be read.
  private static func reference(in text: [UInt8], behind dollar: Int) -> (name: ArraySlice<UInt8>?, end: Int)? {
    let start = dollar + 1
    guard start < text.count else { return nil }
    if text[start] == UInt8(ascii: "$") { return (nil, start + 1) }
    let isBraced = text[start] == UInt8(ascii: "{")
    let nameStart = isBraced ? start + 1 : start
    let nameEnd = text[nameStart...].firstIndex { !$0.isWord } ?? text.count
    if nameEnd == nameStart { return nil }
    if !isBraced { return (text[nameStart..<nameEnd], nameEnd) }
    guard nameEnd < text.count, text[nameEnd] == UInt8(ascii: "}") else { return nil }
    return (text[nameStart..<nameEnd], nameEnd + 1)
  }

  /// The group of a number or a name; 0 is the whole match.
  private static func group(_ name: ArraySlice<UInt8>, of pattern: Pattern) -> Int? {
    if name.allSatisfy(\.isDigit), name.count == 1 || name.first != UInt8(ascii: "0") {
      guard name.count < 9 else { return nil }
      let number = name.reduce(0) { $0 * 10 + $1.digitValue }
      return number <= pattern.groupNames.count ? number : nil
    }
    let text = String(decoding: name, as: UTF8.self)
    return pattern.groupNames.firstIndex { $0 == text }.map { $0 + 1 }
  }

  /// Appends the replacement of one match in a text.
  func append(_ captures: Pattern.Captures, of source: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
    text.withUnsafeBytes { own in
      for part in parts {
        switch part {
        case .text(let range): writer.append(own.part(range))
        case .group(let group): if let range = captures[group] { writer.append(source.part(range)) }
        }
      }
    }
  }
}

extension ExpandTemplate {
  /// How many bytes one replacement may take in a text of so many.
  func maxBytes(of count: Int) -> Int {
    let groups = parts.reduce(0) { if case .group = $1 { $0 &+ 1 } else { $0 } }
    return text.count &+ groups &* count
  }
}

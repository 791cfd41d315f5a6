// decision: docs/decisions/0205-json-readers.md

/// Walks over JSON text (RFC 8259) front to back without building anything, for reading answers of destinations.
///
/// Every method skips white space first, and returns nil or false where the text is not what was asked for; the
/// scanner then stands somewhere in the fault. Nothing recurses, so depth costs no stack.
package struct JSONScanner {
  private let text: [UInt8]
  /// Offset of the next byte; `0...text.count`.
  package private(set) var offset = 0

  package init(_ text: [UInt8]) { self.text = text }

  /// The next byte that is not white space, without taking it.
  package mutating func peek() -> UInt8? {
    while offset < text.count {
      let byte = text[offset]
      if byte != 0x20 && byte != 0x0A && byte != 0x0D && byte != 0x09 { return byte }
      offset &+= 1
    }
    return nil
  }

  /// Takes one byte of punctuation if it is next.
  package mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    offset &+= 1
    return true
  }

  /// Takes a word such as `true` if it is next.
  package mutating func take(_ word: StaticString) -> Bool {
    _ = peek()
    let end = offset &+ word.utf8CodeUnitCount
    guard end <= text.count else { return false }
    let matches = word.withUTF8Buffer { text[offset..<end].elementsEqual($0) }
    if matches { offset = end }
    return matches
  }

  /// Takes a string and returns where its inside lies, still escaped.
  package mutating func string() -> Range<Int>? {
    guard take(UInt8(ascii: "\"")) else { return nil }
    let start = offset
    while offset < text.count {
      let byte = text[offset]
      offset &+= 1
      if byte == UInt8(ascii: "\"") { return start..<offset &- 1 }
      if byte == UInt8(ascii: "\\") { offset = min(offset &+ 1, text.count) }
    }
    return nil
  }

  /// Takes a whole number that fits an `Int`.
  package mutating func integer() -> Int? {
    guard let first = peek() else { return nil }
    let negative = first == UInt8(ascii: "-")
    if negative { offset &+= 1 }
    let start = offset
    var value = 0
    while offset < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[offset]) {
      let (tens, overflowed) = value.multipliedReportingOverflow(by: 10)
      let (sum, passed) = tens.addingReportingOverflow(Int(text[offset] &- UInt8(ascii: "0")))
      if overflowed || passed { return nil }
      value = sum
      offset &+= 1
    }
    return offset > start ? (negative ? 0 &- value : value) : nil
  }

  /// Takes the members of an object; `member` must take each value and says whether it could.
  package mutating func object(_ member: (inout JSONScanner, Range<Int>) -> Bool) -> Bool {
    guard take(UInt8(ascii: "{")) else { return false }
    if take(UInt8(ascii: "}")) { return true }
    repeat {
      guard let key = string(), take(UInt8(ascii: ":")), member(&self, key) else { return false }
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "}"))
  }

  /// Takes the elements of an array; `element` must take each value and says whether it could.
  package mutating func array(_ element: (inout JSONScanner) -> Bool) -> Bool {
    guard take(UInt8(ascii: "[")) else { return false }
    if take(UInt8(ascii: "]")) { return true }
    repeat {
      guard element(&self) else { return false }
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "]"))
  }

  /// Takes a value of any kind and depth: strings are respected, brackets counted but not matched by kind.
  package mutating func skipValue() -> Bool {
    var depth = 0
    repeat {
      guard let byte = peek() else { return false }
      switch byte {
      case UInt8(ascii: "\""):
        if string() == nil { return false }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth &+= 1
        offset &+= 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return false }
        depth &-= 1
        offset &+= 1
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        if depth == 0 { return false }
        offset &+= 1
      default:
        if !skipWord() { return false }
      }
    } while depth > 0
    return true
  }

  /// Takes a number, `true`, `false` or `null`, which are runs of letters, digits, signs and points.
  private mutating func skipWord() -> Bool {
    let start = offset
    while offset < text.count, Self.isWord(text[offset]) { offset &+= 1 }
    return offset > start
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "E"),
      UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// Whether the string at `range`, as `string()` gave it, is `name`; names that need escapes never match.
  package func isName(_ range: Range<Int>, _ name: StaticString) -> Bool {
    guard range.count == name.utf8CodeUnitCount, range.upperBound <= text.count else { return false }
    return name.withUTF8Buffer { text[range].elementsEqual($0) }
  }

  /// The string at `range` with its escapes resolved, cut at `limitBytes`; what is not Unicode becomes U+FFFD.
  package func text(of range: Range<Int>, limitBytes: Int) -> String {
    let end = min(range.upperBound, text.count)
    var units: [UInt16] = []
    var plain: [UInt8] = []
    var result = ""
    var index = max(range.lowerBound, 0)
    func flush() {
      if !units.isEmpty { result += String(decoding: units, as: UTF16.self) }
      if !plain.isEmpty { result += String(decoding: plain, as: UTF8.self) }
      units.removeAll()
      plain.removeAll()
    }
    while index < end, result.utf8.count &+ plain.count &+ units.count < limitBytes {
      if text[index] != UInt8(ascii: "\\") {
        if !units.isEmpty { flush() }
        plain.append(text[index])
        index &+= 1
      } else {
        if !plain.isEmpty { flush() }
        units.append(escape(at: &index, end: end))
      }
    }
    flush()
    return result.cut(toBytes: limitBytes)
  }

  /// The UTF-16 unit that an escape stands for; moves `index` past it.
  private func escape(at index: inout Int, end: Int) -> UInt16 {
    guard index &+ 1 < end else {
      index = end
      return 0xFFFD
    }
    let kind = text[index &+ 1]
    index &+= 2
    if kind == UInt8(ascii: "u") {
      let start = index
      guard start &+ 4 <= end, let unit = JSONEscape.codeUnit({ text[start &+ $0] }) else { return 0xFFFD }
      index &+= 4
      return unit
    }
    let character = JSONEscape.character(kind) ?? kind
    return character < 0x80 ? UInt16(character) : 0xFFFD
  }
}

extension String {
  /// The string, cut to at most `limitBytes` of UTF-8 at a character border.
  package func cut(toBytes limitBytes: Int) -> String {
    guard utf8.count > limitBytes else { return self }
    var end = utf8.index(startIndex, offsetBy: max(limitBytes, 0))
    while end > startIndex, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
    return String(self[..<end])
  }
}

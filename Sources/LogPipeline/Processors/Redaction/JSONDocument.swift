// decision: docs/decisions/0205-json-readers.md

/// Walks over the strings and numbers of a JSON text (RFC 8259) held in a string, front to back, without building it.
///
/// Invariant: `next` is called only after `check` of a document of the same text said `valid`.
struct JSONDocument {
  /// A key, the inside of a string, a number or literal that is a value, or a bracket.
  struct Token {
    enum Kind { case key, string, word, open, close }

    var kind: Kind
    /// The content, quotes left out and escapes left in.
    var range: Range<Int>
    /// With the quotes of a string.
    var outerRange: Range<Int>
  }

  enum Verdict { case valid, notJSON, tooDeep }

  /// Levels of objects and arrays.
  static let maxDepth = 64

  private let text: ScannedText
  private var position = 0
  private var isKeyNext = false
  private var isFirst = false
  private var depth = 0
  /// Which open containers are objects, the innermost in the lowest bit.
  private var objects: UInt64 = 0

  init(_ text: UnsafeRawBufferPointer) { self.text = ScannedText(text) }

  /// Whether the first character is that of an object or array.
  @inline(__always)
  static func mayStart(_ text: UnsafeRawBufferPointer) -> Bool {
    let text = ScannedText(text)
    let first = text[0].isSpace ? text[text.end(ofRunAt: 0) { $0.isSpace }] : text[0]
    return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
  }

  /// Values that hold no secret whatever their key is.
  static func isPlainValue(_ value: UnsafeRawBufferPointer) -> Bool {
    ["null", "true", "false", "\"\"", "{}", "[]"].contains { (word: StaticString) in
      value.count == word.utf8CodeUnitCount && ScannedText(value).has(word, at: 0)
    }
  }

  /// A string without its quotes, and any other value as it is.
  static func content(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard value.count >= 2, value.first == UInt8(ascii: "\"") else { return value }
    return UnsafeRawBufferPointer(rebasing: value.dropFirst().dropLast())
  }

  /// Whether the whole text is one JSON object or array, and not too deep.
  mutating func check() -> Verdict {
    skipSpace()
    guard text[position] == UInt8(ascii: "{") || text[position] == UInt8(ascii: "[") else { return .notJSON }
    repeat {
      if depth > 0, !checkSeparator() { return .notJSON }
      if isKeyNext {
        if string() == nil { return .notJSON }
        skipSpace()
        guard take(UInt8(ascii: ":")) else { return .notJSON }
        isKeyNext = false
        skipSpace()
      }
      switch text[position] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard depth < Self.maxDepth else { return .tooDeep }
        open()
      case UInt8(ascii: "\""): if string() == nil { return .notJSON }
      default: if !checkWord() { return .notJSON }
      }
      guard closeAll() else { return .notJSON }
    } while depth > 0
    skipSpace()
    return position == text.count ? .valid : .notJSON
  }

  /// Whether what comes next is the end of an array.
  var isAtArrayEnd: Bool { text[text.end(ofRunAt: position) { $0.isSpace }] == UInt8(ascii: "]") }

  /// Where the value of the key that was last returned starts.
  var valueStart: Int { text.end(ofRunAt: position) { $0.isSpace || $0 == UInt8(ascii: ":") } }

  /// A document whose next value starts at an offset.
  func at(_ start: Int) -> JSONDocument {
    var copy = self
    copy.position = start
    return copy
  }

  /// Moves to the next key, value or bracket; nil at the end.
  mutating func next() -> Token? {
    while position < text.count {
      let byte = text[position]
      switch byte {
      case UInt8(ascii: "\""):
        let start = position
        guard let range = string() else { return nil }
        let isKey = text[text.end(ofRunAt: position) { $0.isSpace }] == UInt8(ascii: ":")
        return Token(kind: isKey ? .key : .string, range: range, outerRange: start..<position)
      case _ where Self.isWordByte(byte):
        let start = position
        position = text.end(ofRunAt: position, of: Self.isWordByte)
        return Token(kind: .word, range: start..<position, outerRange: start..<position)
      case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "}"), UInt8(ascii: "]"):
        position &+= 1
        return Token(
          kind: byte.isOpener ? .open : .close, range: position &- 1..<position, outerRange: position &- 1..<position)
      default: position &+= 1
      }
    }
    return nil
  }

  /// Steps over the value of the key that was last returned, and returns where it lies.
  mutating func skipValue() -> Range<Int> {
    position = valueStart
    let start = position
    var level = 0
    repeat {
      switch text[position] {
      case UInt8(ascii: "\""): if string() == nil { position = text.count }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        level &+= 1
        position &+= 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        level &-= 1
        position &+= 1
      case let byte where Self.isWordByte(byte): position = text.end(ofRunAt: position, of: Self.isWordByte)
      default: position &+= 1
      }
    } while level > 0 && position < text.count
    return start..<position
  }

  /// Takes a string and returns its content.
  private mutating func string() -> Range<Int>? {
    guard take(UInt8(ascii: "\"")) else { return nil }
    let start = position
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: "\""):
        position &+= 1
        return start..<position &- 1
      case UInt8(ascii: "\\"): position &+= 2
      default: position &+= 1
      }
    }
    return nil
  }

  private mutating func skipSpace() { position = text.end(ofRunAt: position) { $0.isSpace } }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard text[position] == byte, position < text.count else { return false }
    position &+= 1
    return true
  }
}

/// The grammar, as far as `check` needs it.
extension JSONDocument {
  private var isInObject: Bool { objects & 1 != 0 }
  private static func isWordByte(_ byte: UInt8) -> Bool {
    byte.isAlphanumeric || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
  }

  private mutating func open() {
    objects = objects << 1 | (text[position] == UInt8(ascii: "{") ? 1 : 0)
    depth &+= 1
    position &+= 1
    isFirst = true
  }

  /// Takes the comma before all members but the first.
  private mutating func checkSeparator() -> Bool {
    skipSpace()
    if !isFirst && !take(UInt8(ascii: ",")) { return false }
    isFirst = false
    skipSpace()
    isKeyNext = isInObject
    return true
  }

  private mutating func closeAll() -> Bool {
    while depth > 0 {
      skipSpace()
      let closer = isInObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
      guard take(closer) else { return position < text.count }
      objects >>= 1
      depth &-= 1
      isFirst = false
    }
    return true
  }

  /// Takes a number or a literal.
  private mutating func checkWord() -> Bool {
    let start = position
    position = text.end(ofRunAt: position, of: Self.isWordByte)
    switch text[start] {
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return true
    case UInt8(ascii: "t"): return position &- start == 4 && text.has("true", at: start)
    case UInt8(ascii: "f"): return position &- start == 5 && text.has("false", at: start)
    case UInt8(ascii: "n"): return position &- start == 4 && text.has("null", at: start)
    default: return false
    }
  }
}

/// A JSON text with some of its values replaced; nothing is copied before the first.
struct JSONEdits: ~Copyable {
  /// How many JSON texts the text lies in, as a string.
  let level: Int
  var writer = ByteWriter(capacityBytes: 64)
  private(set) var hasAny = false
  private var copied = 0

  init(level: Int = 0) { self.level = level }

  /// Puts a string in the place of a value.
  mutating func replace(_ range: Range<Int>, with string: borrowing ByteWriter, in text: UnsafeRawBufferPointer) {
    writer.append(UnsafeRawBufferPointer(rebasing: text[copied..<range.lowerBound]))
    string.withUnsafeBytes { writer.appendJSON(string: $0) }
    copied = range.upperBound
    hasAny = true
  }

  /// Copies what follows the last replaced value.
  mutating func finish(_ text: UnsafeRawBufferPointer) {
    writer.append(UnsafeRawBufferPointer(rebasing: text[copied...]))
  }
}

/// Memory for one JSON string without its escapes.
final class JSONStringBuffer {
  private var writer = ByteWriter(capacityBytes: 256)

  /// The content of a JSON string without its escapes; what is no escape stays. Valid until the next call.
  func unescape(_ content: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    writer.truncate(to: 0)
    let text = ScannedText(content)
    var position = 0
    while position < text.count {
      let end = text.end(ofRunAt: position) { $0 != UInt8(ascii: "\\") }
      writer.append(text.bytes(position..<end))
      position = end
      if position < text.count { position = appendEscape(text, position) }
    }
    return writer.withUnsafeBytes { $0 }
  }

  /// Appends what the escape at `start` stands for, and returns where it ends.
  private func appendEscape(_ text: ScannedText, _ start: Int) -> Int {
    let letter = text[start &+ 1]
    if letter == UInt8(ascii: "u") { return appendUnicode(text, start) }
    writer.append(JSONEscape.character(letter) ?? letter)
    return start &+ 2
  }

  private func appendUnicode(_ text: ScannedText, _ start: Int) -> Int {
    guard let unit = Self.unit(text, start &+ 2) else {
      writer.append("\\")
      return start &+ 1
    }
    if unit & 0xFC00 == 0xD800, text.has("\\u", at: start &+ 6), let low = Self.unit(text, start &+ 8),
      low & 0xFC00 == 0xDC00
    {
      append(0x10000 &+ (unit & 0x3FF) << 10 &+ low & 0x3FF)
      return start &+ 12
    }
    append(unit & 0xF800 == 0xD800 ? 0xFFFD : unit)
    return start &+ 6
  }

  private static func unit(_ text: ScannedText, _ start: Int) -> UInt32? {
    JSONEscape.codeUnit { text[start &+ $0] }.map { UInt32($0) }
  }

  private func append(_ scalar: UInt32) {
    guard let scalar = Unicode.Scalar(scalar) else { return }
    for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { writer.append(byte) }
  }
}

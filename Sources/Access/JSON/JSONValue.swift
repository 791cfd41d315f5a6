// decision: docs/decisions/0205-json-readers.md

/// A value of JSON (RFC 8259) as a tree, of text that is small and has to be all right: keys and claims that somebody
/// is let in by. Two members of one name are a fault, as readers do not agree on which of them counts.
indirect enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  /// As it is written.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Reads the whole of a text in which values lie in one another at most `maxDepth` deep.
  init(_ text: [UInt8], maxDepth: Int) throws(JSONFault) {
    var reader = JSONTreeReader(text, maxDepth: maxDepth)
    self = try reader.whole()
  }

  /// The value of a member; nil if there is none, or if this is no object.
  subscript(name: String) -> JSONValue? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  /// The string that it is.
  var text: String? { if case .string(let text) = self { text } else { nil } }

  /// The values of an array.
  var items: [JSONValue]? { if case .array(let items) = self { items } else { nil } }

  /// The members of an object.
  var members: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }

  /// A string, a number or a truth value as text.
  var plainText: String? {
    switch self {
    case .string(let text), .number(let text): text
    case .bool(let value): value ? "true" : "false"
    case .null, .array, .object: nil
    }
  }
}

/// Why a text is not taken for JSON; quotes nothing of it.
enum JSONFault: Error, Equatable {
  /// It is none from this byte on.
  case malformed(offset: Int)
  /// Values lie in one another deeper than they may.
  case tooDeep(limit: Int)

  /// What is wrong, to stand after the name of the text.
  var reason: String {
    switch self {
    case .malformed(let offset): "is no JSON at byte \(offset)"
    case .tooDeep(let limit): "is nested \(limit &+ 1) levels deep or deeper: the limit is \(limit) levels"
    }
  }
}

/// Walks over a text once and builds its tree. It calls itself as deep as values lie in one another.
private struct JSONTreeReader {
  private let text: [UInt8]
  private let maxDepth: Int
  private var offset = 0

  init(_ text: [UInt8], maxDepth: Int) {
    self.text = text
    self.maxDepth = maxDepth
  }

  mutating func whole() throws(JSONFault) -> JSONValue {
    let value = try value(depth: 1)
    guard next() == nil else { throw fault }
    return value
  }

  private var fault: JSONFault { .malformed(offset: offset) }

  /// The next byte that is not white space, without taking it.
  private mutating func next() -> UInt8? {
    while offset < text.count {
      switch text[offset] {
      case 0x20, 0x0A, 0x0D, 0x09: offset &+= 1
      default: return text[offset]
      }
    }
    return nil
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next() == byte else { return false }
    offset &+= 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
    switch next() {
    case UInt8(ascii: "{"):
      if depth > maxDepth { throw .tooDeep(limit: maxDepth) }
      return .object(try object(depth: depth))
    case UInt8(ascii: "["):
      if depth > maxDepth { throw .tooDeep(limit: maxDepth) }
      return .array(try array(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONFault) -> JSONValue {
    guard text[offset...].starts(with: word.utf8) else { throw fault }
    offset &+= word.utf8.count
    return value
  }

  private mutating func object(depth: Int) throws(JSONFault) -> [String: JSONValue] {
    var members: [String: JSONValue] = [:]
    offset &+= 1
    if take(UInt8(ascii: "}")) { return members }
    repeat {
      guard next() == UInt8(ascii: "\"") else { throw fault }
      let start = offset
      let name = try string()
      guard take(UInt8(ascii: ":")) else { throw fault }
      guard members.updateValue(try value(depth: depth &+ 1), forKey: name) == nil else {
        throw .malformed(offset: start)
      }
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw fault }
    return members
  }

  private mutating func array(depth: Int) throws(JSONFault) -> [JSONValue] {
    var items: [JSONValue] = []
    offset &+= 1
    if take(UInt8(ascii: "]")) { return items }
    repeat { items.append(try value(depth: depth &+ 1)) } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw fault }
    return items
  }

  /// A number as RFC 8259 section 6 has it.
  private mutating func number() throws(JSONFault) -> String {
    let start = offset
    skip(UInt8(ascii: "-"))
    let isZero = skip(UInt8(ascii: "0"))
    if !isZero { try digits() }
    if skip(UInt8(ascii: ".")) { try digits() }
    if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
      if !skip(UInt8(ascii: "+")) { skip(UInt8(ascii: "-")) }
      try digits()
    }
    return String(decoding: text[start..<offset], as: UTF8.self)
  }

  @discardableResult
  private mutating func skip(_ byte: UInt8) -> Bool {
    guard offset < text.count, text[offset] == byte else { return false }
    offset &+= 1
    return true
  }

  private mutating func digits() throws(JSONFault) {
    let start = offset
    while offset < text.count, text[offset] &- 0x30 < 10 { offset &+= 1 }
    if offset == start { throw fault }
  }

  private mutating func string() throws(JSONFault) -> String {
    offset &+= 1
    var bytes: [UInt8] = []
    while offset < text.count {
      let byte = text[offset]
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: bytes, as: UTF8.self) else { throw fault }
        offset &+= 1
        return string
      case UInt8(ascii: "\\"): bytes += Array(String(try escape()).utf8)
      case 0..<0x20: throw fault
      default:
        bytes.append(byte)
        offset &+= 1
      }
    }
    throw fault
  }

  private mutating func escape() throws(JSONFault) -> Unicode.Scalar {
    guard offset &+ 1 < text.count else { throw fault }
    let letter = text[offset &+ 1]
    let plain: Unicode.Scalar? =
      switch letter {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): Unicode.Scalar(letter)
      case UInt8(ascii: "b"): "\u{8}"
      case UInt8(ascii: "f"): "\u{C}"
      case UInt8(ascii: "n"): "\n"
      case UInt8(ascii: "r"): "\r"
      case UInt8(ascii: "t"): "\t"
      default: nil
      }
    if let plain {
      offset &+= 2
      return plain
    }
    let unit = try codeUnit()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    // Half of a pair; the other half has to follow.
    guard unit < 0xDC00 else { throw fault }
    let other = try codeUnit()
    let low = UInt32(other) &- 0xDC00
    guard low < 0x400, let scalar = Unicode.Scalar(0x10000 &+ (UInt32(unit) &- 0xD800) &* 0x400 &+ low) else {
      throw fault
    }
    return scalar
  }

  /// Takes `\uXXXX`.
  private mutating func codeUnit() throws(JSONFault) -> UInt16 {
    guard offset &+ 6 <= text.count, text[offset] == UInt8(ascii: "\\"), text[offset &+ 1] == UInt8(ascii: "u") else {
      throw fault
    }
    var unit: UInt16 = 0
    for digit in text[(offset &+ 2)..<(offset &+ 6)] {
      switch digit {
      case 0x30...0x39: unit = unit &<< 4 | UInt16(digit &- 0x30)
      case 0x41...0x46, 0x61...0x66: unit = unit &<< 4 | UInt16((digit | 0x20) &- 0x61 &+ 10)
      default: throw fault
      }
    }
    offset &+= 6
    return unit
  }
}

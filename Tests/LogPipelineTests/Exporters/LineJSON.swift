/// JSON (RFC 8259) read strictly: no repeated names, no raw control characters, nothing after the value.
indirect enum LineJSON: Equatable {
  case null
  case bool(Bool)
  /// The digits as written.
  case number(String)
  case string(String)
  case array([LineJSON])
  case object([String: LineJSON])

  /// Why a text is not JSON, and where.
  struct Fault: Error {
    var what: String
    var offset: Int
  }

  init(parsing text: String) throws {
    var parser = Parser(bytes: Array(text.utf8))
    self = try parser.value()
    try parser.end()
  }

  subscript(name: String) -> LineJSON? {
    guard case .object(let members) = self else { return nil }
    return members[name]
  }

  subscript(index: Int) -> LineJSON? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  var names: Set<String> {
    guard case .object(let members) = self else { return [] }
    return Set(members.keys)
  }

  var elements: [LineJSON] {
    guard case .array(let elements) = self else { return [] }
    return elements
  }

  private struct Parser {
    let bytes: [UInt8]
    var index = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    func fault(_ what: String) -> Fault { Fault(what: what, offset: index) }

    var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func take(_ text: StaticString) -> Bool {
      let wanted = Array(String(describing: text).utf8)
      guard bytes[index...].starts(with: wanted) else { return false }
      index += wanted.count
      return true
    }

    func end() throws { if index != bytes.count { throw fault("bytes after the value") } }

    mutating func value() throws -> LineJSON {
      switch next {
      case UInt8(ascii: "{"): return try object()
      case UInt8(ascii: "["): return try array()
      case UInt8(ascii: "\""): return .string(try string())
      default:
        if take("true") { return .bool(true) }
        if take("false") { return .bool(false) }
        if take("null") { return .null }
        return .number(try number())
      }
    }

    mutating func object() throws -> LineJSON {
      var members: [String: LineJSON] = [:]
      _ = take("{")
      if take("}") { return .object(members) }
      repeat {
        let name = try string()
        if members[name] != nil { throw fault("name \(name) twice") }
        if !take(":") { throw fault("no colon") }
        members[name] = try value()
      } while take(",")
      if !take("}") { throw fault("no end of object") }
      return .object(members)
    }

    mutating func array() throws -> LineJSON {
      var elements: [LineJSON] = []
      _ = take("[")
      if take("]") { return .array(elements) }
      repeat { elements.append(try value()) } while take(",")
      if !take("]") { throw fault("no end of array") }
      return .array(elements)
    }

    mutating func number() throws -> String {
      let start = index
      _ = take("-")
      guard try digits() > 0 else { throw fault("not a value") }
      if take("."), try digits() == 0 { throw fault("no digits after the point") }
      if take("e") || take("E") {
        if !take("-") { _ = take("+") }
        if try digits() == 0 { throw fault("no exponent") }
      }
      return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    mutating func digits() throws -> Int {
      let start = index
      while let byte = next, (0x30...0x39).contains(byte) { index += 1 }
      return index - start
    }

    mutating func string() throws -> String {
      if !take("\"") { throw fault("no string") }
      var units: [UInt16] = []
      var plain: [UInt8] = []
      var text = ""
      while let byte = next, byte != UInt8(ascii: "\"") {
        index += 1
        if byte < 0x20 { throw fault("raw control character") }
        if byte == UInt8(ascii: "\\") {
          text += try valid(plain)
          plain = []
          units.append(try escape())
        } else {
          text += String(decoding: units, as: UTF16.self)
          units = []
          plain.append(byte)
        }
      }
      text += try valid(plain) + String(decoding: units, as: UTF16.self)
      if !take("\"") { throw fault("no end of string") }
      return text
    }

    func valid(_ bytes: [UInt8]) throws -> String {
      guard let text = String(validating: bytes, as: UTF8.self) else { throw fault("not UTF-8") }
      return text
    }

    mutating func escape() throws -> UInt16 {
      let simple: [UInt8: UInt16] = [
        0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9,
      ]
      guard let kind = next else { throw fault("no escape") }
      index += 1
      if let unit = simple[kind] { return unit }
      guard kind == UInt8(ascii: "u"), index + 4 <= bytes.count,
        let unit = UInt16(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
      else { throw fault("bad escape") }
      index += 4
      return unit
    }
  }
}

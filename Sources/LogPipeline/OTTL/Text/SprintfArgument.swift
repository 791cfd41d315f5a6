import CVector
import Glibc

/// An argument of Go's `Sprintf`, and how each verb writes it. Pointers in it are valid only as long as the caller
/// says.
enum SprintfArgument {
  case none
  case string(UnsafeRawBufferPointer)
  case bytes(UnsafeRawBufferPointer)
  case int(Int64)
  case double(Double)
  case bool(Bool)
  /// A value of another type, as text.
  case other(UnsafeRawBufferPointer)

  private var typeName: StaticString {
    switch self {
    case .none: "<nil>"
    case .string: "string"
    case .bytes: "[]uint8"
    case .int: "int64"
    case .double: "float64"
    case .bool: "bool"
    case .other: "interface {}"
    }
  }

  /// Appends the argument as a directive says, whose sizes are no arguments any more.
  func append(_ directive: SprintfFormat.Directive, to writer: inout ByteWriter) {
    let start = writer.count
    var padsWithZero = false
    if !append(directive, to: &writer, &padsWithZero) {
      writer.truncate(to: start)
      return appendBad(directive.verb, to: &writer)
    }
    guard case .fixed(let width) = directive.width else { return }
    writer.pad(from: start, to: width, left: directive.minus, zero: padsWithZero && !directive.minus)
  }

  /// What Go writes for a verb that does not fit the argument.
  private func appendBad(_ verb: Unicode.Scalar, to writer: inout ByteWriter) {
    writer.append("%!")
    writer.append(scalar: verb)
    writer.append("(")
    if case .none = self { return writer.append("<nil>)") }
    appendTyped(to: &writer)
    writer.append(")")
  }

  /// Appends the type and the value, as errors show them.
  func appendTyped(to writer: inout ByteWriter) {
    writer.append(typeName)
    if case .none = self { return }
    writer.append("=")
    append(SprintfFormat.Directive(), to: &writer)
  }

  /// Appends the argument without padding; false if the verb does not fit.
  private func append(
    _ directive: SprintfFormat.Directive, to writer: inout ByteWriter, _ padsWithZero: inout Bool
  ) -> Bool {
    if directive.verb == "T" {
      writer.append(typeName)
      return true
    }
    switch self {
    case .none:
      if directive.verb != "v" { return false }
      writer.append("<nil>")
    case .bool(let value):
      if directive.verb != "v", directive.verb != "t" { return false }
      writer.appendJSON(value)
    case .string(let text), .bytes(let text), .other(let text):
      return Self.append(text, directive, to: &writer)
    case .int(let number):
      padsWithZero = directive.zero && directive.precision == .none
      return Self.append(number, directive, to: &writer)
    case .double(let number):
      padsWithZero = directive.zero && number.isFinite
      return Self.append(number, directive, to: &writer)
    }
    return true
  }

  // MARK: Text

  private static func append(
    _ text: UnsafeRawBufferPointer, _ directive: SprintfFormat.Directive, to writer: inout ByteWriter
  ) -> Bool {
    var text = text
    if case .fixed(let limit) = directive.precision, directive.verb != "x", directive.verb != "X" {
      text = text.part(0..<prefix(of: text, characters: limit))
    }
    switch directive.verb {
    case "v", "s": writer.append(text)
    case "q": appendQuoted(text, to: &writer)
    case "x", "X":
      if case .fixed(let limit) = directive.precision { text = text.part(0..<limit) }
      if directive.sharp, !text.isEmpty { writer.append(directive.verb == "x" ? "0x" : "0X") }
      let start = writer.count
      writer.appendHex(text)
      if directive.verb == "X" { writer.uppercase(from: start) }
    default: return false
    }
    return true
  }

  /// Where the first characters of a text end.
  private static func prefix(of text: UnsafeRawBufferPointer, characters: Int) -> Int {
    var (place, left): (Int, Int) = (0, characters)
    while left > 0, place < text.count {
      place &+= CaseText.scalar(of: text, at: place).length
      left &-= 1
    }
    return place
  }

  private static func appendQuoted(_ text: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
    writer.append("\"")
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""): writer.append("\\\"")
      case UInt8(ascii: "\\"): writer.append("\\\\")
      case 0x07: writer.append("\\a")
      case 0x08: writer.append("\\b")
      case 0x09: writer.append("\\t")
      case 0x0A: writer.append("\\n")
      case 0x0B: writer.append("\\v")
      case 0x0C: writer.append("\\f")
      case 0x0D: writer.append("\\r")
      case 0..<0x20, 0x7F:
        writer.append("\\x")
        withUnsafeBytes(of: byte) { writer.appendHex($0) }
      default: writer.append(byte)
      }
    }
    writer.append("\"")
  }

  // MARK: Whole numbers

  private static func append(
    _ number: Int64, _ directive: SprintfFormat.Directive, to writer: inout ByteWriter
  ) -> Bool {
    let base: UInt64
    var prefix: StaticString = ""
    switch directive.verb {
    case "v", "d": base = 10
    case "b": (base, prefix) = (2, "0b")
    case "o": (base, prefix) = (8, "0")
    case "O": (base, prefix) = (8, "0o")
    case "x": (base, prefix) = (16, "0x")
    case "X": (base, prefix) = (16, "0X")
    case "c", "q", "U":
      appendCharacter(number, directive.verb, to: &writer)
      return true
    default: return false
    }
    appendSign(isNegative: number < 0, directive, to: &writer)
    if directive.sharp || directive.verb == "O" { writer.append(prefix) }
    let start = writer.count
    appendDigits(number.magnitude, base: base, to: &writer)
    if directive.verb == "X" { writer.uppercase(from: start) }
    if case .fixed(let digits) = directive.precision { writer.pad(from: start, to: digits, left: false, zero: true) }
    return true
  }

  private static func appendSign(
    isNegative: Bool, _ directive: SprintfFormat.Directive, to writer: inout ByteWriter
  ) {
    if isNegative {
      writer.append("-")
    } else if directive.plus {
      writer.append("+")
    } else if directive.space {
      writer.append(" ")
    }
  }

  private static func appendDigits(_ number: UInt64, base: UInt64, to writer: inout ByteWriter) {
    var scale: UInt64 = 1
    while number / scale >= base { scale &*= base }
    while scale > 0 {
      let digit = UInt8(truncatingIfNeeded: number / scale % base)
      writer.append(digit < 10 ? digit &+ 0x30 : digit &+ 0x57)
      scale /= base
    }
  }

  private static func appendCharacter(_ number: Int64, _ verb: Unicode.Scalar, to writer: inout ByteWriter) {
    if verb == "U" {
      writer.append("U+")
      let start = writer.count
      appendDigits(number.magnitude, base: 16, to: &writer)
      writer.uppercase(from: start)
      return writer.pad(from: start, to: 4, left: false, zero: true)
    }
    let scalar = UInt32(exactly: number).flatMap { Unicode.Scalar($0) } ?? "\u{FFFD}"
    if verb == "q" { writer.append("'") }
    writer.append(scalar: scalar)
    if verb == "q" { writer.append("'") }
  }

  // MARK: Numbers with a point

  private static func append(
    _ number: Double, _ directive: SprintfFormat.Directive, to writer: inout ByteWriter
  ) -> Bool {
    guard ["v", "g", "G", "e", "E", "f", "F"].contains(directive.verb) else { return false }
    let isNegative = number.sign == .minus && !number.isNaN
    appendSign(isNegative: isNegative, directive, to: &writer)
    if !number.isFinite {
      if !isNegative, number.isInfinite, !directive.plus, !directive.space { writer.append("+") }
      writer.append(number.isNaN ? "NaN" : "Inf")
      return true
    }
    let start = writer.count
    let magnitude = number.magnitude
    switch (directive.verb, directive.precision) {
    case ("v", .none), ("g", .none), ("G", .none): ShortestDecimal(magnitude).appendGo(to: &writer)
    case ("f", .fixed(let places)), ("F", .fixed(let places)): writer.append(magnitude, "f", places)
    case ("f", _), ("F", _): writer.append(magnitude, "f", 6)
    case ("e", .fixed(let places)), ("E", .fixed(let places)): writer.append(magnitude, "e", places)
    case ("e", _), ("E", _): writer.append(magnitude, "e", 6)
    case (_, .fixed(let digits)): writer.append(magnitude, "g", digits)
    default: return false
    }
    if directive.verb == "G" || directive.verb == "E" { writer.uppercase(from: start) }
    return true
  }
}

/// The shortest digits that read back as a number that is not negative: d.ddd times ten to the power of `exponent`.
private struct ShortestDecimal {
  private var digits = InlineArray<17, UInt8>(repeating: UInt8(ascii: "0"))
  private var count = 1
  private var exponent = 0

  init(_ number: Double) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
      guard let start = text.baseAddress else { return }
      text.initialize(repeating: 0)
      for places: Int32 in 0..<17 {
        _ = double_text(start, 32, 0x65, places, number)
        if strtod(start, nil) == number { break }
      }
      read(text)
    }
  }

  private mutating func read(_ text: UnsafeMutableBufferPointer<CChar>) {
    var index = 0
    count = 0
    while index < text.count, text[index] != 0, text[index] != 0x65 {
      if text[index] != 0x2E, count < 17 {
        digits[count] = UInt8(truncatingIfNeeded: Int(text[index]))
        count &+= 1
      }
      index &+= 1
    }
    var magnitude = 0
    let isNegative = index &+ 1 < text.count && text[index &+ 1] == 0x2D
    index &+= 2
    while index < text.count, text[index] != 0 {
      magnitude = magnitude &* 10 &+ Int(text[index]) &- 0x30
      index &+= 1
    }
    exponent = isNegative ? 0 &- magnitude : magnitude
    while count > 1, digits[count &- 1] == UInt8(ascii: "0") { count &-= 1 }
  }

  /// Appends the number as Go's `%v` does: with an exponent below 10^-4 and from 10^6 on.
  func appendGo(to writer: inout ByteWriter) {
    if exponent < -4 || exponent >= 6 { return appendScientific(to: &writer) }
    if exponent < 0 {
      writer.append("0.")
      for _ in 1..<(0 &- exponent) { writer.append("0") }
      for index in 0..<count { writer.append(digits[index]) }
      return
    }
    for index in 0...max(exponent, count &- 1) {
      if index == exponent &+ 1 { writer.append(".") }
      writer.append(index < count ? digits[index] : UInt8(ascii: "0"))
    }
  }

  private func appendScientific(to writer: inout ByteWriter) {
    writer.append(digits[0])
    if count > 1 { writer.append(".") }
    for index in 1..<max(count, 1) { writer.append(digits[index]) }
    writer.append(exponent < 0 ? "e-" : "e+")
    writer.appendDecimal(UInt64(exponent.magnitude), digits: exponent.magnitude < 100 ? 2 : 3)
  }
}

extension ByteWriter {
  /// Appends a number with a fixed precision, as C writes it.
  fileprivate mutating func append(_ number: Double, _ form: StaticString, _ precision: Int) {
    let precision = min(max(precision, 0), SprintfFormat.maxWidth)
    let capacity = 400 &+ precision
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { text in
      let count = double_text(
        text.baseAddress, capacity, CChar(bitPattern: form.utf8Start[0]), Int32(truncatingIfNeeded: precision), number)
      append(UnsafeRawBufferPointer(text).part(0..<Int(count)))
    }
  }

  /// Makes ASCII letters capital from a place on.
  fileprivate mutating func uppercase(from start: Int) {
    for place in start..<count {
      (base + place).storeBytes(of: (base + place).load(as: UInt8.self).uppercased, as: UInt8.self)
    }
  }

  /// Fills what was written from a place on up to a number of characters.
  fileprivate mutating func pad(from start: Int, to width: Int, left: Bool, zero: Bool) {
    let characters = withUnsafeBytes(in: start..<count) { $0.reduce(0) { $0 &+ ($1 & 0xC0 == 0x80 ? 0 : 1) } }
    let missing = min(width, SprintfFormat.maxWidth) &- characters
    guard missing > 0 else { return }
    let length = count &- start
    for _ in 0..<missing { append(UInt8(ascii: " ")) }
    if left { return }
    var from = start
    if zero, length > 0, [0x2B, 0x2D, 0x20].contains((base + start).load(as: UInt8.self)) { from &+= 1 }
    let moved = start &+ length &- from
    (base + (from &+ missing)).copyMemory(from: base + from, byteCount: moved)
    let fill = zero ? UInt8(ascii: "0") : UInt8(ascii: " ")
    for place in from..<from &+ missing { (base + place).storeBytes(of: fill, as: UInt8.self) }
  }
}

/// Writes a request in OTLP's JSON mapping (OTLP specification, "JSON Protobuf Encoding") as protobuf, by the schema of
/// its signal.
///
/// Members may have the schema's own names too, in snake_case; enumerations are numbers or names. Unknown members are
/// skipped and counted, null is as good as absent. A member of another JSON type is an error, and so is a number that
/// does not fit.
struct JSONToProtobuf: ~Copyable {
  /// A request as protobuf.
  struct Written {
    var bytes: [UInt8]
    /// Each resource that has items.
    var pieces: [BodyFormat.Piece]
    var items: Int
    var oddities: Oddities
  }

  /// Values nested deeper than this have lengths that are padded, so that no content is moved once for each level.
  private static let movedDepth = 2

  private var json: JSONReader
  private let schema: WireSchema
  private var tally: SignalTally
  private var oddities = Oddities()
  private var bytes: ByteWriter
  private var pieces: [BodyFormat.Piece] = []

  /// The request as protobuf; offsets of errors are those of the JSON.
  static func transcode(
    _ body: borrowing [UInt8], _ schema: WireSchema, _ limits: DecodeLimits
  ) throws(DecodeError) -> Written {
    guard body.count < Int(UInt32.max) else { throw DecodeError(.tooLarge(limitBytes: Int(UInt32.max)), at: 0) }
    return try body.span.withUnsafeBytes { (body) throws(DecodeError) -> Written in
      let unescapedKey = UnsafeMutableRawPointer.allocate(byteCount: JSONKey.maxBytes, alignment: 1)
      defer { unescapedKey.deallocate() }
      let reader = JSONReader(body, maxDepth: limits.maxDepth, unescapedKey: unescapedKey)
      var transcoder = JSONToProtobuf(reader, schema, limits)
      try transcoder.request()
      return transcoder.written()
    }
  }

  private init(_ json: JSONReader, _ schema: WireSchema, _ limits: DecodeLimits) {
    self.json = json
    self.schema = schema
    tally = SignalTally(limits)
    bytes = ByteWriter(capacityBytes: json.end / 2)
  }

  private consuming func written() -> Written {
    Written(bytes: bytes.array, pieces: pieces, items: tally.items, oddities: oddities)
  }

  /// The request, and nothing after it. One that has members, but none of its signal, is another's.
  private mutating func request() throws(DecodeError) {
    guard json.peek() == UInt8(ascii: "{") else { throw json.expected("expected '{'") }
    json.position &+= 1
    var hasOwn = false
    var isFirst = true
    while let key = try json.nextKey(&isFirst) {
      if name(key, of: 0) != nil { hasOwn = true }
      try member(key, of: 0, depth: 0)
    }
    guard json.peek() == 0, json.position == json.end else { throw json.expected("expected nothing after the request") }
    if !hasOwn, oddities.unknownMembers > 0 { throw json.expected("expected a request of another form for this path") }
  }

  private mutating func member(_ key: JSONKey, of message: Int, depth: Int) throws(DecodeError) {
    guard let name = name(key, of: message) else {
      oddities.unknownMembers &+= 1
      return try json.skipValue()
    }
    if try json.readNull() { return }
    let field = schema.field(name.number, of: message)
    guard field.isRepeated else { return try value(field, name.number, depth: depth) }
    guard json.peek() == UInt8(ascii: "[") else { throw json.expected("expected '['") }
    json.position &+= 1
    var isFirst = true
    guard WireSchema.isPacked(field) else {
      while try json.nextElement(&isFirst) {
        if try json.readNull() { continue }
        try value(field, name.number, depth: depth)
      }
      return
    }
    append(tag: name.number, ProtobufReader.WireType.length)
    let open = bytes.openContent(room: 1)
    while try json.nextElement(&isFirst) {
      try tally.addValues(1, at: json.position)
      try number(field)
    }
    bytes.close(open)
  }

  /// The field of a message that a key names.
  private func name(_ key: JSONKey, of message: Int) -> WireSchema.Name? {
    schema.names[message].first { key.isEqual(to: $0.json) || key.isEqual(to: $0.schema) }
  }

  private mutating func append(tag number: Int, _ wireType: UInt32) {
    bytes.appendVarint(UInt64(number) &<< 3 | UInt64(wireType))
  }

  /// A field that comes once, or an element of a list that is not packed.
  private mutating func value(_ field: WireSchema.Field, _ number: Int, depth: Int) throws(DecodeError) {
    switch field.kind {
    case .unknown: try json.skipValue()
    case .message: try message(field, number, depth: depth)
    case .string:
      if field.isRepeated { try tally.add(field.counted, at: json.position) }
      append(tag: number, ProtobufReader.WireType.length)
      try string()
    case .bytes: try base64(number)
    case .traceID: try id(number, count: 16)
    case .spanID: try id(number, count: 8)
    case .double, .fixed64, .sfixed64:
      append(tag: number, ProtobufReader.WireType.fixed64)
      try self.number(field)
    case .fixed32:
      append(tag: number, ProtobufReader.WireType.fixed32)
      try self.number(field)
    case .int32, .int64, .uint32, .uint64, .sint32, .bool, .enumeration:
      append(tag: number, ProtobufReader.WireType.varint)
      try self.number(field)
    }
  }

  private mutating func message(_ field: WireSchema.Field, _ number: Int, depth: Int) throws(DecodeError) {
    guard json.peek() == UInt8(ascii: "{") else { throw json.expected("expected '{'") }
    try tally.add(field.counted, at: json.position)
    let index = Int(field.index)
    let depth = index == schema.valueMessage ? depth &+ 1 : depth
    try tally.checkDepth(depth, at: json.position)
    json.position &+= 1
    let (start, before) = (bytes.count, tally.items)
    append(tag: number, ProtobufReader.WireType.length)
    let isDeep = depth > Self.movedDepth
    let open = bytes.openContent(room: isDeep ? OpenField.paddedRoom : field.counted == .value ? 1 : 2)
    var isFirst = true
    while let key = try json.nextKey(&isFirst) { try member(key, of: index, depth: depth) }
    if isDeep { bytes.closePadded(open) } else { bytes.close(open) }
    let items = tally.items &- before
    guard field.counted == .resource, items > 0 else { return }
    pieces.append(BodyFormat.Piece(range: start..<bytes.count, records: items))
  }
}

/// Text.
extension JSONToProtobuf {
  /// Appends the length and the content of a string, as UTF-8.
  private mutating func string() throws(DecodeError) {
    guard json.peek() == UInt8(ascii: "\"") else { throw json.expected("expected '\"'") }
    let start = json.position
    if let slice = json.unescapedString() {
      let text = UnsafeRawBufferPointer(start: json.base + Int(slice.offset), count: Int(slice.count))
      if UTF8Text.firstInvalid(in: text) == nil {
        bytes.appendVarint(UInt64(slice.count))
        return bytes.append(text)
      }
      return try mend(Array(text), at: start)
    }
    var unescaped = ByteWriter(capacityBytes: 256)
    let read = try json.appendString(to: &unescaped)
    let text = unescaped.array
    let isValid = text.withUnsafeBytes { UTF8Text.firstInvalid(in: $0) == nil }
    if !isValid || read.loneSurrogateOffset != nil { return try mend(text, at: start) }
    bytes.appendVarint(UInt64(text.count))
    bytes.append(text)
  }

  /// Appends text with what is no UTF-8 replaced.
  private mutating func mend(_ text: [UInt8], at offset: Int) throws(DecodeError) {
    guard tally.limits.invalidUTF8 == .replace else { throw DecodeError(.invalidUTF8, at: offset) }
    oddities.repairedStrings &+= 1
    var repaired: [UInt8] = []
    text.withUnsafeBytes { UTF8Text.appendRepaired($0, to: &repaired) }
    bytes.appendVarint(UInt64(repaired.count))
    bytes.append(repaired)
  }

  /// A short text, unescaped.
  private mutating func text() throws(DecodeError) -> [UInt8] {
    guard json.peek() == UInt8(ascii: "\"") else { throw json.expected("expected '\"'") }
    if let slice = json.unescapedString() {
      return Array(UnsafeRawBufferPointer(start: json.base + Int(slice.offset), count: Int(slice.count)))
    }
    var unescaped = ByteWriter(capacityBytes: 64)
    _ = try json.appendString(to: &unescaped)
    return unescaped.array
  }

  private mutating func base64(_ number: Int) throws(DecodeError) {
    let start = json.position
    let text = try text()
    append(tag: number, ProtobufReader.WireType.length)
    let open = bytes.openContent(room: 1)
    let isBase64 = text.withUnsafeBytes { Base64Text.append(decoding: $0, to: &bytes) }
    guard isBase64 else { throw DecodeError(.malformed("expected base64"), at: start) }
    bytes.close(open)
  }

  /// An id in hexadecimal; one in base64, as protobuf's own JSON has it, is read and counted, and one that is no such
  /// id is dropped and counted.
  private mutating func id(_ number: Int, count: Int) throws(DecodeError) {
    let text = try text()
    if text.isEmpty { return }
    var id = Self.bytes(ofHex: text)
    if id.count != count, let bytes = Base64Text.decode(text), bytes.count == count {
      oddities.mendedValues &+= 1
      id = bytes
    }
    guard id.count == count else {
      if count == 16 { oddities.droppedTraceIDs &+= 1 } else { oddities.droppedSpanIDs &+= 1 }
      return
    }
    append(tag: number, ProtobufReader.WireType.length)
    bytes.appendVarint(UInt64(count))
    bytes.append(id)
  }

  /// The bytes that hexadecimal digits stand for; none if they are not that.
  private static func bytes(ofHex text: [UInt8]) -> [UInt8] {
    guard text.count % 2 == 0 else { return [] }
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: text.count, by: 2) {
      guard let high = HexText.nibble(text[place]), let low = HexText.nibble(text[place &+ 1]) else { return [] }
      bytes.append(high &<< 4 | low)
    }
    return bytes
  }
}

/// Numbers.
extension JSONToProtobuf {
  /// Appends a number, a truth value or a value of an enumeration, without a tag.
  private mutating func number(_ field: WireSchema.Field) throws(DecodeError) {
    switch field.kind {
    case .double: bytes.append(word: try double().bitPattern, count: 8)
    case .fixed64: bytes.append(word: try unsigned(), count: 8)
    case .sfixed64: bytes.append(word: UInt64(bitPattern: try whole { $0.int64 }), count: 8)
    case .fixed32: bytes.append(word: UInt64(try whole { $0.unsigned.flatMap { UInt32(exactly: $0) } }), count: 4)
    case .uint32: bytes.appendVarint(UInt64(try whole { $0.unsigned.flatMap { UInt32(exactly: $0) } }))
    case .uint64: bytes.appendVarint(try unsigned())
    case .int32: try appendVarint(of: whole { $0.int64.flatMap { Int32(exactly: $0) } })
    case .int64: bytes.appendVarint(UInt64(bitPattern: try whole { $0.int64 }))
    case .sint32:
      let value = try whole { $0.int64.flatMap { Int32(exactly: $0) } }
      bytes.appendVarint(UInt64(UInt32(bitPattern: value &<< 1 ^ value &>> 31)))
    case .bool: bytes.append(try json.readBool() ? 1 : 0)
    case .enumeration: try enumeration(Int(field.index))
    case .unknown, .message, .string, .bytes, .traceID, .spanID: throw json.expected("expected a JSON number")
    }
  }

  private mutating func appendVarint(of value: Int32) {
    bytes.appendVarint(UInt64(bitPattern: Int64(value)))
  }

  /// A value of an enumeration, by its number or its name.
  private mutating func enumeration(_ index: Int) throws(DecodeError) {
    guard json.peek() == UInt8(ascii: "\"") else {
      return try appendVarint(of: whole { $0.int64.flatMap { Int32(exactly: $0) } })
    }
    let start = json.position
    let name = try text()
    guard let value = schema.enumerations[index].first(where: { $0.name == name }) else {
      throw DecodeError(.malformed("expected a value of the enumeration, or its number"), at: start)
    }
    appendVarint(of: value.number)
  }

  /// A number of 64 bits without a sign, all of which are exact where it is written with digits alone.
  private mutating func unsigned() throws(DecodeError) -> UInt64 {
    let start = json.peek() == UInt8(ascii: "\"") ? json.position &+ 1 : json.position
    let base = json.base + start
    return try whole { number in
      let text = UnsafeRawBufferPointer(start: base, count: number.count)
      return number.unsigned ?? text.digits
    }
  }

  /// A whole number, or its text, that `fit` takes.
  private mutating func whole<Number>(_ fit: (JSONNumber) -> Number?) throws(DecodeError) -> Number {
    let isText = json.peek() == UInt8(ascii: "\"")
    let start = json.position
    if isText { json.position &+= 1 }
    let number = try json.readNumber()
    if isText, !json.stepOver("\"") { throw json.expected("expected '\"' after a number") }
    guard let fitting = fit(number) else {
      throw DecodeError(.malformed("expected a whole number that fits the field"), at: start)
    }
    return fitting
  }

  private mutating func double() throws(DecodeError) -> Double {
    if json.peek() == UInt8(ascii: "\"") {
      for (text, value) in Self.doubleNames where json.stepOver(text) { return value }
      json.position &+= 1
      let value = try plainDouble()
      if !json.stepOver("\"") { throw json.expected("expected '\"' after a number") }
      return value
    }
    return try plainDouble()
  }

  private static var doubleNames: [(StaticString, Double)] {
    [("\"NaN\"", .nan), ("\"Infinity\"", .infinity), ("\"-Infinity\"", -.infinity)]
  }

  private mutating func plainDouble() throws(DecodeError) -> Double {
    let start = json.position
    let number = try json.readNumber()
    return number.double(UnsafeRawBufferPointer(start: json.base + start, count: number.count))
  }
}

extension JSONNumber {
  /// The number if it is integral, not negative and fits.
  fileprivate var unsigned: UInt64? { isNegative && significand != 0 ? nil : magnitude }
}

extension UnsafeRawBufferPointer {
  /// The number that decimal digits stand for; nil if they are not that, or it does not fit.
  fileprivate var digits: UInt64? {
    var number: UInt64 = 0
    for byte in self {
      let digit = byte &- UInt8(ascii: "0")
      let (tens, tensOverflow) = number.multipliedReportingOverflow(by: 10)
      let (sum, sumOverflow) = tens.addingReportingOverflow(UInt64(digit))
      guard digit < 10, !tensOverflow, !sumOverflow else { return nil }
      number = sum
    }
    return number
  }
}

extension JSONKey {
  /// Whether the key is this name.
  fileprivate func isEqual(to name: [UInt8]) -> Bool {
    count == name.count && UnsafeRawBufferPointer(start: start, count: count).elementsEqual(name)
  }
}

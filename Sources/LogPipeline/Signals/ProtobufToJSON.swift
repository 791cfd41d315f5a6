/// Writes messages of a request that has been checked in OTLP's JSON mapping, by the schema of its signal.
///
/// Ids are hexadecimal, numbers of 64 bits are text, enumerations are numbers. Fields come in the order of their
/// numbers, whatever their order in the message; what the schema does not have is left out.
struct ProtobufToJSON {
  let schema: WireSchema

  /// Appends a request that has the field of a piece alone, on a line of its own.
  func appendLine(_ piece: UnsafeRawBufferPointer, to bytes: inout ByteWriter) {
    // What has been checked is not malformed.
    if append(piece, to: &bytes) { bytes.append("\n") }
  }

  /// Appends a request; nothing, and false, if it is malformed.
  func append(_ request: UnsafeRawBufferPointer, to bytes: inout ByteWriter) -> Bool {
    guard let base = request.baseAddress else { return false }
    let start = bytes.count
    do throws(DecodeError) {
      try append(ProtobufReader(base: base, range: 0..<request.count), 0, to: &bytes)
      return true
    } catch {
      bytes.truncate(to: start)
      return false
    }
  }

  private func append(_ message: ProtobufReader, _ index: Int, to bytes: inout ByteWriter) throws(DecodeError) {
    let present = try numbers(in: message, index)
    bytes.append(UInt8(ascii: "{"))
    var isFirst = true
    for name in schema.names[index] where present & (1 &<< UInt32(name.number)) != 0 {
      if !isFirst { bytes.append(UInt8(ascii: ",")) }
      isFirst = false
      bytes.append(UInt8(ascii: "\""))
      bytes.append(name.json)
      bytes.append("\":")
      let field = schema.field(name.number, of: index)
      if field.isRepeated {
        try appendList(field, name.number, in: message, to: &bytes)
      } else {
        try appendLast(field, name.number, in: message, to: &bytes)
      }
    }
    bytes.append(UInt8(ascii: "}"))
  }

  /// The numbers of the fields that a message has, as bits; of a oneof only the last that comes.
  private func numbers(in message: ProtobufReader, _ index: Int) throws(DecodeError) -> UInt32 {
    var reader = message
    var numbers: UInt32 = 0
    while !reader.isAtEnd {
      let tag = try reader.tag()
      if tag >> 3 < WireSchema.fieldsPerMessage {
        numbers &= ~schema.field(Int(tag >> 3), of: index).oneof
        numbers |= 1 &<< (tag >> 3)
      }
      try reader.skip(tag)
    }
    return numbers
  }

  /// Calls `use` with a reader before the content of each field of a number, and its wire type.
  private func forEach(
    _ number: Int, in message: ProtobufReader, _ use: (inout ProtobufReader, UInt32) throws(DecodeError) -> Void
  ) throws(DecodeError) {
    var reader = message
    while !reader.isAtEnd {
      let tag = try reader.tag()
      var content = reader
      try reader.skip(tag)
      if tag >> 3 == number { try use(&content, tag & 7) }
    }
  }

  private func appendList(
    _ field: WireSchema.Field, _ number: Int, in message: ProtobufReader, to bytes: inout ByteWriter
  ) throws(DecodeError) {
    var isFirst = true
    bytes.append(UInt8(ascii: "["))
    try forEach(number, in: message) { (reader, wireType) throws(DecodeError) in
      guard WireSchema.isPacked(field), wireType == ProtobufReader.WireType.length else {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        return try append(field, &reader, to: &bytes)
      }
      var list = reader.inside(try reader.lengthDelimited())
      while !list.isAtEnd {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        try append(field, &list, to: &bytes)
      }
    }
    bytes.append(UInt8(ascii: "]"))
  }

  /// Appends a field that comes once. Of several the last counts, but messages are joined.
  private func appendLast(
    _ field: WireSchema.Field, _ number: Int, in message: ProtobufReader, to bytes: inout ByteWriter
  ) throws(DecodeError) {
    var last: ProtobufReader?
    var joined: [UInt8] = []
    var count = 0
    try forEach(number, in: message) { (reader, _) throws(DecodeError) in
      last = reader
      count &+= 1
      if field.kind != .message { return }
      var content = reader
      if count == 1 { return }
      if count == 2 { joined += try first(number, in: message) }
      joined += content.bytes(try content.lengthDelimited())
    }
    guard var last else { return bytes.append("null") }
    guard field.kind == .message, count > 1 else { return try append(field, &last, to: &bytes) }
    let whole = joined
    try whole.span.withUnsafeBytes { (whole) throws(DecodeError) in
      guard let base = whole.baseAddress else { return bytes.append("{}") }
      try append(ProtobufReader(base: base, range: 0..<whole.count), Int(field.index), to: &bytes)
    }
  }

  /// The content of the first message of a number.
  private func first(_ number: Int, in message: ProtobufReader) throws(DecodeError) -> [UInt8] {
    var first: [UInt8]?
    try forEach(number, in: message) { (reader, _) throws(DecodeError) in
      if first == nil { first = Array(reader.bytes(try reader.lengthDelimited())) }
    }
    return first ?? []
  }

  /// Appends one value, whose content a reader stands before.
  private func append(
    _ field: WireSchema.Field, _ reader: inout ProtobufReader, to bytes: inout ByteWriter
  ) throws(DecodeError) {
    switch field.kind {
    case .message: try append(reader.inside(try reader.lengthDelimited()), Int(field.index), to: &bytes)
    case .string: bytes.appendJSON(string: reader.bytes(try reader.lengthDelimited()))
    case .bytes:
      bytes.append(UInt8(ascii: "\""))
      bytes.appendBase64(reader.bytes(try reader.lengthDelimited()))
      bytes.append(UInt8(ascii: "\""))
    case .traceID, .spanID:
      bytes.append(UInt8(ascii: "\""))
      bytes.appendHex(reader.bytes(try reader.lengthDelimited()))
      bytes.append(UInt8(ascii: "\""))
    case .double: bytes.appendJSON(Double(bitPattern: try reader.fixed64()))
    case .fixed64: bytes.appendQuoted(try reader.fixed64())
    case .sfixed64: bytes.appendQuoted(Int64(bitPattern: try reader.fixed64()))
    case .fixed32: bytes.appendDecimal(UInt64(try reader.fixed32()))
    case .uint64: bytes.appendQuoted(try reader.varint())
    case .int64: bytes.appendQuoted(Int64(bitPattern: try reader.varint()))
    case .uint32: bytes.appendDecimal(UInt64(UInt32(truncatingIfNeeded: try reader.varint())))
    case .int32, .enumeration: bytes.appendDecimal(Int64(Int32(truncatingIfNeeded: try reader.varint())))
    case .sint32:
      let value = UInt32(truncatingIfNeeded: try reader.varint())
      bytes.appendDecimal(Int64(Int32(bitPattern: value &>> 1) ^ -Int32(bitPattern: value & 1)))
    case .bool: bytes.appendJSON(try reader.varint() != 0)
    case .unknown: bytes.append("null")
    }
  }
}

extension ByteWriter {
  /// Appends a number of 64 bits as OTLP's JSON has it.
  fileprivate mutating func appendQuoted(_ value: UInt64) {
    append(UInt8(ascii: "\""))
    appendDecimal(value)
    append(UInt8(ascii: "\""))
  }

  /// Appends a number of 64 bits as OTLP's JSON has it.
  fileprivate mutating func appendQuoted(_ value: Int64) {
    append(UInt8(ascii: "\""))
    appendDecimal(value)
    append(UInt8(ascii: "\""))
  }
}

/// Checks a request that is passed on as it came, by the schema of its signal: one pass over its bytes, which copies
/// and allocates nothing.
///
/// What is malformed is refused as it is of logs; what logs would have mended is counted, and mended by `WireMender`.
struct WireCheck {
  private let fields: UnsafePointer<WireSchema.Field>
  private let valueMessage: Int
  private(set) var tally: SignalTally
  /// What is to be mended.
  private(set) var oddities = Oddities()

  /// A check by the fields of a schema, which must outlive it.
  init(_ fields: UnsafePointer<WireSchema.Field>, of schema: borrowing WireSchema, limits: DecodeLimits) {
    self.fields = fields
    valueMessage = schema.valueMessage
    tally = SignalTally(limits)
  }

  /// Checks a request and gives each of its resources that has items.
  mutating func request(_ request: ProtobufReader, into pieces: inout [BodyFormat.Piece]) throws(DecodeError) {
    var reader = request
    while !reader.isAtEnd {
      let (start, before) = (reader.position, tally.items)
      try field(of: 0, &reader, depth: 0)
      let items = tally.items &- before
      if items > 0 { pieces.append(BodyFormat.Piece(range: start..<reader.position, records: items)) }
    }
  }

  private mutating func message(_ message: ProtobufReader, _ index: Int, depth: Int) throws(DecodeError) {
    let depth = index == valueMessage ? depth &+ 1 : depth
    try tally.checkDepth(depth, at: message.position)
    var reader = message
    while !reader.isAtEnd { try field(of: index, &reader, depth: depth) }
  }

  /// Checks the next field of a message.
  @inline(__always)
  private mutating func field(of message: Int, _ reader: inout ProtobufReader, depth: Int) throws(DecodeError) {
    let tag = try reader.tag()
    let number = Int(tag >> 3)
    guard number < WireSchema.fieldsPerMessage else { return try reader.skip(tag) }
    let field = fields[message &* WireSchema.fieldsPerMessage &+ number]
    switch field.kind {
    case .unknown: try reader.skip(tag)
    case .message:
      let range = try content(&reader, tag)
      try tally.add(field.counted, at: range.lowerBound)
      try self.message(reader.inside(range), Int(field.index), depth: depth)
    case .string:
      let range = try content(&reader, tag)
      if field.isRepeated { try tally.add(field.counted, at: range.lowerBound) }
      if !UTF8Text.isValid(reader.base, from: range.lowerBound, to: range.upperBound) { try invalid(range, reader) }
    case .bytes: _ = try content(&reader, tag)
    case .traceID:
      let count = try content(&reader, tag).count
      if count != 16, count != 0 { oddities.droppedTraceIDs &+= 1 }
    case .spanID:
      let count = try content(&reader, tag).count
      if count != 8, count != 0 { oddities.droppedSpanIDs &+= 1 }
    case .double, .fixed64, .sfixed64: try fixed(field, 8, ProtobufReader.WireType.fixed64, tag, &reader)
    case .fixed32: try fixed(field, 4, ProtobufReader.WireType.fixed32, tag, &reader)
    case .int32, .int64, .uint32, .uint64, .sint32, .bool, .enumeration: try varint(field, tag, &reader)
    }
  }

  /// The range of a field of wire type 2.
  @inline(__always)
  private func content(_ reader: inout ProtobufReader, _ tag: UInt32) throws(DecodeError) -> Range<Int> {
    guard tag & 7 == ProtobufReader.WireType.length else { throw reader.wrongWireType() }
    return try reader.lengthDelimited()
  }

  /// A number of so many bytes, or a packed list of them.
  @inline(__always)
  private mutating func fixed(
    _ field: WireSchema.Field, _ size: Int, _ wireType: UInt32, _ tag: UInt32, _ reader: inout ProtobufReader
  ) throws(DecodeError) {
    if tag & 7 == wireType {
      try tally.add(field.counted, at: reader.position)
      if size == 8 { _ = try reader.fixed64() } else { _ = try reader.fixed32() }
      return
    }
    guard field.isRepeated else { throw reader.wrongWireType() }
    let range = try content(&reader, tag)
    guard range.count % size == 0 else {
      throw DecodeError(.malformed("protobuf list of numbers ends inside a number"), at: range.lowerBound)
    }
    try tally.addValues(range.count / size, at: range.lowerBound)
  }

  /// A number of variable length, or a packed list of them.
  @inline(__always)
  private mutating func varint(
    _ field: WireSchema.Field, _ tag: UInt32, _ reader: inout ProtobufReader
  ) throws(DecodeError) {
    if tag & 7 == ProtobufReader.WireType.varint {
      try tally.add(field.counted, at: reader.position)
      _ = try reader.varint()
      return
    }
    guard field.isRepeated else { throw reader.wrongWireType() }
    var list = reader.inside(try content(&reader, tag))
    while !list.isAtEnd {
      try tally.addValues(1, at: list.position)
      _ = try list.varint()
    }
  }

  /// A string that is not valid UTF-8.
  @inline(never)
  private mutating func invalid(_ range: Range<Int>, _ reader: ProtobufReader) throws(DecodeError) {
    guard let invalid = UTF8Text.firstInvalid(in: reader.bytes(range)) else { return }
    guard tally.limits.invalidUTF8 == .replace else {
      throw DecodeError(.invalidUTF8, at: range.lowerBound &+ invalid)
    }
    oddities.repairedStrings &+= 1
  }
}

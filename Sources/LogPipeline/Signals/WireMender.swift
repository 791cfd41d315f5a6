/// Writes a request that has been checked anew, with invalid UTF-8 replaced and without ids of a wrong length.
struct WireMender: ~Copyable {
  private let schema: WireSchema
  private var bytes: ByteWriter

  init(_ schema: WireSchema, capacityBytes: Int) {
    self.schema = schema
    bytes = ByteWriter(capacityBytes: capacityBytes)
  }

  /// The whole of a request, mended.
  consuming func mended(_ request: ProtobufReader) throws(DecodeError) -> [UInt8] {
    try message(request, 0)
    return bytes.array
  }

  private mutating func message(_ message: ProtobufReader, _ index: Int) throws(DecodeError) {
    var reader = message
    while !reader.isAtEnd {
      let start = reader.position
      let tag = try reader.tag()
      let field = schema.field(Int(tag >> 3), of: index)
      try reader.skip(tag)
      let end = reader.position
      var content = reader.inside(start..<end)
      _ = try content.tag()
      switch field.kind {
      case .message:
        let range = try content.lengthDelimited()
        bytes.appendVarint(UInt64(tag))
        let open = bytes.openContent(room: ByteWriter.varintBytes(UInt64(range.count)))
        try self.message(reader.inside(range), Int(field.index))
        bytes.close(open)
      case .string:
        let range = try content.lengthDelimited()
        if UTF8Text.isValid(reader.base, from: range.lowerBound, to: range.upperBound) {
          bytes.append(reader.bytes(start..<end))
        } else {
          repair(reader.bytes(range), tag)
        }
      case .traceID:
        if [0, 16].contains(try content.lengthDelimited().count) { bytes.append(reader.bytes(start..<end)) }
      case .spanID: if [0, 8].contains(try content.lengthDelimited().count) { bytes.append(reader.bytes(start..<end)) }
      default: bytes.append(reader.bytes(start..<end))
      }
    }
  }

  private mutating func repair(_ text: UnsafeRawBufferPointer, _ tag: UInt32) {
    var repaired: [UInt8] = []
    UTF8Text.appendRepaired(text, to: &repaired)
    bytes.appendVarint(UInt64(tag))
    bytes.appendVarint(UInt64(repaired.count))
    bytes.append(repaired)
  }
}

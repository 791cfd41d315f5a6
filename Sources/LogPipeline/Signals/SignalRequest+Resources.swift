extension SignalRequest {
  /// Has the resources edited as those of a batch of logs are: they alone are decoded and encoded again, the rest of
  /// the request stays as it came.
  mutating func editResources(_ edit: (inout LogBatch) -> Void) {
    guard var batch = resources() else { return }
    edit(&batch)
    guard batch.resources.count == pieces.count else { return }
    var encoder = OTLPEncoder()
    var bytes = ByteWriter(capacityBytes: body.count &+ 64 &* pieces.count)
    var edited: [BodyFormat.Piece] = []
    for (index, piece) in pieces.enumerated() {
      let start = bytes.count
      withBytes(of: piece) { field in
        bytes.append(Self.pieceTag)
        let open = bytes.openContent(room: ByteWriter.varintBytes(UInt64(field.count)))
        encoder.appendResource(batch.resources[index], of: batch, to: &bytes)
        Self.forEachField(of: field) { number, field, _ in
          if number != Self.resourceNumber { bytes.append(field) }
        }
        bytes.close(open)
      }
      edited.append(BodyFormat.Piece(range: start..<bytes.count, records: piece.records))
    }
    replace(body: bytes.array, pieces: edited)
  }

  /// The first `service.name` of a piece's resource, where it lies in the body; empty if it has none that is text.
  func serviceName(of piece: BodyFormat.Piece) -> ByteSlice {
    body.span.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return .empty }
      var outer = ProtobufReader(base: base, range: piece.range.clamped(to: 0..<bytes.count))
      do throws(DecodeError) {
        _ = try outer.tag()
        var fields = outer.inside(try outer.lengthDelimited())
        while !fields.isAtEnd {
          let tag = try fields.tag()
          guard tag == UInt32(Self.pieceTag) else {
            try fields.skip(tag)
            continue
          }
          if let name = try Self.serviceName(in: fields.inside(try fields.lengthDelimited())) { return name }
        }
      } catch {}  // What has been checked is not malformed.
      return .empty
    }
  }

  /// The same, among the attributes of a resource, which are its field 1.
  private static func serviceName(in resource: ProtobufReader) throws(DecodeError) -> ByteSlice? {
    var resource = resource
    while !resource.isAtEnd {
      let tag = try resource.tag()
      guard tag == 0x0A else {
        try resource.skip(tag)
        continue
      }
      var attribute = resource.inside(try resource.lengthDelimited())
      var (isService, name) = (false, ByteSlice?.none)
      while !attribute.isAtEnd {
        let tag = try attribute.tag()
        guard tag == 0x0A || tag == 0x12 else {
          try attribute.skip(tag)
          continue
        }
        let range = try attribute.lengthDelimited()
        if tag == 0x0A {
          isService = attribute.bytes(range).elementsEqual("service.name".utf8)
        } else {
          name = try text(in: attribute.inside(range)) ?? name
        }
      }
      if isService, let name { return name }
    }
    return nil
  }

  /// The text of an `AnyValue`: its field 1.
  private static func text(in value: ProtobufReader) throws(DecodeError) -> ByteSlice? {
    var value = value
    var text: ByteSlice?
    while !value.isAtEnd {
      let tag = try value.tag()
      if tag == 0x0A {
        text = ByteSlice(try value.lengthDelimited())
      } else {
        try value.skip(tag)
      }
    }
    return text
  }

  /// `ResourceSpans` in a request, as `ResourceLogs`: field 1.
  private static var pieceTag: UInt8 { 0x0A }
  /// The resource in each of them: field 1.
  private static var resourceNumber: UInt32 { 1 }
  /// A scope with one record, neither of which has anything.
  private static var emptyScope: [UInt8] { [0x12, 0x02, 0x12, 0x00] }

  /// A batch of logs with the resource of each piece, and one empty record for it.
  func resources() -> LogBatch? {
    var logs = ByteWriter(capacityBytes: 256 &* pieces.count)
    for piece in pieces {
      let open = logs.openField(Self.pieceTag, room: 2)
      let resource = logs.openField(0x0A, room: 2)
      withBytes(of: piece) { field in
        Self.forEachField(of: field) { number, _, content in
          // A message that comes twice is one, and bodies concatenate.
          if number == Self.resourceNumber { logs.append(content) }
        }
      }
      logs.close(resource)
      logs.append(Self.emptyScope)
      logs.close(open)
    }
    var batch = LogBatch()
    do throws(DecodeError) {
      try batch.decode(protobuf: logs.array, limits: .ownRecords)
    } catch {
      return nil
    }
    return batch
  }

  /// Calls `use` with the number, the bytes and the content of each field of a piece.
  private static func forEachField(
    of piece: UnsafeRawBufferPointer, _ use: (UInt32, UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void
  ) {
    guard let base = piece.baseAddress else { return }
    var outer = ProtobufReader(base: base, range: 0..<piece.count)
    do throws(DecodeError) {
      _ = try outer.tag()
      var fields = outer.inside(try outer.lengthDelimited())
      while !fields.isAtEnd {
        let start = fields.position
        let tag = try fields.tag()
        var content = fields
        try fields.skip(tag)
        let hasContent = tag & 7 == ProtobufReader.WireType.length
        let range = try hasContent ? content.lengthDelimited() : start..<start
        use(tag >> 3, fields.bytes(start..<fields.position), fields.bytes(range))
      }
    } catch {}  // What has been checked is not malformed.
  }
}

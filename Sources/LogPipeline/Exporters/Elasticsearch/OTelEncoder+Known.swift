// decision: docs/decisions/0102-key-table.md

/// The way of nearly all records in `otel` mode: keys known from records before, none of them special.
extension OTelEncoder {
  /// Appends a record as its two lines and says true; appends nothing and says false if it is one for the other way.
  @inline(__always)
  mutating func appendQuickly(_ record: LogRecord, _ batch: borrowing LogBatch, to bytes: inout ByteWriter) -> Bool {
    guard keys.isUsed else { return false }
    enter(record.scope, batch)
    let start = bytes.count
    var pen = bytes.pen
    putStart(of: record, batch, with: &pen, in: &bytes)
    var eventName: Int?
    if !record.attributes.isEmpty {
      guard let put = putting(record.attributes, &eventName, batch, with: pen, in: &bytes) else {
        bytes.truncate(to: start)
        return false
      }
      pen = put
    }
    let hasMore = record.droppedAttributesCount != 0 || !record.eventName.isEmpty || eventName != nil
    if record.body.kind == .string && !hasMore {
      putEnd(record.body.slice, batch.store.span.bytes, with: &pen, in: &bytes)
      bytes.take(pen)
    } else {
      bytes.take(pen)
      appendEnd(of: record, eventName: eventName, batch, to: &bytes)
    }
    return true
  }

  /// Puts the action line and what stands before the attributes.
  @inline(__always)
  private mutating func putStart(
    of record: LogRecord, _ batch: borrowing LogBatch, with pen: inout Pen, in bytes: inout ByteWriter
  ) {
    let dataStream = actions.shared.pointer(to: actions.scopeTarget.dataStream)
    let severityBytes = Pen.maxBytes(ofJSON: Int(record.severityText.count))
    let room = Self.maxHeadBytes &+ dataStream.count &+ severityBytes
    actions.putAction(of: record, before: room, with: &pen, in: &bytes)
    putHead(of: record, batch, dataStream: dataStream, with: &pen)
  }

  /// A pen that has put attributes, of which there are some; nil at the first key that is not ordinary. Room is made
  /// for the label by `putStart`, for the last brace with each value.
  @inline(never)
  private mutating func putting(
    _ entries: EntryRange, _ eventName: inout Int?, _ batch: borrowing LogBatch, with start: Pen,
    in bytes: inout ByteWriter
  ) -> Pen? {
    let store = batch.store.span.bytes
    var pen = start
    pen.put(",\"attributes\":")
    let brace = pen.at - bytes.base
    var cursor = keys.begin()
    let attributes = batch.attributes.span.extracting(entries.indices)
    var rest = attributes.start
    let end = rest + attributes.count
    while rest < end {
      let attribute = rest.pointee
      rest += 1
      guard let key = keys.next(&cursor, attribute.key, in: store, isOrdinary: Self.isOrdinary) else { return nil }
      let text = key.pointee.text
      let textCount = key.pointee.textCount
      let value = attribute.value
      if value.kind == .string {
        bytes.makeRoom(textCount &+ Pen.maxBytes(ofJSON: Int(value.slice.count)) &+ 1, for: &pen)
        pen.put(short: text, count: textCount)
        pen.put(json: value.slice, in: store)
      } else {
        bytes.makeRoom(textCount &+ Pen.maxDoubleBytes &+ 1, for: &pen)
        pen.put(short: text, count: textCount)
        if value.hasLength {
          bytes.take(pen)
          objects.write(value, batch, to: &bytes)
          pen = bytes.pen
          bytes.makeRoom(1, for: &pen)
        } else {
          pen.put(scalar: value, in: store)
        }
      }
    }
    if keys.hasEventName(cursor) {
      eventName = entries.indices.first { store.extracting(batch.attributes[$0].key.range).isEqual(to: "event.name") }
    }
    // In place of the comma before the first key.
    bytes.base.storeBytes(of: UInt8(ascii: "{"), toByteOffset: brace, as: UInt8.self)
    pen.put("}")
    return pen
  }

  /// Puts what stands after the attributes when that is only what the scope shares and the body.
  @inline(__always)
  private func putEnd(_ body: ByteSlice, _ store: RawSpan, with pen: inout Pen, in bytes: inout ByteWriter) {
    let fragment = actions.shared.pointer(to: fragment)
    bytes.makeRoom(fragment.count &+ 32 &+ Pen.maxBytes(ofJSON: Int(body.count)), for: &pen)
    pen.put(fragment)
    pen.put(",\"body\":{\"text\":")
    pen.put(json: body, in: store)
    pen.put("}}\n")
  }

  /// Keys that route, locate, are empty or have a blank part take the other way.
  static func isOrdinary(_ key: RawSpan) -> Bool {
    let isLocation = key.hasSuffix("geo.location.lat") || key.hasSuffix("geo.location.lon")
    return !key.isEmpty && !isLocation && RoutingAttribute.of(key) == nil && !KeyParts.isAnyBlank(key)
  }
}

extension Value {
  /// Whether what the value takes depends on more than its kind.
  @inline(__always)
  fileprivate var hasLength: Bool { kind == .string || kind == .bytes || isContainer }
}

extension Span<Attribute> {
  /// The first of some attributes; only for a span that has some.
  @inline(__always)
  // A span that has attributes has an address.
  fileprivate var start: UnsafePointer<Attribute> { withUnsafeBufferPointer { $0.baseAddress.unsafelyUnwrapped } }
}

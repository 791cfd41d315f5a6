// decision: docs/decisions/0201-plain-forms.md

/// Fields in the form in which nearly all senders write them: tags and lengths as short as they can be, text in UTF-8.
///
/// What is read here is read the same by `field` and `attribute`, which take every form. Each function reads what it
/// can and leaves the reader before the first field that has another form, or that is too near the end of its message
/// to be loaded with a single check, or too near the start of the body to be loaded with what is before it.
extension ProtobufDecoder {
  /// Bytes that may be loaded from the start of a field on, whatever it is.
  private static var bytesAhead: Int { 9 }
  /// Bytes that may be loaded before the start of a field.
  private static var bytesBefore: Int { 16 }

  /// Reads fields of a `LogRecord`: those that come in the order of their numbers in one go.
  @inline(__always)
  mutating func plainFields(
    _ reader: inout ProtobufReader, of record: UnsafeMutablePointer<LogRecord>, into batch: inout LogBatch
  ) {
    let base = reader.base
    var start: Int
    repeat {
      start = reader.position
      if isNext(0x09, reader) {
        let time = base.uint64(reader.position &+ 1)
        guard times.isNanoseconds(time) else { return }
        record.pointee.timeUnixNano = time
        reader.position &+= 9
      }
      if isNext(0x10, reader) {
        let number = base.byte(reader.position &+ 1)
        guard number < 0x80 else { return }
        record.pointee.severityNumber = Int32(number)
        reader.position &+= 2
      }
      if isNext(0x1A, reader) {
        guard let text = plainText(&reader) else { return }
        record.pointee.severityText = text
      }
      if isNext(0x2A, reader) {
        guard let text = plainBody(&reader) else { return }
        record.pointee.body = .string(text)
      }
      if isNext(0x32, reader) {
        guard plainAttributes(tag: 0x32, &reader, into: &batch) else { return }
      }
      if isNext(0x45, reader) {
        record.pointee.flags = UInt32(truncatingIfNeeded: base.uint64(reader.position &+ 1))
        reader.position &+= 5
      }
      if let bytes = plainID(tag: 0x4A, count: 16, &reader) {
        record.pointee.traceID = TraceID(high: base.uint64(bytes).byteSwapped, low: base.uint64(bytes &+ 8).byteSwapped)
      }
      if let bytes = plainID(tag: 0x52, count: 8, &reader) {
        record.pointee.spanID = base.uint64(bytes).byteSwapped
      }
      if isNext(0x59, reader) {
        let time = base.uint64(reader.position &+ 1)
        guard times.isNanoseconds(time) else { return }
        record.pointee.observedTimeUnixNano = time
        reader.position &+= 9
      }
      if isNext(0x62, reader) {
        guard let text = plainText(&reader) else { return }
        record.pointee.eventName = text
      }
    } while reader.position > start && reader.end &- reader.position >= Self.bytesAhead
  }

  /// Whether this tag is next, and its field may be loaded.
  @inline(__always)
  private func isNext(_ tag: UInt8, _ reader: ProtobufReader) -> Bool {
    reader.end &- reader.position >= Self.bytesAhead && reader.base.byte(reader.position) == tag
  }

  /// Reads a field of so many bytes, if it is next, and returns where they start.
  @inline(__always)
  private func plainID(tag: UInt16, count: Int, _ reader: inout ProtobufReader) -> Int? {
    let start = reader.position &+ 2
    guard reader.end &- start >= count else { return nil }
    guard reader.base.uint16(start &- 2) == tag | UInt16(truncatingIfNeeded: count) &<< 8 else { return nil }
    reader.position = start &+ count
    return start
  }

  /// Reads a field that is a string.
  @inline(__always)
  private func plainText(_ reader: inout ProtobufReader) -> ByteSlice? {
    guard let text = reader.plainLength(at: reader.position &+ 1, to: reader.end) else { return nil }
    guard UTF8Text.isValid(reader.base, from: text.start, to: text.end) else { return nil }
    reader.position = text.end
    return ByteSlice(from: text.start, to: text.end)
  }

  /// Reads a field that is an `AnyValue` with a string.
  @inline(__always)
  private func plainBody(_ reader: inout ProtobufReader) -> ByteSlice? {
    guard let value = reader.plainLength(at: reader.position &+ 1, to: reader.end) else { return nil }
    guard value.end &- value.start >= 3, reader.base.byte(value.start) == 0x0A else { return nil }
    guard let text = reader.plainLength(at: value.start &+ 1, to: value.end), text.end == value.end else { return nil }
    guard UTF8Text.isValid(reader.base, from: text.start, to: text.end) else { return nil }
    reader.position = text.end
    return ByteSlice(from: text.start, to: text.end)
  }

  /// Reads fields of this tag, which are a `KeyValue` of a scalar in fewer than 128 bytes, as many as a page has room
  /// for; false if there are none.
  @inline(__always)
  mutating func plainAttributes(tag: UInt32, _ reader: inout ProtobufReader, into batch: inout LogBatch) -> Bool {
    guard reader.position >= Self.bytesBefore else { return false }
    if pages.attributes.room == 0 { pages.attributes.move(to: &batch.attributes) }
    let room = min(pages.attributes.room, valuesLeft)
    let (end, taken, hits) = Self.plainAttributes(
      tag: tag, reader, to: pages.attributes.slots, room: room, marks: pages.keys.mark)
    pages.keys.add(hits)
    reader.position = end
    pages.attributes.advance(taken)
    valuesLeft &-= taken
    return taken > 0
  }

  /// Reads up to `room` such fields to `slots`; returns where they end, how many they are and how many of their marks
  /// were set before.
  ///
  /// A function of its own, so that its loop has all registers to itself.
  @inline(never)
  private static func plainAttributes(
    tag: UInt32, _ reader: ProtobufReader, to slots: UnsafeMutablePointer<Attribute>, room: Int, marks: KeyMarks.Mark
  ) -> (end: Int, taken: Int, hits: Int) {
    var position = reader.position
    var (taken, hits) = (0, 0)
    while taken < room, reader.end &- position >= bytesAhead {
      // The tag and length of the field, then those of the key.
      let head = reader.base.uint32(position)
      guard head & 0xFF_80FF == 0x0A_0000 | tag else { break }
      let end = position &+ 2 &+ Int(head &>> 8 & 0xFF)
      let key = ByteSlice(from: position &+ 4, count: Int(head &>> 24))
      guard let value = plainValue(reader, after: key, to: end) else { break }
      (slots + taken).initialize(to: Attribute(key: key, value: value))
      hits &+= marks.set(reader.base + (position &+ 4), Int(head &>> 24))
      taken &+= 1
      position = end
    }
    return (position, taken, hits)
  }

  @inline(__always)
  private static func plainValue(_ reader: ProtobufReader, after key: ByteSlice, to end: Int) -> Value? {
    let keyStart = Int(key.offset)
    let keyEnd = keyStart &+ Int(key.count)
    let count = end &- keyEnd &- 2
    guard end <= reader.end, count >= 2 else { return nil }
    // The tag and length of the value, then the tag of its member and the byte after that.
    let head = reader.base.uint32(keyEnd)
    if head == 0x000A_0012 &+ UInt32(truncatingIfNeeded: count) &* 0x0100_0100 &- 0x0200_0000 {
      guard UTF8Text.isASCII(reader.base, from: keyStart, to: end) else { return nil }
      return .string(ByteSlice(from: keyEnd &+ 4, to: end))
    }
    guard head & 0xFFFF == 0x12 | UInt32(truncatingIfNeeded: count) &<< 8 else { return nil }
    guard UTF8Text.isASCII(reader.base, from: keyStart, to: keyEnd) else { return nil }
    let last = reader.base.uint64(end &- 8)
    switch head &>> 16 & 0xFF {
    case 0x10 where count == 2 && head < 0x8000_0000: return .bool(head &>> 24 != 0)
    case 0x18: return plainVarint(last, count: count &- 1).map { .int($0) }
    case 0x21 where count == 9: return .double(Double(bitPattern: last))
    default: return nil
    }
  }

  /// The varint that is the last `count` bytes of a little-endian word, one or more; nil if they are not one varint.
  @inline(__always)
  private static func plainVarint(_ word: UInt64, count: Int) -> Int64? {
    guard count <= 8 else { return nil }
    let others = UInt64(truncatingIfNeeded: 64 &- 8 &* count)
    var groups = word &>> others
    guard groups & 0x8080_8080_8080_8080 == 0x0080_8080_8080_8080 &>> others else { return nil }
    groups = groups & 0x007F_007F_007F_007F | (groups & 0x7F00_7F00_7F00_7F00) &>> 1
    groups = groups & 0x0000_3FFF_0000_3FFF | (groups & 0x3FFF_0000_3FFF_0000) &>> 2
    return Int64(truncatingIfNeeded: groups & 0x0FFF_FFFF | (groups & 0x0FFF_FFFF_0000_0000) &>> 4)
  }
}

extension ProtobufReader {
  /// Reads the length of one or two bytes that is at `place`, two or more before `end`; nil if what it announces
  /// passes `end`.
  @inline(__always)
  fileprivate func plainLength(at place: Int, to end: Int) -> (start: Int, end: Int)? {
    let pair = Int(base.uint16(place))
    var (start, count) = (place &+ 1, pair & 0xFF)
    if count >= 0x80 {
      guard pair < 0x8000 else { return nil }
      (start, count) = (place &+ 2, pair & 0x7F | pair &>> 1 & 0x3F80)
    }
    return count <= end &- start ? (start, start &+ count) : nil
  }
}

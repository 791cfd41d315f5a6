/// Writing protobuf's wire format (protobuf.dev, "Encoding"): single-byte tags, minimal varints.
extension ByteWriter {
  /// Bytes that `value` takes as a varint, 1...10.
  @inline(__always)
  static func varintBytes(_ value: UInt64) -> Int {
    ((63 &- (value | 1).leadingZeroBitCount) &* 9 &+ 73) &>> 6
  }

  /// Bytes that a length-delimited field takes whose content takes `count`, its one-byte tag included.
  @inline(__always)
  static func fieldBytes(_ count: Int) -> Int {
    1 &+ varintBytes(UInt64(truncatingIfNeeded: count)) &+ count
  }

  /// Appends a varint.
  @inline(__always)
  package mutating func appendVarint(_ value: UInt64) {
    makeRoom(10)
    var rest = value
    while rest >= 0x80 {
      end.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
      advance(1)
      rest &>>= 7
    }
    end.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
    advance(1)
  }

  /// Appends a tag and the length of what follows.
  @inline(__always)
  package mutating func appendTag(_ tag: UInt8, count: Int) {
    append(tag)
    appendVarint(UInt64(truncatingIfNeeded: count))
  }

  /// Appends a length-delimited field.
  @inline(__always)
  package mutating func appendField(_ tag: UInt8, _ content: RawSpan) {
    appendTag(tag, count: content.byteCount)
    append(content)
  }

  /// Appends a varint field.
  @inline(__always)
  package mutating func appendField(_ tag: UInt8, varint value: UInt64) {
    append(tag)
    appendVarint(value)
  }

  /// Appends a field of eight bytes, little-endian.
  @inline(__always)
  package mutating func appendField(_ tag: UInt8, fixed64 value: UInt64) {
    append(tag)
    makeRoom(8)
    end.storeBytes(of: value.littleEndian, as: UInt64.self)
    advance(8)
  }

  /// Appends a field of four bytes, little-endian.
  @inline(__always)
  mutating func appendField(_ tag: UInt8, fixed32 value: UInt32) {
    append(tag)
    makeRoom(4)
    end.storeBytes(of: value.littleEndian, as: UInt32.self)
    advance(4)
  }

  /// Starts a length-delimited field of unknown length, with `room` bytes kept free for the length.
  @inline(__always)
  package mutating func openField(_ tag: UInt8, room: Int) -> OpenField {
    append(tag)
    return openContent(room: room)
  }

  /// Starts the content of a length-delimited field whose tag has been written.
  @inline(__always)
  package mutating func openContent(room: Int) -> OpenField {
    makeRoom(room)
    advance(room)
    return OpenField(start: count, room: room)
  }

  /// Appends the low bytes of a word, little-endian.
  package mutating func append(word: UInt64, count: Int) {
    makeRoom(8)
    end.storeBytes(of: word.littleEndian, as: UInt64.self)
    advance(count)
  }

  /// Ends a field that has `OpenField.paddedRoom` and moves nothing: its length takes more bytes than it needs.
  mutating func closePadded(_ field: OpenField) {
    var rest = UInt64(truncatingIfNeeded: count &- field.start)
    for place in 0..<OpenField.paddedRoom {
      let isLast = place &+ 1 == OpenField.paddedRoom
      let byte = UInt8(truncatingIfNeeded: rest & 0x7F) | (isLast ? 0 : 0x80)
      (base + field.start).storeBytes(of: byte, toByteOffset: place &- OpenField.paddedRoom, as: UInt8.self)
      rest &>>= 7
    }
  }

  /// Ends a field: writes its length, and moves its content if the length does not fill the room exactly.
  package mutating func close(_ field: OpenField) {
    // Made now: what is moved beyond `count` would not survive growing.
    makeRoom(10)
    let size = count &- field.start
    let lengthBytes = Self.varintBytes(UInt64(truncatingIfNeeded: size))
    let lengthStart = field.start &- field.room
    if lengthBytes != field.room {
      (base + lengthStart + lengthBytes).copyMemory(from: base + field.start, byteCount: size)
    }
    truncate(to: lengthStart)
    appendVarint(UInt64(truncatingIfNeeded: size))
    advance(size)
  }
}

/// A length-delimited field whose length is written when its content is complete.
package struct OpenField {
  /// Room for the length of anything that fits in memory, for `closePadded`.
  static var paddedRoom: Int { 5 }

  /// Where the content starts.
  let start: Int
  /// Bytes kept free before `start` for the length.
  let room: Int
}

/// Putting protobuf's wire format where room was made.
extension Pen {
  /// Puts a varint, of at most 10 bytes.
  @inline(__always)
  mutating func put(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      put(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    put(UInt8(truncatingIfNeeded: rest))
  }

  /// Puts a tag and the length of what follows, of at most 11 bytes.
  @inline(__always)
  mutating func put(tag: UInt8, count: Int) {
    put(tag)
    put(varint: UInt64(truncatingIfNeeded: count))
  }

  /// Puts a length-delimited field whose content lies in a batch, of at most 11 bytes beside that.
  @inline(__always)
  mutating func put(tag: UInt8, _ slice: ByteSlice, in store: RawSpan) {
    put(tag: tag, count: Int(slice.count))
    put(slice, in: store)
  }

  /// Puts bytes of a batch as they are.
  @inline(__always)
  mutating func put(_ slice: ByteSlice, in store: RawSpan) {
    let offset = Int(slice.offset)
    let count = Int(slice.count)
    if offset &+ count &+ 32 <= store.byteCount {
      put(short: store.start + offset, count: count)
    } else {
      store.extracting(slice.range).withUnsafeBytes { put($0) }
    }
  }

  /// Puts eight bytes, little-endian.
  @inline(__always)
  mutating func put(tag: UInt8, fixed64 value: UInt64) {
    put(tag)
    put(word: value, count: 8)
  }
}

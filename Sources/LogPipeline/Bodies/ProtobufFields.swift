/// The fields of one protobuf message, read one after the other; stops at the first byte that makes no sense.
///
/// For answers, details of a status and bodies that were encoded here, not for requests.
package struct ProtobufFields {
  /// One field of a message.
  package struct Field: Equatable {
    package fileprivate(set) var number: UInt64
    /// Where the field starts, tag included.
    let start: Int
    /// The value of a varint field, else 0.
    package fileprivate(set) var varint: UInt64 = 0
    /// The content of a length-delimited field, else empty.
    package fileprivate(set) var content: Range<Int> = 0..<0
    /// Whether the field is length-delimited: a tag and a length stand before its content.
    package var hasContent: Bool { content.lowerBound > start }

    fileprivate init(number: UInt64, start: Int) {
      self.number = number
      self.start = start
    }
  }

  private let bytes: UnsafeRawBufferPointer
  private let end: Int
  /// Where the next field starts.
  private(set) var index: Int
  /// Whether reading stopped before the end of the message.
  private(set) var isMalformed = false

  /// The fields in `range` of `bytes`, which is clamped to what there is.
  package init(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) {
    self.bytes = bytes
    let range = range.clamped(to: 0..<bytes.count)
    index = range.lowerBound
    end = range.upperBound
  }

  package init(_ bytes: UnsafeRawBufferPointer) { self.init(bytes, in: 0..<bytes.count) }

  /// The next field; nil at the end of the message and at malformed bytes.
  package mutating func next() -> Field? {
    guard index < end, !isMalformed else { return nil }
    guard let field = read() else {
      isMalformed = true
      return nil
    }
    return field
  }

  private mutating func read() -> Field? {
    let start = index
    guard let tag = readVarint() else { return nil }
    var field = Field(number: tag >> 3, start: start)
    switch tag & 7 {
    case 0:
      guard let value = readVarint() else { return nil }
      field.varint = value
      return field
    case 1: return skip(8) ? field : nil
    case 2:
      guard let count = readVarint(), count <= UInt64(end - index) else { return nil }
      field.content = index..<index + Int(count)
      index = field.content.upperBound
      return field
    case 5: return skip(4) ? field : nil
    default: return nil
    }
  }

  private mutating func skip(_ count: Int) -> Bool {
    guard end - index >= count else { return false }
    index += count
    return true
  }

  private mutating func readVarint() -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while index < end && shift < 64 {
      let byte = bytes[index]
      index += 1
      value |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }
}

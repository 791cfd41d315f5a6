/// The fields of one protobuf message, one after the other; stops at the first byte that makes no sense.
///
/// For the bytes of records. `ProtobufFields` of LogPipeline does the same for a few; a call of another module for each
/// field of each record costs more than the rest of the work.
struct WireFields {
  /// One field of a message.
  struct Field {
    let number: UInt64
    let kind: WireKind
    /// Where the field starts, tag included.
    let start: Int
    /// The value of a number.
    var value: UInt64 = 0
    /// Where the content of a length-delimited field lies.
    var content: Range<Int> = 0..<0
  }

  let bytes: UnsafeRawBufferPointer
  private(set) var index: Int
  private let end: Int
  private(set) var isMalformed = false

  /// The fields in `range` of `bytes`, which is clamped to what there is.
  init(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) {
    let range = range.clamped(to: 0..<bytes.count)
    self.bytes = bytes
    index = range.lowerBound
    end = range.upperBound
  }

  init(_ bytes: UnsafeRawBufferPointer) { self.init(bytes, in: 0..<bytes.count) }

  /// The next field; nil at the end of the message and at malformed bytes.
  @inline(__always)
  mutating func next() -> Field? {
    guard index < end, !isMalformed else { return nil }
    let start = index
    guard let tag = varint(), tag >> 3 != 0, let kind = WireKind(rawValue: UInt8(tag & 7)) else { return fail() }
    var field = Field(number: tag >> 3, kind: kind, start: start)
    switch kind {
    case .varint:
      guard let value = varint() else { return fail() }
      field.value = value
    case .fixed64:
      guard end &- index >= 8 else { return fail() }
      field.value = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      index &+= 8
    case .bytes:
      guard let count = varint(), count <= UInt64(end &- index) else { return fail() }
      field.content = index..<index &+ Int(count)
      index = field.content.upperBound
    case .fixed32:
      guard end &- index >= 4 else { return fail() }
      field.value = UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self)))
      index &+= 4
    }
    return field
  }

  private mutating func fail() -> Field? {
    isMalformed = true
    return nil
  }

  /// A varint; nil if it does not end.
  @inline(__always)
  private mutating func varint() -> UInt64? { Varint.read(bytes, &index, before: end) }
}

/// How the value of a field is written.
enum WireKind: UInt8 {
  case varint = 0
  case fixed64 = 1
  case bytes = 2
  case fixed32 = 5
}

/// Numbers of seven bits a byte, the lowest first.
enum Varint {
  /// The number at `index`, which moves behind it; nil if it does not end before `end`.
  @inline(__always)
  static func read(_ bytes: UnsafeRawBufferPointer, _ index: inout Int, before end: Int) -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while index < end && shift < 64 {
      let byte = bytes[index]
      index &+= 1
      value |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 { return value }
      shift &+= 7
    }
    return nil
  }

  @inline(__always)
  static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Appends a length-delimited field.
  static func append(field number: UInt8, _ content: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
    bytes.append(number &<< 3 | WireKind.bytes.rawValue)
    append(UInt64(content.count), to: &bytes)
    bytes.append(contentsOf: content)
  }

  /// Appends a length-delimited field.
  static func append(field number: UInt8, _ content: [UInt8], to bytes: inout [UInt8]) {
    content.withUnsafeBytes { append(field: number, $0, to: &bytes) }
  }

  /// Differences that may be negative as numbers that are small near zero.
  @inline(__always)
  static func zigzag(_ difference: UInt64) -> UInt64 {
    difference &<< 1 ^ UInt64(bitPattern: Int64(bitPattern: difference) &>> 63)
  }

  @inline(__always)
  static func unzigzag(_ value: UInt64) -> UInt64 { value &>> 1 ^ (0 &- (value & 1)) }
}

/// A run of bytes in a batch's byte store.
package struct ByteSlice: Sendable, Equatable {
  package var offset: UInt32
  package var count: UInt32

  package static let empty = ByteSlice(offset: 0, count: 0)

  package init(offset: UInt32, count: UInt32) {
    self.offset = offset
    self.count = count
  }

  /// A slice of a store, which never holds more than `UInt32.max` bytes.
  package init(_ range: Range<Int>) {
    offset = UInt32(truncatingIfNeeded: range.lowerBound)
    count = UInt32(truncatingIfNeeded: range.count)
  }

  /// The bytes from one offset to another that is no smaller.
  @inline(__always)
  init(from start: Int, to end: Int) { self.init(from: start, count: end &- start) }

  @inline(__always)
  init(from start: Int, count: Int) {
    offset = UInt32(truncatingIfNeeded: start)
    self.count = UInt32(truncatingIfNeeded: count)
  }

  package var isEmpty: Bool { count == 0 }
  package var range: Range<Int> { Int(offset)..<Int(offset) + Int(count) }
}

/// A run of entries in one of a batch's flat arrays.
package struct EntryRange: Sendable, Equatable {
  package var start: UInt32
  package var count: UInt32

  package static let empty = EntryRange(start: 0, count: 0)

  package init(start: UInt32, count: UInt32) {
    self.start = start
    self.count = count
  }

  package init(_ range: Range<Int>) {
    start = UInt32(truncatingIfNeeded: range.lowerBound)
    count = UInt32(truncatingIfNeeded: range.count)
  }

  package var isEmpty: Bool { count == 0 }
  package var indices: Range<Int> { Int(start)..<Int(start) + Int(count) }
}

/// One `AnyValue` of OTLP (common.proto), in 16 bytes: a scalar itself, or where its bytes or members lie.
package struct Value: Sendable, Equatable {
  /// The members of the `AnyValue` oneof.
  package enum Kind: UInt8, Sendable {
    /// No member set: OTLP's empty value.
    case empty
    case string, bool, int, double
    /// Members are the entries `entries` of `LogBatch.nested`, their keys unused.
    case array
    /// Members are the entries `entries` of `LogBatch.nested`.
    case map
    case bytes
  }

  package var kind: Kind
  private var bits: UInt64

  private init(kind: Kind, bits: UInt64) {
    self.kind = kind
    self.bits = bits
  }

  package static let empty = Value(kind: .empty, bits: 0)
  package static func string(_ slice: ByteSlice) -> Value { Value(kind: .string, slice: slice) }
  package static func bytes(_ slice: ByteSlice) -> Value { Value(kind: .bytes, slice: slice) }
  package static func bool(_ value: Bool) -> Value { Value(kind: .bool, bits: value ? 1 : 0) }
  package static func int(_ value: Int64) -> Value { Value(kind: .int, bits: UInt64(bitPattern: value)) }
  package static func double(_ value: Double) -> Value { Value(kind: .double, bits: value.bitPattern) }
  package static func array(_ entries: EntryRange) -> Value { Value(kind: .array, entries: entries) }
  package static func map(_ entries: EntryRange) -> Value { Value(kind: .map, entries: entries) }

  private init(kind: Kind, slice: ByteSlice) {
    self.init(kind: kind, bits: UInt64(slice.offset) | UInt64(slice.count) << 32)
  }

  private init(kind: Kind, entries: EntryRange) {
    self.init(kind: kind, bits: UInt64(entries.start) | UInt64(entries.count) << 32)
  }

  /// The bytes of a `string` or `bytes` value; meaningless for another kind.
  package var slice: ByteSlice {
    ByteSlice(offset: UInt32(truncatingIfNeeded: bits), count: UInt32(truncatingIfNeeded: bits >> 32))
  }

  /// The members of an `array` or `map` value in `LogBatch.nested`; meaningless for another kind.
  package var entries: EntryRange {
    EntryRange(start: UInt32(truncatingIfNeeded: bits), count: UInt32(truncatingIfNeeded: bits >> 32))
  }

  /// Meaningful for `bool`.
  package var boolValue: Bool { bits != 0 }
  /// Meaningful for `int`.
  package var intValue: Int64 { Int64(bitPattern: bits) }
  /// Meaningful for `double`.
  package var doubleValue: Double { Double(bitPattern: bits) }
}

/// One `KeyValue` of OTLP, or one element of an array, whose key is empty.
package struct Attribute: Sendable, Equatable {
  package var key: ByteSlice
  package var value: Value

  package init(key: ByteSlice, value: Value) {
    self.key = key
    self.value = value
  }
}

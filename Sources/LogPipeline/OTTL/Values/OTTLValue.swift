/// Where the bytes of a text lie, or the members of a map or list.
enum OTTLPlace: UInt8, Sendable {
  /// Bytes: the batch's store. Members: `LogBatch.nested`.
  case batch
  /// Members only: `LogBatch.attributes`.
  case attributes
  /// What a statement has computed, in the memory of its run.
  case scratch
  /// Constants of the program.
  case program
}

/// A run of bytes while a statement runs, in one of three places.
struct OTTLText: Sendable {
  var place: OTTLPlace
  var slice: ByteSlice

  static let empty = OTTLText(place: .program, slice: .empty)

  @inline(__always)
  init(place: OTTLPlace, slice: ByteSlice) {
    self.place = place
    self.slice = slice
  }

  var count: Int { Int(slice.count) }
  var isEmpty: Bool { slice.count == 0 }

  /// A part of it, which is not copied; what lies outside is left out.
  @inline(__always)
  func part(_ range: Range<Int>) -> OTTLText {
    let range = range.clamped(to: 0..<count)
    let start = Int(slice.offset) &+ range.lowerBound
    return OTTLText(place: place, slice: ByteSlice(from: start, count: range.count))
  }
}

/// A value while a statement runs, in 24 bytes: a scalar itself, or where its bytes or members lie.
struct OTTLValue: Sendable {
  enum Kind: UInt8, Sendable, CaseIterable {
    /// Nothing; also OTLP's empty value.
    case none
    case bool, int, double
    /// UTF-8, but for texts of the program, which escapes can make anything.
    case string
    case bytes
    case list, map
    /// Nanoseconds since 1970.
    case time
    /// Nanoseconds.
    case duration
    case traceID, spanID
  }

  let kind: Kind
  private let place: OTTLPlace
  private let low: UInt64
  /// The second half of a trace id, the clock of a time; else 0.
  private let high: UInt64

  @inline(__always)
  private init(_ kind: Kind, place: OTTLPlace = .batch, low: UInt64 = 0, high: UInt64 = 0) {
    self.kind = kind
    self.place = place
    self.low = low
    self.high = high
  }

  static var none: OTTLValue { OTTLValue(.none) }
  @inline(__always) static func bool(_ value: Bool) -> OTTLValue { OTTLValue(.bool, low: value ? 1 : 0) }
  @inline(__always) static func int(_ value: Int64) -> OTTLValue { OTTLValue(.int, low: UInt64(bitPattern: value)) }
  @inline(__always) static func double(_ value: Double) -> OTTLValue { OTTLValue(.double, low: value.bitPattern) }
  @inline(__always)
  static func time(_ value: Int64, in zone: OTTLZone = .utc) -> OTTLValue {
    OTTLValue(.time, low: UInt64(bitPattern: value), high: zone.bits)
  }
  @inline(__always)
  static func duration(_ value: Int64) -> OTTLValue { OTTLValue(.duration, low: UInt64(bitPattern: value)) }
  @inline(__always) static func spanID(_ value: UInt64) -> OTTLValue { OTTLValue(.spanID, low: value) }
  @inline(__always)
  static func traceID(_ value: TraceID) -> OTTLValue { OTTLValue(.traceID, low: value.low, high: value.high) }
  @inline(__always) static func string(_ text: OTTLText) -> OTTLValue { OTTLValue(.string, text) }
  @inline(__always) static func bytes(_ text: OTTLText) -> OTTLValue { OTTLValue(.bytes, text) }
  @inline(__always)
  static func list(_ range: EntryRange, in place: OTTLPlace) -> OTTLValue { OTTLValue(.list, range, place) }
  @inline(__always)
  static func map(_ range: EntryRange, in place: OTTLPlace) -> OTTLValue { OTTLValue(.map, range, place) }

  @inline(__always)
  private init(_ kind: Kind, _ text: OTTLText) {
    self.init(kind, place: text.place, low: UInt64(text.slice.offset) | UInt64(text.slice.count) &<< 32)
  }

  @inline(__always)
  private init(_ kind: Kind, _ range: EntryRange, _ place: OTTLPlace) {
    self.init(kind, place: place, low: UInt64(range.start) | UInt64(range.count) &<< 32)
  }

  /// A value of a batch.
  @inline(__always)
  init(_ value: Value) {
    switch value.kind {
    case .empty: self.init(.none)
    case .string: self.init(.string, OTTLText(place: .batch, slice: value.slice))
    case .bytes: self.init(.bytes, OTTLText(place: .batch, slice: value.slice))
    case .bool: self = .bool(value.boolValue)
    case .int: self = .int(value.intValue)
    case .double: self = .double(value.doubleValue)
    case .array: self.init(.list, value.entries, .batch)
    case .map: self.init(.map, value.entries, .batch)
    }
  }

  var isNone: Bool { kind == .none }
  /// Meaningful for `bool`.
  var boolValue: Bool { low != 0 }
  /// Meaningful for `int`.
  var intValue: Int64 { Int64(bitPattern: low) }
  /// Meaningful for `double`.
  var doubleValue: Double { Double(bitPattern: low) }
  /// Meaningful for `time` and `duration`.
  var nanoseconds: Int64 { Int64(bitPattern: low) }
  /// Meaningful for `time`.
  var zone: OTTLZone { OTTLZone(bits: high) }
  /// Meaningful for `spanID`.
  var spanIDValue: UInt64 { low }
  /// Meaningful for `traceID`.
  var traceIDValue: TraceID { TraceID(high: high, low: low) }

  /// Where the bytes of a `string` or `bytes` lie; meaningless for another kind.
  @inline(__always)
  var text: OTTLText {
    OTTLText(
      place: place,
      slice: ByteSlice(offset: UInt32(truncatingIfNeeded: low), count: UInt32(truncatingIfNeeded: low &>> 32)))
  }

  /// Where the members of a `list` or `map` lie; meaningless for another kind.
  @inline(__always)
  var members: (place: OTTLPlace, range: EntryRange) {
    (
      place,
      EntryRange(start: UInt32(truncatingIfNeeded: low), count: UInt32(truncatingIfNeeded: low &>> 32))
    )
  }

  /// How many members a `list` or `map` has; meaningless for another kind.
  var memberCount: Int { Int(UInt32(truncatingIfNeeded: low &>> 32)) }
}

/// One member of a map that a statement has computed or that the program holds, or an element of such a list.
struct OTTLMember: Sendable {
  /// Empty for an element.
  var key: OTTLText
  var value: OTTLValue
}

/// A value that a statement writes out, or that folding gave; at load only.
indirect enum OTTLConstant: Sendable, Equatable {
  case none
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case string([UInt8])
  case bytes([UInt8])
  case list([OTTLConstant])
  case map([Member])
  case time(Int64, in: OTTLZone = .utc)
  case duration(Int64)
  case traceID(TraceID)
  case spanID(UInt64)

  struct Member: Sendable, Equatable {
    var key: [UInt8]
    var value: OTTLConstant
  }

  static func text(_ text: String) -> OTTLConstant { .string(Array(text.utf8)) }
}

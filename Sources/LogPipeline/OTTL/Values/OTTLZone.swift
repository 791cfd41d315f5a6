/// The clock that a time is read off, which says nothing about when it is.
struct OTTLZone: Sendable, Equatable {
  /// What a value holds of it.
  let bits: UInt64

  static let utc = OTTLZone(bits: 0)

  /// A clock without a name that is so many seconds ahead of UTC; less than a day.
  static func ahead(by seconds: Int64) -> OTTLZone {
    OTTLZone(bits: 1 &<< 32 | UInt64(UInt32(truncatingIfNeeded: seconds)))
  }

  /// The zone of `OTTLCode.prepared` at an index, which is a time format.
  static func prepared(_ index: UInt32) -> OTTLZone { OTTLZone(bits: 2 &<< 32 | UInt64(index)) }

  /// What `ahead` was given; nil for another clock.
  var seconds: Int64? {
    bits &>> 32 == 1 ? Int64(Int32(truncatingIfNeeded: bits)) : nil
  }

  /// What `prepared` was given; nil for another clock.
  var index: Int? { bits &>> 32 == 2 ? Int(UInt32(truncatingIfNeeded: bits)) : nil }
}

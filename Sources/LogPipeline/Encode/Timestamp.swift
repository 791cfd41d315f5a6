/// A date of the proleptic Gregorian calendar, in UTC.
package struct CivilDate: Sendable, Equatable {
  package var year: Int
  /// 1...12
  package var month: Int
  /// 1...31
  package var day: Int

  /// The date that is `days` after 1970-01-01; years start on 1 March inside, so that leap days come last.
  package init(daysSince1970 days: Int) {
    let shifted = days &+ 719_468
    let era = (shifted >= 0 ? shifted : shifted &- 146_096) / 146_097
    let dayOfEra = shifted &- era &* 146_097
    let leapDays = dayOfEra / 1460 &- dayOfEra / 36_524 &+ dayOfEra / 146_096
    let yearOfEra = (dayOfEra &- leapDays) / 365
    let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
    let marchMonth = (5 &* dayOfYear &+ 2) / 153
    day = dayOfYear &- (153 &* marchMonth &+ 2) / 5 &+ 1
    month = marchMonth < 10 ? marchMonth &+ 3 : marchMonth &- 9
    year = yearOfEra &+ era &* 400 &+ (month <= 2 ? 1 : 0)
  }
}

/// Writes times; keeps the text of the last second, which neighbouring records mostly share.
package struct TimestampWriter: Sendable {
  private var dateSecond = UInt64.max
  /// `2024-01-15T10:30:00.` of `dateSecond`.
  private var date = SIMD32<UInt8>()
  private var epochSecond = UInt64.max
  private var epochDigits = 0
  /// The decimal digits of `epochSecond`.
  private var epoch = SIMD32<UInt8>()

  package init() {}

  /// Appends a time as RFC 3339 in UTC with nine places: `2024-01-15T10:30:00.000000000Z`.
  package mutating func appendRFC3339(_ unixNano: UInt64, to bytes: inout ByteWriter) {
    let (second, nanos) = unixNano.quotientAndRemainder(dividingBy: 1_000_000_000)
    if second != dateSecond { readDate(of: second) }
    bytes.makeRoom(48)
    bytes.end.storeBytes(of: date, as: SIMD32<UInt8>.self)
    bytes.advance(20)
    bytes.appendDecimal(nanos, digits: 9)
    bytes.append(UInt8(ascii: "Z"))
  }

  /// Appends a time as milliseconds since 1970 with six places, down to the nanosecond: `1705314600000.000000`.
  package mutating func appendEpochMillis(_ unixNano: UInt64, to bytes: inout ByteWriter) {
    let (second, nanos) = unixNano.quotientAndRemainder(dividingBy: 1_000_000_000)
    guard second > 0 else {
      bytes.appendDecimal(nanos / 1_000_000)
      bytes.append(UInt8(ascii: "."))
      bytes.appendDecimal(nanos % 1_000_000, digits: 6)
      return
    }
    if second != epochSecond { readEpoch(of: second) }
    bytes.makeRoom(48)
    bytes.end.storeBytes(of: epoch, as: SIMD32<UInt8>.self)
    bytes.advance(epochDigits)
    bytes.appendDecimal(nanos / 1_000_000, digits: 3)
    bytes.append(UInt8(ascii: "."))
    bytes.appendDecimal(nanos % 1_000_000, digits: 6)
  }

  @inline(never)
  private mutating func readDate(of second: UInt64) {
    dateSecond = second
    let (days, secondOfDay) = Int(truncatingIfNeeded: second).quotientAndRemainder(dividingBy: 86_400)
    let civil = CivilDate(daysSince1970: days)
    var text = SIMD32<UInt8>()
    var place = 0
    func put(_ value: Int, digits: Int, then mark: UInt8) {
      var rest = value
      for digit in stride(from: place &+ digits &- 1, through: place, by: -1) {
        text[digit] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      }
      text[place &+ digits] = mark
      place &+= digits &+ 1
    }
    put(civil.year, digits: 4, then: UInt8(ascii: "-"))
    put(civil.month, digits: 2, then: UInt8(ascii: "-"))
    put(civil.day, digits: 2, then: UInt8(ascii: "T"))
    put(secondOfDay / 3600, digits: 2, then: UInt8(ascii: ":"))
    put(secondOfDay / 60 % 60, digits: 2, then: UInt8(ascii: ":"))
    put(secondOfDay % 60, digits: 2, then: UInt8(ascii: "."))
    date = text
  }

  @inline(never)
  private mutating func readEpoch(of second: UInt64) {
    epochSecond = second
    var reversed = SIMD32<UInt8>()
    var rest = second
    epochDigits = 0
    while rest > 0 {
      reversed[epochDigits] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
      epochDigits &+= 1
    }
    for place in 0..<epochDigits { epoch[place] = reversed[epochDigits &- 1 &- place] }
  }
}

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
  /// Where the second starts whose date is kept, in nanoseconds.
  private var dateStart: UInt64 = 0
  /// How long that second is: the last one ends where the numbers do.
  private var dateLength = Self.second
  /// `2024-01-15T10:30:00.` of that second.
  private var date = Self.text("1970-01-01T00:00:00.000000000000")
  /// Where the second starts whose digits are kept, in nanoseconds.
  private var epochStart: UInt64 = 0
  private var epochLength = Self.second
  private var epochDigits = 0
  /// The decimal digits of that second, none for 0.
  private var epoch = SIMD16<UInt8>()

  package init() {}

  /// A constant of 32 bytes.
  private static func text(_ text: StaticString) -> SIMD32<UInt8> {
    UnsafeRawPointer(text.utf8Start).loadUnaligned(as: SIMD32<UInt8>.self)
  }

  /// Appends a time as RFC 3339 in UTC with nine places: `2024-01-15T10:30:00.000000000Z`.
  @inline(__always)
  package mutating func appendRFC3339(_ unixNano: UInt64, to bytes: inout ByteWriter) {
    bytes.write(atMost: Self.maxBytes) { putRFC3339(unixNano, with: &$0) }
  }

  /// Nanoseconds.
  private static var second: UInt64 { 1_000_000_000 }

  /// Bytes that a time takes at most.
  static var maxBytes: Int { 48 }

  /// Puts what `appendRFC3339` appends.
  @inline(__always)
  mutating func putRFC3339(_ unixNano: UInt64, with pen: inout Pen) {
    if unixNano &- dateStart >= dateLength { readDate(of: unixNano / Self.second) }
    let nanos = unixNano &- dateStart
    pen.at.storeBytes(of: date, as: SIMD32<UInt8>.self)
    pen.at += 20
    let (tens, last) = nanos.quotientAndRemainder(dividingBy: 10)
    pen.put(word: Pen.eightDigits(tens), count: 8)
    pen.put(word: last | UInt64(UInt8(ascii: "Z")) &<< 8 | 0x30, count: 2)
  }

  /// Puts what `appendEpochMillis` appends.
  @inline(__always)
  mutating func putEpochMillis(_ unixNano: UInt64, with pen: inout Pen) {
    if unixNano &- epochStart >= epochLength { readEpoch(of: unixNano / Self.second) }
    let nanos = unixNano &- epochStart
    let (tens, last) = nanos.quotientAndRemainder(dividingBy: 10)
    let digits = Pen.eightDigits(tens)
    if epochDigits > 0 {
      pen.at.storeBytes(of: epoch, as: SIMD16<UInt8>.self)
      pen.at += epochDigits
      pen.put(word: digits, count: 3)
    } else {
      pen.put(decimal: nanos / 1_000_000)
    }
    pen.put(UInt8(ascii: "."))
    pen.put(word: digits &>> 24, count: 5)
    pen.put(UInt8(truncatingIfNeeded: last) | 0x30)
  }

  /// Puts a time as nanoseconds since 1970.
  @inline(__always)
  mutating func putUnixNano(_ unixNano: UInt64, with pen: inout Pen) {
    if unixNano &- epochStart >= epochLength { readEpoch(of: unixNano / Self.second) }
    let nanos = unixNano &- epochStart
    guard epochDigits > 0 else { return pen.put(decimal: nanos) }
    pen.at.storeBytes(of: epoch, as: SIMD16<UInt8>.self)
    pen.at += epochDigits
    let (tens, last) = nanos.quotientAndRemainder(dividingBy: 10)
    pen.put(word: Pen.eightDigits(tens), count: 8)
    pen.put(UInt8(truncatingIfNeeded: last) | 0x30)
  }

  /// Without it, times just after 1970 would lie in the last second: differences wrap around.
  private static func length(ofSecondAt start: UInt64) -> UInt64 { start == 0 ? second : min(second, 0 &- start) }

  @inline(never)
  private mutating func readDate(of second: UInt64) {
    dateStart = second &* Self.second
    dateLength = Self.length(ofSecondAt: dateStart)
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
    epochStart = second &* Self.second
    epochLength = Self.length(ofSecondAt: epochStart)
    var reversed = SIMD16<UInt8>()
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

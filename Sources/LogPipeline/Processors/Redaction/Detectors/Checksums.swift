/// Check digits of the numbers that detectors find; each reads the digits in a range and skips separators.
extension ScannedText {
  /// Luhn (ISO/IEC 7812-1, annex B): the sum with every second digit from the right doubled is a multiple of 10.
  func passesLuhn(_ range: Range<Int>) -> Bool {
    var sum = 0
    var doubled = false
    var offset = range.upperBound
    while offset > range.lowerBound {
      offset &-= 1
      guard self[offset].isDigit else { continue }
      let value = self[offset].digitValue &* (doubled ? 2 : 1)
      sum &+= value > 9 ? value &- 9 : value
      doubled.toggle()
    }
    return sum % 10 == 0
  }

  /// The first `count` digits of a range as a number; fewer if it has fewer.
  func leadingDigits(_ count: Int, of range: Range<Int>) -> Int {
    var value = 0
    var left = count
    for offset in range where left > 0 && self[offset].isDigit {
      value = value &* 10 &+ self[offset].digitValue
      left &-= 1
    }
    return value
  }

  /// The digits in a range.
  func digitCount(_ range: Range<Int>) -> Int { range.reduce(0) { $0 &+ (self[$1].isDigit ? 1 : 0) } }

  /// The sum of the first digits of a range, each times its weight; weights are ASCII, `:` being 10.
  func weightedSum(_ range: Range<Int>, _ weights: StaticString) -> Int {
    var sum = 0
    var place = 0
    for offset in range where self[offset].isDigit && place < weights.utf8CodeUnitCount {
      sum &+= self[offset].digitValue &* weights.utf8Start[place].digitValue
      place &+= 1
    }
    return sum
  }

  /// The digit at a place of a range, separators not counted; -1 if there is none.
  func digit(_ place: Int, of range: Range<Int>) -> Int {
    var left = place
    for offset in range where self[offset].isDigit {
      if left == 0 { return self[offset].digitValue }
      left &-= 1
    }
    return -1
  }

  /// ISO 7064 MOD 11-2 of the 18 characters of a Chinese resident id (GB 11643).
  func passesMod11Radix2(_ start: Int) -> Bool {
    let weights: StaticString = "79:584216379:5842"
    let expected: StaticString = "10X98765432"
    let sum = weightedSum(start..<start &+ 17, weights)
    let check = self[start &+ 17] == UInt8(ascii: "x") ? UInt8(ascii: "X") : self[start &+ 17]
    return check == expected.utf8Start[sum % 11]
  }

  /// ISO 7064 MOD 97-10 as an IBAN uses it (ISO 13616): the first four characters moved to the end leave 1.
  func passesMod97(_ start: Int, _ range: Range<Int>) -> Bool {
    var remainder = 0
    for offset in range { remainder = Self.mod97(remainder, self[offset]) }
    for offset in start..<start &+ 4 { remainder = Self.mod97(remainder, self[offset]) }
    return remainder == 1
  }

  private static func mod97(_ remainder: Int, _ byte: UInt8) -> Int {
    if byte.isDigit { return (remainder &* 10 &+ byte.digitValue) % 97 }
    return byte.isUpper ? (remainder &* 100 &+ Int(byte) &- 55) % 97 : remainder
  }

  /// Verhoeff's check digit (J. Verhoeff, "Error detecting decimal codes", 1969), the last of the range.
  func passesVerhoeff(_ range: Range<Int>) -> Bool {
    let permutations: StaticString = "01234567891576283094580379614289160435279453126870428657390127938064157046913258"
    var check = 0
    var place = 0
    var offset = range.upperBound
    while offset > range.lowerBound {
      offset &-= 1
      guard self[offset].isDigit else { continue }
      let permuted = permutations.utf8Start[place % 8 &* 10 &+ self[offset].digitValue].digitValue
      check = Self.dihedralProduct(check, permuted)
      place &+= 1
    }
    return check == 0
  }

  /// The product in the dihedral group of order 10, whose elements from 5 on are reflections.
  private static func dihedralProduct(_ a: Int, _ b: Int) -> Int {
    switch (a < 5, b < 5) {
    case (true, true): (a &+ b) % 5
    case (true, false): (a &+ b &- 5) % 5 &+ 5
    case (false, true): (a &- 5 &- b &+ 5) % 5 &+ 5
    case (false, false): (a &- b &+ 5) % 5
    }
  }

  /// Whether the eight digits at `start` are a date from 1800 on and before 2100, YYYYMMDD.
  func isDate(at start: Int) -> Bool {
    let year = leadingDigits(4, of: start..<start &+ 4)
    let month = leadingDigits(2, of: start &+ 4..<start &+ 6)
    let day = leadingDigits(2, of: start &+ 6..<start &+ 8)
    guard (1800...2099).contains(year) else { return false }
    return Self.isDay(day, month: month, leapYear: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
  }

  /// Whether a month has this day.
  static func isDay(_ day: Int, month: Int, leapYear: Bool) -> Bool {
    switch month {
    case 2: (1...(leapYear ? 29 : 28)).contains(day)
    case 4, 6, 9, 11: (1...30).contains(day)
    case 1, 3, 5, 7, 8, 10, 12: (1...31).contains(day)
    default: false
    }
  }
}

/// A `strftime` pattern of the conversions that index names use.
struct DatePattern: Sendable {
  static let known = "%Y %y %m %d %j %H %M %S %F %%"
  private let pattern: [UInt8]

  init(_ text: String) throws(ElasticsearchOptionError) {
    pattern = Array(text.utf8)
    var index = 0
    while index < pattern.count {
      if pattern[index] == UInt8(ascii: "%") {
        index += 1
        let conversion = index < pattern.count ? pattern[index] : 0
        guard "YymdjHMSF%".utf8.contains(conversion) else {
          throw .unknownDateConversion(String(decoding: pattern[(index - 1)...].prefix(2), as: UTF8.self))
        }
      }
      index += 1
    }
  }

  /// Appends the date of `unixNano` in UTC.
  func append(_ unixNano: UInt64, to bytes: inout ByteWriter) {
    var conversion = false
    for byte in pattern {
      if conversion {
        convert(byte, second: unixNano / 1_000_000_000, to: &bytes)
        conversion = false
      } else if byte == UInt8(ascii: "%") {
        conversion = true
      } else {
        bytes.append(byte)
      }
    }
  }

  private func convert(_ conversion: UInt8, second: UInt64, to bytes: inout ByteWriter) {
    let days = Int(truncatingIfNeeded: second / 86_400)
    let date = CivilDate(daysSince1970: days)
    func put(_ value: Int, _ digits: Int) {
      bytes.appendDecimal(UInt64(truncatingIfNeeded: value), digits: digits)
    }
    switch conversion {
    case UInt8(ascii: "Y"): put(date.year, 4)
    case UInt8(ascii: "y"): put(date.year % 100, 2)
    case UInt8(ascii: "m"): put(date.month, 2)
    case UInt8(ascii: "d"): put(date.day, 2)
    case UInt8(ascii: "j"): put(Self.dayOfYear(date, days: days), 3)
    case UInt8(ascii: "H"): put(Int(truncatingIfNeeded: second / 3600 % 24), 2)
    case UInt8(ascii: "M"): put(Int(truncatingIfNeeded: second / 60 % 60), 2)
    case UInt8(ascii: "S"): put(Int(truncatingIfNeeded: second % 60), 2)
    case UInt8(ascii: "F"):
      put(date.year, 4)
      bytes.append(UInt8(ascii: "-"))
      put(date.month, 2)
      bytes.append(UInt8(ascii: "-"))
      put(date.day, 2)
    default: bytes.append(conversion)
    }
  }

  /// 1...366
  private static func dayOfYear(_ date: CivilDate, days: Int) -> Int {
    let year = date.year - 1
    let daysToYear = year * 365 + year / 4 - year / 100 + year / 400 - 719_162
    return days - daysToYear + 1
  }
}

/// A share of all records as OpenTelemetry's consistent sampling states it: a record is sampled if its randomness, of
/// 56 bits, is at least the threshold (specification, "TraceState: Probability Sampling").
struct SamplingThreshold: Sendable, Equatable {
  /// From 0, which takes all, to 2^56, which takes none.
  let rejected: UInt64

  static let bits: UInt64 = 56
  static let always = SamplingThreshold(rejected: 0)
  static let never = SamplingThreshold(rejected: 1 << bits)

  init(rejected: UInt64) { self.rejected = min(rejected, 1 << Self.bits) }

  /// The threshold for a probability, of so many hexadecimal digits, more where it is close to 0 or 1; nil if it is
  /// below 2^-56.
  init?(probability: Double, digits: Int) {
    guard probability >= 0x1p-56 else { return nil }
    guard probability < 1 else {
      self = .always
      return
    }
    let (near0, near1) = (Self.leadingDigits(probability), Self.leadingDigits(1 - probability))
    let digits = min(14, max(digits + near0, digits + near1))
    var rejected = (1 << Self.bits) &- UInt64((probability * 0x1p56).rounded())
    let shift = UInt64(4 * (14 - max(digits, 1)))
    if shift > 0 { rejected = ((rejected &+ 1 << (shift - 1)) >> shift) << shift }
    self.init(rejected: rejected)
  }

  /// The digits 0 right after the point of a fraction.
  private static func leadingDigits(_ fraction: Double) -> Int { max(0, -(Int(fraction.exponent) + 1)) / 4 }

  /// Reads 1 to 14 hexadecimal digits, trailing zeros left out; nil if it is anything else.
  init?(text: UnsafeRawBufferPointer) {
    guard (1...14).contains(text.count), let digits = Self.number(text) else { return nil }
    self.init(rejected: digits << UInt64(4 * (14 - text.count)))
  }

  /// Reads hexadecimal digits.
  static func number(_ text: UnsafeRawBufferPointer) -> UInt64? {
    var number: UInt64 = 0
    for byte in text {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte &- UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte &- UInt8(ascii: "a") &+ 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte &- UInt8(ascii: "A") &+ 10
      default: return nil
      }
      number = number << 4 | UInt64(digit)
    }
    return number
  }

  var probability: Double { Double((1 << Self.bits) &- rejected) * 0x1p-56 }

  func samples(_ randomness: UInt64) -> Bool { randomness >= rejected }

  /// Writes the 14 digits of a number of 56 bits.
  static func write(_ number: UInt64, to writer: inout ByteWriter) {
    writer.removeAll()
    writer.appendHex(number << 8)
    writer.truncate(to: 14)
  }

  /// Writes the digits without trailing zeros, at least one.
  func write(to writer: inout ByteWriter) {
    Self.write(rejected, to: &writer)
    writer.truncate(to: max(1, 14 - rejected.trailingZeroBitCount / 4))
  }
}

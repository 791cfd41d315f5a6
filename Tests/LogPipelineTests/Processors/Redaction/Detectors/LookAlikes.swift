@testable import LogPipeline

/// Generated texts that are not sensitive and look as if they were, each class as likely as the others.
struct LookAlikes {
  private var dice: Dice
  private static let hex = "0123456789abcdef"
  static let classes = 20

  init(seed: UInt64) { dice = Dice(seed) }

  mutating func next(_ kind: Int) -> String {
    switch kind % Self.classes {
    case 0: "t=\(1_600_000_000_000 + Int.random(in: 0..<200_000_000_000, using: &dice))"
    case 1: "ts \(1_600_000_000 + Int.random(in: 0..<200_000_000, using: &dice)) done"
    case 2: "at \(1_600_000_000_000_000 + Int.random(in: 0..<200_000_000_000_000, using: &dice))us"
    case 3: "time=\(1_600_000_000_000_000_000 + Int.random(in: 0..<200_000_000_000_000_000, using: &dice))"
    case 4: "order 20\(dice.digits(2))\(month())\(day())\(dice.digits(8))"
    case 5: "order 20\(dice.digits(2))\(month())\(day())\(dice.digits(12))"
    case 6: "invoice \(dice.digits(10)) of \(dice.digits(5))"
    case 7: uuid()
    case 8: "commit \(dice.text(40, of: Self.hex))"
    case 9: "sha256 \(dice.text(64, of: Self.hex))"
    case 10: "version \(dice.digits(1)).\(dice.digits(2)).\(dice.digits(3))-\(dice.digits(4))"
    case 11: "value 0.\(dice.digits(16)) and \(dice.digits(3)).\(dice.digits(13))"
    case 12: "10.\(octet()).\(octet()).\(octet()):\(dice.digits(4))"
    case 13: "20\(dice.digits(2))-\(month())-\(day())T\(hour()):\(minute()):\(minute()).\(dice.digits(9))Z"
    case 14: "trace \(dice.text(32, of: Self.hex)) span \(dice.text(16, of: Self.hex))"
    case 15: "id=\(dice.text(22, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"))"
    case 16: "snowflake 1\(dice.digits(18))"
    case 17:
      "took \(dice.digits(3)) ms, \(dice.digits(4)) bytes, \(dice.digits(6)) of \(dice.digits(7)) at 0x\(dice.text(12, of: Self.hex))"
    case 18: "ORD-\(dice.digits(8))-\(dice.digits(4)) SKU\(dice.digits(13))"
    default:
      "AA\(dice.digits(2)) flight \(dice.digits(4)), DE\(dice.digits(8)), ref \(dice.digits(6))/\(dice.digits(4))"
    }
  }

  private mutating func uuid() -> String {
    [8, 4, 4, 4, 12].map { dice.text($0, of: Self.hex) }.joined(separator: "-")
  }
  private mutating func two(_ range: ClosedRange<Int>) -> String {
    String(String(100 + Int.random(in: range, using: &dice)).dropFirst())
  }
  private mutating func month() -> String { two(1...12) }
  private mutating func day() -> String { two(1...28) }
  private mutating func hour() -> String { two(0...23) }
  private mutating func minute() -> String { two(0...59) }
  private mutating func octet() -> Int { Int.random(in: 0...255, using: &dice) }
}

import LogPipeline
import Testing

/// Random values, printed as OTLP/JSON in every way the grammar leaves open, come back as they were.
@Suite struct DecodeJSONRoundTripTests {
  @Test(arguments: 0..<60 as Range<UInt64>, [false, true])
  func randomValuesComeBackAsTheyWere(seed: UInt64, spaced: Bool) throws {
    var printer = ValuePrinter(random: SplitMix64(seed: seed), isSpaced: spaced)
    let values = (0..<10).map { _ in printer.randomValue(depth: 0) }
    let attributes = values.enumerated().map { #"{"key":"\#($0)","value":\#(printer.print($1))}"# }
      .joined(separator: ",")
    let batch = try JSONRequest.decode(JSONRequest.record(#""attributes":[\#(attributes)]"#))
    #expect(batch.readable(batch.records[0].attributes).map(\.value) == values)
    #expect(batch.oddities.isEmpty)
  }
}

/// Makes up values and prints them.
private struct ValuePrinter {
  var random: SplitMix64
  /// Whether there is white space wherever there may be.
  let isSpaced: Bool

  private mutating func number(below bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

  mutating func randomValue(depth: Int) -> Readable {
    switch number(below: depth < 5 ? 8 : 6) {
    case 0: .empty
    case 1: .string(randomText())
    case 2: .bool(number(below: 2) == 0)
    case 3: .int(Int64(truncatingIfNeeded: random.next() >> UInt64(number(below: 64))))
    case 4: .double(Double(Int64(truncatingIfNeeded: random.next())) / Double(1 << number(below: 40)))
    case 5: .bytes((0..<number(below: 12)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
    case 6: .array((0..<number(below: 4)).map { _ in randomValue(depth: depth + 1) })
    default:
      .map((0..<number(below: 4)).map { _ in Readable.Pair(randomText(), randomValue(depth: depth + 1)) })
    }
  }

  private mutating func randomText() -> String {
    let scalars: [ClosedRange<UInt32>] = [
      0x61...0x7A, 0x20...0x7E, 0...0x1F, 0x80...0x7FF, 0x800...0xD7FF, 0x10000...0x10FFFF,
    ]
    var text = String.UnicodeScalarView()
    for _ in 0..<number(below: 30) {
      let kind = scalars[number(below: 3) == 0 ? number(below: 6) : 0]
      if let scalar = Unicode.Scalar(UInt32.random(in: kind, using: &random)) { text.append(scalar) }
    }
    return String(text)
  }

  mutating func print(_ value: Readable) -> String {
    let member: String
    switch value {
    case .empty: return "{\(space())}"
    case .string(let text): member = #""stringValue"\#(colon())\#(print(text))"#
    case .bool(let value): member = #""boolValue"\#(colon())\#(value)"#
    case .int(let value): member = #""intValue"\#(colon())\#(number(below: 2) == 0 ? "\(value)" : "\"\(value)\"")"#
    case .double(let bits): member = #""doubleValue"\#(colon())\#(Double(bitPattern: bits))"#
    case .bytes(let bytes): member = #""bytesValue"\#(colon())"\#(base64(bytes))""#
    case .array(let values):
      let list = values.map { print($0) }.joined(separator: comma())
      member = #""arrayValue"\#(colon()){"values"\#(colon())[\#(space())\#(list)\#(space())]}"#
    case .map(let pairs):
      let list = pairs.map { print($0) }.joined(separator: comma())
      member = #""kvlistValue"\#(colon()){"values"\#(colon())[\#(space())\#(list)\#(space())]}"#
    }
    return "{\(space())\(member)\(space())}"
  }

  private mutating func print(_ pair: Readable.Pair) -> String {
    let key = #""key"\#(colon())\#(print(pair.key))"#
    let value = #""value"\#(colon())\#(print(pair.value))"#
    return number(below: 2) == 0 ? "{\(key)\(comma())\(value)}" : "{\(value)\(comma())\(key)}"
  }

  private mutating func print(_ text: String) -> String {
    var printed = "\""
    for scalar in text.unicodeScalars {
      let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
      if mustEscape || number(below: 8) == 0 {
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16, uppercase: number(below: 2) == 0)
          printed += #"\u"# + String(repeating: "0", count: 4 - digits.count) + digits
        }
      } else {
        printed.unicodeScalars.append(scalar)
      }
    }
    return printed + "\""
  }

  private func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0...group.count { text.append(digits[bits >> (18 - 6 * place) & 63]) }
      text += String(repeating: "=", count: 3 - group.count)
    }
    return text
  }

  private mutating func space() -> String {
    isSpaced ? (0..<number(below: 4)).map { _ in [" ", "\n", "\r", "\t"][number(below: 4)] }.joined() : ""
  }

  private mutating func colon() -> String { space() + ":" + space() }
  private mutating func comma() -> String { space() + "," + space() }
}

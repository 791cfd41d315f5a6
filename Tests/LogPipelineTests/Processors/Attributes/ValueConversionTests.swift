import LogPipeline
import Testing

@Suite struct ValueConversionTests {
  /// The attributes of one record after some actions.
  private func edited(
    _ pairs: [(String, Message)], _ actions: [AttributeAction], hash: HashFunction = .sha256
  ) throws -> [Readable.Pair] {
    var batch = try LogBatch.decoded(attributes(6, pairs))
    AttributesProcessor(id: "attributes", owners: .records, actions: actions, hashFunction: hash).process(&batch)
    return batch.recordAttributes[0]
  }

  /// A value, what it is converted to, and what becomes of it.
  struct Conversion: Sendable {
    var value: Message
    var type: AttributeAction.ConvertedType
    var expected: Readable

    init(_ value: Message, _ type: AttributeAction.ConvertedType, _ expected: Readable) {
      self.value = value
      self.type = type
      self.expected = expected
    }
  }

  static let toInt: [Conversion] = [
    .init(.text("123"), .int, 123), .init(.text("-9223372036854775808"), .int, .int(.min)),
    .init(.text("9223372036854775808"), .int, "9223372036854775808"), .init(.text("+7"), .int, 7),
    .init(.text("1.5"), .int, "1.5"), .init(.text("1_000"), .int, "1_000"), .init(.text(""), .int, ""),
    .init(.text("-"), .int, "-"),
    .init(.double(-1.9), .int, -1), .init(.double(1e300), .int, .double(1e300)),
    .init(.double(.nan), .int, .double(.nan)), .init(.bool(true), .int, 1), .init(.blob([1]), .int, .bytes([1])),
  ]

  static let toDouble: [Conversion] = [
    .init(.text("1.5e3"), .double, .double(1500.0)), .init(.text("1.5x"), .double, "1.5x"),
    .init(.text("1e999"), .double, "1e999"), .init(.text("inf"), .double, .double(.infinity)),
    .init(.text("-Infinity"), .double, .double(-.infinity)), .init(.text("+inf"), .double, .double(.infinity)),
    .init(.text("1_000"), .double, .double(1000.0)), .init(.text("1_23.50_0_0e+1_2"), .double, .double(1.235e14)),
    .init(.text("1__0"), .double, "1__0"), .init(.text("_1"), .double, "_1"), .init(.text("1_"), .double, "1_"),
    .init(.text("1_.5"), .double, "1_.5"), .init(.text("-_1"), .double, "-_1"),
    .init(.text("0x1p-2"), .double, .double(0.25)), .init(.text("0x10"), .double, "0x10"),
    .init(.text("0x_1_2.3_4_5p+1_2"), .double, .double(74565.0)), .init(.text("+nan"), .double, "+nan"),
    .init(.text(".5"), .double, .double(0.5)), .init(.text("5."), .double, .double(5.0)),
    .init(.text(" 1"), .double, " 1"), .init(.text("1e"), .double, "1e"), .init(.text("e5"), .double, "e5"),
    .init(.integer(3), .double, .double(3.0)), .init(.bool(false), .double, .double(0.0)),
  ]

  static let toString: [Conversion] = [
    .init(.integer(-5), .string, "-5"), .init(.double(2), .string, "2"), .init(.double(0.1), .string, "0.1"),
    .init(.double(1e-7), .string, "1e-7"), .init(.double(-0.0), .string, "-0"), .init(.double(1e21), .string, "1e+21"),
    .init(.double(.infinity), .string, "Infinity"), .init(.double(-.infinity), .string, "-Infinity"),
    .init(.double(.nan), .string, "NaN"), .init(.list([.double(200), .double(1e-7)]), .string, "[200,1e-7]"),
    .init(.bool(true), .string, "true"), .init(.text("x"), .string, "x"), .init(Message(), .string, ""),
    .init(.blob([255]), .string, "/w=="), .init(.list([.integer(1), .text("a\"")]), .string, #"[1,"a\""]"#),
    .init(.map([.pair("k", .map([.pair("l", .bool(false))]))]), .string, #"{"k":{"l":false}}"#),
  ]

  static let toBool: [Conversion] = [
    .init(.text("true"), .bool, .bool(true)), .init(.text("false"), .bool, .bool(false)),
    .init(.text("True"), .bool, "True"), .init(.integer(2), .bool, .bool(true)),
    .init(.double(0), .bool, .bool(false)), .init(.double(.nan), .bool, .double(.nan)),
  ]

  @Test(arguments: toInt + toDouble + toString + toBool)
  func converts(_ conversion: Conversion) throws {
    let action = AttributeAction.convert(key: "k", to: conversion.type)
    #expect(try edited([("k", conversion.value)], [action]) == [.init("k", conversion.expected)])
  }

  @Test func convertsTextOfAtMost128BytesToADouble() throws {
    let digits = { String(repeating: "0", count: $0 - 1) + "1" }
    let action = [AttributeAction.convert(key: "k", to: .double)]
    #expect(try edited([("k", .text(digits(128)))], action)[0].value == .double(1.0))
    #expect(try edited([("k", .text(digits(129)))], action)[0].value == .string(digits(129)))
  }
}

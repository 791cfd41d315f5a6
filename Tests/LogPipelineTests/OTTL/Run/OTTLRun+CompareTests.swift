import Testing

@testable import LogPipeline

@Suite struct OTTLRunCompareTests {
  private static let kinds = [
    "nil", "true", "1", "1.0", #""1""#, "0x31", "{\"a\": 1}", "[1]", "Now()", "log.time - log.time", "log.trace_id",
    "log.span_id",
  ]

  /// What comes of every kind on the left with every kind on the right, both of one value: `n` both are nil, `o` equal
  /// and ordered, `e` equal without an order, `d` different.
  private static let matrix: [String] = [
    "nddddddddddd", "dodddddddddd", "ddoodddddddd", "ddoodddddddd", "ddddoddddddd", "dddddodddddd", "ddddddeddddd",
    "dddddddedddd", "ddddddddoddd", "dddddddddodd", "dddddddddded", "ddddddddddde",
  ]

  /// The same values in a record, where nothing of them is known at load.
  private static let attributes = [
    #"{"boolValue":true}"#, #"{"intValue":1}"#, #"{"doubleValue":1.0}"#, #"{"stringValue":"1"}"#,
    #"{"bytesValue":"MQ=="}"#, #"{"kvlistValue":{"values":[{"key":"a","value":{"intValue":1}}]}}"#,
    #"{"arrayValue":{"values":[{"intValue":1}]}}"#,
  ]

  private static let orders = ["==", "!=", "<", "<=", ">", ">="]

  private static func expected(_ letter: Character) -> [Bool] {
    switch letter {
    case "n", "o": [true, false, false, true, false, true]
    case "e": [true, false, false, false, false, false]
    default: [false, true, false, false, false, false]
    }
  }

  @Test func everyKindIsComparedWithEveryOther() throws {
    let pairs = Self.attributes.enumerated().map { #"{"key":"\#($0 + 1)","value":\#($1)}"# }
    let batch = try OTTLTesting.batch(
      #""timeUnixNano":"5","traceId":"0102030405060708090a0b0c0d0e0f10","attributes":[\#(pairs.joined(separator: ","))]"#
    )
    let inRecord = Self.kinds.indices.map { $0 <= Self.attributes.count ? "attributes[\"\($0)\"]" : Self.kinds[$0] }
    for kinds in [(Self.kinds, Self.kinds), (inRecord, Self.kinds), (Self.kinds, inRecord), (inRecord, inRecord)] {
      for (row, left) in kinds.0.enumerated() {
        for (column, right) in kinds.1.enumerated() {
          let letter = Array(Self.matrix[row])[column]
          let found = try Self.orders.map { try OTTLTesting.matches("\(left) \($0) \(right)", in: batch)[0] }
          #expect(found == Self.expected(letter), "\(left) and \(right)")
        }
      }
    }
  }

  /// The smaller stands first.
  @Test(arguments: [
    ("1", "2"), ("1", "1.5"), ("0.5", "1"), ("-1", "0"), ("false", "true"), (#""a""#, #""b""#), (#""a""#, #""ab""#),
    (#""""#, #""a""#), (#""Z""#, #""é""#), ("0x00", "0x01"), ("0x01", "0x0100"), ("log.time", "Now()"),
    ("log.attributes[\"n\"]", "4"), ("3.9", "log.attributes[\"d\"]"),
  ])
  func ordersAreOfBothSides(_ less: String, _ greater: String) throws {
    let batch = try OTTLTesting.batch(
      #""attributes":[{"key":"n","value":{"intValue":3}},{"key":"d","value":{"doubleValue":4}}]"#)
    let upward = try Self.orders.map { try OTTLTesting.matches("\(less) \($0) \(greater)", in: batch)[0] }
    let downward = try Self.orders.map { try OTTLTesting.matches("\(greater) \($0) \(less)", in: batch)[0] }
    #expect(upward == [false, true, true, true, false, false])
    #expect(downward == [false, true, false, false, true, true])
  }

  @Test func aWholeNumberIsComparedWithADoubleAsADouble() throws {
    let batch = try OTTLTesting.batch()
    #expect(try OTTLTesting.matches("9007199254740993 == 9007199254740992.0", in: batch) == [true])
  }

  @Test func notANumberStandsInNoOrder() throws {
    let batch = try OTTLTesting.batch(#""attributes":[{"key":"x","value":{"doubleValue":"NaN"}}]"#)
    let found = try Self.orders.map {
      try OTTLTesting.matches("attributes[\"x\"] \($0) attributes[\"x\"]", in: batch)[0]
    }
    #expect(found == [false, true, false, false, false, false])
  }

  private static let map =
    #"""
    {"kvlistValue":{"values":[{"key":"a","value":{"intValue":1}},
    {"key":"b","value":{"arrayValue":{"values":[{"stringValue":"x"},{"boolValue":true}]}}}]}}
    """#

  @Test(arguments: [
    (#"{"a": 1, "b": ["x", true]}"#, true), (#"{"b": ["x", true], "a": 1}"#, true),
    (#"{"a": 1.0, "b": ["x", true]}"#, false), (#"{"a": 1}"#, false), (#"{"a": 1, "b": [true, "x"]}"#, false),
    (#"{"a": 1, "c": ["x", true]}"#, false), (#"{"a": 1, "b": ["x", true], "c": 1}"#, false),
  ])
  func mapsAndListsAreComparedDeeply(_ literal: String, _ isEqual: Bool) throws {
    let batch = try OTTLTesting.batch(#""body":\#(Self.map)"#)
    #expect(try OTTLTesting.matches("body == \(literal)", in: batch) == [isEqual])
    #expect(try OTTLTesting.matches("body != \(literal)", in: batch) == [!isEqual])
    #expect(try OTTLTesting.matches("\(literal) == body", in: batch) == [isEqual])
    #expect(try OTTLTesting.matches("body <= \(literal)", in: batch) == [false])
  }

  /// Every key of one is looked for in the other: with many keys that must not be one by one.
  @Test func largeMapsAreComparedInLinearTime() throws {
    func batch(_ count: Int) throws -> LogBatch {
      let members = (0..<count).map { #"{"key":"key\#($0)","value":{"intValue":\#($0)}}"# }
      let map = { (members: [String]) in #"{"kvlistValue":{"values":[\#(members.joined(separator: ","))]}}"# }
      return try OTTLTesting.batch(
        #""body":\#(map(members)),"attributes":[{"key":"m","value":\#(map(members.reversed()))}]"#)
    }
    func time(_ count: Int) throws -> Duration {
      let batch = try batch(count)
      let conditions = try OTTLConditions([try OTTLParser.condition(#"body == attributes["m"]"#)], context: .log)
      var best = Duration.seconds(1000)
      for _ in 0..<3 {
        var found: [Bool] = []
        let taken = try ContinuousClock().measure { found = try conditions.matches(in: batch, of: RequestContext()) }
        #expect(found == [true])
        best = min(best, taken)
      }
      return best
    }
    let (few, many) = (try time(2_000), try time(32_000))
    #expect(many < few * 16 * 6)
  }
}

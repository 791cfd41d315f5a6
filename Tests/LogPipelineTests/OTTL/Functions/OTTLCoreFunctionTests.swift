import Testing

@testable import LogPipeline

@Suite struct OTTLCoreFunctionTests {
  private static let pairs =
    #"""
    {"key":"a","value":{"intValue":1}},{"key":"b","value":{"stringValue":"x"}},
    {"key":"m","value":{"kvlistValue":{"values":[{"key":"p","value":{"intValue":1}},
    {"key":"q","value":{"intValue":2}}]}}}
    """#

  @Test func keysAreDeleted() throws {
    let all: [Readable.Pair] = [.init("a", 1), .init("b", "x"), .init("m", .map([.init("p", 1), .init("q", 2)]))]
    #expect(try OTTLTesting.attributes(Self.pairs, #"delete_key(attributes, "a")"#) == Array(all.dropFirst()))
    #expect(try OTTLTesting.attributes(Self.pairs, #"delete_key(attributes, "m")"#) == Array(all.dropLast()))
    #expect(try OTTLTesting.attributes(Self.pairs, #"delete_key(attributes, "none")"#) == all)
    #expect(
      try OTTLTesting.attributes(Self.pairs, #"delete_key(attributes["m"], "p")"#).last
        == .init("m", .map([.init("q", 2)])))
    #expect(
      try OTTLTesting.attributes(
        Self.pairs, #"delete_key(attributes["m"], "q")"#, #"delete_key(attributes["m"], "p")"#
      ).last == .init("m", .map([])))
    #expect(try OTTLTesting.attributes(Self.pairs, #"delete_key(attributes, attributes["b"])"#) == all)
  }

  @Test(arguments: [
    (#"delete_key(attributes["none"], "x")"#, OTTLFault.nothing), (#"delete_key(attributes["a"], "x")"#, .notIndexable),
    (#"delete_key(body, "x")"#, .nothing), (#"delete_key(attributes, attributes["none"])"#, .nothing),
    (#"delete_key(attributes, attributes["a"])"#, .wrongType),
  ])
  func whatHasNoKeysCannotLoseOne(_ statement: String, _ fault: OTTLFault) throws {
    #expect(try OTTLTesting.attributes(Self.pairs, statement, faults: [fault]).count == 3)
  }

  @Test func placesOfDeletedKeysAreTakenAgain() throws {
    var batch = try OTTLTesting.batch(of: Array(repeating: #""attributes":[\#(Self.pairs)]"#, count: 50))
    let before = batch.attributes.count
    try OTTLTesting.run(
      #"delete_key(attributes, "a")"#, #"set(attributes["c"], 1)"#, #"delete_key(attributes, "b")"#,
      #"set(attributes["d"], 2)"#, on: &batch)
    #expect(batch.attributes.count == before)
    #expect(batch.recordAttributes.allSatisfy { $0.map(\.key) == ["m", "c", "d"] })
  }

  @Test(arguments: [
    (
      "insert",
      [Readable.Pair("a", 1), .init("b", "x"), .init("m", .map([.init("p", 1), .init("q", 2)])), .init("z", 9)]
    ),
    ("update", [.init("a", 7), .init("b", "x"), .init("m", "new")]),
    ("upsert", [.init("a", 7), .init("b", "x"), .init("m", "new"), .init("z", 9)]),
  ])
  func mapsAreMerged(_ strategy: String, _ expected: [Readable.Pair]) throws {
    let statement = #"merge_maps(attributes, {"a": 7, "m": "new", "z": 9}, "\#(strategy)")"#
    #expect(try OTTLTesting.attributes(Self.pairs, statement) == expected)
  }

  @Test func nestedMapsAreMerged() throws {
    let merged = try OTTLTesting.attributes(
      Self.pairs, #"merge_maps(attributes["m"], {"p": {"d": 1}, "r": {"e": [1]}, "s": {"f": 2}}, "upsert")"#)
    #expect(
      merged.last
        == .init(
          "m",
          .map([
            .init("p", .map([.init("d", 1)])), .init("q", 2), .init("r", .map([.init("e", .array([1]))])),
            .init("s", .map([.init("f", 2)])),
          ])))
    #expect(
      try OTTLTesting.attributes(Self.pairs, #"merge_maps(attributes, attributes["m"], "upsert")"#).map(\.key)
        == ["a", "b", "m", "p", "q"])
    #expect(
      try OTTLTesting.attributes(Self.pairs, #"merge_maps(attributes["m"], attributes, "upsert")"#).last?.value
        == .map([
          .init("p", 1), .init("q", 2), .init("a", 1), .init("b", "x"),
          .init("m", .map([.init("p", 1), .init("q", 2)])),
        ]))
  }

  @Test(arguments: [
    (#"merge_maps(attributes, attributes["none"], "upsert")"#, OTTLFault.nothing),
    (#"merge_maps(attributes, attributes["a"], "upsert")"#, .wrongType),
    (#"merge_maps(attributes["b"], attributes["m"], "upsert")"#, .notIndexable),
    (#"merge_maps(attributes, ParseJSON(attributes["b"]), "upsert")"#, .badText),
  ])
  func whatIsNoMapIsNotMerged(_ statement: String, _ fault: OTTLFault) throws {
    #expect(try OTTLTesting.attributes(Self.pairs, statement, faults: [fault]).map(\.key) == ["a", "b", "m"])
  }

  @Test func manyKeysAreMergedInLinearTime() throws {
    func time(_ count: Int) throws -> Duration {
      let body = "{" + (0..<count).map { #"\"key\#($0)\":\#($0)"# }.joined(separator: ",") + "}"
      var best = Duration.seconds(1000)
      for _ in 0..<3 {
        var batch = try OTTLTesting.batch(#""body":{"stringValue":"\#(body)"}"#)
        let program = try OTTLTesting.program([
          #"merge_maps(attributes, ParseJSON(body), "upsert")"#, #"merge_maps(attributes, ParseJSON(body), "upsert")"#,
        ])
        best = min(best, try ContinuousClock().measure { try program.run(over: &batch, of: RequestContext()) })
        #expect(Int(batch.records[0].attributes.count) == count)
      }
      return best
    }
    let (few, many) = (try time(2_000), try time(32_000))
    #expect(many < few * 16 * 6)
  }

  @Test(arguments: [
    ("IsMap(attributes)", true), (#"IsMap(attributes["m"])"#, true), (#"IsMap(attributes["a"])"#, false),
    ("IsMap(nil)", false), (#"IsString(attributes["b"])"#, true), (#"IsString(attributes["m"])"#, false),
    (#"IsString(attributes["none"])"#, false), ("IsString(trace_id)", false),
    (#"IsMatch(trace_id, "^0{32}$")"#, true), (#"IsMatch(time, "^.1970-01-01T")"#, true),
    ("IsString(severity_text)", true),
    ("Now() > time", true), (#"IsMatch(attributes["m"], "\"p\":1")"#, true), (#"IsMatch(0xAB, "^ab$")"#, true),
    (#"IsMatch(true, "true")"#, true), (#"IsMatch(attributes["b"], attributes["b"])"#, true),
    (#"IsMatch("y", attributes["b"])"#, false),
  ])
  func conditionsOfFunctions(_ condition: String, _ holds: Bool) throws {
    let batch = try OTTLTesting.batch(#""attributes":[\#(Self.pairs)]"#)
    #expect(try OTTLTesting.matches(condition, in: batch) == [holds])
  }

  @Test func aPatternOfARecordThatIsRefusedIsAFault() throws {
    let batch = try OTTLTesting.batch(#""body":{"stringValue":"("}"#)
    #expect(try OTTLTesting.fault(#"IsMatch("x", body)"#, on: batch) == .badPattern)
    #expect(try OTTLTesting.fault(#"IsMatch("x", body)"#, on: try OTTLTesting.batch()) == .nothing)
  }

  @Test(arguments: [
    ("a,b,c", ",", ["a", "b", "c"]), ("a", ",", ["a"]), ("", ",", [""]), (",", ",", ["", ""]),
    ("aXYbXY", "XY", ["a", "b", ""]),
    ("äb€", "", ["ä", "b", "€"]), ("", "", []), ("abc", "abcd", ["abc"]),
  ])
  func textsAreSplit(_ text: String, _ delimiter: String, _ parts: [String]) throws {
    let batch = try OTTLTesting.batch(
      #"""
      "attributes":[{"key":"t","value":{"stringValue":"\#(text)"}},
      {"key":"d","value":{"stringValue":"\#(delimiter)"}}]
      """#
    )
    let found = try OTTLTesting.value(#"Split(attributes["t"], attributes["d"])"#, on: batch)
    #expect(found == .list(parts.map { .text($0) }))
  }
}

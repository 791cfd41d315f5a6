import Testing

@testable import LogPipeline

@Suite struct OTTLRunSetTests {
  private typealias Pairs = [Readable.Pair]

  @Test(arguments: [
    (#""v""#, Readable.string("v")), ("1", 1), ("1.5", .double(1.5)), ("true", .bool(true)),
    ("0x00ff", .bytes([0, 255])),
    (#"["a", [1]]"#, .array(["a", .array([1])])),
    (#"{"k": {"l": []}}"#, .map([.init("k", .map([.init("l", .array([]))]))])),
    (#"attributes["old"]"#, .map([.init("x", 1)])), ("SEVERITY_NUMBER_WARN", 13),
    (#"attributes"#, .map([.init("old", .map([.init("x", 1)]))])), (#"Split("a,b", ",")"#, .array(["a", "b"])),
    (#"ParseJSON("{\"a\": [1, \"\\u00e4\\n\"]}")"#, .map([.init("a", .array([.double(1.0), "ä\n"]))])),
    (#"[nil]"#, .array([.empty])), ("trace_id.string", .string(String(repeating: "0", count: 32))),
  ])
  func attributesTakeEveryKindOfABatch(_ value: String, _ expected: Readable) throws {
    let old = #"{"key":"old","value":{"kvlistValue":{"values":[{"key":"x","value":{"intValue":1}}]}}}"#
    let found = try OTTLTesting.attributes(old, "set(attributes[\"new\"], \(value))")
    #expect(found == [.init("old", .map([.init("x", 1)])), .init("new", expected)])
    var batch = try OTTLTesting.batch(#""attributes":[\#(old)]"#)
    try OTTLTesting.run("set(body, \(value))", on: &batch)
    #expect(batch.bodies == [expected])
  }

  @Test(arguments: ["Now()", "trace_id", "span_id"]) func whatCannotBeSetIsRefused(_ value: String) {
    #expect(throws: OTTLSourceProblems.self) { try OTTLTesting.attributes("", "set(attributes[\"new\"], \(value))") }
  }

  @Test(arguments: ["time - time", "[time]", #"{"t": [Now()]}"#])
  func attributesTakeNoTimesAndIDs(_ value: String) throws {
    #expect(try OTTLTesting.attributes("", "set(attributes[\"new\"], \(value))", faults: [.notStorable]) == [])
    var batch = try OTTLTesting.batch(#""body":{"stringValue":"b"}"#)
    #expect(try OTTLTesting.run("set(body, \(value))", on: &batch) == [.notStorable])
    #expect(batch.bodies == ["b"])
  }

  @Test func settingNilChangesNothing() throws {
    let old = #"{"key":"a","value":{"intValue":1}}"#
    for target in [#"attributes["a"]"#, #"attributes["b"]"#, "attributes", "severity_number", #"attributes["a"]["x"]"#]
    {
      #expect(try OTTLTesting.attributes(old, "set(\(target), attributes[\"none\"])") == [.init("a", 1)])
      #expect(try OTTLTesting.attributes(old, "set(\(target), nil)") == [.init("a", 1)])
    }
  }

  private static let nested =
    #"""
    {"key":"m","value":{"kvlistValue":{"values":[{"key":"x","value":{"intValue":1}}]}}},
    {"key":"l","value":{"arrayValue":{"values":[{"intValue":1},{"intValue":2}]}}},
    {"key":"s","value":{"stringValue":"text"}},{"key":"e","value":{}}
    """#

  @Test(arguments: [
    (#"set(attributes["m"]["x"], 2)"#, "m", Readable.map([.init("x", 2)])),
    (#"set(attributes["m"]["y"], 2)"#, "m", .map([.init("x", 1), .init("y", 2)])),
    (#"set(attributes["m"]["y"]["z"], 2)"#, "m", .map([.init("x", 1), .init("y", .map([.init("z", 2)]))])),
    (#"set(attributes["m"]["y"][2], 2)"#, "m", .map([.init("x", 1), .init("y", .array([.empty, .empty, 2]))])),
    (#"set(attributes["l"][1], "b")"#, "l", .array([1, "b"])),
    (#"set(attributes["l"][0], attributes["m"])"#, "l", .array([.map([.init("x", 1)]), 2])),
    (#"set(attributes["e"]["k"], 2)"#, "e", .map([.init("k", 2)])), (#"set(attributes["e"][0], 2)"#, "e", .array([2])),
    (#"set(attributes["new"]["k"][1]["l"], 2)"#, "new", .map([.init("k", .array([.empty, .map([.init("l", 2)])]))])),
    (#"set(attributes["m"]["x"], attributes["m"])"#, "m", .map([.init("x", .map([.init("x", 1)]))])),
    (#"set(attributes[attributes["s"]], 1)"#, "text", 1),
  ])
  func keysLeadToMembersThatAreMadeIfMissing(_ statement: String, _ key: String, _ expected: Readable) throws {
    let found = try OTTLTesting.attributes(Self.nested, statement)
    #expect(found.first { $0.key == key }?.value == expected)
    #expect(found.count == (["new", "text"].contains(key) ? 5 : 4))
  }

  @Test(arguments: [
    (#"set(attributes["s"]["x"], 1)"#, OTTLFault.notIndexable), (#"set(attributes["s"][0], 1)"#, .notIndexable),
    (#"set(attributes["l"][2], 1)"#, .outOfRange), (#"set(attributes["l"][-1], 1)"#, .outOfRange),
    (#"set(attributes["l"]["x"], 1)"#, .notIndexable), (#"set(attributes["m"][0], 1)"#, .notIndexable),
    (#"set(attributes["e"][-1], 1)"#, .outOfRange), (#"set(attributes["e"][4294967296], 1)"#, .outOfRange),
    (#"set(attributes["e"][4294967], 1)"#, .noRoom), (#"set(attributes[0], 1)"#, .notIndexable),
    (#"set(attributes[attributes["none"]], 1)"#, .notIndexable), (#"set(attributes, severity_number + 1)"#, .wrongType),
    (#"set(attributes, attributes["l"])"#, .wrongType), (#"set(body["x"], 1)"#, .notIndexable),
  ])
  func whatIsInTheWayIsAFaultAndStays(_ statement: String, _ fault: OTTLFault) throws {
    var batch = try OTTLTesting.batch(#""body":{"stringValue":"b"},"attributes":[\#(Self.nested)]"#)
    let before = batch.recordAttributes
    #expect(try OTTLTesting.run(statement, on: &batch) == [fault])
    #expect(batch.recordAttributes == before)
    #expect(batch.bodies == ["b"])
  }

  @Test func anEmptyBodyBecomesWhatItsKeyAsksFor() throws {
    var batch = try OTTLTesting.batch(of: ["", ""])
    try OTTLTesting.run(#"set(body["a"]["b"], 1)"#, on: &batch)
    #expect(batch.bodies == Array(repeating: .map([.init("a", .map([.init("b", 1)]))]), count: 2))
    batch = try OTTLTesting.batch()
    try OTTLTesting.run(#"set(body[1], 1)"#, #"set(body[0], body[1])"#, on: &batch)
    #expect(batch.bodies == [.array([1, 1])])
  }

  @Test func attributesAreReplacedByAMap() throws {
    let found = try OTTLTesting.attributes(
      Self.nested, #"set(attributes, {"a": attributes["m"], "b": attributes["s"]})"#)
    #expect(found == [.init("a", .map([.init("x", 1)])), .init("b", "text")])
    #expect(try OTTLTesting.attributes(Self.nested, "set(attributes, {})") == [])
    #expect(try OTTLTesting.attributes(Self.nested, #"set(attributes, attributes["m"])"#) == [.init("x", 1)])
    #expect(try OTTLTesting.attributes(Self.nested, "set(attributes, attributes)").count == 4)
  }

  @Test func cachesAreMapsThatNobodyElseSees() throws {
    let found = try OTTLTesting.attributes(
      #"{"key":"a","value":{"intValue":1}}"#, #"set(cache["x"], attributes["a"])"#, #"set(cache["y"]["z"], "t")"#,
      #"set(attributes["b"], cache["y"]["z"])"#, #"set(cache["w"], 3)"#, #"set(attributes["c"], cache)"#)
    #expect(
      found == [
        .init("a", 1), .init("b", "t"),
        .init("c", .map([.init("x", 1), .init("y", .map([.init("z", "t")])), .init("w", 3)])),
      ])
  }

  /// A copy of what one owner has is not changed with it.
  @Test func whatIsCopiedIsEditedByItself() throws {
    let found = try OTTLTesting.attributes(
      Self.nested, #"set(attributes["n"], attributes["m"])"#, #"set(attributes["n"]["x"], 5)"#,
      #"set(attributes["m"]["y"], 6)"#)
    #expect(found.first { $0.key == "m" }?.value == .map([.init("x", 1), .init("y", 6)]))
    #expect(found.first { $0.key == "n" }?.value == .map([.init("x", 5)]))
  }
}

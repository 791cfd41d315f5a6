import Testing

@testable import LogPipeline

@Suite struct OTTLRunEditTests {
  /// Two owners that are edited in turn move by as many places as they have, not each time.
  @Test func editsInTurnDoNotGrowTheBatchAtEachStep() throws {
    var batch = try OTTLTesting.batch()
    let statements = (0..<200).flatMap { number in
      ["set(attributes[\"k\(number)\"], 1)", "set(cache[\"k\(number)\"], 1)"]
    }
    let program = try OTTLTesting.program(statements)
    try program.run(over: &batch, of: RequestContext())
    OTTLTesting.expectInvariants(of: batch)
    #expect(batch.recordAttributes[0].count == 200)
    #expect(batch.attributes.count < 2_500)
  }

  /// An owner whose attributes were replaced has no places of those that it had.
  @Test func whatWasReplacedIsNotWrittenOver() throws {
    var batch = try OTTLTesting.batch(
      of: Array(repeating: #""attributes":[{"key":"a","value":{"intValue":1}}]"#, count: 3))
    try OTTLTesting.run(
      #"delete_key(attributes, "a")"#, #"set(attributes["b"], 1)"#, #"set(attributes, {"c": 2})"#,
      #"set(attributes["d"], 3)"#, #"delete_key(attributes, "c")"#, #"set(attributes["e"], 4)"#,
      #"set(attributes["f"], 5)"#, on: &batch)
    #expect(batch.recordAttributes == Array(repeating: [.init("d", 3), .init("e", 4), .init("f", 5)], count: 3))
  }
}

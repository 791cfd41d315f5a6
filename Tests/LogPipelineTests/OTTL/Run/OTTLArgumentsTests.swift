import Testing

@testable import LogPipeline

@Suite struct OTTLArgumentsTests {
  /// Arguments that are the operands of a call, each a constant.
  private func with<T>(
    _ constants: [OTTLConstant], _ body: (OTTLArguments, inout OTTLRun) throws(OTTLFault) -> T
  ) throws -> T {
    var code = OTTLCode()
    let nodes = constants.map { code.add(constant: $0) }
    let arguments = OTTLArguments(first: code.add(operands: nodes), preparedIndex: 0)
    var run = OTTLRun(code, request: RequestContext())
    return try body(arguments, &run)
  }

  @Test func valuesAreOfTheKindThatIsAskedFor() throws {
    try with([.text("a"), .int(1), .double(2), .bool(true), .time(3), .duration(4), .map([]), .list([.int(1)])]) {
      arguments, run throws(OTTLFault) in
      let text = try arguments.text(0, &run)
      #expect(Array(run.bytes(text)) == [0x61])
      let found1 = try arguments.int(1, &run)
      #expect(found1 == 1)
      let found2 = try arguments.double(2, &run)
      #expect(found2 == 2)
      let found3 = try arguments.bool(3, &run)
      #expect(found3)
      let found4 = try arguments.time(4, &run).nanoseconds
      #expect(found4 == 3)
      let found5 = try arguments.duration(5, &run)
      #expect(found5 == 4)
      let found6 = try arguments.map(6, &run).memberCount
      #expect(found6 == 0)
      let found7 = try arguments.list(7, &run).memberCount
      #expect(found7 == 1)
      let found8 = arguments.has(0, run)
      #expect(found8)
    }
  }

  @Test func anotherKindIsAFault() {
    #expect(throws: OTTLFault.wrongType) {
      try with([.int(1)]) { arguments, run throws(OTTLFault) in try arguments.text(0, &run) }
    }
    #expect(throws: OTTLFault.wrongType) {
      try with([.double(1)]) { arguments, run throws(OTTLFault) in try arguments.int(0, &run) }
    }
    #expect(throws: OTTLFault.nothing) {
      try with([.none]) { arguments, run throws(OTTLFault) in try arguments.map(0, &run) }
    }
  }

  @Test func whatIsNotGivenIsAbsent() throws {
    try with([.none]) { arguments, run throws(OTTLFault) in
      let found9 = arguments.has(0, run)
      #expect(!found9)
      let found10 = arguments.count(0, run)
      #expect(found10 == 0)
      let found11 = try arguments.element(0, of: 0, &run).isNone
      #expect(found11)
      let found12 = try arguments.textLike(0, &run)?.count
      #expect(found12 == nil)
    }
  }

  @Test func aPatternOfTextIsCompiledAndKept() throws {
    try with([.text("a+")]) { arguments, run throws(OTTLFault) in
      let first = try arguments.pattern(0, &run)
      let found13 = try arguments.pattern(0, &run)
      #expect(found13 === first)
    }
  }
}

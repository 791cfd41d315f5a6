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
      #expect(Array(run.bytes(try arguments.text(0, &run))) == [0x61])
      #expect(try arguments.int(1, &run) == 1)
      #expect(try arguments.double(2, &run) == 2)
      #expect(try arguments.bool(3, &run))
      #expect(try arguments.time(4, &run) == 3)
      #expect(try arguments.duration(5, &run) == 4)
      #expect(try arguments.map(6, &run).memberCount == 0)
      #expect(try arguments.list(7, &run).memberCount == 1)
      #expect(arguments.has(0, run))
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
      #expect(!arguments.has(0, run))
      #expect(arguments.count(0, run) == 0)
      #expect(try arguments.element(0, of: 0, &run).isNone)
      #expect(try arguments.textLike(0, &run)?.count == nil)
    }
  }

  @Test func aPatternOfTextIsCompiledAndKept() throws {
    try with([.text("a+")]) { arguments, run throws(OTTLFault) in
      let first = try arguments.pattern(0, &run)
      #expect(try arguments.pattern(0, &run) === first)
    }
  }
}

import Testing

@testable import LogPipeline

@Suite struct OTTLMembersTests {
  private static let map =
    #"""
    {"kvlistValue":{"values":[{"key":"a","value":{"intValue":1}},{"key":"b","value":{"intValue":2}},
    {"key":"c","value":{"intValue":3}}]}}
    """#
  private static let pairs =
    #"""
    {"key":"a","value":{"intValue":1}},{"key":"b","value":{"intValue":2}},{"key":"m","value":\#(map)},
    {"key":"l","value":{"arrayValue":{"values":[{"intValue":1},{"intValue":2}]}}}
    """#

  /// Edits the members at a path of the second of three records.
  private func edited(
    _ path: String, _ edit: (inout OTTLMembers, inout OTTLRun) throws(OTTLFault) -> Void
  ) throws -> LogBatch {
    var batch = try OTTLTesting.batch(
      of: Array(repeating: #""attributes":[\#(Self.pairs)],"body":\#(Self.map)"#, count: 3))
    var compiler = OTTLCompiler(functions: .all)
    let node = try compiler.value(try OTTLParser.value(path))
    var run = OTTLRun(compiler.code, request: RequestContext())
    swap(&run.batch, &batch)
    run.stand(at: 1, of: .log)
    var members = try run.openMembers(at: OTTLPathIndex(index: compiler.code.nodes[Int(node)].first))
    try edit(&members, &run)
    swap(&run.batch, &batch)
    OTTLTesting.expectInvariants(of: batch)
    let (all, first) = (
      batch.recordAttributes, try OTTLTesting.batch(#""attributes":[\#(Self.pairs)]"#).recordAttributes[0]
    )
    #expect(all[0] == first && all[2] == first)
    return batch
  }

  private func key(_ text: String, _ run: inout OTTLRun) throws(OTTLFault) -> OTTLText {
    try run.text(of: Array(text.utf8)[...])
  }

  @Test func someAreKept() throws {
    let batch = try edited("attributes") { members, run throws(OTTLFault) in
      for index in members.indices where index % 2 == 1 { members.keep(index, &run) }
      members.finish(&run)
      #expect(members.count == 2)
    }
    #expect(batch.recordAttributes[1].map(\.key) == ["b", "l"])
    let nested = try edited(#"attributes["m"]"#) { members, run throws(OTTLFault) in
      for index in members.indices where String(decoding: members.key(index, run), as: UTF8.self) != "b" {
        members.keep(index, &run)
      }
      members.finish(&run)
    }
    #expect(nested.recordAttributes[1][2] == .init("m", .map([.init("a", 1), .init("c", 3)])))
  }

  @Test func membersAreAddedBehindThoseThatAre() throws {
    let batch = try edited("attributes") { members, run throws(OTTLFault) in
      for number in 0..<5 { try members.append(try key("k\(number)", &run), .int(Int64(number)), &run) }
    }
    #expect(batch.recordAttributes[1].map(\.key) == ["a", "b", "m", "l", "k0", "k1", "k2", "k3", "k4"])
    let body = try edited("body") { members, run throws(OTTLFault) in
      try members.append(try key("d", &run), .bool(true), &run)
      try members.append(try key("e", &run), members.value(0, run), &run)
    }
    #expect(
      body.bodies[1] == .map([.init("a", 1), .init("b", 2), .init("c", 3), .init("d", .bool(true)), .init("e", 1)]))
    #expect(body.bodies[0] == body.bodies[2])
    let list = try edited(#"attributes["l"]"#) { members, run throws(OTTLFault) in
      #expect(members.isList)
      try members.append(.empty, .int(3), &run)
    }
    #expect(list.recordAttributes[1][3].value == .array([1, 2, 3]))
  }

  @Test func valuesAreChangedWhereTheyLie() throws {
    let batch = try edited("attributes") { members, run throws(OTTLFault) in
      try members.set(0, to: .bool(true), &run)
      try members.set(1, to: members.value(2, run), &run)
      members.remove(3, &run)
    }
    let map = Readable.map([.init("a", 1), .init("b", 2), .init("c", 3)])
    #expect(batch.recordAttributes[1] == [.init("a", .bool(true)), .init("b", map), .init("m", map)])
  }
}

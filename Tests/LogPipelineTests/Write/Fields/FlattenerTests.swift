import Testing

@testable import LogPipeline

@Suite struct FlattenerTests {
  /// Flattens the attributes of one record; returns the names in the order in which they came, or why it cannot.
  private func names(_ attributes: [Message], _ limits: FlattenLimits = FlattenLimits(), prefix: StaticString = "")
    throws -> (names: [String], overflow: DropReason?)
  {
    let batch = try LogBatch.decoded(
      request: .request(records: attributes.reduce(Message()) { $0 + .message(6, $1) }))
    var flat = Flattener(DocumentFields(), limits: limits)
    flat.enter(.record, under: prefix.rawBytes)
    flat.add(batch.records[0].attributes, batch)
    let names = flat.table.entries.map { entry in
      flat.table.names.withUnsafeBytes(in: entry.range) { String(decoding: $0, as: UTF8.self) }
    }
    return (names, flat.overflow)
  }

  private func map(_ key: String, _ members: Message...) -> Message { .pair(key, .map(members)) }

  @Test func membersOfMapsAreNamedWithAllThatStandsBeforeThem() throws {
    let attributes = [map("a", map("b", .pair("c", .text("1"))), .pair("d", .text("2"))), .pair("a.b", .text("3"))]
    #expect(try names(attributes).names == ["a.b.c", "a.d", "a.b"])
    #expect(try names(attributes, prefix: "p.").names == ["p.a.b.c", "p.a.d", "p.a.b"])
  }

  /// The one rule for `{"a.b": 1, "a": {"b": 2}}`: both are `a.b`, and the last counts.
  @Test func aDottedNameAndANestedOneAreTheSame() throws {
    let batch = try LogBatch.decoded(
      request: .request(
        records: .message(6, .pair("a.b", .integer(1))) + .message(6, map("a", .pair("b", .integer(2))))))
    var flat = Flattener(DocumentFields(), limits: FlattenLimits())
    flat.enter(.record)
    flat.add(batch.records[0].attributes, batch)
    flat.table.sort(from: 0)
    flat.table.dropRepeated(from: 0)
    #expect(flat.table.entries.map(\.value) == [.int(2)])
  }

  @Test(arguments: [(0, ["a", "e"]), (1, ["a.b", "a.d", "e"]), (2, ["a.b.c", "a.d", "e"])])
  func mapsBelowTheDepthAreFields(depth: Int, expected: [String]) throws {
    let attributes = [map("a", map("b", .pair("c", .text("1"))), .pair("d", .text("2"))), .pair("e", .text("3"))]
    #expect(try names(attributes, FlattenLimits(maxDepth: depth)).names == expected)
  }

  @Test func aMapOfALongerNameIsAField() throws {
    let attributes = [map("abc", .pair("x", .text("1"))), map("abcd", .pair("x", .text("1")))]
    #expect(try names(attributes, FlattenLimits(maxPathBytes: 3)).names == ["abc.x", "abcd"])
    #expect(try names(attributes, FlattenLimits(maxPathBytes: 4), prefix: "p").names == ["pabc.x", "pabcd"])
  }

  @Test func aNameAtTheLimitIsTakenAndALongerOneNot() throws {
    let attributes = [map("a", .pair("bc", .text("1"))), .pair("after", .text("2"))]
    #expect(try names(attributes, FlattenLimits(maxNameBytes: 5)) == (["a.bc", "after"], nil))
    #expect(try names(attributes, FlattenLimits(maxNameBytes: 4)) == (["a.bc"], .fieldNameTooLong))
    #expect(try names(attributes, FlattenLimits(maxNameBytes: 3)) == ([], .fieldNameTooLong))
  }

  @Test func allNamesTogetherHaveALimit() throws {
    let attributes = [map("a", .pair("b", .text("1")), .pair("c", .text("1"))), .pair("d", .text("2"))]
    #expect(try names(attributes, FlattenLimits(maxNamesBytes: 7)) == (["a.b", "a.c", "d"], nil))
    #expect(try names(attributes, FlattenLimits(maxNamesBytes: 6)) == (["a.b", "a.c"], .tooManyFields))
  }

  @Test func whatWasAddedSinceAMarkIsForgotten() throws {
    let batch = try LogBatch.decoded(request: .request(records: .message(6, .pair("k", .text("v")))))
    var flat = Flattener(DocumentFields(), limits: FlattenLimits(maxNamesBytes: 1))
    flat.enter(.resource)
    flat.add(batch.records[0].attributes, batch)
    let mark = flat.mark
    for _ in 0..<2 {
      flat.begin(at: mark)
      flat.enter(.record)
      flat.add(batch.records[0].attributes, batch)
      #expect(flat.table.entries.map(\.sequence) == [1, 2] && flat.overflow == nil)
      #expect(flat.table.entries.map(\.rank) == [1, 3])
    }
  }
}

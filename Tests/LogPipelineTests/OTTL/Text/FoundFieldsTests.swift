import Testing

@testable import LogPipeline

@Suite struct FoundFieldsTests {
  @Test func fieldsInFieldsEndBehindThem() {
    let shown = ShownFields.of("abc") { _, found in
      found.add("x", FoundFields.Piece(0..<1))
      let key = found.write("m")
      found.begin(key, .map)
      found.add("y", FoundFields.Piece(1..<3))
      found.begin(.empty, .list)
      found.add(.empty, .int(7))
      found.end()
      found.end()
      found.add("z", .empty)
      return true
    }
    #expect(shown == "{x: a, m: {y: bc, : [7]}, z: }")
  }

  @Test func noMoreFieldsThanTheLimitAreTaken() {
    var found = FoundFields()
    for _ in 0..<FoundFields.maxFields { found.add(.empty, .int(1)) }
    var isFull = found.isFull
    #expect(!isFull)
    found.add(.empty, .int(1))
    isFull = found.isFull
    #expect(isFull)
    let count = found.fields.count
    #expect(count == FoundFields.maxFields)
  }

  @Test func fieldsAreNestedNoDeeperThanTheLimit() {
    var found = FoundFields()
    for _ in 0..<FoundFields.maxDepth { found.begin(.empty, .map) }
    var isFull = found.isFull
    #expect(!isFull)
    found.begin(.empty, .map)
    isFull = found.isFull
    #expect(isFull)
    for _ in 0...FoundFields.maxDepth { found.end() }
    found.end()
    let ends = found.fields.map(\.end)
    #expect(ends.allSatisfy { $0 == ends.count })
  }
}

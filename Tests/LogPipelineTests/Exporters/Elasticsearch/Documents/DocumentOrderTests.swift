import Testing

@testable import LogPipeline

@Suite struct DocumentOrderTests {
  private func table<Order>(of keys: [String], _: Order.Type) -> FieldTable<Order> {
    var table = FieldTable<Order>()
    for (order, key) in keys.enumerated() {
      let bytes = Array(key.utf8)
      table.add(.empty, bytes.span.bytes, order: UInt32(order))
    }
    return table
  }

  private func names<Order>(_ table: borrowing FieldTable<Order>) -> [String] {
    table.entries.map { entry in
      table.names.withUnsafeBytes(in: entry.range) { String(decoding: $0, as: UTF8.self) }
    }
  }

  private func sorted(_ keys: [String]) -> [String] {
    var table = table(of: keys, DocumentOrder.self)
    table.sort(from: 0)
    return names(table)
  }

  @Test func aKeyStandsRightBeforeThoseThatLieInIt() {
    #expect(
      sorted(["a-b", "a.b.c", "ab", "a!", "a.b", "a", "b", "a.b-c"])
        == ["a", "a.b", "a.b.c", "a.b-c", "a!", "a-b", "ab", "b"])
  }

  /// The order does not depend on how many keys there are, nor on how much of them the first eight bytes tell.
  @Test(arguments: [10, 32, 33, 1000])
  func theOrderIsThatOfBytesWithTheDotFirst(count: Int) {
    var dice = SplitMix64(seed: UInt64(count))
    let parts = ["a", "b.", "a.", "-", "aaaaaaaa", "aaaaaaaa.", "é", "z"]
    let keys = (0..<count).map { _ in
      "k" + (0..<Int(dice.next() % 5)).map { _ in parts[Int(dice.next() % 8)] }.joined() + "e"
    }
    let rank = { (key: String) in key.utf8.map { $0 == UInt8(ascii: ".") ? 0 : Int($0) + 1 } }
    #expect(sorted(keys) == keys.sorted { rank($0).lexicographicallyPrecedes(rank($1)) })
  }

  @Test(arguments: [
    ("", "_"), (".", "_._"), ("a..b", "a._.b"), ("a.", "a._"), (".a", "_.a"), (" ", "_"), ("a.\t.b", "a._.b"),
    ("a b", "a b"), (" a", " a"), ("...", "_._._._"), ("aaaaaaaaaaaaaa..b", "aaaaaaaaaaaaaa._.b"),
  ])
  func segmentsWithoutACharacterAreFilled(key: String, filled: String) {
    #expect(sorted([key]) == [filled])
  }

  @Test func whereDotsPartNothingOnlyABlankKeyIsFilled() {
    #expect(names(table(of: [""], WholeKeyOrder.self)) == ["_"])
    #expect(names(table(of: ["a..b"], WholeKeyOrder.self)) == ["a..b"])
  }

  @Test func aKeyLiesInAnotherOnlyAtADot() {
    let table = table(of: ["a", "a.b", "ab", "a.b.c", "b"], DocumentOrder.self)
    let inner = (0..<5).map { index in table.lies(table.entries[index], in: table.entries[0]) }
    #expect(inner == [false, true, false, true, false])
    #expect(table.lies(table.entries[3], in: table.entries[1]) == true)
  }

  @Test func aKeyThatIsMovedOutOfAnObjectLosesItsRank() {
    var table = table(of: ["message", "message.x", "messages.x"], DocumentOrder.self)
    table.moveLast(outOf: "message")
    #expect(names(table).last == "messages.x")
    let key = Array("message.y".utf8)
    table.add(.empty, key.span.bytes, order: 3 << FieldEntry.rankShift | 7)
    table.moveLast(outOf: "message")
    #expect(names(table).last == "message_y" && table.entries.last?.order == 7)
    table.move(1, outOf: table.entries[0])
    #expect(names(table)[1] == "message_x")
  }
}

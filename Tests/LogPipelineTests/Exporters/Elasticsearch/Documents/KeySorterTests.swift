import Testing

@testable import LogPipeline

@Suite struct KeySorterTests {
  private func add(_ keys: [String], to sorter: inout KeySorter) {
    for (order, key) in keys.enumerated() {
      let bytes = Array(key.utf8)
      sorter.add(.empty, bytes.span.bytes, order: UInt32(order))
    }
  }

  private func names(_ sorter: borrowing KeySorter, from start: Int = 0) -> [String] {
    sorter.entries[start...].map { entry in
      sorter.bytes.withUnsafeBytes(in: entry.range) { String(decoding: $0, as: UTF8.self) }
    }
  }

  private func sorted(_ keys: [String], isDotted: Bool = true) -> [String] {
    var sorter = KeySorter(isDotted: isDotted)
    add(keys, to: &sorter)
    sorter.sort(from: 0)
    return names(sorter)
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

  @Test func ofEqualKeysTheHighestOrderStays() {
    var sorter = KeySorter(isDotted: true)
    add(["b", "a", "b", "c", "a", "b"], to: &sorter)
    sorter.sort(from: 0)
    sorter.dropRepeated(from: 0)
    #expect(names(sorter) == ["a", "b", "c"] && sorter.entries.map(\.order) == [4, 5, 3])
  }

  @Test(arguments: [
    ("", "_"), (".", "_._"), ("a..b", "a._.b"), ("a.", "a._"), (".a", "_.a"), (" ", "_"), ("a.\t.b", "a._.b"),
    ("a b", "a b"), (" a", " a"), ("...", "_._._._"), ("aaaaaaaaaaaaaa..b", "aaaaaaaaaaaaaa._.b"),
  ])
  func segmentsWithoutACharacterAreFilled(key: String, filled: String) {
    #expect(sorted([key]) == [filled])
  }

  @Test func whereDotsPartNothingOnlyABlankKeyIsFilled() {
    #expect(sorted([""], isDotted: false) == ["_"])
    #expect(sorted(["a..b"], isDotted: false) == ["a..b"])
  }

  @Test func aKeyLiesInAnotherOnlyAtADot() {
    var sorter = KeySorter(isDotted: true)
    add(["a", "a.b", "ab", "a.b.c", "b"], to: &sorter)
    let inner = (0..<5).map { index in sorter.lies(sorter.entries[index], in: sorter.entries[0]) }
    #expect(inner == [false, true, false, true, false])
    #expect(sorter.lies(sorter.entries[3], in: sorter.entries[1]) == true)
    #expect(sorter.isSameKey(sorter.entries[0], sorter.entries[0]) == true)
    #expect(sorter.isSameKey(sorter.entries[0], sorter.entries[4]) == false)
  }

  @Test func aRenamedKeyLosesItsRank() {
    var sorter = KeySorter(isDotted: true)
    let key = Array("a".utf8)
    sorter.add(.empty, key.span.bytes, order: 3 << KeySorter.rankShift | 7)
    sorter.rename(0, appending: ".value")
    #expect(names(sorter) == ["a.value"] && sorter.entries[0].order == 7)
    add(["message.x", "messages.x"], to: &sorter)
    sorter.moveLast(outOf: "message")
    #expect(names(sorter).last == "messages.x")
    sorter.truncate(to: KeySorter.Mark(entries: 2, bytes: sorter.mark.bytes))
    sorter.moveLast(outOf: "message")
    #expect(names(sorter).last == "message_x")
  }

  @Test func aKeyOfTwoPartsIsFoundByHalving() {
    var sorter = KeySorter(isDotted: true)
    add((0..<100).map { "k\($0).lat" }, to: &sorter)
    sorter.sort(from: 0)
    let before = sorter.mark
    for number in [0, 57, 99] {
      let head = Array("k\(number)".utf8)
      let place = sorter.position(of: head.span.bytes, ".lat", from: 0)
      #expect(place.map { names(sorter)[$0] } == "k\(number).lat")
      let none = sorter.position(of: head.span.bytes, ".lon", from: 0)
      #expect(none == nil)
    }
    #expect(sorter.mark.entries == before.entries && sorter.mark.bytes == before.bytes)
  }
}

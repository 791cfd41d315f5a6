import Testing

@testable import LogPipeline

@Suite struct FieldTableTests {
  private func add<Order>(_ names: [String], to table: inout FieldTable<Order>) {
    for name in names {
      let bytes = Array(name.utf8)
      table.add(.empty, bytes.span.bytes, order: UInt32(table.entries.count))
    }
  }

  private func names<Order>(_ table: borrowing FieldTable<Order>) -> [String] {
    table.entries.map { entry in
      table.names.withUnsafeBytes(in: entry.range) { String(decoding: $0, as: UTF8.self) }
    }
  }

  @Test func ofEqualNamesTheHighestOrderStays() {
    var table = FieldTable<DocumentOrder>()
    add(["b", "a", "b", "c", "a", "b"], to: &table)
    table.sort(from: 0)
    table.dropRepeated(from: 0)
    #expect(names(table) == ["a", "b", "c"] && table.entries.map(\.order) == [4, 5, 3])
  }

  /// However many there are: few are sorted in another way than many.
  @Test(arguments: [3, 32, 33, 2000]) func whateverTheOrderTheSequenceComesBack(count: Int) {
    var table = FieldTable<FingerprintOrder>()
    add((0..<count).map { "name \($0 % (count / 2))" }, to: &table)
    table.sort(from: 0)
    table.dropRepeated(from: 0)
    table.restoreSequence(from: 0)
    #expect(names(table) == (count - count / 2..<count).map { "name \($0 % (count / 2))" })
  }

  @Test func onlyWhatIsAboveAMarkIsSortedAndForgotten() {
    var table = FieldTable<DocumentOrder>()
    add(["z", "a"], to: &table)
    let mark = table.mark
    add(["y", "b"], to: &table)
    table.sort(from: mark.entries)
    #expect(names(table) == ["z", "a", "b", "y"])
    table.truncate(to: mark)
    add(["c"], to: &table)
    #expect(names(table) == ["z", "a", "c"])
  }

  @Test func aRenamedFieldIsSortedByItsNewName() {
    var table = FieldTable<DocumentOrder>()
    add(["a", "b"], to: &table)
    table.rename(0, appending: ("z" as StaticString).rawBytes)
    table.replace(UInt8(ascii: "x"), of: 0, at: 0)
    table.sort(from: 0)
    #expect(names(table) == ["b", "xz"])
  }

  @Test func aNameOfTwoPartsIsFoundByHalving() {
    var table = FieldTable<DocumentOrder>()
    add((0..<100).map { "k\($0).lat" }, to: &table)
    table.sort(from: 0)
    let before = table.mark
    for number in [0, 57, 99] {
      let head = Array("k\(number)".utf8)
      let place = table.position(of: head.span.bytes, ".lat", from: 0)
      #expect(place.map { names(table)[$0] } == "k\(number).lat")
      let none = table.position(of: head.span.bytes, ".lon", from: 0)
      #expect(none == nil)
    }
    #expect(table.mark.entries == before.entries && table.mark.names == before.names)
  }

  @Test func namesAreTheSameOnlyIfTheirBytesAre() {
    var table = FieldTable<FingerprintOrder>()
    add(["a", "ab", "a", String(repeating: "a", count: 40), String(repeating: "a", count: 40)], to: &table)
    let entries = table.entries
    #expect(table.isSameName(entries[0], entries[2]) == true && table.isSameName(entries[3], entries[4]) == true)
    #expect(table.isSameName(entries[0], entries[1]) == false && table.isSameName(entries[0], entries[3]) == false)
  }
}

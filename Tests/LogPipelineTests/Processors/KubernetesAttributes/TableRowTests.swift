import Testing

@testable import LogPipeline

@Suite struct TableRowTests {
  private func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

  private func attributes(_ row: TableRow) -> [String] {
    var found: [String] = []
    row.forEachAttribute { found.append("\($0)=\(text($1))") }
    return found
  }

  private func links(_ row: TableRow) -> [UInt64] {
    var found: [UInt64] = []
    row.forEachLink { found.append($0.hash) }
    return found
  }

  private func attributes(_ row: TableRow, ofContainer name: String) -> [String] {
    var found: [String] = []
    row.forEachAttribute(ofContainer: { own, id, isOnly in
      name.isEmpty ? isOnly : text(own) == name || text(id) == name
    }) { found.append("\($0)=\(text($1))") }
    return found
  }

  @Test func whatARowIsMadeOfIsInIt() {
    let row = TableRow(
      .init(
        identity: TableKey(hash: .max), startTime: 20_260_131_090_000, keys: [1, 2].map { TableKey(hash: $0) },
        links: [TableKey(hash: 3)], attributes: [(7, "a"), (9999, ""), (8, "bcd")],
        containers: [("main", "id1", [(1, "x")]), ("side", "", []), ("last", "id3", [(2, "y"), (3, "z")])]))
    #expect(row.identity == TableKey(hash: .max))
    #expect(row.startTime == 20_260_131_090_000)
    #expect(row.keys.map(\.hash) == [1, 2])
    #expect(links(row) == [3])
    #expect(attributes(row) == ["7=a", "9999=", "8=bcd"])
    #expect(attributes(row, ofContainer: "main") == ["1=x"])
    #expect(attributes(row, ofContainer: "side") == [])
    #expect(attributes(row, ofContainer: "id3") == ["2=y", "3=z"])
    #expect(attributes(row, ofContainer: "other") == [])
    #expect(attributes(row, ofContainer: "") == [])
  }

  @Test func theOnlyContainerIsTold() {
    let row = TableRow(.init(identity: TableKey(hash: 0), containers: [("main", "", [(1, "x")])]))
    #expect(attributes(row, ofContainer: "") == ["1=x"])
    #expect(attributes(TableRow(.init(identity: TableKey(hash: 0))), ofContainer: "") == [])
  }

  @Test func listsAreCutAtWhatARowCanHold() {
    let many = (0..<300).map { TableKey(hash: $0) }
    let long = String(repeating: "a", count: 70_000)
    let attributesOfOne: [TableRow.Attribute] = (0..<300).map { (name: UInt16($0), value: "v") }
    let containers: [TableRow.Container] = (0..<300).map { number in
      (name: "\(number)", id: long, attributes: attributesOfOne)
    }
    let two: [TableRow.Attribute] = [(name: 1, value: long), (name: 2, value: "b")]
    let row = TableRow(
      .init(identity: TableKey(hash: 5), keys: many, links: many, attributes: two, containers: containers))
    #expect(row.keys.count == 255)
    #expect(links(row).count == 255)
    #expect(attributes(row).map(\.count) == [65_537, 3])
    #expect(attributes(row, ofContainer: "254").count == 255)
    #expect(attributes(row, ofContainer: "255") == [])
  }
}

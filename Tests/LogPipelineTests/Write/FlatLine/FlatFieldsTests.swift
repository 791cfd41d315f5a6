import Testing

@testable import LogPipeline

/// The limits of lines in the making, at twice what a line may have, and names that are changed.
@Suite struct FlatFieldsTests {
  /// Adds attributes of these names and texts; returns the names that came of them, or why they cannot be sent.
  private func add(_ attributes: [(String, String)], _ layout: FlatLayout) throws -> (
    names: [String], overflow: DropReason?, renamed: Int
  ) {
    let pairs = attributes.reduce(Message()) { $0 + .message(6, .pair($1.0, .text($1.1))) }
    let batch = try LogBatch.decoded(request: .request(records: pairs))
    var fields = LineFields(layout, names: nil)
    fields.begin(at: LineFields.Mark())
    fields.add(batch.records[0].attributes, under: .empty, batch)
    let names = fields.own.map { index in
      fields.flat.table.names.withUnsafeBytes(in: fields.flat.table.entries[index].range) {
        String(decoding: $0, as: UTF8.self)
      }
    }
    return (names, fields.overflow, fields.changes.renamedFields)
  }

  @Test func thereIsAnEndToFieldsBeforeNamesAreSettled() throws {
    var layout = FlatLayout()
    layout.maxFields = 2
    #expect(try add((0..<6).map { ("k\($0)", "v") }, layout).overflow == nil)
    #expect(try add((0..<7).map { ("k\($0)", "v") }, layout).overflow == .tooManyFields)
  }

  @Test func thereIsAnEndToBytesBeforeNamesAreSettled() throws {
    var layout = FlatLayout()
    layout.maxLineBytes = 100
    let text = String(repeating: "x", count: 199)
    #expect(try add([("a", "b"), ("c", text)], layout).overflow == nil)
    #expect(try add([("a", "b"), ("c", text + "x")], layout).overflow == .lineTooLong)
  }

  @Test func aNameAtTheLimitIsTakenAndALongerOneNot() throws {
    var layout = FlatLayout()
    layout.maxFieldNameBytes = 3
    #expect(try add([("abc", "v")], layout).overflow == nil)
    #expect(try add([("abcd", "v")], layout).overflow == .fieldNameTooLong)
  }

  @Test func reservedNamesAreChangedWhateverTheirLength() throws {
    let long = String(repeating: "n", count: 100)
    var layout = FlatLayout()
    layout.reserved = ["_msg", long].map { Array($0.utf8) }
    let names = ["_msg", long, long + "n", "_ms", "_mss", ""]
    let found = try add(names.map { ($0, "v") }, layout)
    #expect(
      found.names
        == ["_msg.attribute", long + ".attribute", long + "n", "_ms", "_mss", "_msg.attribute"])
    #expect(found.renamed == 3)
  }
}

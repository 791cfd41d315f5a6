import LogPipeline
import Testing

@Suite struct AttributeEditorTests {
  /// A batch of two records, the first with keys `a b e c`.
  private func twoRecords() throws -> LogBatch {
    try .decoded(
      record(("a", .number(1)), ("b", .number(2)), ("e", .number(3)), ("c", .number(4))), record(("d", .number(5))))
  }

  /// Edits the attributes of the first record and gives those of all.
  private func editing(
    _ edit: (inout AttributeEditor, inout LogBatch) -> Void
  ) throws -> [[Readable.Pair]] {
    var batch = try twoRecords()
    var editor = AttributeEditor(batch.records[0].attributes)
    edit(&editor, &batch)
    batch.records[0].attributes = editor.range
    return batch.recordAttributes
  }

  private func withKey<R>(_ key: String, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    Array(key.utf8).withUnsafeBytes(body)
  }

  @Test func findsAKey() throws {
    let batch = try twoRecords()
    let range = batch.records[0].attributes
    let editor = AttributeEditor(range)
    let start = Int(range.start)
    let found = [
      withKey("a") { editor.index(of: $0, in: batch) }, withKey("e") { editor.index(of: $0, in: batch) },
      withKey("d") { editor.index(of: $0, in: batch) }, withKey("") { editor.index(of: $0, in: batch) },
    ]
    #expect(found == [start, start + 2, nil, nil])
  }

  @Test func removesAKeyAndKeepsTheOrder() throws {
    let edited = try editing { editor, batch in withKey("b") { editor.remove($0, from: &batch) } }
    #expect(edited == [[.init("a", 1), .init("e", 3), .init("c", 4)], [.init("d", 5)]])
  }

  @Test func removingWhatIsNotThereChangesNothing() throws {
    let edited = try editing { editor, batch in withKey("d") { editor.remove($0, from: &batch) } }
    #expect(edited[0].map(\.key) == ["a", "b", "e", "c"])
  }

  @Test func removesEverything() throws {
    let edited = try editing { editor, batch in editor.removeAll(in: &batch) { _, _ in true } }
    #expect(edited == [[], [.init("d", 5)]])
  }

  @Test func addsWithoutTouchingTheNextRecord() throws {
    let edited = try editing { editor, batch in
      for number in 0..<100 {
        guard let key = batch.store("k\(number)".utf8) else { return }
        editor.append(Attribute(key: key, value: .int(Int64(number))), to: &batch)
      }
    }
    #expect(edited[0].count == 104)
    #expect(edited[0].last == .init("k99", 99))
    #expect(edited[0].first == .init("a", 1))
    #expect(edited[1] == [.init("d", 5)])
  }

  @Test func addsWhereRemovingFreedAPlace() throws {
    var batch = try twoRecords()
    let before = batch.attributes.count
    var editor = AttributeEditor(batch.records[0].attributes)
    for key in ["a", "e"] { withKey(key) { editor.remove($0, from: &batch) } }
    for number in 0..<2 { editor.append(Attribute(key: .empty, value: .int(Int64(number))), to: &batch) }
    #expect(batch.attributes.count == before)
    batch.records[0].attributes = editor.range
    #expect(batch.recordAttributes == [[.init("b", 2), .init("c", 4), .init("", 0), .init("", 1)], [.init("d", 5)]])
    editor.append(Attribute(key: .empty, value: .int(2)), to: &batch)
    #expect(batch.attributes.count == before + 5)
    #expect(batch.recordAttributes[1] == [.init("d", 5)])
  }

  @Test func tellsKeysOfAnyLengthApart() throws {
    for count in 0...40 {
      let key = String(repeating: "k", count: count)
      let batch = try LogBatch.decoded(record((key, .number(1))))
      let editor = AttributeEditor(batch.records[0].attributes)
      #expect(withKey(key) { editor.index(of: $0, in: batch) } == 0)
      #expect(withKey(key + "k") { editor.index(of: $0, in: batch) } == nil)
      for place in 0..<count {
        var other = Array(key.utf8)
        other[place] = UInt8(ascii: "x")
        #expect(other.withUnsafeBytes { editor.index(of: $0, in: batch) } == nil, "\(count) bytes, at \(place)")
      }
    }
  }

  @Test func movesARunOnceForManyAdditions() throws {
    var batch = try twoRecords()
    let before = batch.attributes.count
    var editor = AttributeEditor(batch.records[0].attributes)
    for _ in 0..<10 { editor.append(Attribute(key: .empty, value: .empty), to: &batch) }
    #expect(batch.attributes.count == before + 4 + 10)
  }

  @Test func addsToAnOwnerWithoutAttributes() throws {
    var batch = try LogBatch.decoded(record(body: "x"), record(("d", .number(5))))
    var editor = AttributeEditor(batch.records[0].attributes)
    let stored = batch.store("k".utf8)
    let key = try #require(stored)
    editor.set(Attribute(key: key, value: .int(1)), in: &batch)
    batch.records[0].attributes = editor.range
    #expect(batch.recordAttributes == [[.init("k", 1)], [.init("d", 5)]])
  }
}

import Testing

@testable import LogPipeline

@Suite struct RecordTemplatesTests {
  /// The template of a shape of these keys.
  private func find(_ keys: [UInt8], in templates: inout RecordTemplates, hasBody: Bool = true)
    -> Int?
  {
    templates.beginShape(of: LogRecord(), hasBody: hasBody)
    for key in keys { templates.add(key) }
    return templates.find()
  }

  private func keep(
    _ line: String, _ values: [(Range<Int>, UInt8)], as index: Int,
    in templates: inout RecordTemplates
  ) {
    let places = values.map {
      RecordTemplates.Place(start: $0.0.lowerBound, end: $0.0.upperBound, source: $0.1)
    }
    Array(line.utf8).withUnsafeBytes { templates.keep($0, values: places, as: index) }
  }

  private func text(_ range: Range<Int>, of templates: borrowing RecordTemplates) -> String {
    var writer = ByteWriter(capacityBytes: 1)
    var pen = writer.pen
    writer.makeRoom(range.count, for: &pen)
    templates.put(range, with: &pen)
    writer.take(pen)
    return String(decoding: writer.array, as: UTF8.self)
  }

  @Test func aShapeIsKnownFromItsSecondRecordOn() {
    var templates = RecordTemplates(records: 100)
    #expect(find([1, 2], in: &templates) == nil)
    #expect(find([2, 1], in: &templates) == nil)
    #expect(find([1, 2], in: &templates, hasBody: false) == nil)
    #expect(find([1, 2], in: &templates) == 0)
    #expect(find([2, 1], in: &templates) == 1)
    #expect(find([1, 2], in: &templates, hasBody: false) == 2)
    #expect(templates[0].slots == nil)
    templates.removeAll()
    #expect(find([1, 2], in: &templates) == nil)
  }

  @Test func keepsWhatStandsAroundValues() throws {
    var templates = RecordTemplates(records: 100)
    _ = find([1], in: &templates)
    keep(#"{"a":12,"b":"x"}"#, [(5..<7, 3), (12..<15, 0)], as: 0, in: &templates)
    let slots = try #require(templates[0].slots)
    #expect(slots.map { text(templates[slot: $0].text, of: templates) } == [#"{"a":"#, #","b":"#])
    #expect(slots.map { templates[slot: $0].source } == [3, 0])
    #expect(text(templates[0].end, of: templates) == "}")
    #expect(templates[0].textBytes == 11)
  }

  @Test func oneShapePastTheMostIsNotKnown() {
    var templates = RecordTemplates(records: 100)
    for _ in 0..<2 {
      for key in 0...UInt8(RecordTemplates.maxTemplates) {
        let found = find([key], in: &templates)
        #expect(found == nil || found == Int(key))
      }
    }
    #expect(
      find([UInt8(RecordTemplates.maxTemplates) - 1], in: &templates) == RecordTemplates
        .maxTemplates - 1)
    #expect(find([UInt8(RecordTemplates.maxTemplates)], in: &templates) == nil)
  }

  @Test func aLinePastTheLongestIsNotKept() {
    var templates = RecordTemplates(records: 100)
    _ = find([1], in: &templates)
    keep(String(repeating: "x", count: RecordTemplates.maxLineBytes + 1), [], as: 0, in: &templates)
    #expect(templates[0].slots == nil)
    keep(String(repeating: "x", count: RecordTemplates.maxLineBytes), [], as: 0, in: &templates)
    #expect(templates[0].slots?.count == 0)
  }

  @Test func aShapeHasRoomForTheMostKeys() {
    var templates = RecordTemplates(records: 100)
    let keys = (0..<UInt8(RecordTemplates.maxKeys)).map { $0 }
    #expect(find(keys, in: &templates) == nil)
    #expect(find(keys, in: &templates) == 0)
    #expect(find(keys.dropLast() + [200], in: &templates) == nil)
  }
}

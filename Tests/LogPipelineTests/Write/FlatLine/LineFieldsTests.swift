import Testing

@testable import LogPipeline

/// What becomes of fields of one name; `FlatLineWriterTests` and `LineFieldsNamesTests` have lines as a whole.
@Suite struct LineFieldsTests {
  private func batch(_ attributes: [(String, Message)], body: [(String, Message)] = []) throws -> LogBatch {
    let pairs = attributes.reduce(Message()) { $0 + .message(6, .pair($1.0, $1.1)) }
    let members = Message.map(body.map { .pair($0.0, $0.1) })
    return try LogBatch.decoded(request: .request(records: pairs + .message(5, members)))
  }

  private func names(_ fields: borrowing LineFields) -> [String] {
    fields.own.map { index in
      fields.flat.table.names.withUnsafeBytes(in: fields.flat.table.entries[index].range) {
        String(decoding: $0, as: UTF8.self)
      }
    }
  }

  /// The names and values that are left of a record's fields.
  private func settled(_ attributes: [(String, Message)], body: [(String, Message)] = []) throws -> [String] {
    let batch = try batch(attributes, body: body)
    var fields = LineFields(FlatLayout(), names: nil)
    fields.begin(at: LineFields.Mark())
    if batch.records[0].body.kind == .map { fields.add(body: batch.records[0].body.entries, batch) }
    fields.add(batch.records[0].attributes, under: .empty, batch)
    fields.settle()
    let values = fields.own.map { fields.flat.table.entries[$0].value.intValue }
    return zip(names(fields), values).map { "\($0)=\($1)" }
  }

  @Test func fieldsOfDifferentNamesStayAsTheyAre() throws {
    #expect(try settled([("b", .integer(1)), ("a", .integer(2)), ("ab", .integer(3))]) == ["b=1", "a=2", "ab=3"])
    #expect(try settled([]) == [])
  }

  @Test func ofANameTheHighestRankStaysAndOfThoseTheLast() throws {
    let nested = Message.map([.pair("b", .integer(3))])
    #expect(try settled([("a.b", .integer(1)), ("c", .integer(2)), ("a", nested)]) == ["c=2", "a.b=3"])
    #expect(try settled([("a", nested), ("c", .integer(2)), ("a.b", .integer(1))]) == ["c=2", "a.b=1"])
    let body = [("a", nested), ("d", Message.integer(4))]
    #expect(try settled([("a.b", .integer(1)), ("c", .integer(2))], body: body) == ["a.b=3", "d=4", "c=2"])
  }

  @Test func manyRepeatedNamesAreRemovedAtOnce() throws {
    let attributes = (0..<5000).map { ("m\($0)", Message.map([.pair("x", .integer(Int64($0)))])) }
    let dotted = (0..<5000).map { ("m\($0).x", Message.integer(-1)) }
    #expect(try settled(attributes + dotted) == (0..<5000).map { "m\($0).x=-1" })
  }

  @Test func fieldsThatAreSharedAreFoundAndDropped() throws {
    let shared = try batch(["c", "a", "b"].map { ($0, .integer(1)) })
    let own = try batch(["x", "b", "y"].map { ($0, .integer(2)) })
    var fields = LineFields(FlatLayout(), names: nil)
    fields.begin(at: LineFields.Mark())
    fields.add(shared.records[0].attributes, under: .empty, shared)
    var names = SharedNames()
    names.take(&fields)
    fields.begin(at: fields.mark)
    fields.add(own.records[0].attributes, under: .empty, own)
    fields.drop(names)
    #expect(self.names(fields) == ["x", "y"])
  }

  @Test func whatIsEmptyIsNoFieldHoweverLongItsName() throws {
    let long = String(repeating: "n", count: 129)
    let empty = [Message.text(""), .bytes(7, []), Message()]
    let batch = try batch(empty.map { (long, $0) } + [("full", .text("x"))])
    var layout = FlatLayout()
    layout.maxFieldNameBytes = 128
    var fields = LineFields(layout, names: nil)
    fields.begin(at: LineFields.Mark())
    fields.add(batch.records[0].attributes, under: ("p." as StaticString).rawBytes, batch)
    #expect(names(fields) == ["p.full"] && fields.overflow == nil)
  }
}

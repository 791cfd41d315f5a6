import Testing

@testable import LogPipeline

@Suite struct FieldIndexTests {
  private typealias Field = (name: String, value: String, rank: FieldRank)

  /// Writes fields behind two bytes of something else, has repeated ones removed, and returns what then stands there.
  private func settled(_ fields: [Field]) -> String {
    var bytes = ByteWriter(capacityBytes: 64)
    bytes.append("##")
    var index = FieldIndex()
    for field in fields { write(field, to: &bytes, noting: &index) }
    index.removeRepeated(from: &bytes)
    // What is kept of each field is where it now stands.
    for field in index.fields {
      let text = bytes.array
      #expect(text[field.start] == UInt8(ascii: ",") && text[field.nameEnd] == UInt8(ascii: "\""))
    }
    #expect(index.fields.map(\.start) == index.fields.map(\.start).sorted())
    return String(decoding: bytes.array.dropFirst(2), as: UTF8.self)
  }

  private func write(_ field: Field, to bytes: inout ByteWriter, noting index: inout FieldIndex) {
    let start = bytes.count
    bytes.append(text: ",\"\(field.name)")
    let nameEnd = bytes.count
    bytes.append(text: "\":\(field.value)")
    index.note(from: start, nameEnd: nameEnd, rank: field.rank, in: bytes)
  }

  @Test func fieldsOfDifferentNamesStayAsTheyAre() {
    #expect(settled([("a", "1", .attribute), ("b", "2", .attribute), ("ab", "3", .body)]) == #","a":1,"b":2,"ab":3"#)
    #expect(settled([]) == "")
  }

  @Test func ofANameTheMostSpecificStaysAndOfThoseTheLast() {
    #expect(settled([("a", "1", .attribute), ("b", "2", .attribute), ("a", "3", .attribute)]) == #","b":2,"a":3"#)
    #expect(settled([("a", "1", .time), ("a", "2", .attribute), ("c", "3", .fixed)]) == #","a":1,"c":3"#)
    #expect(
      settled([("a", "1", .body), ("a", "22", .fixed), ("a", "333", .body), ("b", "4", .body), ("b", "5", .body)])
        == #","a":22,"b":5"#)
  }

  @Test func manyRepeatedNamesAreRemovedAtOnce() {
    let fields: [Field] = (0..<5000).map { ("name\($0 % 7)", "\($0)", .attribute) }
    #expect(settled(fields) == (4993..<5000).map { ",\"name\($0 % 7)\":\($0)" }.joined())
  }

  @Test func fieldsThatARecordHasItselfAreTakenFromAnother() {
    var bytes = ByteWriter()
    var index = FieldIndex()
    for name in ["a", "b", "c"] { write((name, "1", .attribute), to: &bytes, noting: &index) }
    var shared = SharedFields()
    shared.take(&index, from: &bytes, start: 0)
    var own = FieldIndex()
    for name in ["x", "b", "y"] { write((name, "2", .attribute), to: &bytes, noting: &own) }
    own.removeFields(of: shared, from: &bytes)
    #expect(String(decoding: bytes.array, as: UTF8.self) == #","x":2,"y":2"# && own.count == 2)
  }

  @Test func anEmptiedTableHoldsNothing() {
    var marks = MarkTable(bits: 4)
    let first = (0..<16).map { marks.set($0) }
    let again = marks.set(16)
    #expect(!first.contains(true) && again)
    #expect(marks.mayHold(0) == true)
    marks.removeAll()
    #expect((0..<16).map { marks.mayHold($0) } == [Bool](repeating: false, count: 16))
  }

  @Test func fingerprintsTellNamesOfAnyLengthApart() {
    var seen: Set<UInt64> = []
    for count in 0...40 {
      for place in 0..<max(count, 1) {
        var name = [UInt8](repeating: UInt8(ascii: "n"), count: count)
        if count > 0 { name[place] = UInt8(ascii: "m") }
        seen.insert(name.withUnsafeBytes { Fingerprint.of($0) })
      }
    }
    #expect(seen.count == 1 + (1...40).reduce(0, +))
  }
}

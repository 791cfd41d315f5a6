import FrameQueues
import LogPipeline
import Testing

@Suite struct SectionsTests {
  /// A section as a test sees it.
  private struct Found: Equatable {
    var fields: String
    var content: [UInt8]
    var records: Int?
  }

  private func read(_ bytes: [UInt8], as format: BodyFormat) -> (found: [Found], offset: Int, isMalformed: Bool) {
    bytes.withUnsafeBytes { memory in
      var sections = Sections(memory, as: format)
      var found: [Found] = []
      var taken = 0
      while let section = sections.next() {
        taken += section.byteCount
        #expect(taken == sections.offset)
        let fields = String(decoding: memory[section.fields], as: UTF8.self)
        found.append(Found(fields: fields, content: Array(memory[section.content]), records: section.records))
      }
      return (found, sections.offset, sections.isMalformed)
    }
  }

  private func marked(_ fields: String, _ content: [UInt8], records: Int) -> [UInt8] {
    var head = [UInt8](repeating: 0, count: SectionMark.headBytes)
    let written = SectionMark.Head(fieldsBytes: fields.utf8.count, contentBytes: content.count, records: records)
    head.withUnsafeMutableBytes { if let base = $0.baseAddress { written.write(to: base) } }
    return head + Array(fields.utf8) + content
  }

  private static let bodies: [(BodyFormat, [UInt8])] = [
    (.bulk, Array("{\"create\":{}}\n{\"a\":\"\\u0000\"}\n{\"create\":{}}\n{}\n".utf8)),
    (.jsonline, Array("{}\n{}\n".utf8)),
    (.otlp, Message.request(records: .int(2, 0), .text("\u{0}\u{1}")).bytes),
  ]

  @Test(arguments: bodies) func marksSayWhoseRecordsAre(_ format: BodyFormat, _ body: [UInt8]) {
    let bytes = marked("A: 1", body, records: 2) + marked("", body, records: 2) + marked("A: 1", body, records: 2)
    let (found, offset, isMalformed) = read(bytes, as: format)
    #expect(
      found == [
        Found(fields: "A: 1", content: body, records: 2), Found(fields: "", content: body, records: 2),
        Found(fields: "A: 1", content: body, records: 2),
      ])
    #expect(offset == bytes.count && !isMalformed)
  }

  @Test(arguments: bodies) func whatHasNoMarkEndsAtTheNext(_ format: BodyFormat, _ body: [UInt8]) {
    let bytes = body + body + marked("B: 2", body, records: 2) + body
    #expect(
      read(bytes, as: format).found == [
        Found(fields: "", content: body + body), Found(fields: "B: 2", content: body, records: 2),
        Found(fields: "", content: body),
      ])
    #expect(read(body, as: format).found == [Found(fields: "", content: body)])
    #expect(read([], as: format).found.isEmpty)
    #expect(body.withUnsafeBytes { format.count(in: $0) } == 2)
  }

  /// Whatever is cut off, no byte of one section is taken for one of another's.
  @Test(arguments: bodies) func aMarkThatIsCutIsNone(_ format: BodyFormat, _ body: [UInt8]) {
    let first = marked("A: 1", body, records: 2)
    let bytes = first + marked("B: 2", body, records: 2)
    for end in 0..<bytes.count {
      let (found, offset, isMalformed) = read(Array(bytes[..<end]), as: format)
      #expect(found == (end < first.count ? [] : [Found(fields: "A: 1", content: body, records: 2)]))
      #expect(isMalformed == (end != 0 && end != first.count))
      #expect(offset == (end < first.count ? 0 : first.count))
    }
  }

  @Test func marksOfAnotherFormAndFieldsBeyondTheLimitAreNone() {
    var other = marked("A: 1", [1], records: 1)
    other[1] = 3
    #expect(read(other, as: .jsonline).isMalformed)
    let most = String(repeating: "a", count: SectionMark.maxFieldsBytes)
    #expect(read(marked(most, [10], records: 1), as: .jsonline).found.count == 1)
    #expect(read(marked(most + "a", [10], records: 1), as: .jsonline).isMalformed)
  }

  /// A body of OTLP that cannot be read hides no mark.
  @Test func whatCannotBeReadIsNotGuessedAt() {
    let (found, offset, isMalformed) = read([0x0A, 0x7F, 0, 1, 2], as: .otlp)
    #expect(found.isEmpty && offset == 0 && isMalformed)
  }
}

import LogPipeline
import Testing

@Suite struct BodyFormatTests {
  private func pieces(_ format: BodyFormat, _ bytes: [UInt8], records: Int) -> [BodyFormat.Piece] {
    bytes.withUnsafeBytes { format.pieces(of: $0, records: records) }
  }

  private func texts(_ format: BodyFormat, _ text: String, records: Int) -> [String] {
    let bytes = Array(text.utf8)
    return pieces(format, bytes, records: records).map { String(decoding: bytes[$0.range], as: UTF8.self) }
  }

  @Test func bulkBodiesFallIntoPairsOfLines() {
    #expect(texts(.bulk, "a1\nd1\na2\nd2\n", records: 2) == ["a1\nd1\n", "a2\nd2\n"])
  }

  @Test func jsonLinesFallIntoLines() {
    #expect(texts(.jsonline, "{}\n{\"a\":1}\n", records: 2) == ["{}\n", "{\"a\":1}\n"])
  }

  @Test func whatDoesNotLieAsTheFormatSaysStaysWhole() {
    #expect(texts(.jsonline, "{}\n{}\n", records: 3) == ["{}\n{}\n"])
    #expect(texts(.jsonline, "{}\n{}", records: 1) == ["{}\n{}"])
    #expect(texts(.text, "a\nb\n", records: 2) == ["a\nb\n"])
    #expect(pieces(.otlp, [0x0A, 0x7F], records: 4) == [.init(range: 0..<2, records: 4)])
  }

  @Test(arguments: BodyFormat.allCases) func recordsWithoutBytesAreOnePiece(format: BodyFormat) {
    #expect(pieces(format, [], records: 7) == [.init(range: 0..<0, records: 7)])
  }

  @Test func resourceLogsAreCountedByTheirRecords() {
    let one = Message.request(records: .int(2, 1)).bytes
    let two = Message.request(records: .int(2, 1), .int(2, 2)).bytes
    let expected = [
      BodyFormat.Piece(range: 0..<one.count, records: 1),
      BodyFormat.Piece(range: one.count..<one.count + two.count, records: 2),
    ]
    #expect(pieces(.otlp, one + two, records: 3) == expected)
  }
}

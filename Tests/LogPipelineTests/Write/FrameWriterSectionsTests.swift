import FrameQueues
import LogPipeline
import Testing

/// Sections in the frames of a writer.
@Suite struct FrameWriterSectionsTests {
  /// What the sections of each frame hold, as `fields=content` with the number of records.
  private func sections(_ frames: borrowing FrameWriter) -> [[String]] {
    let bytes = frames.bytes.array
    var start = 0
    return frames.frames.map { mark in
      let frame = Array(bytes[start..<mark.endOffset])
      start = mark.endOffset
      return frame.withUnsafeBytes { memory in
        Sections(memory, as: .jsonline).map { section in
          let texts = [section.fields, section.content].map { String(decoding: memory[$0], as: UTF8.self) }
          return "\(texts[0])=\(texts[1].replacing("\n", with: ";"))\(section.records.map { "\($0)" } ?? "-")"
        }
      }
    }
  }

  private func begin(_ fields: String, in frames: inout FrameWriter) throws {
    let bytes = Array(fields.utf8)
    try frames.beginSection(bytes.span.bytes)
  }

  private func write(_ record: String, to frames: inout FrameWriter) throws {
    frames.bytes.append(text: record + "\n")
    try frames.endRecord()
  }

  @Test func recordsStandBehindTheFieldsThatTheyGoUnder() throws {
    var frames = FrameWriter()
    for (fields, record) in [("A: 1", "a"), ("A: 1", "b"), ("", "c"), ("B: 2", "d"), ("A: 1", "e")] {
      try begin(fields, in: &frames)
      try write(record, to: &frames)
    }
    try frames.finish()
    #expect(sections(frames) == [["A: 1=a;b;2", "=c;1", "B: 2=d;1", "A: 1=e;1"]])
    #expect(frames.records == 5 && frames.frames.last?.endOffset == frames.bytes.count)
  }

  @Test func everyFrameBeginsWithAMark() throws {
    var frames = FrameWriter(frameBytes: 40)
    try begin("A: 1", in: &frames)
    for record in 0..<5 { try write("record \(record)", to: &frames) }
    try frames.finish()
    #expect(
      sections(frames) == [["A: 1=record 0;record 1;record 2;3"], ["A: 1=record 3;record 4;2"]])
  }

  @Test func noMarkStaysWithoutRecords() throws {
    var frames = FrameWriter(frameBytes: 20)
    frames.keepsDropped = true
    for (fields, isDropped) in [("A: 1", true), ("B: 2", false), ("C: 3", true), ("D: 4", true)] {
      try begin(fields, in: &frames)
      let start = frames.bytes.count
      frames.bytes.append("line\n")
      if isDropped {
        try frames.dropRecord(.tooOld, from: start)
        try frames.keep(Array("line\n".utf8), because: .tooOld)
      } else {
        try frames.endRecord()
      }
    }
    try frames.finish()
    #expect(sections(frames) == [["B: 2=line;1"]])
    #expect(frames.frames.last?.endOffset == frames.bytes.count && frames.dropped.total == 3)
    #expect(frames.kept.map { String(decoding: $0.fields, as: UTF8.self) } == ["A: 1", "C: 3", "D: 4"])
  }

  @Test func nothingAtAllLeavesNothing() throws {
    var frames = FrameWriter()
    try begin("A: 1", in: &frames)
    try frames.finish()
    #expect(frames.bytes.count == 0 && frames.frames.isEmpty)
    try begin("A: 1", in: &frames)
    frames.removeAll()
    try write("a", to: &frames)
    try frames.finish()
    #expect(sections(frames) == [["=a;-"]])
  }

  @Test func fieldsBeyondTheLimitAreRefused() throws {
    var frames = FrameWriter()
    let most = String(repeating: "a", count: SectionMark.maxFieldsBytes)
    try begin(most, in: &frames)
    #expect(throws: EncodeError.tooLarge(bytes: 4097, limitBytes: 4096)) { try begin(most + "a", in: &frames) }
  }
}

/// Sections of records whose requests' metadata is known.
@Suite struct FrameWriterMetadataTests {
  private func written(
    _ metadata: String, _ sections: [(fields: String, record: String)], frameBytes: Int = 1 << 20
  ) throws -> [(fields: String, form: UInt8)] {
    var frames = FrameWriter(frameBytes: frameBytes)
    frames.metadata = Array(metadata.utf8)
    for (fields, record) in sections {
      let bytes = Array(fields.utf8)
      try frames.beginSection(bytes.span.bytes)
      frames.bytes.append(text: record + "\n")
      try frames.endRecord()
    }
    try frames.finish()
    return frames.bytes.array.withUnsafeBytes { bytes in
      Sections(bytes, as: .jsonline).map { section in
        let start = section.fields.lowerBound - SectionMark.headBytes
        return (String(decoding: bytes[section.fields], as: UTF8.self), bytes[start + 1])
      }
    }
  }

  @Test func itStandsInEveryMarkBehindTheFields() throws {
    let found = try written(":k: v", [("", "a"), ("", "b"), ("A: 1", "c"), ("A: 1", "d"), ("", "e")])
    #expect(found.map(\.fields) == [":k: v", "A: 1\n:k: v", ":k: v"])
    #expect(found.allSatisfy { $0.form == 2 })
  }

  @Test func itGoesOnInTheNextFrame() throws {
    let found = try written(":k: v", [("", "record 1"), ("", "record 2"), ("", "record 3")], frameBytes: 10)
    #expect(found.map(\.fields) == [":k: v", ":k: v", ":k: v"] && found.allSatisfy { $0.form == 2 })
  }

  /// What earlier versions read stays as they read it.
  @Test func withoutItMarksHaveTheFirstForm() throws {
    let found = try written("", [("A: 1", "a"), ("", "b")])
    #expect(found.map(\.form) == [1, 1] && found.map(\.fields) == ["A: 1", ""])
  }

  @Test func fieldsAndMetadataHaveALimitTogether() throws {
    let metadata = ":k: " + String(repeating: "v", count: 3000)
    let most = SectionMark.maxFieldsBytes - metadata.utf8.count - 1
    #expect(try written(metadata, [(String(repeating: "a", count: most), "r")]).count == 1)
    #expect(throws: EncodeError.tooLarge(bytes: 4097, limitBytes: 4096)) {
      try written(metadata, [(String(repeating: "a", count: most + 1), "r")])
    }
  }
}

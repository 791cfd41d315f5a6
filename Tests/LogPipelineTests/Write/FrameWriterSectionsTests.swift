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

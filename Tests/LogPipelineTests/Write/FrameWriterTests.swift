import FrameQueues
import Testing

@testable import LogPipeline

@Suite struct FrameWriterTests {
  @Test func aFrameClosesAtTheFirstRecordThatFillsIt() throws {
    var frames = FrameWriter(frameBytes: 10)
    frames.bytes.append([UInt8](repeating: 1, count: 9))
    #expect(try !frames.endRecord() && !frames.isFrameFull)
    frames.bytes.append(2)
    #expect(frames.isFrameFull == true)
    #expect(try frames.endRecord())
    #expect(frames.frames == [FrameMark(endOffset: 10, records: 2)] && frames.frameStart == 10)
    frames.bytes.append(3)
    #expect(try !frames.endRecords(4))
    try frames.finish()
    #expect(frames.frames.last == FrameMark(endOffset: 11, records: 4) && frames.records == 6)
  }

  @Test func withoutRecordsThereIsNoFrame() throws {
    var frames = FrameWriter()
    try frames.finish()
    #expect(frames.frames.isEmpty && frames.records == 0)
  }

  @Test func theLimitIsTakenAndNotOneByteMore() throws {
    var frames = FrameWriter(frameBytes: 1, maxBytes: 100)
    frames.bytes.append([UInt8](repeating: 1, count: 100))
    #expect(try frames.endRecord())
    frames.bytes.append(1)
    #expect(throws: EncodeError.tooLarge(bytes: 101, limitBytes: 100)) { try frames.endRecord() }
  }

  @Test func aDroppedRecordLeavesNoByteAndCountsAsWork() throws {
    var frames = FrameWriter(frameBytes: 1000, maxBytes: 100)
    frames.bytes.append([1, 2])
    try frames.endRecord()
    frames.bytes.append([UInt8](repeating: 3, count: 60))
    try frames.dropRecord(.lineTooLong, from: 2)
    #expect(frames.bytes.array == [1, 2] && frames.dropped[.lineTooLong] == 1 && frames.dropped.total == 1)
    try frames.keep([UInt8](repeating: 4, count: 38), because: .lineTooLong)
    #expect(frames.kept.map(\.reason) == [.lineTooLong] && frames.kept.map(\.bytes.count) == [38])
    #expect(throws: EncodeError.tooLarge(bytes: 101, limitBytes: 100)) {
      try frames.keep([5], because: .lineTooLong)
    }
    frames.bytes.append([6, 7, 8])
    #expect(throws: EncodeError.tooLarge(bytes: 104, limitBytes: 100)) {
      try frames.dropRecord(.tooManyFields, from: 2)
    }
  }

  @Test func anEmptiedWriterKnowsNothingOfTheBatchBefore() throws {
    var frames = FrameWriter(frameBytes: 1, maxBytes: 10)
    frames.bytes.append([1, 2, 3])
    try frames.endRecord()
    frames.bytes.append([UInt8](repeating: 1, count: 7))
    try frames.dropRecord(.tooOld, from: 3)
    var changes = FieldChanges()
    changes.renamedFields = 2
    frames.count(changes)
    frames.count(changes)
    #expect(frames.changes.renamedFields == 4)
    frames.removeAll()
    #expect(frames.bytes.count == 0 && frames.frames.isEmpty && frames.dropped.total == 0 && frames.kept.isEmpty)
    #expect(frames.changes == FieldChanges() && frames.frameStart == 0)
    // What was dropped before no longer counts towards the limit.
    frames.bytes.append([UInt8](repeating: 1, count: 10))
    #expect(try frames.endRecord())
  }
}

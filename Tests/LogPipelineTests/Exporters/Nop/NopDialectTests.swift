import FrameQueues
import LogPipeline
import Testing

@Suite struct NopDialectTests {
  @Test func recordsAreCountedWithoutBytes() throws {
    let encoded = try Encoded(.request(records: .record(), .record(), .record()), as: NopDialect())
    #expect(encoded.marks == [FrameMark(endOffset: 0, records: 3)])
    #expect(encoded.bytes.isEmpty)
  }

  @Test func noRecordsAreNoFrame() throws {
    #expect(try Encoded(Message(), as: NopDialect()).marks.isEmpty)
  }

  @Test func bodiesAreDiscarded() {
    #expect(NopDialect().route == .discard)
    [UInt8]().withUnsafeBytes {
      #expect(NopDialect().judge(Answer(.local), to: $0, records: 3) == .delivered(duplicates: 0))
      #expect(NopDialect().middle(of: $0) == nil)
    }
  }
}

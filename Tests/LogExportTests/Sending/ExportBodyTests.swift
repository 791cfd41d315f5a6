import FrameQueues
import Testing

@testable import LogExport

@Suite struct ExportBodyTests {
  private func bytes(_ body: ExportBody) -> [UInt8] { body.withUnsafeBytes { Array($0) } }

  @Test func otherBytesStandForTheSameRecords() {
    let whole = body(Array("abcdef".utf8), records: 3)
    let longer = whole.written(as: Array("{\"a\":\"abcdef\"}".utf8))
    #expect(bytes(longer) == Array("{\"a\":\"abcdef\"}".utf8) && longer.byteCount == 14)
    #expect(longer.records == 3 && longer.totals == whole.totals)
    #expect(bytes(whole) == Array("abcdef".utf8))
    let none = whole.written(as: [])
    #expect(bytes(none) == [] && none.totals == whole.totals)
  }

  @Test func partsAreCutToTheBody() {
    let whole = body(Array("abcdef".utf8), records: 3)
    #expect(bytes(whole.part(1..<3, records: 1)) == Array("bc".utf8))
    #expect(bytes(whole.part(4..<99, records: 1)) == Array("ef".utf8))
    #expect(bytes(whole.copy(of: [0..<1, 5..<9], records: 2)) == Array("af".utf8))
  }

  @Test func whatIsDetachedIsTheSame() {
    let part = body(Array("abcdef".utf8), records: 3).part(2..<4, records: 1)
    #expect(bytes(part.detached) == Array("cd".utf8) && part.detached.totals == part.totals)
  }
}

import Testing

@testable import LogPipeline

@Suite struct OTTLRunStoreTests {
  /// The value that a constant is once it is stored, and how much the batch has grown.
  private func stored(_ constant: OTTLConstant, limits: OTTLLimits = OTTLLimits()) throws -> (Readable, growth: Int) {
    var code = OTTLCode()
    let value = code.value(constant)
    var run = OTTLRun(code, request: RequestContext(), limits: limits)
    let stored = try run.stored(value, depth: 1)
    return (run.batch.readable(stored), run.growth)
  }

  @Test func whatIsNoUTF8IsRepaired() throws {
    #expect(try stored(.string([0x61, 0xFF, 0x62])).0 == "a\u{FFFD}b")
    #expect(try stored(.string([0xE2, 0x82])).0 == "\u{FFFD}")
    #expect(try stored(.bytes([0xFF])).0 == .bytes([0xFF]))
    var batch = try OTTLTesting.batch(#""body":{"stringValue":"aä"}"#)
    var run = OTTLRun(OTTLCode(), request: RequestContext())
    swap(&run.batch, &batch)
    let cut = OTTLValue(run.batch.records[0].body).text.part(0..<2)
    let value = try run.stored(.string(cut), depth: 1)
    #expect(run.batch.readable(value) == "a\u{FFFD}")
  }

  @Test func memoryIsCountedBeforeItIsTaken() throws {
    var limits = OTTLLimits()
    limits.maxGrowthBytes = 3 * MemoryLayout<Attribute>.stride
    #expect(try stored(.list([.int(1), .int(2), .int(3)]), limits: limits).growth == 72)
    #expect(throws: OTTLFault.noRoom) {
      try stored(.list([.int(1), .int(2), .int(3), .int(4)]), limits: limits)
    }
    limits.maxGrowthBytes = 4
    #expect(try stored(.text("abcd"), limits: limits).0 == "abcd")
    #expect(throws: OTTLFault.noRoom) { try stored(.text("abcde"), limits: limits) }
  }

  @Test func nestingIsCounted() throws {
    var limits = OTTLLimits()
    limits.maxDepth = 2
    #expect(try stored(.list([.int(1)]), limits: limits).0 == .array([1]))
    #expect(throws: OTTLFault.tooDeep) { try stored(.list([.list([])]), limits: limits) }
  }
}

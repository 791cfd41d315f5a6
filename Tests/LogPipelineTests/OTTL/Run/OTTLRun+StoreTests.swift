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
  }

  /// Texts of the program are the configuration's, those that are computed the request's.
  @Test func textsOfTheProgramAreNotCounted() throws {
    var limits = OTTLLimits()
    limits.maxGrowthBytes = 14
    #expect(try stored(.text(String(repeating: "a", count: 100)), limits: limits).growth == 0)
    var run = OTTLRun(OTTLCode(), request: RequestContext(), limits: limits)
    let text = try run.text(of: Array("abcde".utf8)[...])
    for _ in 0..<2 { _ = try run.storedText(text) }
    #expect(run.growth == 10)
    #expect(throws: OTTLFault.noRoom) { try run.storedText(text) }
    #expect(run.excess == OTTLExcess(wanted: 15, allowed: 14, unit: .bytes, option: "limits.max_growth"))
  }

  /// It takes time for all of the batch, and is done where an eighth of that was written since.
  @Test func aBatchIsCompactedWhereItIsWorthTheTime() throws {
    var limits = OTTLLimits()
    limits.maxGrowthBytes = 800
    var batch = try OTTLTesting.batch(#""body":{"stringValue":"a"}"#)
    let start = batch.byteCount
    for (growth, isWorth) in [((800 + start) / 8, false), ((800 + start) / 8 + 1, true)] {
      var run = OTTLRun(OTTLCode(), request: RequestContext(), limits: limits)
      swap(&run.batch, &batch)
      run.startBytes = start
      run.growth = growth
      let isDone = run.compact()
      #expect(isDone == isWorth)
      // What the text of the request was, beside its body, is gone.
      #expect(isDone ? run.growth < 0 && run.batch.byteCount == start + run.growth : run.growth == growth)
      let again = run.compact()
      #expect(!again)
      swap(&run.batch, &batch)
      OTTLTesting.expectInvariants(of: batch)
      #expect(batch.bodies == ["a"])
    }
  }

  @Test func nestingIsCounted() throws {
    var limits = OTTLLimits()
    limits.maxDepth = 2
    #expect(try stored(.list([.int(1)]), limits: limits).0 == .array([1]))
    #expect(throws: OTTLFault.tooDeep) { try stored(.list([.list([])]), limits: limits) }
  }
}

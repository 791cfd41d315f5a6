import Testing

@testable import LogPipeline

@Suite struct OTTLRunTests {
  @Test func textsAreWrittenAndForgotten() throws {
    var run = OTTLRun(OTTLCode(), request: RequestContext())
    let first = try run.text(of: Array("abc".utf8)[...])
    let second = try run.text(of: Array("de".utf8)[...])
    #expect(Array(run.bytes(first)) == Array("abc".utf8))
    #expect(Array(run.bytes(second)) == Array("de".utf8))
    #expect(Array(run.bytes(first.part(1..<9))) == Array("bc".utf8))
    let found1 = run.bytes(first.part(5..<9)).isEmpty
    #expect(found1)
    let edits = run.edits
    run.forget()
    let found2 = run.bytes(second).isEmpty
    #expect(found2)
    #expect(run.edits != edits)
    run.forget()
    #expect(run.edits == edits + 1)
  }

  @Test func aStatementTakesNoMoreMemoryThanItMay() throws {
    var limits = OTTLLimits()
    limits.maxGrowthBytes = 100
    var run = OTTLRun(OTTLCode(), request: RequestContext(), limits: limits)
    _ = try run.text(of: Array(repeating: 0x61, count: 50)[...])
    #expect(throws: OTTLFault.noRoom) { try run.makeRoom(51) }
    try run.makeRoom(50)
    _ = run.begin()
    try run.add(.int(1))
    #expect(throws: OTTLFault.noRoom) { try run.add(.int(1)) }
  }
}

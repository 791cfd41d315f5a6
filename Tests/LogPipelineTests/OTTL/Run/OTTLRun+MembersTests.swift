import Testing

@testable import LogPipeline

@Suite struct OTTLRunMembersTests {
  @Test func listsAndMapsAreBuiltInnermostFirst() throws {
    var code = OTTLCode()
    let key = code.add(bytes: Array("k".utf8))
    var run = OTTLRun(code, request: RequestContext())
    let outer = run.begin()
    try run.add(.int(1))
    let inner = run.begin()
    try run.add(key, .int(2))
    try run.add(key, .int(3))
    try run.add(run.uniqueMap(from: inner))
    let list = run.list(from: outer)
    #expect(
      run.constant(list) == .list([.int(1), .map([.init(key: Array("k".utf8), value: .int(3))])]))
    let found3 = run.member(5, of: list).isNone
    #expect(found3)
    let found4 = run.member(-1, of: list).isNone
    #expect(found4)
    let found5 = run.key(0, of: list).isEmpty
    #expect(found5)
    #expect(run.open.isEmpty)
  }
}

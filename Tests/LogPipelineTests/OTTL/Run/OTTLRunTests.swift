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

  @Test(arguments: [5, 16, 17, 300]) func keysAreFoundInMapsOfAnySize(_ count: Int) throws {
    var run = OTTLRun(OTTLCode(), request: RequestContext())
    let start = run.begin()
    for number in 0..<count {
      let key = try run.text(of: Array("key\(number)".utf8)[...])
      try run.add(key, .int(Int64(number)))
    }
    let map = run.map(from: start)
    let keys = KeyPlaces(of: map, in: run)
    for number in 0..<count {
      let key = try run.text(of: Array("key\(number)".utf8)[...])
      let (place, index) = (keys.place(of: run.bytes(key), in: map, run), run.index(of: run.bytes(key), in: map))
      #expect(place == number && index == number)
    }
    let other = try run.text(of: Array("key".utf8)[...])
    let place = keys.place(of: run.bytes(other), in: map, run)
    #expect(place == nil)
  }
}

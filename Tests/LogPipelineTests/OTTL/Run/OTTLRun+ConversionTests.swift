import Testing

@testable import LogPipeline

@Suite struct OTTLRunConversionTests {
  /// A run over nothing with a constant in it.
  private func converted<T>(
    _ constant: OTTLConstant, _ convert: (inout OTTLRun, OTTLValue) throws(OTTLFault) -> T
  ) throws -> T {
    var code = OTTLCode()
    let value = code.value(constant)
    var run = OTTLRun(code, request: RequestContext())
    return try convert(&run, value)
  }

  private func textLike(_ constant: OTTLConstant) throws -> String? {
    try converted(constant) { (run, value) throws(OTTLFault) in
      try run.textLike(value).map { String(decoding: run.bytes($0), as: UTF8.self) }
    }
  }

  @Test(arguments: [
    (OTTLConstant.text("a"), "a"), (.bool(true), "true"), (.int(-5), "-5"), (.double(200), "200"),
    (.double(1.5), "1.5"),
    (.bytes([0, 0xAB]), "00ab"), (.list([.int(1), .text("x\""), .none, .bytes([1])]), #"[1,"x\"",null,"AQ=="]"#),
    (.map([.init(key: Array("k".utf8), value: .list([]))]), #"{"k":[]}"#),
  ])
  func textsAreMadeOfValues(_ constant: OTTLConstant, _ text: String) throws {
    #expect(try textLike(constant) == text)
  }

  @Test(arguments: [
    (OTTLConstant.time(1), "\"1970-01-01T00:00:00.000000001Z\""), (.time(0), "\"1970-01-01T00:00:00Z\""),
    (.duration(-3_000_000_000), "-3000000000"),
    (.traceID(TraceID(high: 1, low: 0xAB)), "000000000000000100000000000000ab"),
    (.traceID(.none), "00000000000000000000000000000000"), (.spanID(0xAB), "00000000000000ab"),
    (.list([.time(0), .duration(1), .spanID(1)]), #"["1970-01-01T00:00:00Z",1,"0000000000000001"]"#),
    (.map([.init(key: Array("t".utf8), value: .traceID(.none))]), #"{"t":"00000000000000000000000000000000"}"#),
  ])
  func timesAndIDsHaveATextToo(_ constant: OTTLConstant, _ text: String) throws {
    #expect(try textLike(constant) == text)
  }

  @Test func nilHasNoText() throws {
    #expect(try textLike(.none) == nil)
  }

  @Test(arguments: [
    (OTTLConstant.int(3), 3 as Int64?), (.bool(true), 1), (.double(-2.9), -2), (.text("+12"), 12), (.text("2.0"), nil),
    (.text(""), nil), (.text("9223372036854775808"), nil), (.none, nil), (.double(.infinity), Int64.min),
    (.double(.nan), Int64.min),
  ])
  func wholeNumbersAreMadeOfValues(_ constant: OTTLConstant, _ number: Int64?) throws {
    #expect(try converted(constant) { (run, value) throws(OTTLFault) in try run.intLike(value) } == number)
  }

  @Test(arguments: [
    (OTTLConstant.int(3), 3 as Double?), (.bool(false), 0), (.text("1e3"), 1000), (.double(0.5), 0.5), (.none, nil),
  ])
  func doublesAreMadeOfValues(_ constant: OTTLConstant, _ number: Double?) throws {
    #expect(try converted(constant) { (run, value) throws(OTTLFault) in try run.doubleLike(value) } == number)
  }

  @Test(arguments: [
    (OTTLConstant.int(3), true as Bool?), (.double(0), false), (.text("T"), true), (.text("FALSE"), false),
    (.none, nil),
  ])
  func truthValuesAreMadeOfValues(_ constant: OTTLConstant, _ truth: Bool?) throws {
    #expect(try converted(constant) { (run, value) throws(OTTLFault) in try run.boolLike(value) } == truth)
  }

  @Test func textThatIsNoNumberOrTruthValueIsAFault() {
    #expect(throws: OTTLFault.badText) {
      try converted(.text("x")) { (run, value) throws(OTTLFault) in try run.doubleLike(value) }
    }
    #expect(throws: OTTLFault.badText) {
      try converted(.text("yes")) { (run, value) throws(OTTLFault) in try run.boolLike(value) }
    }
    #expect(throws: OTTLFault.wrongType) {
      try converted(.list([])) { (run, value) throws(OTTLFault) in try run.intLike(value) }
    }
  }

  @Test(arguments: [
    (OTTLConstant.text("ab"), [0x61, 0x62] as [UInt8]?), (.bytes([9]), [9]), (.bool(true), [1]),
    (.int(258), [0, 0, 0, 0, 0, 0, 1, 2]),
    (.double(1), [0x3F, 0xF0, 0, 0, 0, 0, 0, 0]), (.none, nil),
  ])
  func bytesAreMadeOfValues(_ constant: OTTLConstant, _ bytes: [UInt8]?) throws {
    let found = try converted(constant) { (run, value) throws(OTTLFault) in
      try run.bytesLike(value).map { Array(run.bytes($0)) }
    }
    #expect(found == bytes)
  }
}

import Testing

@testable import LogPipeline

@Suite struct OTTLRunParseJSONTests {
  private func parsed(_ json: String, limits: OTTLLimits = OTTLLimits()) throws -> OTTLConstant? {
    var code = OTTLCode()
    let text = code.add(bytes: Array(json.utf8))
    var run = OTTLRun(code, request: RequestContext(), limits: limits)
    return run.constant(try run.parseJSON(text))
  }

  private func fault(_ json: String, limits: OTTLLimits = OTTLLimits()) -> OTTLFault? {
    do {
      _ = try parsed(json, limits: limits)
      return nil
    } catch {
      return error as? OTTLFault
    }
  }

  private static func member(_ key: String, _ value: OTTLConstant) -> OTTLConstant.Member {
    .init(key: Array(key.utf8), value: value)
  }

  @Test(arguments: [
    ("{}", OTTLConstant.map([])), ("[]", .list([])), (" [ 1 , -2.5e1 ] ", .list([.double(1), .double(-25)])),
    (
      #"{"a":"x","b":true,"c":null,"d":false}"#,
      .map([member("a", .text("x")), member("b", .bool(true)), member("c", .none), member("d", .bool(false))])
    ),
    (
      #"{"a":{"b":[{"c":1}]}}"#,
      .map([member("a", .map([member("b", .list([.map([member("c", .double(1))])]))]))])
    ),
    (#"{"k\n\u0041":"\"\\\/\u00e9\ud83d\ude00"}"#, .map([member("k\nA", .text("\"\\/é😀"))])),
    (#"{"a":1,"b":2,"a":3}"#, .map([member("b", .double(2)), member("a", .double(3))])),
    (#"{"":1,"x":2}"#, .map([member("", .double(1)), member("x", .double(2))])),
    (#"["\ud800"]"#, .list([.text("\u{FFFD}")])), ("[12345678901234567890]", .list([.double(12345678901234567168)])),
  ])
  func objectsAndArraysAreRead(_ json: String, _ expected: OTTLConstant) throws {
    #expect(try parsed(json) == expected)
  }

  @Test(arguments: [
    "", " ", "1", #""text""#, "null", "true", "{", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "[1] x", "{}{}",
    "[01]",
    "['a']", "[1e999]", "[\"\u{1}\"]", #"["\x"]"#, "[nul]", #"{"a":1,}"#, "{1:2}",
  ])
  func anythingElseIsAFault(_ json: String) {
    #expect(fault(json) == .badText)
  }

  @Test func nestingIsBounded() throws {
    var limits = OTTLLimits()
    limits.maxDepth = 8
    let nested = { (levels: Int) in String(repeating: "[", count: levels) + String(repeating: "]", count: levels) }
    #expect(fault(nested(8), limits: limits) == nil)
    #expect(fault(nested(9), limits: limits) == .tooDeep)
    #expect(fault(String(repeating: #"{"a":"#, count: 100_000)) == .tooDeep)
  }

  @Test func memoryIsBounded() throws {
    var limits = OTTLLimits()
    limits.maxGrowthBytes = 4096
    #expect(fault("[" + Array(repeating: "1", count: 80).joined(separator: ",") + "]", limits: limits) == nil)
    #expect(fault("[" + Array(repeating: "1", count: 103).joined(separator: ",") + "]", limits: limits) == .noRoom)
  }

  /// Many keys, some of them twice, are as many as they are different.
  @Test(arguments: [3, 16, 17, 1000]) func ofRepeatedKeysTheLastCounts(_ count: Int) throws {
    let members = (0..<count * 2).map { #""k\#($0 % count)":\#($0)"# }.joined(separator: ",")
    guard case .map(let found)? = try parsed("{\(members)}") else {
      Issue.record("expected a map")
      return
    }
    #expect(found.count == count)
    #expect(found.map(\.value) == (count..<count * 2).map { .double(Double($0)) })
  }
}

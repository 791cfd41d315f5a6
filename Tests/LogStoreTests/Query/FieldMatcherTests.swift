import Testing

@testable import LogStore

@Suite struct FieldMatcherTests {
  private static let nested = SampleValue.map([
    SamplePair("a", .map([SamplePair("b", .text("deep")), SamplePair("c.d", .int(5))])),
    SamplePair("a.b", .double(2.5)),
    SamplePair("list", .array([.text("one"), .map([SamplePair("two", .bool(true))])])), SamplePair("empty", .text("")),
    SamplePair("raw", .bytes([1])),
  ])

  private static let cases: [(String, String, Bool)] = [
    ("a.b", "deep", true), ("a.b", "2.5", true), ("a.c.d", "5", true), ("a", "deep", true), ("b", "deep", false),
    ("list", "one", true), ("list", "true", true), ("list.two", "true", false), ("a.b.c", "deep", false),
    ("", "deep", false),
    ("raw", "1", false),
  ]

  @Test(arguments: cases) func membersAreFoundByTheirPath(_ name: String, _ word: String, _ isFound: Bool) {
    #expect(has(name, .words(Needle(word))) == isFound)
  }

  private func has(_ name: String, _ test: QueryTest) -> Bool {
    var matcher = FieldMatcher(test)
    return Self.nested.message.withUnsafeBytes { bytes in
      var fields = WireFields(bytes)
      guard let map = fields.next() else { return false }
      return Array(name.utf8).withUnsafeBytes {
        matcher.matches($0, in: FieldMatcher.Pairs(1, map.content), of: bytes)
      }
    }
  }

  @Test func whatIsEmptyIsNotThere() {
    #expect(has("raw", .present) && has("a.c.d", .present) && !has("empty", .present) && !has("none", .present))
  }

  private static let compared: [(SampleValue, String, Bool)] = [
    (.int(5), ">4", true), (.int(5), ">5", false), (.int(5), ">=5", true), (.double(1.5), "<2", true),
    (.int(5), ">abc", false),
    (.text("10"), ">9", true), (.text("10ms"), ">9", false), (.text("b"), ">abc", true), (.text("ab"), "<=ab", true),
    (.bool(true), ">0", false), (.text(""), "<x", false), (.text("nan"), "<5", false),
  ]

  @Test(arguments: compared) func numbersAreComparedAsNumbers(_ value: SampleValue, _ test: String, _ holds: Bool)
    throws
  {
    let query = try QueryParser.parse("k\(test)", nowUnixNano: 0)
    guard case .field(.named("k"), let test) = query else {
      Issue.record("\(query)")
      return
    }
    var matcher = FieldMatcher(test)
    let message = value.message
    #expect(message.withUnsafeBytes { matcher.matches(value: 0..<$0.count, of: $0) } == holds)
  }

  @Test func valuesNestedTooDeepAreNotLookedAt() {
    var value = SampleValue.text("deep")
    for _ in 0..<Leaves.maxDepth { value = .array([value]) }
    var matcher = FieldMatcher(.words(Needle("deep")))
    let atLimit = value.message
    #expect(atLimit.withUnsafeBytes { matcher.matches(value: 0..<$0.count, of: $0) })
    let past = SampleValue.array([value]).message
    #expect(!past.withUnsafeBytes { matcher.matches(value: 0..<$0.count, of: $0) })
  }
}

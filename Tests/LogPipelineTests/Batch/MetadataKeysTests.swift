import Testing

@testable import LogPipeline

@Suite struct MetadataKeysTests {
  private func request(_ fields: [(String, String)], claims: [(String, String)] = []) -> RequestContext {
    var request = RequestContext()
    for (name, value) in fields { request.addField(name, value) }
    for (name, value) in claims { request.addClaim(name, value) }
    return request
  }

  private func text(_ keys: MetadataKeys, of request: RequestContext) throws(MetadataRefusal) -> String {
    String(decoding: try keys.text(of: request), as: UTF8.self)
  }

  @Test func namesAreComparedInLowerCaseAndSorted() {
    #expect(MetadataKeys(["X-B", "x-b", "X-A", "auth.Sub"]).names == ["auth.Sub", "x-a", "x-b"])
  }

  @Test func theTextHasEachValueOfEachKeyInTheOrderOfNames() throws {
    let keys = MetadataKeys(["X-Tenant", "x-env", "auth.subject"])
    let fields = [("X-TENANT", "a"), ("X-Other", "o"), ("x-env", "1"), ("X-Env", "2")]
    let full = request(fields, claims: [("subject", "s")])
    #expect(try text(keys, of: full) == ":auth.subject: s\n:x-env: 1\n:x-env: 2\n:x-tenant: a")
    #expect(try text(keys, of: request([("x-tenant", "")])) == ":x-tenant: ")
    #expect(try text(keys, of: request([])) == "")
    // What a header field says is not what authentication knows.
    #expect(try text(keys, of: request([("auth.subject", "forged")])) == "")
  }

  @Test func aValueHasALimit() throws {
    var keys = MetadataKeys(["k"])
    keys.maxValueBytes = 5
    #expect(try text(keys, of: request([("k", "12345")])) == ":k: 12345")
    let refusal = MetadataRefusal.longValue(key: "k", bytes: 6, limit: 5)
    #expect(throws: refusal) { try text(keys, of: request([("k", "123456")])) }
    #expect(refusal.message == "the value of \"k\" has 6 bytes: metadata_value_limit is 5 bytes")
  }

  @Test func allTogetherHaveALimit() throws {
    var keys = MetadataKeys(["k"])
    keys.maxValueBytes = MetadataKeys.maxTextBytes
    let most = MetadataKeys.maxTextBytes - ":k: ".utf8.count
    #expect(try text(keys, of: request([("k", String(repeating: "v", count: most))])).utf8.count == 3072)
    #expect(throws: MetadataRefusal.tooMuch(bytes: 3073, limit: 3072)) {
      try text(keys, of: request([("k", String(repeating: "v", count: most + 1))]))
    }
  }

  /// A line feed would end the line, and what follows would be another value.
  @Test(arguments: ["a\n:x-tenant: b", "a\rb", "a\u{7F}", "\u{0}"]) func controlsAreRefused(_ value: String) {
    let keys = MetadataKeys(["auth.subject"])
    #expect(throws: MetadataRefusal.control(key: "auth.subject")) {
      try text(keys, of: request([], claims: [("subject", value)]))
    }
  }

  @Test func aHeaderFieldIsMadeOfOneValueOnly() throws {
    var keys = MetadataKeys(["a", "b"])
    keys.headers = [MetadataHeader("X", key: "a")]
    #expect(try text(keys, of: request([("a", "1"), ("b", "1"), ("b", "2")])) == ":a: 1\n:b: 1\n:b: 2")
    #expect(throws: MetadataRefusal.ambiguous(key: "a", values: 2)) {
      try text(keys, of: request([("a", "1"), ("a", "1")]))
    }
  }

  @Test func keysOfTwoPlacesAreJoined() {
    var (one, other) = (MetadataKeys(["a", "b"]), MetadataKeys(["B", "c"]))
    (one.maxCombinations, one.maxValueBytes) = (10, 200)
    (other.maxCombinations, other.maxValueBytes) = (20, 100)
    let joined = one.joined(other)
    #expect(joined.names == ["a", "b", "c"] && joined.maxCombinations == 10 && joined.maxValueBytes == 100)
  }

  /// Whoever reads an answer learns the numbers and no value.
  @Test func onlyTooManyCombinationsPass() {
    #expect(MetadataRefusal.combinations(limit: 7).isPassing && !MetadataRefusal.control(key: "k").isPassing)
    #expect(MetadataRefusal.combinations(limit: 7).message.hasSuffix("metadata_cardinality_limit is 7"))
  }
}

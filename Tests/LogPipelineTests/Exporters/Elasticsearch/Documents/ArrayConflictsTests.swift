import Foundation
import Testing

@testable import LogPipeline

@Suite("Arrays that Elasticsearch rejects")
struct ArrayConflictsTests {
  typealias Mode = ElasticsearchOptions.MappingMode

  private static func options(_ mode: Mode, _ conflicts: ElasticsearchOptions.Conflicts = .stringify)
    -> ElasticsearchOptions
  {
    var options = ElasticsearchOptions()
    options.mappingMode = mode
    options.conflicts = conflicts
    return options
  }

  private static let rejected: [(TestValue, String)] = [
    (.array([1, .map([("a", 2)])]), #"[1,{"a":2}]"#),
    (.array([.map([]), "x"]), #"[{},"x"]"#),
    (.array([.array([1]), .array([.map([("a", 2)])])]), #"[[1],[{"a":2}]]"#),
    (.array([.map([("a", 1)]), .map([("a", .map([("b", 2)]))])]), #"[{"a":1},{"a":{"b":2}}]"#),
    (.array([.map([("a", .array([.map([("b", 1)])]))]), .map([("a", true)])]), #"[{"a":[{"b":1}]},{"a":true}]"#),
    (.array([.map([("a", .array(["x", .map([("q\"", "y\n")])]))])]), #"[{"a":["x",{"q\"":"y\n"}]}]"#),
    (.array([.bytes([1]), .map([])]), #"["AQ==",{}]"#),
  ]

  private static let taken: [TestValue] = [
    .array([]), .array([1, "x", true, 2.5, .empty]), .array([.array([1]), .array([.array(["x"])])]),
    .array([.map([("a", 1)]), .map([("a", "x")]), .map([("b", .map([("a", 1)]))])]),
    .array([.empty, .map([("a", 1)])]), .array([.double(.nan), .map([("a", 1)])]),
    .array([.map([("a", .empty)]), .map([("a", .map([("b", 1)]))])]),
    .array([.map([("a", .array([1, 2]))]), .map([("a", 3)])]),
    .array([.map([("ab", 1)]), .map([("a", .map([("b", 1)]))])]),
    .array([.map([("a", .array([.map([("a", 1)])]))])]),
  ]

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
  }

  @Test(arguments: rejected, [Mode.otel, .ecs, .none, .raw, .bodymap])
  func anArrayThatNoMappingTakesBecomesItsText(_ rejected: (TestValue, String), _ mode: Mode) throws {
    let text = #"v":"\#(Self.escaped(rejected.1))""#
    // A record alone, and records that are alike.
    for count in [1, 6] {
      let batch = BulkTestBatch()
      for _ in 0..<count {
        if mode == .bodymap { batch.record(.map([("v", rejected.0)])) } else { batch.record("b", [("v", rejected.0)]) }
      }
      for document in try batch.encoded(Self.options(mode)).documents {
        #expect(document.contains(text), "\(document)")
      }
      #expect(!(try batch.encoded(Self.options(mode, .keep)).documents.joined().contains(text)))
    }
  }

  @Test(arguments: taken, [Mode.otel, .ecs, .none, .raw, .bodymap])
  func anArrayThatFitsStaysAsItIs(_ value: TestValue, _ mode: Mode) throws {
    let batch = BulkTestBatch().record(mode == .bodymap ? .map([("v", value)]) : value, [("v", value)])
    #expect(try batch.document(Self.options(mode)) == batch.document(Self.options(mode, .keep)))
  }

  @Test func dotsPartNamesInAllModesButOtel() throws {
    let value: TestValue = .array([.map([("a", 1)]), .map([("a.b", 2)])])
    for mode in [Mode.ecs, .none, .raw] {
      let document = try BulkTestBatch().record(.empty, [("v", value)]).document(Self.options(mode))
      #expect(document.contains(#"v":"[{\"a\":1},{\"a.b\":2}]""#), "\(document)")
    }
    let document = try BulkTestBatch().record(.empty, [("v", value)]).document(Self.options(.otel))
    #expect(document.contains(#""v":[{"a":1},{"a.b":2}]"#))
  }

  @Test func resourcesScopesAndMapsHoldSuchArraysToo() throws {
    let mixed: TestValue = .array([1, .map([])])
    let batch = BulkTestBatch().resource([("r", mixed)]).scope([("s", mixed)])
      .record(.map([("b", mixed)]), [("m", .map([("n", mixed)]))])
    let ecs = try batch.document(Self.options(.ecs))
    for part in [#""r":"[1,{}]""#, #""s":"[1,{}]""#, #""m":{"n":"[1,{}]"}"#] {
      #expect(ecs.contains(part), "\(ecs)")
    }
    let none = try batch.document(Self.options(.none))
    for part in [#"Resource.r":"[1,{}]""#, #"Scope.s":"[1,{}]""#, #"s.m.n":"[1,{}]""#, #"Body.b":"[1,{}]""#] {
      #expect(none.contains(part), "\(none)")
    }
  }

  @Test func aStructuredBodyOfOtelModeTakesEveryArray() throws {
    let mixed: TestValue = .array([1, .map([("l", .array([2, .map([])]))])])
    for body in [mixed, .map([("m", mixed)]), .array([.map([("m", mixed)])])] {
      let batch = BulkTestBatch().record(body)
      #expect(try batch.document(Self.options(.otel)) == batch.document(Self.options(.otel, .keep)))
      let attribute = try BulkTestBatch().record(body, [("v", mixed)]).record(body, [("v", mixed)])
        .encoded(Self.options(.otel)).documents
      #expect(attribute.allSatisfy { $0.contains(#""v":"[1,{\"l\":[2,{}]}]""#) })
    }
  }

  @Test func namesUpToTheLimitAreComparedAndLongerOnesMakeText() throws {
    var options = Self.options(.otel)
    options.maxFieldNamesBytes = 10
    let atLimit: TestValue = .array([.map([("12345", 1)]), .map([("12345", 2)])])
    let past: TestValue = .array([.map([("12345", 1)]), .map([("123456", 2)])])
    let document = try BulkTestBatch().record(.empty, [("a", atLimit), ("p", past)]).document(options)
    #expect(document.contains(#""a":[{"12345":1},{"12345":2}],"p":"[{\"12345\":1},{\"123456\":2}]""#), "\(document)")
  }

  @Test func aHundredThousandElementsTakeLinearithmicTime() throws {
    let elements: [TestValue] = (0..<100_000).map { .array([.map([("k\($0)", .array([1]))])]) }
    for mode in [Mode.otel, .ecs] {
      let batch = BulkTestBatch().record(.empty, [("v", .array(elements)), ("w", .array(elements + [1]))])
      let elapsed = try ContinuousClock().measure {
        let document = try batch.document(Self.options(mode))
        #expect(document.contains(#""v":[[{"k0":[1]}],"#) && document.contains(#""w":"[[{\"k0\":[1]}],"#))
      }
      #expect(elapsed < .seconds(30))
    }
  }

  /// Records of random kinds, keys that clash in every way among them.
  @Test(arguments: [Mode.otel, .ecs, .none, .raw])
  func noArrayOfARandomDocumentHoldsAConflict(_ mode: Mode) throws {
    var stringified = 0
    for seed in 0..<400 {
      var dice = RandomDocumentTests.Dice(state: UInt64(seed))
      let batch = BulkTestBatch()
      for _ in 0..<4 {
        let elements = (0..<4).map { _ in dice.value(depth: 1) }
        batch.record("b", [("v", .array(elements))] + dice.attributes())
      }
      let documents = try batch.encoded(Self.options(mode)).documents
      let kept = try batch.encoded(Self.options(mode, .keep)).documents
      for (document, kept) in zip(documents, kept) {
        #expect(try !Self.holdsConflict(document, partsKeys: mode != .otel), "seed \(seed): \(document)")
        if try Self.holdsConflict(kept, partsKeys: mode != .otel) { stringified += 1 }
      }
    }
    #expect(stringified > 100)
  }

  /// Whether an array of a document has a name that is both a scalar and an object, found without the code under test.
  private static func holdsConflict(_ document: String, partsKeys: Bool) throws -> Bool {
    func search(_ json: Any) -> Bool {
      if let object = json as? [String: Any] { return object.values.contains(where: search) }
      guard let array = json as? [Any] else { return false }
      var scalars: Set<String> = []
      var objects: Set<String> = []
      func collect(_ json: Any, _ path: String) {
        if let elements = json as? [Any] {
          for element in elements { collect(element, path) }
        } else if let object = json as? [String: Any] {
          objects.insert(path)
          for (key, member) in object {
            let name = "\(path).\(key)"
            for (offset, character) in zip(name.indices, name)
            where partsKeys && character == "." && offset > path.endIndex {
              objects.insert(String(name[..<offset]))
            }
            collect(member, name)
          }
        } else if !(json is NSNull) {
          scalars.insert(path)
        }
      }
      collect(array, "")
      return !scalars.isDisjoint(with: objects)
    }
    return search(try JSONSerialization.jsonObject(with: Data(document.utf8)))
  }
}

import LogPipeline
import Testing

@Suite struct AttributesProcessorTests {
  private typealias Pairs = [Readable.Pair]

  /// The attributes of one record after some actions.
  private func edited(
    _ pairs: [(String, Message)], _ actions: [AttributeAction], hash: HashFunction = .sha256
  ) throws -> [Readable.Pair] {
    var batch = try LogBatch.decoded(attributes(6, pairs))
    AttributesProcessor(id: "attributes", owners: .records, actions: actions, hashFunction: hash).process(&batch)
    return batch.recordAttributes[0]
  }

  private let constant = AttributeAction.ValueSource.constant(.int(123))

  // The examples of the Collector's documentation, one by one.

  @Test func insertAddsOnlyWhatIsMissing() throws {
    let actions = [AttributeAction.insert(key: "account_id", .constant(.int(2245)))]
    #expect(try edited([("a", .text("b"))], actions) == [.init("a", "b"), .init("account_id", 2245)])
    #expect(try edited([("account_id", .text("old"))], actions) == [.init("account_id", "old")])
    #expect(try edited([], actions) == [.init("account_id", 2245)])
  }

  @Test func updateChangesOnlyWhatIsThere() throws {
    let actions = [AttributeAction.update(key: "k", .constant(.bool(true)))]
    #expect(try edited([("k", .text("x")), ("b", .number(1))], actions) == [.init("k", .bool(true)), .init("b", 1)])
    #expect(try edited([("b", .number(1))], actions) == [.init("b", 1)])
  }

  @Test func upsertDoesBoth() throws {
    let actions = [AttributeAction.upsert(key: "k", .constant(.string("redacted")))]
    #expect(try edited([("k", .number(1))], actions) == [.init("k", "redacted")])
    #expect(try edited([], actions) == [.init("k", "redacted")])
  }

  @Test func copiesFromAnotherAttribute() throws {
    let source = AttributeAction.ValueSource.attribute("from", default: nil)
    let from = ("from", Message.map(("x", .number(1))))
    let copied = Readable.map([.init("x", 1)])
    #expect(try edited([from], [.insert(key: "k", source)]) == [.init("from", copied), .init("k", copied)])
    #expect(try edited([from, ("k", .number(2))], [.update(key: "k", source)])[1] == .init("k", copied))
    #expect(try edited([("k", .number(2))], [.upsert(key: "k", source)]) == [.init("k", 2)])
  }

  @Test func takesTheDefaultIfThereIsNoSource() throws {
    let source = AttributeAction.ValueSource.attribute("cloud.region", default: .string("us-east-1"))
    #expect(try edited([], [.insert(key: "region", source)]) == [.init("region", "us-east-1")])
    let found = try edited([("cloud.region", .text("eu"))], [.insert(key: "region", source)])
    #expect(found.last == .init("region", "eu"))
  }

  @Test func deletesByKeyAndByPattern() throws {
    let pairs = [("account_password", Message.text("x")), ("a", .number(1)), ("http.x", .number(2)), ("b", .number(3))]
    #expect(try edited(pairs, [.delete(key: "account_password", pattern: nil)]).map(\.key) == ["a", "http.x", "b"])
    #expect(
      try edited(pairs, [.delete(key: nil, pattern: Pattern("^http\\."))]).map(\.key) == [
        "account_password", "a", "b",
      ])
    #expect(try edited(pairs, [.delete(key: "b", pattern: Pattern("pass"))]).map(\.key) == ["a", "http.x"])
    #expect(try edited(pairs, [.delete(key: nil, pattern: Pattern(""))]) == [])
  }

  @Test func hashesEveryKindAsTheCollectorDoes() throws {
    let pairs: [(String, Message)] = [
      ("string", .text("abc")), ("empty", .text("")), ("bool", .bool(true)), ("int", .number(1)),
      ("double", .double(1.5)), ("nothing", Message()),
    ]
    let hashed = try edited(pairs, pairs.map { .hash(key: $0.0, pattern: nil) }, hash: .sha1)
    #expect(
      hashed == [
        .init("string", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        .init("empty", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        .init("bool", "bf8b4530d8d246dd74ac53a13471bba17941dff7"),
        .init("int", "3da89ee273be13437e7ecf760f3fbd4dc0e8d1fe"),
        .init("double", "dd58a0f3fcf1993ddf7bacbaaa2507c430793478"), .init("nothing", ""),
      ])
  }

  @Test func hashesWithSHA256UnlessToldOtherwise() throws {
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(try edited([("k", .text("abc"))], [.hash(key: "k", pattern: nil)]) == [.init("k", .string(digest))])
    #expect(try edited([("k", .blob(Array("abc".utf8)))], [.hash(key: "k", pattern: nil)])[0].value == .string(digest))
  }

  @Test func hashesByPatternAndNestedValuesAsAWhole() throws {
    let pairs: [(String, Message)] = [
      ("user.a", .map(("x", .number(1)))), ("b", .text("abc")), ("user.c", .text("abc")),
    ]
    let hashed = try edited(pairs, [.hash(key: nil, pattern: Pattern("^user"))])
    #expect(hashed[1] == .init("b", "abc"))
    // sha256sum of {"x":1}
    #expect(hashed[0].value == "5041bf1f713df204784353e82f6a4a535931cb64f1f4b4a5aeaffcb720918b22")
    #expect(hashed[2].value == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test func extractsNamedGroups() throws {
    // The documentation's pattern, whose last separator has to be named or not captured.
    let pattern = try Pattern(
      #"^(?P<http_protocol>.*):\/\/(?P<http_domain>.*)\/(?P<http_path>.*)[?&](?P<http_query_params>.*)"#)
    let url = "http://example.com/path?queryParam1=value1,queryParam2=value2"
    let pairs: [(String, Message)] = [("http.url", .text(url)), ("http_path", .number(1))]
    #expect(
      try edited(pairs, [.extract(key: "http.url", pattern: pattern)]) == [
        .init("http.url", .string(url)), .init("http_path", "path"), .init("http_protocol", "http"),
        .init("http_domain", "example.com"), .init("http_query_params", "queryParam1=value1,queryParam2=value2"),
      ])
  }

  @Test func extractsNothingFromWhatDoesNotMatchOrIsNoText() throws {
    let action = try AttributeAction.extract(key: "k", pattern: Pattern("(?P<n>[0-9]+)"))
    #expect(try edited([("k", .text("x"))], [action]) == [.init("k", "x")])
    #expect(try edited([("k", .number(5))], [action]) == [.init("k", 5)])
    #expect(try edited([], [action]) == [])
  }

  @Test func aGroupThatTookNoPartGivesAnEmptyString() throws {
    let action = try AttributeAction.extract(key: "k", pattern: Pattern("(?P<a>x)|(?P<b>y)"))
    #expect(try edited([("k", .text("zy"))], [action]) == [.init("k", "zy"), .init("a", ""), .init("b", "y")])
  }

  @Test func keepsTheOrderOfActions() throws {
    let actions: [AttributeAction] = [
      .insert(key: "copy", .attribute("secret", default: nil)), .hash(key: "secret", pattern: nil),
      .delete(key: "secret", pattern: nil), .insert(key: "secret", .constant(.string("new"))),
      .update(key: "copy", .attribute("secret", default: nil)),
    ]
    #expect(try edited([("secret", .text("s"))], actions) == [.init("copy", "new"), .init("secret", "new")])
  }

  @Test func ofAKeyGivenTwiceTheLastIsActedUpon() throws {
    let pairs: [(String, Message)] = [("k", .text("1")), ("x", .number(1)), ("k", .text("2"))]
    #expect(try edited(pairs, [.delete(key: "k", pattern: nil)]) == [.init("x", 1)])
    #expect(try edited(pairs, [.upsert(key: "k", constant)]).map(\.value) == [1, 123])
    #expect(try edited(pairs, [.convert(key: "k", to: .int)]).map(\.value) == [1, 2])
    #expect(try edited(pairs, [.insert(key: "n", .attribute("k", default: nil))]).last == .init("n", "2"))
  }

  @Test func aCopyOfAMapSharesNoMember() throws {
    let map = Message.map(("secret", .text("s")), ("list", .list([.map([.pair("deep", .text("d"))])])))
    var batch = try LogBatch.decoded(attributes(6, [("from", map)]), attributes(6, [("k", .text("t"))]))
    let constant = Constant.map([.init("c", .string("v"))])
    AttributesProcessor(
      id: "attributes", owners: .records,
      actions: [.insert(key: "to", .attribute("from", default: nil)), .upsert(key: "k", .constant(constant))]
    ).process(&batch)
    let before = batch.recordAttributes
    #expect(before[0][1] == .init("to", before[0][0].value))
    // Each place of a member is changed once, whoever's it is.
    for index in batch.nested.indices where batch.nested[index].value.kind == .string {
      batch.nested[index].value = .int(Int64(index))
    }
    var places: [Int64] = []
    for record in batch.records {
      for index in record.attributes.indices { places += strings(below: batch.attributes[index].value, in: batch) }
    }
    #expect(places.count == 6)
    #expect(Set(places).count == 6)
  }

  /// The numbers in a value, at any depth.
  private func strings(below value: Value, in batch: borrowing LogBatch) -> [Int64] {
    switch value.kind {
    case .int: return [value.intValue]
    case .map, .array:
      var numbers: [Int64] = []
      for index in value.entries.indices { numbers += strings(below: batch.nested[index].value, in: batch) }
      return numbers
    default: return []
    }
  }

  @Test func putsInNestedConstants() throws {
    let value = Constant.map([
      .init("l", .array([.int(1), .string("a"), .map([.init("d", .double(0.5))])])), .init("e", .empty),
    ])
    let expected = Readable.map([
      .init("l", .array([1, "a", .map([.init("d", .double(0.5))])])), .init("e", .empty),
    ])
    #expect(try edited([], [.insert(key: "k", .constant(value))]) == [.init("k", expected)])
  }

  @Test func leavesNestedValuesAlone() throws {
    let pairs: [(String, Message)] = [("m", .map(("secret", .text("x"))))]
    #expect(
      try edited(pairs, [.delete(key: "secret", pattern: nil)]) == [
        .init("m", .map([.init("secret", "x")]))
      ])
  }

  @Test func editsTenThousandAttributes() throws {
    let pairs = (0..<10_000).map { ("k\($0)", Message.number(Int64($0))) }
    let found = try edited(
      pairs, [.delete(key: "k5000", pattern: nil), .upsert(key: "new", constant), .update(key: "k9999", constant)])
    #expect(found.count == 10_000)
    #expect(found.last == .init("new", 123))
    #expect(found[9998] == .init("k9999", 123))
    #expect(!found.contains { $0.key == "k5000" })
  }

  @Test func editsEachRecordForItself() throws {
    var batch = try LogBatch.decoded(
      record(("a", .number(1))), record(), record(("b", .number(2)), ("a", .number(3))), record(("a", .number(4))))
    AttributesProcessor(
      id: "attributes", owners: .records, actions: [.delete(key: "a", pattern: nil), .upsert(key: "n", constant)]
    ).process(&batch)
    let new = Readable.Pair("n", 123)
    #expect(batch.recordAttributes == [[new], [new], [.init("b", 2), new], [new]])
  }

  @Test func editsOnlySelectedRecords() throws {
    var batch = try LogBatch.decoded(record(("env", .text("dev"))), record(("env", .text("prod"))), record())
    let dev = RecordMatcher([.attribute(AttributeMatcher(key: "env", .equal(.string("dev"))))])
    AttributesProcessor(
      id: "attributes", owners: .records, actions: [.upsert(key: "n", constant)],
      selection: RecordSelection(include: dev)
    ).process(&batch)
    #expect(batch.recordAttributes.map(\.count) == [2, 1, 0])
  }

  @Test func editsResourcesOnceEach() throws {
    var batch = try LogBatch.decoded(
      resource: resource(("service.name", .text("s")), ("pod", .text("p"))), record(("pod", .text("r"))), record())
    AttributesProcessor(
      id: "resource", owners: .resources,
      actions: [.delete(key: "pod", pattern: nil), .upsert(key: "cloud.zone", .constant(.string("z-1")))]
    ).process(&batch)
    #expect(batch.resourceAttributes == [[.init("service.name", "s"), .init("cloud.zone", "z-1")]])
    #expect(batch.recordAttributes == [[.init("pod", "r")], []])
  }

  @Test func takesAnEmptyBatch() throws {
    var batch = LogBatch()
    AttributesProcessor(id: "attributes", owners: .records, actions: [.upsert(key: "k", constant)]).process(&batch)
    #expect(batch.records.isEmpty && batch.store.isEmpty)
  }

  @Test func editsWhatAnotherPipelineStillReads() throws {
    let original = try LogBatch.decoded(record(("secret", .text("s"))))
    var copy = original.copied()
    AttributesProcessor(
      id: "attributes", owners: .records, actions: [.hash(key: "secret", pattern: nil), .upsert(key: "n", constant)]
    ).process(&copy)
    #expect(original.recordAttributes == [[.init("secret", "s")]])
    #expect(copy.recordAttributes[0].count == 2)
  }

  /// Actions of one processor have the same effect as one processor for each.
  @Test func actionsFollowEachOther() throws {
    var random = SplitMix64(seed: 5)
    let keys = ["a", "b", "c"]
    func anyKey() -> String { keys.randomElement(using: &random) ?? "a" }
    func anyAction() throws -> AttributeAction {
      switch Int.random(in: 0..<9, using: &random) {
      case 0: .insert(key: anyKey(), .constant(.int(7)))
      case 1: .update(key: anyKey(), .attribute(anyKey(), default: nil))
      case 2: .upsert(key: anyKey(), .attribute(anyKey(), default: .string("none")))
      case 3: .hash(key: anyKey(), pattern: nil)
      case 4: .hash(key: nil, pattern: try Pattern("[\(anyKey())]"))
      case 5: .convert(key: anyKey(), to: .string)
      case 6: .extract(key: anyKey(), pattern: try Pattern("(?P<\(anyKey())>.)"))
      default: .delete(key: anyKey(), pattern: nil)
      }
    }
    for _ in 0..<2000 {
      let pairs = (0..<Int.random(in: 0...4, using: &random)).map { (anyKey(), Message.text("v\($0)")) }
      let actions = try (0..<Int.random(in: 1...6, using: &random)).map { _ in try anyAction() }
      var oneByOne = try LogBatch.decoded(attributes(6, pairs))
      for action in actions {
        AttributesProcessor(id: "attributes", owners: .records, actions: [action]).process(&oneByOne)
      }
      #expect(try edited(pairs, actions) == oneByOne.recordAttributes[0], "\(actions) on \(pairs)")
    }
  }
}

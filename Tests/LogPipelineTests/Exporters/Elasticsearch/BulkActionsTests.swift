import Testing

@testable import LogPipeline

@Suite("Many scopes of one large resource")
struct BulkActionsTests {
  /// 600 attributes of about 100 bytes, 60 KB together.
  private static let resource: TestAttributes = (0..<600).map {
    ("service.attribute\($0)", .string(String(repeating: "v", count: 75)))
  }

  private func batch(scopes: Int, resource: TestAttributes = Self.resource, key: String = "a") -> BulkTestBatch {
    let batch = BulkTestBatch().resource(resource)
    for index in 0..<scopes {
      batch.scope([("s", .int(Int64(index)))])
      batch.record("m", [(key, 1)])
    }
    return batch
  }

  private func options(_ mode: ElasticsearchOptions.MappingMode) -> ElasticsearchOptions {
    var options = ElasticsearchOptions()
    options.mappingMode = mode
    return options
  }

  /// Encodes with room for `maxBytes`; returns the error if there is one, and the records written and dropped.
  private func encode(_ batch: BulkTestBatch, _ options: ElasticsearchOptions, maxBytes: Int) throws
    -> (error: EncodeError?, records: Int, dropped: Int)
  {
    var frames = FrameWriter(maxBytes: maxBytes)
    let dialect = try ElasticsearchDialect(options)
    do throws(EncodeError) { try dialect.encode(batch.batch, into: &frames) } catch {
      return (error, frames.records, frames.dropped.total)
    }
    return (nil, frames.records, frames.dropped.total)
  }

  @Test func aHundredThousandScopesStopAtTheBytesThatOneRequestMayTake() throws {
    let limit = 4 << 20
    let batch = batch(scopes: 100_000)
    for mode in [ElasticsearchOptions.MappingMode.otel, .ecs, .none, .raw] {
      let (error, records, _) = try encode(batch, options(mode), maxBytes: limit)
      guard case .tooLarge(let bytes, limitBytes: limit) = error else {
        Issue.record("no error in mode \(mode)")
        continue
      }
      #expect(bytes < limit + (1 << 20))
      #expect(records < limit / 50_000)
    }
  }

  /// Sorting the resource's fields for each scope would take minutes.
  @Test(.timeLimit(.minutes(2))) func scopesOfWhichNoRecordIsWrittenCostNothingForTheResource() throws {
    let batch = batch(scopes: 100_000, key: String(repeating: "k", count: 65))
    var options = options(.ecs)
    options.maxFieldNameBytes = 64
    let (error, records, dropped) = try encode(batch, options, maxBytes: 64 << 20)
    #expect(error == nil)
    #expect(records == 0)
    #expect(dropped == 100_000)
  }

  @Test func recordsThatAreDroppedOnceWrittenCountTowardsTheBytesOfTheRequest() throws {
    var options = options(.raw)
    options.maxFieldNameBytes = 64
    let batch = BulkTestBatch().resource(Self.resource)
    let element = TestValue.map([(String(repeating: "k", count: 65), 1)])
    for _ in 0..<1000 { batch.scope([("s", 1)]).record("m", [("a", .array([element]))]) }
    let (error, _, dropped) = try encode(batch, options, maxBytes: 1 << 20)
    guard case .tooLarge(_, limitBytes: 1 << 20) = error else {
      Issue.record("no error")
      return
    }
    #expect(dropped < 40)
  }

  /// A scope's fields must meet its resource's and its records' as if each document were made alone.
  @Test(arguments: [ElasticsearchOptions.MappingMode.ecs, .none, .raw])
  func documentsAreThoseOfScopesThatStandAlone(_ mode: ElasticsearchOptions.MappingMode) throws {
    let resource: TestAttributes = [
      ("host.name", "h"), ("a", 1), ("a.b", 2), ("z", 3), ("m.n", 4), ("m.value", 5), ("Scope.x", 6),
      ("data_stream.other", 7), ("log", 8), ("event", "e"),
    ]
    let scopes: [TestAttributes] = [
      [], [("a", 10)], [("a.value", 11)], [("m", 12)], [("a.b.c", 13), ("y", 1)], [("z", 14)], [("log.x", 15)],
      [("data_stream.dataset", "d")], [("b", 1)], [], [("host", "other")], [("z.z.z", 1), ("aa", 2)],
    ]
    let records: [TestAttributes] = [[], [("a", 20)], [("a.b", 21)], [("m.n.o", 22)], [("z.q", 23)], [("host.id", 1)]]
    let together = BulkTestBatch().resource(resource)
    for scope in scopes {
      together.scope("s", scope)
      for record in records { together.record("m", record) }
    }
    let documents = try together.encoded(options(mode)).documents
    var position = 0
    for scope in scopes {
      for record in records {
        let alone = BulkTestBatch().resource(resource).scope("s", scope).record("m", record)
        #expect(documents[position] == (try alone.document(options(mode))))
        position += 1
      }
    }
  }
}

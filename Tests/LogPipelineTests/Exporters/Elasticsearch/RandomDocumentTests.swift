import Testing

@testable import LogPipeline

/// Random batches of keys that clash in every way hold what every body must: unique keys, one meaning for each name,
/// and documents that do not depend on what else is in the batch.
@Suite("Random documents")
struct RandomDocumentTests {
  /// A generator that repeats itself from a seed.
  struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }

    mutating func pick<T>(_ choices: [T]) -> T { choices[Int(next() >> 16) % choices.count] }

    mutating func key() -> String {
      var key = ""
      for _ in 0...(next() >> 16) % 4 { key += pick(["a", "b", ".", ".", "value", "-", "", "\u{0}", "_", "a.value"]) }
      return pick([
        key, key, key, pick(["message", "@timestamp", "trace.id", "Body", "Resource", "agent", "data_stream"]),
      ])
    }

    mutating func value(depth: Int) -> TestValue {
      switch (next() >> 16) % (depth > 3 ? 6 : 10) {
      case 0: return .empty
      case 1: return "x"
      case 2: return 1
      case 3: return .double(.nan)
      case 4: return .bytes([1])
      case 5: return true
      case 6, 7: return .map(attributes(depth: depth + 1))
      case 8: return .array((0..<(next() >> 16) % 3).map { _ in value(depth: depth + 1) })
      default: return 2.5
      }
    }

    mutating func attributes(depth: Int = 0) -> TestAttributes {
      (0..<(next() >> 16) % 7).map { _ in
        (
          pick([key(), key(), "data_stream.dataset", "elasticsearch.index", "geo.location.lat", "geo.location.lon"]),
          value(depth: depth)
        )
      }
    }

    mutating func batch() -> BulkTestBatch {
      let batch = BulkTestBatch()
      for _ in 0...(next() >> 16) % 2 {
        batch.resource(attributes())
        for _ in 0...(next() >> 16) % 2 {
          batch.scope(key(), attributes())
          for _ in 0..<(next() >> 16) % 3 { batch.record(value(depth: 0), attributes()) }
        }
      }
      return batch
    }
  }

  @Test(arguments: ElasticsearchOptions.MappingMode.allCases)
  func namesAreUniqueAndRecordsIndependent(_ mode: ElasticsearchOptions.MappingMode) throws {
    var options = ElasticsearchOptions()
    options.mappingMode = mode
    options.documentID = .attribute
    for seed in 0..<300 {
      var dice = Dice(state: UInt64(seed))
      let batch = dice.batch()
      let lines = try batch.encoded(options)
      for document in lines.documents where mode != .otel && mode != .bodymap {
        let keys = try StrictJSON.check(Array(document.utf8))
        #expect(!Self.holdsClash(keys), "seed \(seed): \(document)")
      }
      let all = batch.batch.records
      var alone = BulkTestLines()
      for record in all {
        batch.batch.records = [record]
        let line = try batch.encoded(options)
        alone.actions += line.actions
        alone.documents += line.documents
      }
      #expect(alone.actions == lines.actions, "seed \(seed)")
      #expect(alone.documents == lines.documents, "seed \(seed)")
    }
  }

  /// Whether one of the keys names an object that another lies in.
  private static func holdsClash(_ keys: Set<[UInt8]>) -> Bool {
    for key in keys {
      for (index, byte) in key.enumerated() where byte == UInt8(ascii: ".") && keys.contains(Array(key[..<index])) {
        return true
      }
    }
    return false
  }
}
